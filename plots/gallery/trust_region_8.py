"""Figure trust_region.8: how Gauss-Newton's and Newton-type steps pass a saddle."""

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dynamics.checks import Refusal
from plots.dataset import describe, recorded, variable
from plots.looks import look
from plots.style import finish, new_figure, style
from theory.trust_region import model_decrease, model_minimiser

__all__ = ["METHODS", "compute", "curvature", "draw", "loss", "slope"]

TITLE = "Gauss-Newton against Newton-type steps beside a saddle"
SOURCE = "Figure 8"
CLAIMS = (
    "trust_region.gauss_newton_saddles",
    "trust_region.gauss_newton_semidefinite",
    "trust_region.saddle_free_stable_set",
)
QUICK = {"offsets": [1e-12, 1e-8, 1e-4, 1e-2]}

OFFSETS = tuple(10.0 ** np.arange(-12, -0.9, 0.5))
LEFT = 0.5  # the loss below which a run has left the saddle, where it is 1


@recorded
def compute(
    *, start: float = 0.6, offset: float = 0.02, offsets: Sequence[float] = OFFSETS, iterations: int = 160
) -> xr.Dataset:
    """Runs of five methods on (w₁w₂ - 1)² from beside the line that leads into its saddle.

    Parameters
    ----------
    start : float
        c of the start (c + δ, -c + δ), in (0, 1]: how far up the line the runs begin.
    offset : float
        δ of the runs that are drawn, in (0, 0.2].
    offsets : sequence of float
        Values of δ for which the iterations are counted, increasing, at least 3, in the same range.
    iterations : int
        Steps of each run, at least 20.

    Returns
    -------
    Dataset
        `iterates` and `loss` over (method, iteration) of the runs that are drawn; `iterations_to_leave` over (method,
        offset), NaN where a run has not left the saddle.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    grid = np.asarray(offsets, dtype=float)
    if not (0 < start <= 1 and 0 < offset <= 0.2):
        raise Refusal(f"start is {start!r} and offset {offset!r}; they lie in (0, 1] and (0, 0.2]: try 0.6 and 0.02.")
    if grid.ndim != 1 or grid.size < 3 or not np.all(np.diff(grid, prepend=0) > 0) or grid[-1] > 0.2:
        raise Refusal(f"offsets is {offsets!r}; give 3 or more increasing numbers in (0, 0.2].")
    if iterations < 20:
        raise Refusal(f"iterations is {iterations!r}; give at least 20, or nothing has time to leave.")
    begin = np.array([start, -start])
    drawn = np.array([_iterates(method, begin + offset, iterations) for method in METHODS.values()])
    leaving = np.array(
        [[_leaves(loss(_iterates(method, begin + delta, iterations))) for delta in grid] for method in METHODS.values()]
    )
    dataset = xr.Dataset(
        {
            "iterates": variable(("method", "iteration", "axis"), drawn, "iterate of the run that is drawn"),
            "loss": variable(("method", "iteration"), loss(drawn), "loss of the run that is drawn"),
            "iterations_to_leave": variable(("method", "offset"), leaving, "iterations until the saddle is left"),
        },
        coords={
            "method": variable("method", np.array(list(METHODS), dtype=str), "method"),
            "iteration": variable("iteration", np.arange(iterations + 1, dtype=np.int32), "iteration"),
            "offset": variable("offset", grid, "offset of the start from the line into the saddle"),
        },
    )
    return describe(
        dataset,
        "trust_region.8",
        message="""However near to the saddle it starts, the exact trust region leaves it after the same few steps;
            the other methods take the longer the nearer they start, and Newton's method stays.""",
        caption=f"""Two-layer linear net with one weight a layer, loss (w₁w₂ − 1)²: a saddle at 0 of height 1, with
            curvatures 2 along (1, −1) and −2 along (1, 1). Runs start at ({start:g} + δ, −{start:g} + δ); gradient flow
            with δ = 0 would end in the saddle. (a) and (b): δ = {offset:g}. (c): iterations until the loss is below
            {LEFT:g}, for {grid.size} offsets; crosses: not within {iterations} iterations. Nothing is random and
            nothing is tuned: gradient descent with step 0.1; Gauss–Newton with Marquardt’s damping from 1;
            Newton’s step as it is; saddle-free Newton with damping 1; the exact trust region on a sphere from radius
            0.25. Newton’s method is drawn into the saddle. Gauss–Newton, which sees no negative curvature, is not: like
            gradient descent it leaves after a number of iterations that grows with log 1/δ. What negative curvature
            buys the trust region is a number that does not grow.""",
    )


def loss(w: NDArray) -> NDArray:
    """(w₁w₂ - 1)² for weights of shape (..., 2).

    Examples
    --------
    >>> loss(np.array([3.0, 0.5])).item()
    0.25
    """
    return (w[..., 0] * w[..., 1] - 1) ** 2


def slope(w: NDArray) -> NDArray:
    """Gradient of the loss at w, shape (2,).

    Examples
    --------
    >>> slope(np.array([2.0, 1.0])).tolist()
    [2.0, 4.0]
    """
    return 2 * (w[0] * w[1] - 1) * w[::-1]


def curvature(w: NDArray, *, gauss_newton: bool = False) -> NDArray:
    """Hessian of the loss at w, shape (2, 2), or its Gauss-Newton part.

    Examples
    --------
    >>> curvature(np.zeros(2)).tolist(), curvature(np.zeros(2), gauss_newton=True).any().item()
    ([[0.0, -2.0], [-2.0, 0.0]], False)
    """
    squares = 2 * np.outer(w[::-1], w[::-1])
    return squares if gauss_newton else squares + 2 * (w[0] * w[1] - 1) * np.array([[0.0, 1.0], [1.0, 0.0]])


