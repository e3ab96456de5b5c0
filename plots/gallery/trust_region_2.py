"""Figure trust_region.2: diagonal shares of random matrices, and of a network's Hessian along training."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from dynamics import RMSprop, simulate
from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.marks import plot_over_seeds
from plots.seeds import seed_band
from plots.style import finish, new_figure, style
from synthetic import TanhNet, digits_mlp, hessian
from theory.diagonal_share import diagonal_share, ols_share, simulate_share, wigner_share

__all__ = ["compute", "draw", "least_squares_share", "shares_along_training"]

TITLE = "Diagonal shares of random matrices and of a network's Hessian"
SOURCE = "Figure 2"
CLAIMS = (
    "trust_region.wigner_share",
    "trust_region.expected_share",
    "trust_region.average_dominance",
    "trust_region.network_above_wigner",
    "trust_region.network_above_least_squares",
)
QUICK = {"hidden": 1, "test_fraction": 0.9, "records": 4, "trials": 20}

DIMENSIONS = np.array([2, 4, 8, 16, 32, 64, 128], dtype=np.int32)
SAMPLES = (4, 32, 256)
MARKERS = ("o", "s", "^", "D")
LAYERS = ("whole", "first layer", "second layer")


@recorded
def compute(
    *,
    hidden: int = 3,
    test_fraction: float = 0.6,
    epochs: int = 40,
    records: int = 9,
    runs: int = 5,
    trials: int = 50,
    rng: int = 0,
) -> xr.Dataset:
    """Simulated and predicted shares of random matrices, and those of a tanh network's Hessian while it trains.

    Parameters
    ----------
    hidden : int
        Hidden units of the network; it has 75 h + 10 parameters, and its Hessian is worked out in full.
    test_fraction : float
        Share of the digits' images that is left out, in (0, 1).
    epochs : int
        Epochs of training, at least 2.
    records : int
        Hessians along a run, from 2 to `epochs` + 1.
    runs : int
        Starts and streams of batches, and independent simulations, at least 5: they make the bands.
    trials : int
        Random matrices in a simulation, at least 2.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `wigner` over (run, dimension) and `ols` over (run, samples, dimension), with their formulas; `network` over
        (run, layer, epoch), with `training_loss`, and the benchmarks of its dimension and sample size.

    Raises
    ------
    ImportError
        If scikit-learn is not installed, which the digits come with.
    ValueError
        If a parameter is outside its range.
    """
    require_whole("hidden", hidden, 1, "a network has a hidden unit")
    require_whole("epochs", epochs, 2, "training has a course")
    require_whole("runs", runs, 5, "a band over fewer says little")
    require_whole("trials", trials, 2, "an estimate needs its spread")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    if not 2 <= records <= epochs + 1:
        raise Refusal(f"records is {records!r}; it must lie from 2 to epochs + 1 = {epochs + 1}.")
    nets = [
        digits_mlp(hidden, regularisation=0.0, test_fraction=test_fraction, batch_size=32, rng=stream)
        for stream in np.random.SeedSequence(rng).spawn(runs)
    ]
    at = np.unique(np.round(np.linspace(0, epochs, records)).astype(np.int32))
    with ThreadPoolExecutor() as pool:
        along = list(pool.map(shares_along_training, nets, range(runs), [at] * runs))
    inputs = nets[0].data.inputs
    dimension, count = nets[0].start.size, len(inputs)
    wigner, ols = _simulations(runs, trials, rng)
    dataset = xr.Dataset(
        {
            "wigner": variable(("run", "dimension"), wigner, "share of the mean absolute Wigner matrix"),
            "ols": variable(("run", "samples", "dimension"), ols, "share of the mean absolute least-squares Hessian"),
            "wigner_formula": variable("dimension", wigner_share(DIMENSIONS), "Proposition 1"),
            "ols_formula": variable(
                ("samples", "dimension"), ols_share(DIMENSIONS, np.array(SAMPLES)[:, None]), "Proposition 2"
            ),
            "network": variable(("run", "layer", "epoch"), [run[0] for run in along], "share of the network's Hessian"),
            "training_loss": variable(("run", "epoch"), [run[1] for run in along], "training loss"),
            "network_wigner": variable((), wigner_share(dimension), "Proposition 1 at the network's dimension"),
            "network_ols": variable(
                (),
                ols_share(dimension, count, data="gaussian"),
                "Gaussian least squares of that dimension and data size",
            ),
            "pixels_ols": variable((), least_squares_share(inputs[:, :-1]), "least squares on the pixels"),
        },
        coords={
            "run": variable("run", np.arange(runs, dtype=np.int32), "simulation or training run"),
            "dimension": variable("dimension", DIMENSIONS, "dimension"),
            "samples": variable("samples", np.array(SAMPLES, dtype=np.int32), "number of samples"),
            "layer": variable("layer", np.array(LAYERS, dtype=str), "block of the Hessian"),
            "epoch": variable("epoch", at, "epoch"),
        },
    )
    return describe(
        dataset,
        "trust_region.2",
        message=f"Along training a network's Hessian has {_benchmarks(dataset)}.",
        caption=f"""Share of the diagonal in the absolute entries. (a) Gaussian Wigner matrices with equal laws and
            least-squares Hessians of Gaussian data: markers and bands, median and central 80 % of {runs} simulations of
            {trials} matrices; lines, Propositions 1 and 2. They are for the share of the mean absolute matrix. (b)
            Exact Hessian of a tanh network with one hidden layer of {hidden} ({dimension} parameters) on {count} images
            of the digits, cross-entropy without penalty, over training by RMSprop with step 0.005 on batches of 32, not
            tuned: median and central 80 % of {runs} splits, starts and streams of batches, seed {rng}. Grey: random
            matrices of the same dimension (least squares: and number of samples), and least squares on the pixels
            themselves, in their own 64 dimensions. The message speaks of medians. The paper reports shares above all of
            the benchmarks; Gaussian least squares with many samples is nearly diagonal.""",
        seeds=(rng,),
    )


def shares_along_training(net: TanhNet, seed: int, epochs: NDArray) -> tuple[NDArray, NDArray]:
    """Shares of the Hessian and of its layers' blocks, shape (3, epochs), and the loss, at these epochs of a run."""
    every = len(net.data.labels) // net.batch_size
    run = simulate(
        RMSprop(0.005, beta=0.9), net, steps=every * int(epochs[-1]), rng=seed, record_every=every, record_iterates=True
    )
    assert run.iterates is not None
    split = net.hidden * net.data.inputs.shape[1]
    matrices = [hessian(net, x) for x in run.iterates[epochs]]
    blocks = [[H, H[:split, :split], H[split:, split:]] for H in matrices]
    shares = np.array([[float(diagonal_share(block)) for block in row] for row in blocks])
    return shares.T, run.loss[epochs]


