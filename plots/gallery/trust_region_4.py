"""Figure trust_region.4: first-order trust regions beside gradient descent and Adagrad, whose radii are implicit."""

import json
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dynamics import FirstOrderTrustRegion, simulate
from dynamics.checks import Refusal
from plots.budget import run_within, value_at
from plots.dataset import describe, recorded, variable
from plots.gallery.trust_region_1 import DIRECTION, GRID, boundary, metrics, plot_level_sets, unit_starts
from plots.gallery.trust_region_1 import candidates as constant_steps
from plots.looks import look
from plots.marks import plot_over_seeds
from plots.seeds import median_over, value_words
from plots.style import finish, new_figure, style
from plots.tuning import Candidate, Tuned, tune
from synthetic import gradient, quadratic

__all__ = ["candidates", "compute", "draw"]

TITLE = "First-order trust regions beside gradient descent and Adagrad"
SOURCE = "Figure 4"
CLAIMS = ("trust_region.figure_4_sphere", "trust_region.figure_4_ellipsoid")
QUICK = {"starts": 10}

PANELS = {
    "sphere": ("gradient descent", "trust region, sphere"),
    "ellipsoid": ("Adagrad, diagonal", "trust region, ellipsoid"),
}
METHODS = PANELS["sphere"] + PANELS["ellipsoid"]
REGIONS = (0, 2, 4)
SHOWN = 16
FLOOR = 1e-9


@recorded
def compute(
    *, condition_number: float = 50.0, budget: int = 45, tuned_at: int = 10, starts: int = 20, rng: int = 0
) -> xr.Dataset:
    """Losses, iterates and radii of two methods with constant steps and of the trust regions in the same norms.

    Parameters
    ----------
    condition_number : float
        Of the quadratic, above 1; its smaller eigenvalue is 1 and its axes are the coordinates'.
    budget : int
        Gradients that each run may spend; a function value counts half of one.
    tuned_at : int
        A step size, or first radius, is chosen for the lowest loss at this cost, from 5 to `budget`.
    starts : int
        Random starts on the unit circle, at least 5: they choose the settings and make the bands.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss`, as a share of the first, over (method, start, cost); `iterates`, `radius` (NaN where a step was refused)
        and `metric` over (method, iteration) of the run that is drawn; and what tuning found.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    if not (np.isfinite(condition_number) and condition_number > 1):
        raise Refusal(f"condition_number is {condition_number!r}; ill-conditioned is above 1: try 50.")
    if not 5 <= tuned_at <= budget:
        raise Refusal(f"tuned_at is {tuned_at!r}; it must lie from 5 to budget = {budget}.")
    if starts < 5 or rng < 0:
        raise Refusal(f"starts is {starts!r} and rng {rng!r}; a band needs at least 5 starts, and a seed is 0 or more.")
    problem, first = quadratic(eigenvalues=[1.0, condition_number]), unit_starts(starts, rng)
    options: dict[str, Any] = {"seeds": starts, "x0": first}
    tuned = tune(candidates(condition_number), [problem], budget=tuned_at, **options)
    costs = np.arange(budget + 1.0)
    losses, drawn = [], []
    for name in METHODS:
        method = tuned.method(name)
        sweep = run_within([method], problem, budget=budget, records=10 * budget, **options)
        losses.append(value_at(sweep, sweep.loss / sweep.loss[..., :1], costs)[0])
        drawn.append(_drawn(name, method, problem, budget))
    dataset = _as_dataset(np.array(losses), drawn, costs).merge(tuned.dataset())
    return describe(
        dataset,
        "trust_region.4",
        message="""With curvatures along the axes the ellipsoid's trust region gets on where the sphere's is stuck,
            as diagonal Adagrad does where gradient descent is stuck.""",
        caption=f"""Quadratic in the plane with eigenvalues 1 and {condition_number:g} along the axes. (a), (b):
            iterates from one start and the trust regions of the first, third and fifth iteration, where its step was
            taken; gradient descent and Adagrad imply theirs by their step and the gradient. (c): median and central
            80 % of {starts} random starts on the unit circle, seed {rng}. (d): radii of the runs in (a) and (b), each
            in its norm, over the first one; steps that were refused have none. The trust regions are Algorithm 1 with
            B = 0, which grows the radius by 1.1 and divides it by 1.5. {_settings(tuned)} {_finding(dataset)}""",
        seeds=(rng,),
    )


def candidates(largest: float) -> dict[str, Candidate]:
    """The methods to be tuned; first radii are those that Adagrad's first steps have at a gradient of this size."""
    constant = constant_steps(largest)
    regions = {
        "trust region, sphere": Candidate(
            lambda radius: FirstOrderTrustRegion(norm="sphere", radius=radius, max_radius=1e6),
            {"radius": GRID.tolist()},
        ),
        "trust region, ellipsoid": Candidate(
            lambda radius: FirstOrderTrustRegion(norm="adagrad", radius=radius, max_radius=1e6),
            {"radius": (GRID * np.sqrt(largest)).tolist()},
        ),
    }
    every = constant | regions
    return {name: every[name] for name in METHODS}


