"""A sweep as a picture: a heat map over two axes, a curve over one, with the best settings and the not-worse ones."""

import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dynamics.checks import Refusal
from plots.sweep_scores import Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from xarray import Dataset

    from plots.style import Picture

__all__ = ["draw_sweep"]

MOST_TICKS = 9
LINE = 76  # characters of a title's lines
NEAR = "not worse than the best, at 95 % (bootstrap)"
RANGE = 1e4  # of the colours, by which settings that nearly diverge don't hide the others


class View(NamedTuple):
    """What is shown of a sweep: one or two of its axes; of the method's other ones the best setting at each place."""

    axes: tuple[int, ...]
    settings: NDArray  # the setting that is shown at each place
    values: NDArray  # their medians
    best: NDArray
    close: NDArray
    words: tuple[str, ...]  # what becomes of the other axes


def draw_sweep(dataset: "Dataset", scores: Scores, *, title: str) -> "Picture":
    """Draw the median over seeds of what settings are compared by, with the best setting of each problem.

    Raises
    ------
    ValueError
        If nothing varies, or no run is done.
    """
    from plots.style import finish, new_figure, style

    if not any(size > 1 for size in scores.shape):
        raise Refusal("a picture needs an axis with two values or more: sweep over one more.")
    if not np.isfinite(scores.median).any():
        raise Refusal("no setting has a finite result, so there is nothing to draw.")
    view = _view(dataset, scores)
    with style("page") as size:
        figure = new_figure(size)
        axes = figure.subplots()
        if len(view.axes) == 2:
            _heat_map(figure, axes, view, scores)
            _ticks(axes, dataset, scores.axes[view.axes[0]], "y")
        else:
            _curve(axes, view, scores, joined=_is_one_family(dataset, scores.axes[view.axes[0]]))
        _ticks(axes, dataset, scores.axes[view.axes[-1]], "x")
        lines = [
            f"{title}, {scores.seeds} seed{'s' * (scores.seeds > 1)}",
            "; ".join([scores.rule, *view.words] if view.best.any() else view.words),
        ]
        axes.set_title("\n".join(textwrap.fill(line, LINE) for line in lines))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=4, frameon=False)
        figure.set_layout_engine("constrained")
        return finish(figure)


def _view(dataset: "Dataset", scores: Scores) -> View:
    varied = [k for k, size in enumerate(scores.shape) if size > 1]
    shown, hidden = varied[:2], varied[2:]
    numbers = np.arange(len(scores.median)).reshape(scores.shape)
    words = []
    for k in hidden:
        name = scores.axes[k]
        if scores.of_problem[k]:  # problems are not compared
            numbers = np.take(numbers, [0], axis=k)
            words.append(f"{name.replace('_', ' ')} = {_text(dataset, name, 0)}")
        else:
            words.append(f"at the best {name.replace('_', ' ')}")
    places = tuple(scores.shape[k] for k in shown)
    numbers = np.moveaxis(numbers, shown, range(len(shown))).reshape(*places, -1)
    # Of settings that tie, such as those that have all failed, the first.
    chosen = np.take_along_axis(numbers, np.argmin(scores.median[numbers], axis=-1)[..., np.newaxis], axis=-1)[..., 0]
    close = scores.close if scores.close is not None else np.zeros(len(scores.median), dtype=bool)
    best, near = (np.asarray(marked[numbers].any(axis=-1)) for marked in (scores.best, close))
    return View(tuple(shown), chosen, scores.median[chosen], best, near, tuple(words))


def _heat_map(figure: "Picture", axes: "Axes", view: View, scores: Scores) -> None:
    from matplotlib.colors import LogNorm, Normalize

    values, word = _on_one_scale(view, scores)
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
    label = word + (", median over seeds" if scores.table.shape[1] > 1 else "")
    figure.colorbar(picture, ax=axes, label=label, extend="max" if high < worst else "neither")
    for row, column in np.argwhere(~finite):
        axes.add_patch(_cell(int(row), int(column)))
    near, stars = np.argwhere(view.close & ~view.best), np.argwhere(view.best)
    # White with a black edge, which stands out on either end of the scale.
    if near.size:
        axes.plot(near[:, 1], near[:, 0], "o", color="white", markeredgecolor="black", markersize=5, label=NEAR)
    if stars.size:
        label = "best" + " on each problem" * (len(stars) > 1)
        axes.plot(
            stars[:, 1], stars[:, 0], "*", color="white", markeredgecolor="black", markersize=14, label=label,
            clip_on=False, zorder=5,
        )  # fmt: skip
    if not finite.all():
        axes.plot([], [], "s", color="0.85", markeredgecolor="0.4", markersize=9, label=_failed_words(scores))