def least_squares_share(inputs: NDArray) -> float:
    """Share of the Hessian XᵀX/n of least squares on data of shape (n, d).

    Examples
    --------
    >>> least_squares_share(np.eye(3)), least_squares_share(np.ones((5, 4)))
    (1.0, 0.25)
    """
    return float(diagonal_share(inputs.T @ inputs / len(inputs)))


def _simulations(runs: int, trials: int, rng: int) -> tuple[NDArray, NDArray]:
    wigner, ols = np.empty((runs, DIMENSIONS.size)), np.empty((runs, len(SAMPLES), DIMENSIONS.size))
    for run, i in np.ndindex(runs, DIMENSIONS.size):
        d = int(DIMENSIONS[i])
        for j, n in enumerate((0, *SAMPLES)):
            stream = np.random.SeedSequence(rng, spawn_key=(d, n, run))
            common: dict[str, Any] = {"dimension": d, "trials": trials, "rng": stream}
            if n:
                ols[run, j - 1, i] = simulate_share("ols", samples=n, **common).share_of_expectation
            else:
                wigner[run, i] = simulate_share("wigner", **common).share_of_expectation
    return wigner, ols


def _benchmarks(dataset: xr.Dataset) -> str:
    whole = dataset["network"].sel({"layer": "whole"}).median("run")
    ahead = [
        words
        for name, words in (("network_wigner", "Wigner"), ("network_ols", "least squares"), ("pixels_ols", "pixels"))
        if float(whole.min()) > float(dataset[name])
    ]
    behind = [
        words
        for name, words in (("network_wigner", "Wigner"), ("network_ols", "least squares"), ("pixels_ols", "pixels"))
        if float(whole.max()) < float(dataset[name])
    ]
    return (
        f"{float(whole.min()):.1%} to {float(whole.max()):.1%} of its weight on the diagonal, above the benchmarks "
        f"{', '.join(ahead) or 'none'} and below {', '.join(behind) or 'none'}"
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw simulations with formulas, and the network's shares with their benchmarks."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 6.4, "page": 4.2}.get(size))
        random, network = figure.subplots(*((2, 1) if narrow else (1, 2)))
        _plot_simulations(random, dataset)
        handles = _plot_training(network, dataset)
        figure.legend(handles=handles, loc="outside lower center", ncols=2 if narrow else 3, title="in (b)")
        return finish(figure)


def _plot_simulations(axes: Axes, dataset: xr.Dataset) -> None:
    x = dataset["dimension"].values
    rows = [("Wigner", dataset["wigner"].values, dataset["wigner_formula"].values)]
    rows += [
        (
            f"least squares, $n={n}$",
            dataset["ols"].sel({"samples": n}).values,
            dataset["ols_formula"].sel({"samples": n}).values,
        )
        for n in dataset["samples"].values
    ]
    for (label, samples, formula), marker in zip(rows, MARKERS, strict=True):
        (curve,) = axes.plot(x, formula, linestyle="-")
        low, median, high = seed_band(samples)
        axes.fill_between(x, low, high, color=curve.get_color(), alpha=0.25, linewidth=0)
        axes.plot(x, median, color=curve.get_color(), linestyle="none", marker=marker, label=label)
    axes.set(xscale="log", yscale="log", title="(a) random matrices", xlabel="dimension $d$", ylim=(4e-3, 1.1))
    axes.set(ylabel=r"diagonal share $\delta$", xticks=[2, 8, 32, 128], xticklabels=["2", "8", "32", "128"])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.legend(loc="lower left")


def _plot_training(axes: Axes, dataset: xr.Dataset) -> list[Line2D]:
    x = dataset["epoch"].values
    handles: list[Line2D] = []
    for layer in LAYERS:
        words = "whole Hessian" if layer == "whole" else f"{layer}’s block"
        handles.append(plot_over_seeds(axes, x, dataset["network"].sel({"layer": layer}).values, label=words))
    for name, words, dashes in (
        ("network_ols", "least squares, Gaussian", (0, (1, 1))),
        ("pixels_ols", "least squares, pixels", (0, (5, 1))),
        ("network_wigner", "Wigner", (0, (5, 1, 1, 1))),
    ):
        handles.append(axes.axhline(float(dataset[name]), color="0.35", linewidth=0.9, linestyle=dashes, label=words))
    axes.set(yscale="log", title="(b) network on the digits", xlabel="epoch")
    axes.set_ylabel(r"diagonal share $\delta(\nabla^2\mathcal{L})$")
    return handles