def _drawn(name: str, method: Any, problem: Any, iterations: int) -> dict[str, NDArray]:
    run = simulate(method, problem, steps=iterations, x0=DIRECTION, record_iterates=True)
    assert run.iterates is not None
    slopes = gradient(problem, run.iterates)
    norm = metrics("gradient descent" if name in PANELS["sphere"] else "Adagrad, diagonal", slopes)
    step = np.where(run.step_size > 0, run.step_size, np.nan)
    dual = np.sqrt(np.einsum("ki,ki->k", slopes, np.linalg.solve(norm, slopes[..., None])[..., 0]))
    return {"iterates": run.iterates, "metric": norm, "radius": step * dual}


def _as_dataset(losses: NDArray, drawn: list[dict[str, NDArray]], costs: NDArray) -> xr.Dataset:
    words = {
        "iterates": (("method", "iteration", "axis"), "iterate of the run that is drawn"),
        "metric": (("method", "iteration", "row", "axis"), "matrix of the norm"),
        "radius": (("method", "iteration"), "radius of the trust region in its norm"),
    }
    arrays = {
        name: variable(places, np.stack([run[name] for run in drawn]), long_name)
        for name, (places, long_name) in words.items()
    }
    iterations = arrays["radius"].shape[1]
    return xr.Dataset(
        {**arrays, "loss": variable(("method", "start", "cost"), losses, "loss, as a share of the first")},
        coords={
            "method": variable("method", np.array(METHODS, dtype=str), "method"),
            "start": variable("start", np.arange(losses.shape[1], dtype=np.int32), "random start"),
            "cost": variable("cost", costs, "cost in gradients"),
            "iteration": variable("iteration", np.arange(iterations, dtype=np.int32), "iteration"),
        },
    )


def _settings(tuned: Tuned) -> str:
    return (
        f"{tuned.sentence()} Step sizes run from {GRID[0]:.2g} to {GRID[-1]:.2g}, eight a decade (gradient descent: "
        f"over the larger eigenvalue κ), first radii from {GRID[0]:.2g} to {GRID[-1]:.2g} (ellipsoid: times √κ). The "
        f"starts that are shown are those of the tuning."
    )


def _finding(dataset: xr.Dataset) -> str:
    final = median_over(dataset["loss"].isel(cost=-1), "start")
    decades = {name: float(np.log10(max(float(final.sel({"method": name})), 1e-30))) for name in METHODS}
    rows = ", ".join(f"{value_words(decades[name], '.1f')} ({name})" for name in METHODS)
    return (
        f"Log10 of the median share of the loss that is left at the end: {rows}. What the paper calls similar holds on "
        f"the sphere; in the ellipsoid the region falls behind, as its radius shrinks by one factor a refused step "
        f"while Adagrad’s follows the gradient."
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw iterates and regions for both norms, the losses by cost, and the radii by iteration."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 4.9, "page": 6.0}.get(size))
        panels = figure.subplot_mosaic("acd;bcd" if size == "slide" else "ab;cd")
        planes, losses, radii = (panels["a"], panels["b"]), panels["c"], panels["d"]
        for axes, (norm, names), letter in zip(planes, PANELS.items(), "ab", strict=True):
            plot_level_sets(axes, np.diag([1.0, _condition(dataset)]), 1.4)
            for name in names:
                _plot_run(axes, dataset.sel({"method": name}), look(name, marker=True), sheet.scale)
            axes.set(title=f"({letter}) {norm}", xlabel="parameter $w_1$", ylabel="parameter $w_2$")
        for name in METHODS:
            part = dataset.sel({"method": name})
            plot_over_seeds(losses, dataset["cost"].values, np.maximum(part["loss"].values, FLOOR / 100), **look(name))
            radius = part["radius"].values[: 2 * SHOWN]
            radii.plot(
                radius / radius[np.isfinite(radius)][0],
                markersize=2.4 * sheet.scale,
                linewidth=0.8,
                **look(name, marker=True),
            )
        losses.set(yscale="log", ylim=(FLOOR, 5), xlabel="cost in gradients", title="(c) loss")
        losses.set_ylabel(r"loss $\mathcal{L}(w_t)/\mathcal{L}(w_0)$")
        radii.set(
            yscale="log",
            ylim=(1e-6, 3),
            xlabel="iteration $t$",
            ylabel=r"radius $\Delta_t/\Delta_0$",
            title="(d) radius",
        )
        handles = [planes[0].plot([], [], markersize=4, **look(name, marker=True), label=name)[0] for name in METHODS]
        figure.legend(handles=handles, loc="outside upper center", ncols=2 if narrow else 4)
        return finish(figure)


def _condition(dataset: xr.Dataset) -> float:
    return float(json.loads(dataset.attrs["parameters"])["condition_number"])


def _plot_run(axes: Axes, cut: xr.Dataset, drawn: dict[str, Any], scale: float) -> None:
    path = cut["iterates"].values[: SHOWN + 1]
    for k in REGIONS:
        radius = float(cut["radius"][k])
        if np.isfinite(radius):
            edge = path[k] + boundary(cut["metric"].values[k], radius)
            axes.fill(*edge.T, facecolor=drawn["color"], alpha=0.06, linewidth=0, linestyle="-")
            axes.plot(*edge.T, color=drawn["color"], linewidth=0.7 * scale, linestyle=drawn["linestyle"])
    axes.plot(*path.T, color=drawn["color"], linewidth=1.1 * scale, linestyle="-")
    axes.plot(
        *path.T,
        color=drawn["color"],
        linestyle="none",
        marker=drawn["marker"],
        markersize=2.8 * scale,
        markeredgecolor="white",
        markeredgewidth=0.3 * scale,
    )
