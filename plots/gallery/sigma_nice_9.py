"""Figure sigma_nice.9: sharpness where SGD ends on handwritten digits, by step size, batch size and noise level."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray
from scipy.stats import rankdata

from dynamics import ensemble
from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.gallery.digits_training import (
    accuracies,
    gradient_variance,
    network,
    plain_sgd,
    sample_gradients,
    starts,
)
from plots.gallery.parameter_checks import require_increasing
from plots.seeds import seed_band
from plots.style import finish, new_figure, style
from synthetic import TanhNet, gradient, value
from theory.sigma_nice import noise_level

__all__ = ["compute", "correlations", "draw", "sharpness"]

TITLE = "Sharpness where SGD ends on handwritten digits, by step size, batch size and degree of smoothing"
SOURCE = "Figure 9"
CLAIMS = ("sigma_nice.halving_step_size", "sigma_nice.sharpness_digits")
QUICK = {"hidden": 4, "batch_sizes": [16, 64, 256], "step_sizes": [0.2, 0.5, 1.0], "epochs": 10, "training_time": 30.0}

PROTOCOLS = ("same epochs", "same training time")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
PENALTY = 1e-4  # λ of λ|w|²/2
ASCENTS = 8
RESAMPLES = 1000


@recorded
def compute(
    *,
    step_sizes: Sequence[float] = (0.1, 0.2, 0.5, 1.0),
    batch_sizes: Sequence[int] = (8, 16, 32, 64, 128, 256),
    epochs: int = 60,
    training_time: float = 200.0,
    radius: float = 2e-4,
    hidden: int = 10,
    seeds: int = 5,
    rng: int = 0,
) -> xr.Dataset:
    """Sharpness and accuracy at the end of SGD, for the same epochs and for the same product of step size and steps.

    Parameters
    ----------
    step_sizes : sequence of float
        η, 2 to 7, increasing, above 0.
    batch_sizes : sequence of int
        b, 2 to 7, increasing.
    epochs : int
        Length of the runs of the first protocol.
    training_time : float
        Step size times steps of the runs of the second.
    radius : float
        ρ of the sharpness, above 0.
    hidden : int
        Hidden units of the network, at least 1.
    seeds : int
        Initial weights, each with its own mini-batches, at least 3.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `sharpness`, `first_order`, `loss` and `accuracy` over (protocol, step_size, batch_size, seed); `level`, ηC/√b,
        over (step_size, batch_size); `correlation` over (protocol, quantity, end), Spearman's with `level`, with the
        ends of its interval.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    ImportError
        If scikit-learn is not installed.
    """
    etas = require_increasing("step_sizes", step_sizes, count=2, above=0, reason="each is a curve")
    sizes = require_increasing("batch_sizes", batch_sizes, count=2, above=0, reason="each is a curve").astype(int)
    if max(etas.size, sizes.size) > len(MARKERS) or not np.array_equal(sizes, np.asarray(batch_sizes)):
        raise Refusal(f"batch_sizes is {batch_sizes!r}; up to seven whole numbers can be told apart.")
    require_whole("epochs", epochs, 1, "a run has an end")
    require_whole("seeds", seeds, 3, "a spread over fewer says little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    if not (training_time > 0 and radius > 0):
        raise Refusal(f"training_time is {training_time!r} and radius {radius!r}; both are above 0.")
    problem = network(hidden, PENALTY, rng)
    samples, begin = len(problem.data.labels), starts(problem, range(seeds), rng)
    if sizes[-1] >= samples:
        raise Refusal(f"batch_sizes is {batch_sizes!r}; with all {samples} images in a batch there is no noise.")
    deviation = np.sqrt(np.mean([gradient_variance(sample_gradients(problem, x)) for x in begin]))
    shape = (len(PROTOCOLS), etas.size, sizes.size, seeds)
    ends = np.empty((*shape, begin.shape[1]))
    for k, size in enumerate(sizes.tolist()):
        methods = [plain_sgd(eta, size) for eta in etas.tolist()]
        ends[0, :, k] = _ends(methods, problem, epochs * (samples // size), begin)
    for i, eta in enumerate(etas.tolist()):
        methods = [plain_sgd(eta, size) for size in sizes.tolist()]
        ends[1, i] = _ends(methods, problem, max(1, round(training_time / eta)), begin)
    measured = {name: values.reshape(shape) for name, values in _measured(problem, ends, radius).items()}
    level = noise_level(etas[:, np.newaxis], float(deviation), sizes)
    names = ("sharpness", "accuracy")
    found = np.array([[correlations(level, measured[name][p], rng) for name in names] for p in range(len(PROTOCOLS))])
    words = {
        "sharpness": "worst-case adaptive sharpness",
        "first_order": "its first-order part",
        "loss": "training loss",
        "accuracy": "accuracy on held-out images",
    }
    cells = ("protocol", "step_size", "batch_size", "seed")
    dataset = xr.Dataset(
        {
            **{name: variable(cells, measured[name], text) for name, text in words.items()},
            "level": variable(cells[1:3], level, "noise level of SGD at the start"),
            "correlation": variable(("protocol", "quantity", "end"), found, "rank correlation with the noise level"),
        },
        coords={
            "protocol": variable("protocol", np.array(PROTOCOLS, dtype=str), "what the runs have in common"),
            "step_size": variable("step_size", etas, "step size"),
            "batch_size": variable("batch_size", sizes.astype(np.int32), "batch size"),
            "seed": variable("seed", np.arange(seeds, dtype=np.int32), "seed"),
            "quantity": variable("quantity", np.array(names, dtype=str), "what is correlated"),
            "end": variable("end", np.array(["low", "estimate", "high"], dtype=str), "end of the 95 % interval"),
        },
    )
    share = float(np.nanmedian(measured["first_order"] / measured["sharpness"]))
    lost = int(np.isnan(measured["loss"]).sum())
    spread = [f"{np.nanmin(part):.2g} to {np.nanmax(part):.2g}" for part in np.nanmedian(measured["loss"], axis=3)]
    return describe(
        dataset,
        "sigma_nice.9",
        message=f"""With the noise level δ the sharpness {_trend(found[0, 0])} by the paper's protocol, and
            {_trend(found[1, 0])} where all settings have trained equally long.""",
        caption=f"""Sharpness max L(w + ε) - L(w) over |ε_i| ≤ ρ|w_i|, ρ = {radius:g}, of the training loss of a tanh
            network with {hidden} hidden units on {samples} handwritten digits,
            penalty {PENALTY:g}|w|²/2, where SGD ends; markers and bars: median
            and range of {seeds} initial weights, seed {rng}; {ASCENTS} steps of projected sign ascent. δ = ηC/√b with C
            = {deviation:.3g} measured at the initial weights. Top: the paper's protocol, {epochs} epochs for every
            setting; the sharpness {_with_interval(found[0, 0])} with δ. There η/b is the progress of an epoch, and the
            settings have come to training losses from {spread[0]}. Bottom: the same product of step size and steps,
            {training_time:g} (losses {spread[1]}); the sharpness {_with_interval(found[1, 0])} with δ. The accuracy on
            held-out images {_with_interval(found[0, 1])} and {_with_interval(found[1, 1])}. In brackets: rank
            correlations with 95 % bootstrap intervals over initial weights. At this ρ, {share:.0%} of the sharpness is
            first order: it says how far from a stationary point a run has stopped.
            No tuning; {lost} runs diverged.""",
        seeds=(rng,),
    )


def _trend(values: NDArray) -> str:
    low, _, high = values
    return "falls" if high < 0 else "rises" if low > 0 else "neither clearly falls nor rises"


def _with_interval(values: NDArray) -> str:
    low, estimate, high = values
    return f"{_trend(values)} ({estimate:.2f}; {low:.2f} to {high:.2f})"


def _ends(methods: list[Any], problem: TanhNet, steps: int, begin: NDArray) -> NDArray:
    """Last iterates of runs from each of these points, shape (methods, points, d)."""
    return ensemble(methods, problem, steps=steps, seeds=len(begin), x0=begin, record_every=steps).x


def _measured(problem: TanhNet, ends: NDArray, radius: float) -> dict[str, NDArray]:
    points = ends.reshape(-1, ends.shape[-1])
    finite = np.isfinite(points).all(axis=1)
    kept = points[finite]
    columns = {
        "sharpness": sharpness(problem, kept, radius),
        "first_order": radius * np.abs(kept * gradient(problem, kept)).sum(axis=1),
        "loss": value(problem, kept),
        "accuracy": accuracies(problem, kept),
    }
    out = {name: np.full(len(points), np.nan) for name in columns}
    for name, column in columns.items():
        out[name][finite] = column
    return out


def sharpness(problem: TanhNet, points: NDArray, radius: float) -> NDArray:
    """The largest L(w + ε) - L(w) found with |ε_i| ≤ ρ|w_i|, for each row w: to a corner of the box, again and again.

    For a radius this small the loss is nearly linear in the box, so that the corner in the gradient's direction is
    nearly the maximiser and a few repetitions find it.
    """
    base, box = value(problem, points), radius * np.abs(points)
    best, shift = np.zeros(len(points)), np.zeros_like(points)
    for _ in range(ASCENTS):
        shift = box * np.sign(gradient(problem, points + shift))
        best = np.maximum(best, value(problem, points + shift) - base)
    return best


def correlations(level: NDArray, values: NDArray, rng: int) -> tuple[float, float, float]:
    """Spearman's correlation of the noise level with the median over seeds: low end, estimate, high end.

    The interval is the central 95 % over resamples of the seeds, which all settings share.
    """
    generator, seeds = np.random.default_rng(rng), values.shape[-1]
    resampled = np.array([generator.integers(seeds, size=seeds) for _ in range(RESAMPLES)])
    chosen = np.concatenate([resampled, [np.arange(seeds)]])
    found = _spearman(level.ravel(), np.nanmedian(values[..., chosen], axis=-1).reshape(level.size, -1))
    low, high = np.quantile(found[:-1], [0.025, 0.975])
    return float(low), float(found[-1]), float(high)


def _spearman(level: NDArray, columns: NDArray) -> NDArray:
    """Spearman's correlation of the level with each column, over the rows that are finite there."""
    finite = np.isfinite(columns)
    found = np.empty(columns.shape[1])
    for rows in np.unique(finite, axis=1).T:  # all columns that have these rows at once: SciPy takes one at a time
        alike = (finite == rows[:, np.newaxis]).all(axis=0)
        x, y = rankdata(level[rows]), rankdata(columns[np.ix_(rows, alike)], axis=0)
        x, y = x - x.mean(), y - y.mean(axis=0)
        share = np.true_divide(1, len(x) - 1)  # of the sums, which are exact, and then in SciPy's order
        deviations = np.sqrt(x @ x * share), np.sqrt(np.sum(y * y, axis=0) * share)
        found[alike] = x @ y * share / deviations[1] / deviations[0]
    return found


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the sharpness over batch size, step size and noise level, a row for each protocol."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 6.6, "page": 5.2}.get(size))
        grid = figure.subplots(*((3, 2) if narrow else (2, 3)), sharey=True)
        panels = grid.T if narrow else grid
        for row, letters, protocol in zip(panels, ("ace", "bdf") if narrow else ("abc", "def"), PROTOCOLS, strict=True):
            _plot_protocol(row, dataset.sel(protocol=protocol), dataset["level"].values)
            for axes, letter in zip(row, letters, strict=True):
                axes.set(title=f"({letter}) {protocol}" if axes is row[0] or narrow else f"({letter})")
        for row in panels:
            row[0].set_xlabel("batch size $b$")
            row[1].set_xlabel(r"step size $\eta$")
            row[2].set_xlabel(r"noise level $\eta C/\sqrt{b}$")
        for axes in grid[:, 0]:
            axes.set_ylabel("sharpness")
        figure.legend(*_key(panels[0][0], panels[0][1]), loc="outside upper center", ncols=3 if narrow else 5)
        return finish(figure)