def _on_one_scale(view: View, scores: Scores) -> tuple[NDArray, str]:
    """What the colours show, and its name: of several problems how far each setting is from the best on its own one."""
    problems = [k for k, axis in enumerate(view.axes) if scores.of_problem[axis]]
    if len(problems) != 1:
        return view.values, scores.word
    best = view.values.min(axis=1 - problems[0], keepdims=True)
    if not np.isfinite(best).all():
        return view.values, scores.word
    if (best > 0).all():
        return view.values / best, f"{scores.word}, over the best on its problem"
    return view.values - best, f"{scores.word}, above the best on its problem"


def _is_one_family(dataset: "Dataset", name: str) -> bool:
    """Whether a dimension changes numbers alone, so that what lies between two of its values has a meaning."""
    along = [dataset[key].values for key in dataset.coords if dataset[key].dims == (name,)]
    return all(np.issubdtype(values.dtype, np.number) or len(set(values.tolist())) == 1 for values in along)


def _cell(row: int, column: int) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="0.92", edgecolor="0.55", hatch="////", linewidth=0)


def _failed_words(scores: Scores) -> str:
    words = "half or more failed" if scores.seeds > 1 else "failed"
    return words + " or not done" * bool(scores.waiting)


def _curve(axes: "Axes", view: View, scores: Scores, *, joined: bool) -> None:
    """The medians along an axis with what most seeds do, as a curve where it may be joined, else point by point."""
    from plots.marks import is_wide

    order = np.sort(scores.table[view.settings], axis=1)
    count = order.shape[1]
    finite = np.isfinite(view.values)
    places = np.arange(len(view.values))
    shown = np.where(finite, view.values, np.nan)
    if count >= 5:
        low, high = order[:, count // 10], order[:, count - 1 - count // 10]
        top = np.where(np.isfinite(high), high, np.nanmax(order[np.isfinite(order)]))
        if joined:
            axes.fill_between(places, low, top, where=finite, color="0.8", linewidth=0, label="80 % of the seeds")
        else:
            axes.vlines(places[finite], low[finite], top[finite], color="0.8", linewidth=6, label="80 % of the seeds")
    label = scores.word + (", median over seeds" if count > 1 else "")
    axes.plot(places, shown, "-" if joined else "s", color="black", linewidth=1.2, markersize=4, label=label)
    near = view.close & ~view.best
    if near.any():
        axes.plot(places[near], shown[near], "o", color="white", markeredgecolor="black", label=NEAR)
    for place in places[view.best]:
        axes.plot([place], [shown[place]], "*", color="black", markersize=14, label="best", clip_on=False, zorder=5)
    for place in places[~finite]:
        axes.plot([place], [1.0], "x", color="black", transform=axes.get_xaxis_transform(), clip_on=False)
    values = shown[finite]
    if is_wide(values):
        axes.set_yscale("log")
    axes.set_ylabel(scores.word)
    failed = np.isinf(order).mean(axis=1)
    if count > 1 and failed.any():
        shares = axes.twinx()
        shares.plot(places, failed, ":", color="0.35", linewidth=1.2)
        shares.set_ylim(0, 1.02)
        shares.grid(False)
        shares.set_ylabel(f"share of the seeds that failed{' or are not done' * bool(scores.waiting)}")
        axes.plot([], [], ":", color="0.35", label="share that failed")
    if not finite.all():
        axes.plot([], [], "x", color="black", linestyle="none", label=_failed_words(scores))


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
    parts = [part for k in names if (part := dataset[k].values[place]) == part and part != ""]
    return ", ".join(_number(float(part)) if isinstance(part, float | np.floating) else str(part) for part in parts)


def _number(value: float) -> str:
    """A number in three digits, or in as many as it has where these are few."""
    short = f"{value:.3g}"
    return f"{value:g}" if float(short) == value else short
