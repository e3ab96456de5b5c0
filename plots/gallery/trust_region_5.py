"""Figure trust_region.5: what a trust-region step is, and how the radius follows the model's success."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dynamics.checks import require_whole
from plots.dataset import describe, recorded, variable
from plots.gallery.trust_region_1 import boundary
from plots.style import finish, new_figure, style
from synthetic import gradient, hessian, himmelblau, value
from theory.trust_region import cauchy_point, model_decrease, model_minimiser

__all__ = ["compute", "draw"]

TITLE = "The steps of a trust region, and how far its model holds"
SOURCE = "Figure 5"
CLAIMS = ("trust_region.cauchy_decrease", "trust_region.model_error", "trust_region.success_long_gradient")

POINTS = {"convex": (1.9, 3.6), "saddle": (0.4, 2.6)}
TITLES = {"convex": "(a) convex model", "saddle": "(b) model with a saddle"}
RADIUS = 1.6  # of the region that is drawn
REACH = 3.0
SUCCESS, GREAT_SUCCESS = 0.01, 0.95  # η₁ and η₂ of Algorithm 1
STEP = "#0072B2"
MARKS = {
    "iterate": ("s", "black"),
    "trust-region step": ("o", STEP),
    "Cauchy point": ("D", "#D55E00"),
    "Newton’s step": ("P", "black"),
}


@recorded
def compute(*, radii: int = 80) -> xr.Dataset:
    """Model minimisers over all radii, at a point with a convex model and at one whose model has a saddle.

    Parameters
    ----------
    radii : int
        Radii, at least 10, from 0.02 to 5.

    Returns
    -------
    Dataset
        `step` and `cauchy` over (model, radius, axis), `ratio` of the falls of loss and model over (model, radius);
        `point`, `slope`, `curvature` and `newton` of each model.

    Raises
    ------
    ValueError
        If `radii` is below 10.
    """
    require_whole("radii", radii, 10, "the steps make a curve")
    problem, sphere = himmelblau(), np.eye(2)
    points = np.array(list(POINTS.values()))
    grid = np.geomspace(0.02, 5.0, radii)
    slopes, forms = gradient(problem, points), hessian(problem, points)
    models = list(zip(slopes, forms, strict=True))
    step = np.array([[model_minimiser(sphere, g, B, float(radius)) for radius in grid] for g, B in models])
    cauchy = np.array([[cauchy_point(sphere, g, B, float(radius)) for radius in grid] for g, B in models])
    fall = value(problem, points)[:, None] - value(problem, points[:, None] + step)
    ratio = fall / model_decrease(slopes[:, None], forms[:, None], step)
    newton = -np.linalg.solve(forms, slopes[..., None])[..., 0]
    by_point = {
        "point": (points, "where the model is made"),
        "slope": (slopes, "gradient there"),
        "newton": (newton, "Newton's step"),
    }
    dataset = xr.Dataset(
        {
            "step": variable(("model", "radius", "axis"), step, "minimiser of the model in the region"),
            "cauchy": variable(("model", "radius", "axis"), cauchy, "Cauchy point"),
            "ratio": variable(("model", "radius"), ratio, "fall of the loss over that of the model"),
            "curvature": variable(("model", "row", "axis"), forms, "Hessian there"),
            **{name: variable(("model", "axis"), values, words) for name, (values, words) in by_point.items()},
        },
        coords={
            "model": variable("model", np.array(list(POINTS), dtype=str), "model"),
            "radius": variable("radius", grid, "radius of the region"),
        },
    )
    return describe(
        dataset,
        "trust_region.5",
        message="""The step of a trust region bends from steepest descent to Newton's step where the model is
            convex, and follows negative curvature where it is not.""",
        caption=f"""Himmelblau’s function (grey) and its quadratic model (dashed) at a point where the Hessian is
            positive definite (a), and at one where it is not (b). Blue: the exact minimisers of the model in all
            spheres, from the steepest descent of a small one to Newton’s step where that minimises the model; the disc
            has radius {RADIUS:g}, and trust-region step and Cauchy point are those of the disc. In (b) Newton’s step
            leads to the model’s saddle. (c): fall of the loss over the fall that the model foretold; above η₂ the
            region grows, below η₁ it shrinks. Nothing is random or tuned.""",
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the two models with their steps, and the ratio over the radius."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.8, "page": 3.6}.get(size))
        *planes, ratios = figure.subplots(*((3, 1) if narrow else (1, 3)))
        for axes, (name, title) in zip(planes, TITLES.items(), strict=True):
            _plot_model(axes, dataset.sel({"model": name}), sheet.scale)
            axes.set(title=title, xlabel="parameter $x$", ylabel="parameter $y$")
        for name, look in (("convex", "-"), ("saddle", (0, (4, 2)))):
            part = dataset.sel({"model": name})
            color = STEP if name == "convex" else "black"
            ratios.plot(dataset["radius"], part["ratio"], color=color, linestyle=look, label=f"{name} model")
        for level, words, x, side in (
            (GREAT_SUCCESS, r"$\eta_2$: grow", 5, "right"),
            (SUCCESS, r"$\eta_1$", 0.02, "left"),
        ):
            ratios.axhline(level, color="0.45", linewidth=0.7, linestyle="-")
            ratios.annotate(words, (x, level), xytext=(0, 2), textcoords="offset points", fontsize="x-small", ha=side)
        ratios.set(title="(c) success of the model", xscale="log", ylim=(-1.2, 2.2), xlabel=r"radius $\Delta$")
        ratios.set_ylabel(r"ratio of the falls $\rho$")
        ratios.legend(loc="lower left")
        handles = [
            planes[0].plot([], [], marker=marker, color=color, linestyle="none", label=words)[0]
            for words, (marker, color) in MARKS.items()
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=2 if narrow else 4)
        return finish(figure)


def _plot_model(axes: Axes, part: xr.Dataset, scale: float) -> None:
    centre, g, B = (part[name].values for name in ("point", "slope", "curvature"))
    x, y = np.meshgrid(*(np.linspace(c - REACH, c + REACH, 180) for c in centre))
    p, q = x * x + y - 11, x + y * y - 7
    axes.contour(x, y, p * p + q * q, levels=[2, 10, 30, 60, 100, 150, 220, 400], colors="0.75", linewidths=0.6)
    s = np.stack([x - centre[0], y - centre[1]], axis=-1)
    height = s @ g + 0.5 * np.einsum("abi,ij,abj->ab", s, B, s)
    levels = np.unique(np.quantile(height, [0.02, 0.08, 0.2, 0.4, 0.6]))
    axes.contour(x, y, height, levels=levels, colors=STEP, linewidths=0.5, linestyles="dashed", alpha=0.6)
    region = centre + boundary(np.eye(2), RADIUS)
    axes.fill(*region.T, facecolor=STEP, alpha=0.1, linewidth=0)
    axes.plot(*region.T, color=STEP, linewidth=0.8 * scale, linestyle="-")
    axes.plot(*(centre + part["step"].values).T, color=STEP, linestyle="-")
    nearest = int(np.argmin(np.abs(part["radius"].values - RADIUS)))
    places = (np.zeros(2), part["step"].values[nearest], part["cauchy"].values[nearest], part["newton"].values)
    for shift, (marker, color) in zip(places, MARKS.values(), strict=True):
        axes.plot(*(centre + shift)[:, None], marker=marker, color=color, linestyle="none", markersize=4.5 * scale)
    axes.grid(False)
    axes.set(aspect="equal", xlim=centre[0] + np.array([-REACH, REACH]), ylim=centre[1] + np.array([-REACH, REACH]))