def _plot_protocol(row: NDArray, part: xr.Dataset, level: NDArray) -> None:
    low, median, high = seed_band(np.moveaxis(part["sharpness"].values, -1, 0), coverage=1.0)
    etas, sizes = part["step_size"].values, part["batch_size"].values
    for i, eta in enumerate(etas):
        look = _look(i, etas.size)
        row[0].fill_between(sizes, low[i], high[i], color=look["color"], alpha=0.15, linewidth=0)
        row[0].plot(sizes, median[i], label=rf"$\eta={eta:g}$", **look)
        bars = [median[i] - low[i], high[i] - median[i]]
        row[2].errorbar(
            level[i], median[i], bars, color=look["color"], marker=look["marker"], linestyle="none", elinewidth=0.7
        )
    for k, size in enumerate(sizes):
        row[1].plot(etas, median[:, k], label=f"$b={size}$", color=str(0.75 * k / (sizes.size - 1)), marker=".")
    for axes in row:
        axes.set(xscale="log", yscale="log")
        axes.xaxis.set_minor_formatter(NullFormatter())
    row[0].set_xticks(sizes, [str(size) for size in sizes])
    row[1].set_xticks(etas, [f"{eta:g}" for eta in etas])


def _look(index: int, count: int) -> dict:
    color = colormaps["plasma_r"](0.15 + 0.75 * index / (count - 1))
    return {"color": color, "marker": MARKERS[index], "linestyle": "-"}


def _key(*panels: Axes) -> tuple[list, list]:
    pairs = [axes.get_legend_handles_labels() for axes in panels]
    return [handle for handles, _ in pairs for handle in handles], [label for _, labels in pairs for label in labels]
