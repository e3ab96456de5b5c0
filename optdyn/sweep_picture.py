"""A sweep as a picture: a heat map over two axes, a curve over one, with the best setting and the not-worse ones."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from optdyn.refusals import BadInput
from optdyn.sweep_scores import Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from xarray import Dataset

__all__ = ["draw_sweep"]

MOST_TICKS = 9
RANGE = 1e4  # of the colours, by which settings that nearly diverge don't hide the others


def draw_sweep(dataset: "Dataset", scores: Scores, *, title: str) -> "Figure":
    """Draw the median over seeds of what settings are compared by; the other axes stay at the best setting.

    Raises
    ------
    ValueError
        If nothing varies, or no run is done.
    """
    from plots.style import finish, new_figure, style

    varied = [k for k, size in enumerate(scores.shape) if size > 1]
    if not varied:
        raise BadInput("a picture needs an axis with two values or more: give one more --over, or leave --plot out.")
    if scores.best is None or not np.isfinite(scores.median).any():
        raise BadInput("no setting has a finite result, so there is nothing to draw: leave --plot out.")
    best = np.unravel_index(scores.best, scores.shape)
    shown, others = varied[:2], varied[2:]
    at: tuple[Any, ...] = tuple(slice(None) if k in shown else int(best[k]) for k in range(len(scores.shape)))
    values = scores.median.reshape(scores.shape)[at]
    close = (scores.close if scores.close is not None else np.zeros(len(scores.median), dtype=bool)).reshape(
        scores.shape
    )[at]
    table = scores.table.reshape(*scores.shape, -1)[at]
    place = tuple(int(best[k]) for k in shown)
    fixed = ", ".join(f"{scores.axes[k]} = {_text(dataset, scores.axes[k], int(best[k]))}" for k in others)
    with style("page") as size:
        figure = new_figure(size)
        axes = figure.subplots()
        if len(shown) == 2:
            _heat_map(figure, axes, values, close, place, scores)
            _ticks(axes, dataset, scores.axes[shown[0]], "y")
        else:
            _curve(axes, table, close, place[0], scores)
        _ticks(axes, dataset, scores.axes[shown[-1]], "x")
        axes.set_title(title + (f"; {fixed}" if fixed else ""))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=4, frameon=False)
        figure.set_layout_engine("constrained")
        return finish(figure)


def _heat_map(figure: "Figure", axes: "Axes", values: NDArray, close: NDArray, best: Any, scores: Scores) -> None:
    from matplotlib.colors import LogNorm, Normalize

    finite = np.isfinite(values)
    low, worst = values[finite].min(), values[finite].max()
    high = min(worst, max(low * RANGE, 10 * np.median(values[finite]))) if low > 0 else worst
    norm: Any = LogNorm(low, high) if low > 0 and high >= 10 * low else Normalize(low, high)
    # Cividis grows lighter throughout, so that it reads the same in grey.
    picture = axes.imshow(
        np.ma.masked_where(~finite, values), cmap="cividis", norm=norm, aspect="auto", origin="lower",
        interpolation="nearest",
    )  # fmt: skip
    axes.grid(False)
    label = f"{scores.word}, median over seeds"
    figure.colorbar(picture, ax=axes, label=label, extend="max" if high < worst else "neither")
    for row, column in np.argwhere(~finite):
        axes.add_patch(_cell(int(row), int(column)))
    near = np.array([place for place in np.argwhere(close) if tuple(place) != tuple(best)]).reshape(-1, 2)
    # White with a black edge, which stands out on either end of the scale.
    if near.size:
        axes.plot(near[:, 1], near[:, 0], "o", color="white", markeredgecolor="black", markersize=5, label="not worse")
    axes.plot(
        [best[1]],
        [best[0]],
        "*",
        color="white",
        markeredgecolor="black",
        markersize=14,
        label="best",
        clip_on=False,
        zorder=5,
    )
    if not finite.all():
        axes.plot([], [], "s", color="0.85", markeredgecolor="0.4", markersize=9, label="half or more failed")


def _cell(row: int, column: int) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="0.92", edgecolor="0.55", hatch="////", linewidth=0)


def _curve(axes: "Axes", table: NDArray, close: NDArray, best: int, scores: Scores) -> None:
    order = np.sort(table, axis=1)
    count = order.shape[1]
    median = order[:, count // 2]
    finite = np.isfinite(median)
    places = np.arange(len(median))
    shown = np.where(finite, median, np.nan)
    if count >= 5:
        low, high = order[:, count // 10], order[:, count - 1 - count // 10]
        top = np.where(np.isfinite(high), high, np.nanmax(order[np.isfinite(order)]))
        axes.fill_between(places, low, top, where=finite, color="0.8", linewidth=0, label="80 % of the seeds")
    axes.plot(places, shown, "-", color="black", linewidth=1.2, label=f"{scores.word}, median over seeds")
    near = close & (places != best)
    if near.any():
        axes.plot(places[near], shown[near], "o", color="white", markeredgecolor="black", label="not worse")
    axes.plot([best], [shown[best]], "*", color="black", markersize=14, label="best", clip_on=False, zorder=5)
    for place in places[~finite]:
        axes.plot([place], [1.0], "x", color="black", transform=axes.get_xaxis_transform(), clip_on=False)
    values = shown[finite]
    if values.min() > 0 and values.max() >= 10 * values.min():
        axes.set_yscale("log")
    axes.set_ylabel(scores.word)
    if not finite.all():
        axes.plot([], [], "x", color="black", label="half or more failed")


def _ticks(axes: "Axes", dataset: "Dataset", name: str, which: str) -> None:
    """The values of an axis, or some of them where they are many."""
    size = dataset.sizes[name]
    step = -(-size // MOST_TICKS)
    places = list(range(0, size, step))
    labels = [_text(dataset, name, place) for place in places]
    if which == "x":
        axes.set_xticks(places, labels)
        axes.set_xlabel(name.replace("_", " "))
    else:
        axes.set_yticks(places, labels)
        axes.set_ylabel(name.replace("_", " "))


def _text(dataset: "Dataset", name: str, place: int) -> str:
    """One value of a dimension; of one that stands for several parameters, theirs."""
    names = [name] if name in dataset.coords else [str(k) for k in dataset.coords if dataset[k].dims == (name,)]
    parts = [dataset[k].values[place] for k in names]
    return ", ".join(_number(float(part)) if isinstance(part, float | np.floating) else str(part) for part in parts)


def _number(value: float) -> str:
    """A number in three digits, or in as many as it has where these are few."""
    short = f"{value:.3g}"
    return f"{value:g}" if float(short) == value else short
