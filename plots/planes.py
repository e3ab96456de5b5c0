"""A problem of two parameters as a plane: its level lines, and paths upon them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from synthetic import info, value

__all__ = ["Heights", "Window", "draw_level_lines", "draw_path", "heights_of", "minimisers_of", "window_of"]

GRID = 121  # points along each axis at which levels are computed
LEVELS = 11
MARGIN = 0.12  # of the paths' extent, on each side
SQUARE = 1.3  # the longest side of a window over the shortest, up to which both axes have one scale
FILLED = [str(grey) for grey in np.linspace(0.84, 0.995, LEVELS + 1)]  # dark where the value is low, faint in grey too


class Window(NamedTuple):
    """The part of the plane that is drawn."""

    x: tuple[float, float]
    y: tuple[float, float]


def window_of(paths: Sequence[NDArray], marks: Sequence[NDArray] = ()) -> Window:
    """A window around paths, shape (records, 2) each, and single points; what is not finite does not count.

    Examples
    --------
    >>> window_of([np.array([[0.0, 0.0], [1.0, 2.0], [np.nan, 1.0]])])
    Window(x=(-0.453846153846, 1.453846153846), y=(-0.24, 2.24))
    """
    points = np.concatenate([np.reshape(part, (-1, 2)) for part in (*paths, *marks)])
    points = points[np.isfinite(points).all(axis=1)]
    low, high = points.min(axis=0), points.max(axis=0)
    size = high - low
    size = np.maximum(size, max(float(size.max()), 1e-3) / SQUARE)
    middle = (low + high) / 2
    low, high = middle - (0.5 + MARGIN) * size, middle + (0.5 + MARGIN) * size
    return Window(*((round(float(a), 12), round(float(b), 12)) for a, b in zip(low, high, strict=True)))


class Heights(NamedTuple):
    """A problem's value over a window, lifted so that equal steps show a valley's floor and its slopes."""

    window: Window
    x: NDArray
    y: NDArray
    lifted: NDArray  # the logarithm of one plus the height above the least, in units of a low one
    levels: NDArray


def heights_of(problem: Any, window: Window) -> Heights:
    """A problem's value on a grid."""
    x, y = np.linspace(*window.x, GRID), np.linspace(*window.y, GRID)
    with np.errstate(all="ignore"):
        height = np.asarray(value(problem, np.stack(np.meshgrid(x, y), axis=-1)))
    finite = height[np.isfinite(height)]
    if not finite.size or np.ptp(finite) == 0:
        return Heights(window, x, y, height, np.empty(0))
    above = height - finite.min()
    scale = float(np.quantile(above[np.isfinite(above)], 0.02)) or float(np.ptp(finite)) * 1e-3
    lifted = np.log1p(above / scale)
    levels = np.linspace(0.0, float(lifted[np.isfinite(lifted)].max()), LEVELS + 2)
    return Heights(window, x, y, lifted, levels)


def draw_level_lines(axes: Axes, heights: Heights) -> None:
    """Level lines, and fills that are faint in grey too."""
    window = heights.window
    if heights.levels.size:
        axes.contourf(heights.x, heights.y, heights.lifted, levels=heights.levels, colors=FILLED, zorder=0.2)
        axes.contour(
            heights.x, heights.y, heights.lifted, levels=heights.levels, colors="0.68", linewidths=0.4, zorder=0.3
        )  # fmt: skip
    axes.grid(visible=False)
    axes.set(xlim=window.x, ylim=window.y, xlabel="$x_1$", ylabel="$x_2$")
    axes.set_aspect("equal")
    axes.locator_params(nbins=5)


def draw_path(axes: Axes, path: NDArray, look: dict[str, Any], *, scale: float = 1.0) -> None:
    """A path with some of its iterates marked, evenly along it, and its end marked larger."""
    shown = path[np.isfinite(path).all(axis=1)]
    drawn = {key: value for key, value in look.items() if key != "marker"}
    axes.plot(*shown.T, linewidth=1.2 * scale, zorder=2.5, **drawn)
    axes.plot(
        *shown.T, linestyle="none", marker=look["marker"], color=look["color"], markersize=3.2 * scale,
        markeredgecolor="white", markeredgewidth=0.3 * scale, markevery=_marked(shown), zorder=2.6,
    )  # fmt: skip
    axes.plot(
        *shown[-1:].T, linestyle="none", marker=look["marker"], color=look["color"], markersize=6.5 * scale,
        markeredgecolor="white", markeredgewidth=0.7 * scale, zorder=3,
    )  # fmt: skip


def _marked(path: NDArray) -> list[int]:
    """The iterates that are marked: all of a short path, and of a long one such as lie apart."""
    extent = float(np.ptp(path, axis=0).max()) or 1.0
    marked, last = [0], path[0]
    for k, point in enumerate(path):
        if np.abs(point - last).max() > 0.09 * extent:
            marked.append(k)
            last = point
    return marked[:40]


def minimisers_of(problem: Any) -> NDArray:
    """The minimisers that are known, shape (count, 2)."""
    if hasattr(problem, "minimisers"):
        return np.reshape(problem.minimisers, (-1, 2))
    try:
        known = info(problem).minimiser
    except TypeError:  # of a user's own problem nothing is known
        known = None
    return np.empty((0, 2)) if np.shape(known) != (2,) else np.reshape(np.asarray(known, dtype=float), (1, 2))
