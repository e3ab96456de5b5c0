"""Marks that every figure draws the same way: bands over seeds, the end of a diverged curve, the edge of a grid."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "AT_EDGE",
    "DIVERGED",
    "LEAST_SEEDS",
    "mark_divergence",
    "mark_edge",
    "name_with_edge",
    "plot_over_seeds",
    "seed_band",
]

DIVERGED = "x"
"""Marker at the upper edge of the axes, above the place where a curve ceases to exist."""

AT_EDGE = "P"
"""Marker on a curve whose setting is the best of its grid but lies at the grid's edge."""

LEAST_SEEDS = 5
"""Seeds that a band needs."""


def seed_band(samples: ArrayLike, *, coverage: float = 0.8) -> tuple[NDArray, NDArray, NDArray]:
    """Median and central band over seeds.

    Parameters
    ----------
    samples : array_like, shape (seeds, ...)
        One curve per seed. NaN or infinity says that the seed's run had diverged there.
    coverage : float
        Share of the seeds inside the band, in (0, 1].

    Returns
    -------
    low, median, high : ndarray
        Without the first axis; NaN wherever at least one seed had diverged, since what is left is no
        longer a sample of the same runs.

    Raises
    ------
    ValueError
        If `coverage` is outside (0, 1].

    Examples
    --------
    >>> low, median, high = seed_band([[0.0], [1.0], [2.0], [3.0], [4.0]], coverage=0.5)
    >>> low, median, high
    (array([1.]), array([2.]), array([3.]))
    """
    if not 0 < coverage <= 1:
        raise ValueError(f"coverage is {coverage!r}; the share of seeds inside a band is above 0 and at most 1.")
    values = np.asarray(samples, dtype=float)
    whole = np.all(np.isfinite(values), axis=0)
    tail = (1 - coverage) / 2
    quantiles = np.quantile(np.where(whole, values, 0.0), [tail, 0.5, 1 - tail], axis=0)
    low, median, high = np.where(whole, quantiles, np.nan)
    return low, median, high


def plot_over_seeds(axes: Axes, x: ArrayLike, samples: ArrayLike, *, coverage: float = 0.8, **line: Any) -> Line2D:
    """Draw the median over seeds with its band, and a mark where the first seed diverged.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    x : array_like, shape (points,)
        Abscissae.
    samples : array_like, shape (seeds, points)
        One curve per seed, at least 5; see `seed_band`.
    coverage : float
        Share of the seeds inside the band.
    **line
        Keywords of `Axes.plot` for the median.

    Raises
    ------
    ValueError
        If there are fewer than 5 seeds.
    """
    if len(np.atleast_2d(samples)) < LEAST_SEEDS:
        raise ValueError(f"{len(np.atleast_2d(samples))} seeds make no band: run {LEAST_SEEDS} or more.")
    low, median, high = seed_band(samples, coverage=coverage)
    (curve,) = axes.plot(x, median, **line)
    axes.fill_between(x, low, high, color=curve.get_color(), alpha=0.2, linewidth=0)
    lost = np.flatnonzero(~np.isfinite(median))
    if lost.size:
        mark_divergence(axes, float(np.asarray(x)[lost[0]]), curve)
    return curve


def mark_divergence(axes: Axes, x: float, curve: Line2D) -> Line2D:
    """Put a cross at the upper edge of the axes, at abscissa `x`, in the colour of the diverged curve."""
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
    """
    x, y = (np.asarray(part, dtype=float) for part in curve.get_data())
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not finite.size:
        raise ValueError(f"the curve {curve.get_label()!r} has no finite point to be marked.")
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
