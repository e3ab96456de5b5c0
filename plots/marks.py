"""Marks that every figure draws the same way: bands over seeds, runs that failed, the edge of a grid."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal
from plots.seeds import seed_band
from plots.style import lay_out

__all__ = [
    "AT_EDGE",
    "DIVERGED",
    "LEAST_SEEDS",
    "is_wide",
    "label_ends",
    "mark_divergence",
    "mark_edge",
    "mark_spread_at_end",
    "name_with_edge",
    "plot_over_seeds",
]

DIVERGED = "x"
"""Marker at the upper edge of the axes, above the place where a curve's first run fails."""

FAILED = "failed runs"
"""Group of the texts that say how many runs of a curve failed."""

AT_EDGE = "P"
"""Marker on a curve whose setting is the best of its grid but lies at the grid's edge."""

LEAST_SEEDS = 5
"""Seeds that a band needs."""

WIDE = 5
"""Ratio of the largest to the least value from which a logarithmic scale shows more."""


def is_wide(values: NDArray) -> bool:
    """Whether values are positive and differ so much that a logarithmic scale shows more of them.

    Examples
    --------
    >>> is_wide(np.array([24.2, 3.1])), is_wide(np.array([2.0, 1.0])), is_wide(np.array([9.0, 0.0]))
    (True, False, False)
    """
    return bool(values.size and values.min() > 0 and values.max() >= WIDE * values.min())


def plot_over_seeds(
    axes: Axes,
    x: ArrayLike,
    samples: ArrayLike,
    *,
    coverage: float = 0.8,
    worst: float = np.inf,
    band: bool = True,
    **line: Any,
) -> Line2D:
    """Draw the median over seeds with its band; where runs fail, a cross and how many of how many.

    The median counts failed runs as the worst. From where half have failed on, the median of those that are left is
    drawn as a thin line.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    x : array_like, shape (points,)
        Abscissae.
    samples : array_like, shape (seeds, points)
        One curve per seed, at least 5; see `plots.seeds.seed_band`.
    coverage : float
        Share of the seeds inside the band.
    worst : float
        What failed runs count as: inf where less is better, -inf where more is.
    band : bool
        False leaves the band to `mark_spread_at_end`, where the bands of many curves would hide each other.
    **line
        Keywords of `Axes.plot` for the median.

    Raises
    ------
    ValueError
        If there are fewer than 5 seeds.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> plot_over_seeds(axes, [0, 1], [[1.0, seed] for seed in range(5)]).get_ydata().tolist()
    [1.0, 2.0]
    """
    if len(np.atleast_2d(samples)) < LEAST_SEEDS:
        raise Refusal(f"{len(np.atleast_2d(samples))} seeds make no band: run {LEAST_SEEDS} or more.")
    abscissae, values = np.asarray(x), np.asarray(samples, dtype=float)
    finite = np.isfinite(values)
    low, median, high = seed_band(values, coverage=coverage, worst=worst)
    (curve,) = axes.plot(abscissae, np.where(np.isfinite(median), median, np.nan), **line)
    if band and finite.any():
        low, high = np.nan_to_num([low, high], posinf=values[finite].max(), neginf=values[finite].min())
        axes.fill_between(x, low, high, where=finite.any(axis=0), color=curve.get_color(), alpha=0.2, linewidth=0)
    if not finite.all():
        _plot_failures(axes, abscissae, np.where(finite, values, np.nan), curve)
    return curve


def mark_spread_at_end(
    axes: Axes, curves: Sequence[Line2D], samples: Sequence[ArrayLike], *, coverage: float = 0.8, worst: float = np.inf
) -> None:
    """Draw beside the axes, a bar for each curve, how far seeds spread at its end; to be called when limits are set.

    Parameters
    ----------
    axes : Axes
        Where the curves are.
    curves : sequence of Line2D
        Medians, as `plot_over_seeds` returns them with `band=False`.
    samples : sequence of array_like, each of shape (seeds, points)
        As they were given to `plot_over_seeds`.
    coverage, worst : float
        As there.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes, runs = Figure().subplots(), [[1.0, seed] for seed in range(5)]
    >>> curve = plot_over_seeds(axes, [0, 1], runs, band=False)
    >>> mark_spread_at_end(axes, [curve], [runs])
    >>> len(axes.lines)
    3
    """
    for place, (curve, values) in enumerate(zip(curves, samples, strict=True)):
        low, middle, high = np.clip(
            np.array(seed_band(values, coverage=coverage, worst=worst))[:, -1], *axes.get_ylim()
        )
        at, across = 1.03 + 0.025 * place, axes.get_yaxis_transform()
        look: dict[str, Any] = {"color": curve.get_color(), "clip_on": False, "transform": across}
        axes.plot([at, at], [low, high], linestyle="-", linewidth=curve.get_linewidth(), **look)
        axes.plot([at], [middle], marker="_", linestyle="none", **look)