# A method takes the weights and a number that it adapts (a damping, a radius), and returns both anew.
def _descend(w: NDArray, state: float) -> tuple[NDArray, float]:
    return w - 0.1 * slope(w), state


def _newton(w: NDArray, state: float) -> tuple[NDArray, float]:
    return w - np.linalg.solve(curvature(w), slope(w)), state


def _saddle_free(w: NDArray, state: float) -> tuple[NDArray, float]:
    values, vectors = np.linalg.eigh(curvature(w))
    return w - vectors @ (vectors.T @ slope(w) / (np.abs(values) + 1.0)), state


def _marquardt(w: NDArray, damping: float) -> tuple[NDArray, float]:
    g, B = slope(w), curvature(w, gauss_newton=True)
    s = -np.linalg.solve(B + damping * np.eye(2), g)
    ratio = _ratio(w, g, B, s)
    damping = max(damping / 10, 1e-12) if ratio >= 0.75 else damping if ratio >= 0.01 else 10 * damping
    return (w + s if ratio >= 0.01 else w), damping


def _trust_region(w: NDArray, radius: float) -> tuple[NDArray, float]:
    g, B = slope(w), curvature(w)
    s = model_minimiser(np.eye(2), g, B, radius)
    ratio = _ratio(w, g, B, s)
    radius = min(1.1 * radius, 10.0) if ratio >= 0.95 else radius if ratio >= 0.01 else radius / 1.5
    return (w + s if ratio >= 0.01 else w), radius


def _ratio(w: NDArray, g: NDArray, B: NDArray, s: NDArray) -> float:
    """What the loss falls by over what its model foretold; 1 where rounding hides both."""
    rounding = 1e-15 * max(float(loss(w)), 1e-300)
    return float((loss(w) - loss(w + s) + rounding) / (model_decrease(g, B, s) + rounding))


METHODS: dict[str, tuple[Callable[[NDArray, float], tuple[NDArray, float]], float]] = {
    "gradient descent": (_descend, 0.0),
    "Gauss–Newton, damped": (_marquardt, 1.0),
    "Newton": (_newton, 0.0),
    "saddle-free Newton": (_saddle_free, 0.0),
    "trust region": (_trust_region, 0.25),
}
"""Each method's step, and the number that it begins with."""


def _iterates(
    method: tuple[Callable[[NDArray, float], tuple[NDArray, float]], float], w: NDArray, count: int
) -> NDArray:
    step, state = method
    path = [w]
    for _ in range(count):
        w, state = step(w, state)
        path.append(w)
    return np.array(path)


def _leaves(losses: NDArray) -> float:
    """The first iteration from which on the loss stays low; NaN if there is none."""
    above = np.flatnonzero(~(losses < LEFT))
    return float(above[-1] + 1) if above[-1] + 1 < losses.size else np.nan


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the paths, the loss, and the iterations that leaving takes by the offset."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.6, "page": 3.6}.get(size))
        plane, losses, leaving = figure.subplots(*((3, 1) if narrow else (1, 3)))
        _plot_level_sets(plane)
        last = int(dataset["iteration"][-1])
        for name in METHODS:
            drawn, part = look(name, marker=True), dataset.sel({"method": name})
            line = look(name)
            plane.plot(*part["iterates"].values.T, markersize=2.6 * sheet.scale, linewidth=0.9, **drawn)
            losses.plot(part["iteration"].values, np.maximum(part["loss"].values, 1e-16), **line)
            counts = part["iterations_to_leave"].values
            leaving.plot(dataset["offset"].values, counts, markersize=2.4 * sheet.scale, **drawn)
            lost = dataset["offset"].values[~np.isfinite(counts)]
            leaving.plot(
                lost, np.full(lost.size, 0.97), transform=leaving.get_xaxis_transform(), marker="x", linestyle="none",
                color=drawn["color"], markersize=4 * sheet.scale,
            )  # fmt: skip
        plane.set(title="(a) paths", xlabel="weight $w_1$", ylabel="weight $w_2$")
        losses.set(title="(b) loss", xlabel="iteration $k$", yscale="log", ylim=(1e-8, 3), xlim=(0, min(last, 50)))
        losses.set_ylabel(r"loss $(w_1w_2-1)^2$")
        leaving.set(title="(c) leaving the saddle", xscale="log", xlabel=r"offset $\delta$ of the start")
        leaving.set_xticks([1e-12, 1e-8, 1e-4])
        leaving.set(ylabel="iterations to leave", ylim=(0, None))
        handles = [losses.plot([], [], markersize=4, **look(name, marker=True), label=name)[0] for name in METHODS]
        figure.legend(handles=handles, loc="outside upper center", ncols=2 if narrow else 3)
        return finish(figure)


def _plot_level_sets(axes: Axes) -> None:
    x, y = np.meshgrid(np.linspace(-0.9, 1.5, 200), np.linspace(-0.9, 1.5, 200))
    levels = [0.02, 0.1, 0.3, 0.6, 0.85, 1.0, 1.2, 1.6, 2.2, 3.0]
    axes.contour(x, y, (x * y - 1) ** 2, levels=levels, colors="0.8", linewidths=0.5)
    axes.plot(0, 0, marker="P", color="black", markersize=5, linestyle="none", zorder=1.5)
    axes.grid(False)
    axes.set(aspect="equal", xlim=(-0.9, 1.5), ylim=(-0.9, 1.5), xticks=(0, 1), yticks=(0, 1))
