"""Figure trust_region.1: gradient descent and Adagrad on three quadratics, with the regions of their steps."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dynamics import Adagrad, GradientDescent, ensemble, simulate
from dynamics.checks import Refusal
from plots.dataset import describe, recorded, variable
from plots.looks import look
from plots.marks import plot_over_seeds
from plots.style import finish, new_figure, style
from plots.tuning import Candidate, Tuned, tune
from synthetic import gradient, quadratic

__all__ = [
    "EPSILON",
    "GRID",
    "METHODS",
    "boundary",
    "candidates",
    "compute",
    "draw",
    "metrics",
    "plot_level_sets",
    "unit_starts",
]

TITLE = "Gradient descent and Adagrad on three quadratics, with the trust regions of their steps"
SOURCE = "Figure 1"
CLAIMS = (
    "trust_region.figure_1_advantage",
    "trust_region.figure_1_rotation",
    "trust_region.figure_1_full_matrix",
    "trust_region.preconditioned_step",
)
QUICK = {"starts": 10, "iterations": 20}

METHODS = ("gradient descent", "Adagrad, diagonal", "Adagrad, full")
PROBLEMS = {
    "well-conditioned": "(a) well-conditioned",
    "along the axes": "(b) ill-conditioned,\nalong the axes",
    "rotated": "(c) ill-conditioned,\nrotated",
}
GRID = 10.0 ** np.arange(-1.5, 0.51, 0.125)
EPSILON = 1e-10  # of Adagrad, under the root
WELL_CONDITIONED = 2.0
DIRECTION = np.array([-0.9, np.sqrt(1 - 0.9**2)])  # of the start that is drawn, in the eigenvectors' coordinates
REGIONS = (0, 2, 4)  # steps whose trust regions are drawn
SHOWN = 12  # iterates that are drawn
REACH = 1.4
FLOOR = 1e-9  # of the first loss: the axes end here


@recorded
def compute(
    *,
    condition_number: float = 50.0,
    angle: float = np.pi / 6,
    iterations: int = 30,
    tuned_at: int = 10,
    starts: int = 20,
    rng: int = 0,
) -> xr.Dataset:
    """Iterates, trust regions and losses of three methods on three quadratics in the plane.

    Parameters
    ----------
    condition_number : float
        Of the two ill-conditioned quadratics, above 1; their smaller eigenvalue is 1.
    angle : float
        By which the last one is turned, in radians; its starts are turned with it.
    iterations : int
        Steps of each run.
    tuned_at : int
        A step size is chosen for the lowest loss after this many iterations, from 5 to `iterations`.
    starts : int
        Random starts on the unit circle, at least 5: they choose the step size and make the bands.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss`, as a share of the first, over (problem, method, start, iteration); `iterates` over (problem, method,
        iteration, axis) from one start; `metric`, the matrix of each step's norm, and its `radius`; `step_size` and
        `at_edge` over (problem, method); `hessian` and `eigenvalues` of each problem.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    if not (np.isfinite(condition_number) and condition_number > 1 and np.isfinite(angle)):
        raise Refusal(
            f"condition_number is {condition_number!r} and angle {angle!r}: ill-conditioned is above 1, and both are "
            f"finite; try 50 and 0.5."
        )
    if not 5 <= tuned_at <= iterations:
        raise Refusal(f"tuned_at is {tuned_at!r}; it must lie from 5 to iterations = {iterations}.")
    if starts < 5 or rng < 0:
        raise Refusal(f"starts is {starts!r} and rng {rng!r}; a band needs at least 5 starts, and a seed is 0 or more.")
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    setups = ((WELL_CONDITIONED, np.eye(2)), (condition_number, np.eye(2)), (condition_number, turn))
    first, tunings, cells = unit_starts(starts, rng), [], []
    for kappa, frame in setups:
        problem = quadratic(eigenvalues=[1.0, kappa], rotation=frame)
        tuned = tune(candidates(kappa), [problem], budget=tuned_at, seeds=starts, x0=first @ frame.T)
        runs = [_run(name, tuned.method(name), problem, frame, first, iterations) for name in METHODS]
        tunings.append(tuned)
        cells.append(runs)
    dataset = _as_dataset(cells, setups, starts, iterations)
    edges = np.array([tuned.best_at_edge for tuned in tunings], dtype=np.int8)
    dataset["at_edge"] = variable(("problem", "method"), edges, "whether the step size is at an edge of the grid")
    return describe(
        dataset,
        "trust_region.1",
        message="""Turn the level sets, and diagonal Adagrad loses its advantage over gradient descent; the full
            matrix does not notice the turn.""",
        caption=f"""Quadratics in the plane with eigenvalues 1 and κ: κ = {WELL_CONDITIONED:g}, {condition_number:g} and
            {condition_number:g}, the last turned by {np.degrees(angle):.3g}°. Above: iterates from one start, and the
            trust regions of the first, third and fifth step: a step minimises the linear model of the loss in the norm
            of the root of the method’s matrix, so that the next iterate lies on the region’s boundary. The first region
            of the full matrix, which has seen one gradient, is a strip. Below: median and central 80 % of {starts}
            random starts on the unit circle, turned with the problem, seed {rng}. Step sizes: of {GRID.size} values
            from {GRID[0]:.2g} to {GRID[-1]:.2g}, eight a decade (gradient descent: over the larger eigenvalue), the
            one with the lowest median loss after {tuned_at} iterations from these starts, on each quadratic:
            {_choices(tunings)}. Turned level sets take diagonal Adagrad’s advantage away; the full matrix does not
            notice the turn.""",
        seeds=(rng,),
    )


def unit_starts(count: int, rng: int) -> NDArray:
    """Independent points on the unit circle, a row each.

    Examples
    --------
    >>> bool(np.allclose(np.linalg.norm(unit_starts(4, 0), axis=1), 1))
    True
    """
    angles = np.random.default_rng(rng).uniform(0, 2 * np.pi, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def candidates(largest: float) -> dict[str, Candidate]:
    """The methods to be tuned on a quadratic with this largest eigenvalue."""
    grid = {"step_size": GRID.tolist()}
    return {
        "gradient descent": Candidate(lambda step_size: GradientDescent(step_size / largest), grid),
        "Adagrad, diagonal": Candidate(lambda step_size: Adagrad(step_size, eps=0.0, initial_sum=EPSILON), grid),
        "Adagrad, full": Candidate(
            lambda step_size: Adagrad(step_size, eps=0.0, initial_sum=EPSILON, matrix="full"), grid
        ),
    }


def _run(name: str, method: Any, problem: Any, frame: NDArray, starts: NDArray, iterations: int) -> dict[str, Any]:
    sweep = ensemble([method], problem, steps=iterations, seeds=len(starts), x0=starts @ frame.T)
    run = simulate(method, problem, steps=iterations, x0=frame @ DIRECTION, record_iterates=True)
    assert run.iterates is not None
    slopes = gradient(problem, run.iterates)
    norm = metrics(name, slopes)
    dual = np.einsum("ki,ki->k", slopes, np.linalg.solve(norm, slopes[..., None])[..., 0])
    return {
        "loss": sweep.loss[0] / sweep.loss[0, :, :1],
        "iterates": run.iterates,
        "metric": norm,
        "radius": method.step_size * np.sqrt(dual),
        "step_size": method.step_size,
    }


def metrics(method: str, gradients: NDArray) -> NDArray:
    """The matrix of the norm whose balls a method's steps minimise their linear models in, one for each gradient.

    Examples
    --------
    >>> metrics("Adagrad, diagonal", np.array([[3.0, 0.0], [4.0, 1.0]]))[1].round(6)
    array([[5., 0.],
           [0., 1.]])
    """
    outer = np.cumsum(gradients[:, :, None] * gradients[:, None, :], axis=0) + EPSILON * np.eye(2)
    if method == "gradient descent":
        return np.broadcast_to(np.eye(2), outer.shape).copy()
    if method == "Adagrad, diagonal":
        return np.sqrt(outer * np.eye(2))
    values, vectors = np.linalg.eigh(outer)
    root = (vectors * np.sqrt(values)[:, None, :]) @ vectors.swapaxes(1, 2)
    return (root + root.swapaxes(1, 2)) / 2  # symmetric to the last bit


def _as_dataset(cells: list[list[dict[str, Any]]], setups: tuple, starts: int, iterations: int) -> xr.Dataset:
    where = ("problem", "method")
    dimensions = {
        "loss": ((*where, "start", "iteration"), "loss, as a share of the first"),
        "iterates": ((*where, "iteration", "axis"), "iterate from the start that is drawn"),
        "metric": ((*where, "iteration", "row", "axis"), "matrix of the norm of the step"),
        "radius": ((*where, "iteration"), "radius of the trust region in that norm"),
        "step_size": (where, "step size"),
    }
    arrays = {
        name: variable(places, np.array([[cell[name] for cell in row] for row in cells], dtype=float), words)
        for name, (places, words) in dimensions.items()
    }
    hessians = np.array([frame @ np.diag([1.0, kappa]) @ frame.T for kappa, frame in setups])
    return xr.Dataset(
        {**arrays, "hessian": variable(("problem", "row", "axis"), hessians, "Hessian")},
        coords={
            "problem": variable("problem", np.array(list(PROBLEMS), dtype=str), "quadratic"),
            "method": variable("method", np.array(METHODS, dtype=str), "method"),
            "start": variable("start", np.arange(starts, dtype=np.int32), "random start"),
            "iteration": variable("iteration", np.arange(iterations + 1, dtype=np.int32), "iteration"),
        },
    )


def _choices(tunings: list[Tuned]) -> str:
    rows = []
    for name in METHODS:
        steps = (f"{t.setting(name)['step_size']:.2g}{' (at the edge)' * t.is_at_edge(name)}" for t in tunings)
        rows.append(f"{name} {', '.join(steps)}")
    return "; ".join(rows)


def boundary(metric: NDArray, radius: float, points: int = 120) -> NDArray:
    """Points s on the boundary of a trust region, shape (points, 2): √(s·Ms) is the radius.

    Examples
    --------
    >>> edge = boundary(np.diag([4.0, 1.0]), 2.0, points=5)
    >>> np.abs(edge).max(axis=0).round(6)
    array([1., 2.])
    """
    turns = np.linspace(0, 2 * np.pi, points)
    circle = np.stack([np.cos(turns), np.sin(turns)])
    return radius * np.linalg.solve(np.linalg.cholesky(metric).T, circle).T


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw iterates and trust regions above, the losses below; in a column, side by side."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 6.0, "page": 5.0}.get(size))
        panels = figure.subplots(*((3, 2) if narrow else (2, 3)), squeeze=False)
        planes, losses = (panels[:, 0], panels[:, 1]) if narrow else panels
        for plane, axes, (problem, title) in zip(planes, losses, PROBLEMS.items(), strict=True):
            part = dataset.sel({"problem": problem})
            _plot_plane(plane, part, sheet.scale)
            plane.set_title(title)
            for name in METHODS:
                curves = np.maximum(part["loss"].sel({"method": name}).values, FLOOR / 100)
                plot_over_seeds(axes, part["iteration"].values, curves, **look(name))
            axes.set(yscale="log", ylim=(FLOOR, 5), xlim=(0, None))
            if narrow or axes is losses[0]:
                axes.set_ylabel(r"loss $\mathcal{L}(w_t)/\mathcal{L}(w_0)$")
                plane.set_ylabel("parameter $w_2$")
            axes.set_xlabel("iteration $t$")
            plane.set_xlabel("parameter $w_1$")
        handles = [planes[0].plot([], [], markersize=4, **look(name, marker=True), label=name)[0] for name in METHODS]
        figure.legend(handles=handles, loc="outside upper center", ncols=1 if narrow else 3)
        return finish(figure)


def _plot_plane(axes: Axes, part: xr.Dataset, scale: float) -> None:
    paths = part["iterates"].isel(iteration=slice(SHOWN + 1)).values
    plot_level_sets(axes, part["hessian"].values, max(REACH, 1.1 * float(np.abs(paths).max())))
    for name in METHODS:
        drawn, cut = look(name, marker=True), part.sel({"method": name})
        path = cut["iterates"].values
        for k in REGIONS:
            edge = path[k] + boundary(cut["metric"].values[k], float(cut["radius"][k]))
            axes.fill(*edge.T, facecolor=drawn["color"], alpha=0.06, linewidth=0, linestyle="-")
            axes.plot(*edge.T, color=drawn["color"], linewidth=0.7 * scale, linestyle=drawn["linestyle"])
        axes.plot(*path[: SHOWN + 1].T, color=drawn["color"], linewidth=1.1 * scale, linestyle="-")
        axes.plot(
            *path[: SHOWN + 1].T,
            color=drawn["color"],
            linestyle="none",
            marker=drawn["marker"],
            markersize=2.8 * scale,
            markeredgecolor="white",
            markeredgewidth=0.3 * scale,
        )
    axes.plot(0, 0, marker="*", color="black", markersize=6 * scale, linestyle="none", zorder=1.5)


def plot_level_sets(axes: Axes, hessian: NDArray, reach: float) -> None:
    """Draw level sets of a quadratic with minimiser 0, in a square of half-width `reach` with equal axes."""
    x, y = np.meshgrid(*2 * [np.linspace(-reach, reach, 160)])
    height = 0.5 * np.einsum("iab,ij,jab->ab", np.stack([x, y]), hessian, np.stack([x, y]))
    axes.contour(x, y, height, levels=height.max() * np.geomspace(1e-3, 1, 9), colors="0.8", linewidths=0.5)
    axes.grid(False)
    ticks = (-1, 0, 1) if reach < 2 else (-2, 0, 2)
    axes.set(aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach), xticks=ticks, yticks=ticks)