def _plot_failures(axes: Axes, x: NDArray, values: NDArray, curve: Line2D) -> None:
    """The median of what is left where half of the runs or more have failed, the cross, and the count."""
    failed = np.isnan(values).sum(axis=0)
    left = ~np.isfinite(np.asarray(curve.get_ydata(), dtype=float)) & (failed < len(values))
    rest = np.full(len(x), np.nan)
    rest[left] = np.nanmedian(values[:, left], axis=0)
    axes.plot(x, rest, color=curve.get_color(), linestyle=curve.get_linestyle(), linewidth=0.45 * curve.get_linewidth())
    first = int(np.flatnonzero(failed)[0])
    mark_divergence(axes, float(x[first]), curve)
    name = str(curve.get_label())
    counted = f"{failed.max()} of {len(values)} failed"
    earlier = sum(text.get_gid() == FAILED for text in axes.texts)
    axes.annotate(
        counted if name.startswith("_") or not name else f"{name}: {counted}",
        (float(x[first]), 1.0),
        xycoords=axes.get_xaxis_transform(),
        xytext=(0.0, -0.6 - 1.3 * earlier),
        textcoords="offset fontsize",
        ha="left" if 2 * first < len(x) else "right",
        va="top",
        color=curve.get_color(),
        fontsize="small",
        gid=FAILED,
    )


def label_ends(axes: Axes, curves: Mapping[str, Line2D], *, laid_out: bool = False) -> None:
    """Write each curve's name beside its end, apart from each other; to be called when the axes have their limits.

    `laid_out` says that the figure's layout stands, as in all frames of a film but the first.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> label_ends(axes, {"SGD": axes.plot([0, 1], [1, 0.5])[0], "Adam": axes.plot([0, 1], [1, 0.5])[0]})
    >>> [text.get_text() for text in axes.texts]
    ['SGD', 'Adam']
    """
    figure: Any = axes.get_figure()
    if not laid_out:
        lay_out(figure)
    to_axes = axes.transData + axes.transAxes.inverted()
    heights = {}
    for name, curve in curves.items():
        points = np.asarray(curve.get_xydata(), dtype=float)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points):
            heights[name] = float(np.clip(to_axes.transform(points[-1])[1], 0, 1))
    font = FontProperties(size="small").get_size_in_points() * figure.dpi / 72
    places = spread(list(heights.values()), 1.35 * font / axes.bbox.height)
    for name, place in zip(heights, places, strict=True):
        axes.annotate(
            name, (1.0, place), xycoords="axes fraction", xytext=(0.4, 0.0), textcoords="offset fontsize",
            va="center", color=curves[name].get_color(), fontsize="small",
        )  # fmt: skip


def spread(heights: Sequence[float], gap: float) -> NDArray:
    """Heights in their order, moved apart to `gap` at least, upwards first and down again where that leaves [0, 1].

    Examples
    --------
    >>> spread([0.5, 0.5, 0.9], 0.25).tolist()
    [0.5, 0.75, 1.0]
    """
    order = np.argsort(heights, kind="stable")
    places = np.asarray(heights, dtype=float)[order]
    for k in range(1, len(places)):
        places[k] = max(places[k], places[k - 1] + gap)
    for k in range(len(places) - 1, -1, -1):
        places[k] = min(places[k], 1 - gap * (len(places) - 1 - k))
    moved = np.empty(len(places))
    moved[order] = places
    return moved


def mark_divergence(axes: Axes, x: float, curve: Line2D) -> Line2D:
    """Put a cross at the upper edge of the axes, at abscissa `x`, in the colour of the diverged curve.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> mark_divergence(axes, 2.0, axes.plot([0, 1, 2], [1, 9, 81])[0]).get_marker()
    'x'
    """
    (mark,) = axes.plot(
        [x],
        [1.0],
        transform=axes.get_xaxis_transform(),
        marker=DIVERGED,
        markersize=1.3 * curve.get_markersize(),
        markeredgewidth=curve.get_linewidth(),
        color=curve.get_color(),
        linestyle="none",
        clip_on=False,
        zorder=5,
    )
    return mark


def mark_edge(axes: Axes, curve: Line2D) -> Line2D:
    """Put a plus on the last finite point of a curve whose setting lies at the edge of its grid.

    The curve's name says so too: see `name_with_edge`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> mark_edge(axes, axes.plot([0, 1, 2], [1, 0.5, np.nan])[0]).get_xydata().tolist()
    [[1.0, 0.5]]
    """
    x, y = (np.asarray(part, dtype=float) for part in curve.get_data())
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not finite.size:
        raise Refusal(f"the curve {curve.get_label()!r} has no finite point to be marked.")
    (mark,) = axes.plot(
        [x[finite[-1]]],
        [y[finite[-1]]],
        marker=AT_EDGE,
        markersize=1.6 * curve.get_markersize(),
        markerfacecolor="white",
        markeredgecolor=curve.get_color(),
        linestyle="none",
        clip_on=False,
        zorder=5,
    )
    return mark


def name_with_edge(name: str, at_edge: bool) -> str:
    """The name of a curve for the legend, with a dagger where its setting lies at the edge of its grid.

    Examples
    --------
    >>> name_with_edge("Adam", True)
    'Adam †'
    """
    return f"{name} †" if at_edge else name
