"""Figure sigma_nice.13: ten step-size schedules on handwritten digits, and whether slow decay explains their order."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.stats import spearmanr

from dynamics import ensemble
from dynamics.algorithms.graduated_sgd import ImplicitGraduatedSGD
from dynamics.checks import require_whole
from dynamics.protocol.schedules import table
from plots.dataset import describe, recorded, variable
from plots.gallery.digits_training import accuracies, network, plain_sgd, ranking, starts
from plots.marks import label_ends, plot_over_seeds
from plots.seeds import median_over, seed_band
from plots.style import finish, new_figure, style
from plots.tuned import Candidate
from plots.tuning import tune
from theory.sigma_nice import least_radius, schedule

__all__ = ["GRID", "SCHEDULES", "compute", "draw", "scheduled_sgd"]

TITLE = "Ten step-size schedules on handwritten digits, and whether slow decay explains their order"
SOURCE = "Figure 13"
CLAIMS = (
    "sigma_nice.optimal_power",
    "sigma_nice.slow_decay",
    "sigma_nice.only_small_powers",
    "sigma_nice.schedule_ranking",
)
AMPLIFIES_ROUNDING = True
QUICK = {"hidden": 3, "epochs": 10}

GRID = tuple(float(step) for step in 0.125 * 2.0 ** np.arange(6))
BATCH_SIZE = 16
SCHEDULES: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "constant": ("constant", {}),
    "cosine": ("cosine", {}),
    "cosine power": ("cosine_power", {"p": 10.0}),
    "exponential": ("exponential", {}),
    "step": ("step", {}),
    "p = 0.1": ("polynomial", {"p": 0.1}),
    "p = 0.5": ("polynomial", {"p": 0.5}),
    "p = 1": ("polynomial", {"p": 1.0}),
    "p = 2": ("polynomial", {"p": 2.0}),
    "p = 8": ("polynomial", {"p": 8.0}),
}
STEPS_DOWN, FACTOR, FINAL_SHARE = 5, 0.5, 1e-3
COLORS = ("black", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "black", "#D55E00", "#0072B2")
DASHES: tuple[Any, ...] = ("-", (0, (6, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1.5)))


@recorded
def compute(
    *,
    epochs: int = 60,
    hidden: int = 10,
    regularisation: float = 1e-3,
    tuning_seeds: int = 5,
    seeds: int = 7,
    rng: int = 0,
) -> xr.Dataset:
    """Loss and accuracy of SGD under ten schedules, each with its own first step size.

    Parameters
    ----------
    epochs : int
        Length T of each run, at least 10.
    hidden : int
        Hidden units of the network, at least 1.
    regularisation : float
        λ of the penalty λ|w|²/2, at least 0.
    tuning_seeds : int
        Initial weights, each with its own mini-batches, on which step sizes are chosen, at least 5.
    seeds : int
        Others, which are shown, at least 5.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (method, seed, epoch), `accuracy` at the end over (method, seed), `least_radius` over (method, end)
        and `correlation` over `end`, Spearman's of the least radius with the median loss at the end; `step_size` over
        `method`; and the outcome of the tuning.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    ImportError
        If scikit-learn is not installed.
    """
    require_whole("epochs", epochs, 10, "five steps down need room")
    for name, number in (("tuning_seeds", tuning_seeds), ("seeds", seeds)):
        require_whole(name, number, 5, "a median over fewer says little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    problem = network(hidden, regularisation, rng)
    every = len(problem.data.labels) // BATCH_SIZE
    steps = epochs * every
    begin = starts(problem, range(tuning_seeds + seeds), rng)
    shapes = {name: _shape(name, epochs) for name in SCHEDULES}
    tuned = tune(
        {
            name: Candidate(
                lambda step_size, shape=shape: scheduled_sgd(step_size, shape, every),
                {"step_size": GRID},
            )
            for name, shape in shapes.items()
        },
        [problem],
        budget=steps * BATCH_SIZE / len(problem.data.labels),
        seeds=tuning_seeds,
        x0=begin[:tuning_seeds],
        records=1,
    )
    sweep = ensemble(
        [tuned.method(name) for name in SCHEDULES], problem, steps=steps, noise="common",
        seeds=range(tuning_seeds, tuning_seeds + seeds), x0=begin[tuning_seeds:], record_every=every,
    )  # fmt: skip
    radii = np.array([least_radius(shape[:-1]) for shape in shapes.values()])
    falling = slice(1, None)  # the constant schedule never falls
    ends = seed_band(sweep.loss[:, :, -1].T)[1]
    found = [spearmanr(radii[falling, end], ends[falling]) for end in (0, 1)]
    dataset = xr.Dataset(
        {
            "loss": variable(("method", "seed", "epoch"), sweep.loss, "training loss"),
            "accuracy": variable(("method", "seed"), accuracies(problem, sweep.x), "accuracy on held-out images"),
            "least_radius": variable(("method", "end"), radii, "least radius, in units of the first noise level"),
            "correlation": variable("end", np.array([part.statistic for part in found]), "rank correlation"),
            "p_value": variable("end", np.array([part.pvalue for part in found]), "p-value of the rank correlation"),
            "step_size": variable(
                "method", np.array([tuned.setting(name)["step_size"] for name in SCHEDULES]), "first step size"
            ),
        },
        coords={
            "seed": variable("seed", np.arange(seeds, dtype=np.int32), "seed"),
            "epoch": variable("epoch", np.arange(epochs + 1, dtype=np.int32), "epoch", "epoch"),
            "end": variable("end", np.array(["lenient", "strict"], dtype=str), "end of the range of d"),
        },
    ).merge(tuned.dataset())
    return describe(
        dataset,
        "sigma_nice.13",
        message=f"""If the paper's condition explained how schedules rank, losses in (c) would grow upwards: their
            rank correlation is {_correlation(dataset, 1)}.""",
        caption=f"""SGD with batches of {BATCH_SIZE} on a tanh network with {hidden} hidden units and
            {every * BATCH_SIZE} handwritten digits an epoch, penalty {regularisation:g}|w|²/2, {epochs} epochs.
            Lines: medians of {seeds} initial weights with their mini-batches, seed {rng}, none of them used in
            tuning; bars in (c): the central 80 % of them. (a) Constant, cosine, cosine power (p = 10), exponential
            (to {FINAL_SHARE:g} of the first) and step (factor {FACTOR:g}, {STEPS_DOWN} levels). (b) Polynomial decay
            with power p. (c) Loss at the end, sorted by the radius of strong convexity that the schedule's strict
            condition (8) needs, which the paper holds to explain their order (if it did, losses would grow upwards):
            rank correlation {_correlation(dataset, 1)} for the strict end and {_correlation(dataset, 0)} for the
            lenient one, over the nine that fall. {_ranking(dataset)} {tuned.sentence()}""",
        seeds=(rng,),
    )


def _shape(name: str, epochs: int) -> NDArray:
    """The schedule over so many epochs, from 1 on; what is an option of the paper's 200 epochs is scaled to them."""
    kind, parameters = SCHEDULES[name]
    options = dict(parameters)
    if kind == "step":
        options = {"factor": FACTOR, "every": -(-epochs // STEPS_DOWN)}
    elif kind == "exponential":
        options = {"rate": -np.log(FINAL_SHARE) / epochs}
    return schedule(kind, epochs, 1.0, **options)


def scheduled_sgd(step_size: float, shape: NDArray, every: int) -> ImplicitGraduatedSGD:
    """SGD whose step size follows the shape, an entry an epoch of `every` updates; the last entry is not used."""
    return plain_sgd(table(step_size * shape[:-1], period=every), BATCH_SIZE)


def _correlation(dataset: xr.Dataset, end: int) -> str:
    return f"{float(dataset['correlation'][end]):.2f} (p-value {float(dataset['p_value'][end]):.2g})"


def _ranking(dataset: xr.Dataset) -> str:
    loss = median_over(dataset["loss"].isel(epoch=-1), "seed").values
    accuracy = median_over(dataset["accuracy"], "seed", worst=-np.inf).values
    names = dataset["method"].values
    place = 1 + int(np.sum(loss < loss[list(names).index("p = 0.1")]))
    return (
        f"Median training loss at the end (accuracy): {ranking(names.tolist(), loss, accuracy)}; "
        f"the smallest power comes number {place} of {len(names)}."
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the losses of the kinds of schedule and of the powers, and the last loss over the least radius."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.6, "page": 3.9}.get(size))
        shape: dict[str, Any] = {"nrows": 3} if narrow else {"ncols": 3, "width_ratios": (1, 1, 1.3)}
        kinds, powers, ends = figure.subplots(**shape)
        curves: dict[Axes, dict[str, Line2D]] = {kinds: {}, powers: {}}
        for k, name in enumerate(map(str, dataset["method"].values)):
            part = dataset.sel({"method": name})
            axes = powers if name.startswith("p =") else kinds
            look = {"color": COLORS[k], "linestyle": DASHES[k % 5]}
            curves[axes][name] = plot_over_seeds(axes, part["epoch"], part["loss"].values, band=False, **look)
        low = float(np.nanmin(dataset["loss"].values))
        for axes, title in ((kinds, "(a) kinds of schedule"), (powers, "(b) powers of a polynomial")):
            axes.set(title=title, xlabel="epoch", ylabel="training loss", ylim=(0.97 * low, 1.6 * low))
        _plot_ends(ends, dataset)
        for axes, named in curves.items():
            label_ends(axes, named)
        return finish(figure)


def _plot_ends(axes: Axes, dataset: xr.Dataset) -> None:
    """The last loss of each schedule that falls, sorted by the radius that its decay needs."""
    colors = dict(zip(map(str, dataset["method"].values), COLORS, strict=False))
    falling = dataset.isel(method=slice(1, None))
    radii = falling["least_radius"].sel(end="strict").values
    order = np.argsort(radii, kind="stable")
    names = [str(falling["method"].values[k]) for k in order]
    for place, (k, name) in enumerate(zip(order, names, strict=True)):
        low, median, high = seed_band(falling["loss"].values[k, :, -1])
        axes.plot([low, high], [place, place], color=colors[name], linestyle="-")
        axes.plot([median], [place], color=colors[name], marker="o", linestyle="none")
    axes.set_yticks(range(len(names)), [f"{name}, {radii[k]:.2f}" for k, name in zip(order, names, strict=True)])
    axes.tick_params(axis="y", length=0)
    correlation = float(dataset["correlation"].sel(end="strict"))
    axes.set(title=r"(c) by radius $r/\delta_1$", xlabel="loss at the end")
    axes.text(
        0.97, 0.45, f"rank correlation\n{correlation:.2f}", transform=axes.transAxes, ha="right", fontsize="small"
    )
