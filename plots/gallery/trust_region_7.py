"""Figure trust_region.7: Newton's step and damped steps on quadratic models."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dynamics.checks import require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

__all__ = ["compute", "damped_steps", "draw"]

TITLE = "Newton's step and damped steps on quadratic models"
SOURCE = "Figure 7"
CLAIMS = ("trust_region.newton_ascends", "trust_region.newton_attracted")

EIGENVALUES = {"convex": (1.0, 6.0), "saddle": (-1.0, 4.0)}
TITLES = {"convex": "(a) convex model", "saddle": "(b) model with a saddle"}
SLOPE = np.array([1.2, 3.6])
TURN = np.pi / 7
LOOKS: dict[str, dict[str, Any]] = {
    "convex": {"color": "#0072B2", "linestyle": "-"},
    "saddle": {"color": "#D55E00", "linestyle": (0, (4, 2))},
}
MARKS = {"iterate": "s", "Newton’s step": "P", "saddle-free Newton’s": "v"}
REACH = 2.2


@recorded
def compute(*, points: int = 200) -> xr.Dataset:
    """Damped steps over the damping on a convex model and on one with a saddle.

    Parameters
    ----------
    points : int
        Values of the damping, at least 10.

    Returns
    -------
    Dataset
        `step` over (model, excess, axis), `length` over (model, excess); `curvature`, `slope`, `newton` and
        `saddle_free` of each model. The excess is the damping less what makes the model convex.

    Raises
    ------
    ValueError
        If `points` is below 10.
    """
    require_whole("points", points, 10, "the steps make a curve")
    frame = np.array([[np.cos(TURN), -np.sin(TURN)], [np.sin(TURN), np.cos(TURN)]])
    excess = np.geomspace(1e-3, 1e2, points)
    values = np.array(list(EIGENVALUES.values()))
    forms = np.array([frame @ np.diag(pair) @ frame.T for pair in values])
    absolute = np.array([frame @ np.diag(np.abs(pair)) @ frame.T for pair in values])
    slope = frame @ SLOPE
    least = np.maximum(-values.min(axis=1), 0)
    step = np.array([damped_steps(form, slope, low + excess) for form, low in zip(forms, least, strict=True)])
    dataset = xr.Dataset(
        {
            "step": variable(("model", "excess", "axis"), step, "damped step"),
            "length": variable(("model", "excess"), np.linalg.norm(step, axis=-1), "length of the damped step"),
            "curvature": variable(("model", "row", "axis"), forms, "Hessian of the model"),
            "least_damping": variable("model", least, "damping above which the model is convex"),
            "slope": variable("axis", slope, "gradient of the model at 0"),
            "newton": variable(("model", "axis"), -np.linalg.solve(forms, slope[:, None])[..., 0], "Newton's step"),
            "saddle_free": variable(
                ("model", "axis"), -np.linalg.solve(absolute, slope[:, None])[..., 0], "saddle-free Newton's step"
            ),
        },
        coords={
            "model": variable("model", np.array(list(EIGENVALUES), dtype=str), "model"),
            "excess": variable("excess", excess, "damping less the least"),
        },
    )
    return describe(
        dataset,
        "trust_region.7",
        message="""Damped steps and trust-region steps are the same curve, one radius for each damping, up to
            Newton's step, which no positive damping reaches.""",
        caption="""Quadratic models with eigenvalues 1 and 6 (a), −1 and 4 (b). Curves: the damped steps −(B + λI)⁻¹g
            for all λ that make the damped model convex, from steepest descent (large λ) to Newton’s step in (a), and
            towards infinity along the negative curvature in (b), where Newton’s step goes to the model’s saddle. (c):
            each λ is the multiplier of one radius, the step’s length; a radius beyond Newton’s step needs λ = 0, which
            a damping that stays positive never reaches. Closed forms: nothing is random or tuned. The paper’s text has
            lost this figure: it is drawn for appendix G, where it stands.""",
    )


def damped_steps(form: np.ndarray, slope: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """−(B + λI)⁻¹g for each λ, shape (λ, d).

    Examples
    --------
    >>> damped_steps(np.diag([1.0, 3.0]), np.array([2.0, 4.0]), np.array([1.0])).tolist()
    [[-1.0, -1.0]]
    """
    matrices = form + damping[:, None, None] * np.eye(len(slope))
    return -np.linalg.solve(matrices, np.broadcast_to(slope, (len(damping), len(slope)))[..., None])[..., 0]


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw both models with their damped steps, and the step's length over the damping."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.8, "page": 3.6}.get(size))
        *planes, lengths = figure.subplots(*((3, 1) if narrow else (1, 3)))
        for axes, (name, title) in zip(planes, TITLES.items(), strict=True):
            part, look = dataset.sel({"model": name}), LOOKS[name]
            _plot_model(axes, part, look, sheet.scale)
            axes.set(title=title, xlabel="step $s_1$", ylabel="step $s_2$")
            damping = part["least_damping"].values + part["excess"].values
            lengths.plot(damping, part["length"], label=f"{name} model", **look)
        newton = float(np.linalg.norm(dataset["newton"].sel({"model": "convex"})))
        lengths.axhline(newton, color="0.45", linewidth=0.7, linestyle="-")
        place = {"xytext": (0, 3), "textcoords": "offset points", "fontsize": "x-small", "ha": "right"}
        lengths.annotate("Newton, convex", (90, newton), **place)
        lengths.set(title="(c) damping and radius", xscale="log", yscale="log", xlabel=r"damping $\lambda$")
        lengths.set(ylabel=r"length $\|s(\lambda)\|$", ylim=(0.02, 200))
        lengths.legend(loc="lower left")
        handles = [
            planes[0].plot([], [], marker=marker, color="black", linestyle="none", label=words)[0]
            for words, marker in MARKS.items()
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=3)
        return finish(figure)


def _plot_model(axes: Axes, part: xr.Dataset, look: dict[str, Any], scale: float) -> None:
    x, y = np.meshgrid(*2 * [np.linspace(-REACH, REACH, 160)])
    s = np.stack([x, y], axis=-1)
    height = s @ part["slope"].values + 0.5 * np.einsum("abi,ij,abj->ab", s, part["curvature"].values, s)
    levels = np.unique(np.quantile(height, [0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85]))
    axes.contour(x, y, height, levels=levels, colors="0.75", linewidths=0.6, linestyles="solid")
    axes.plot(*part["step"].values.T, **look)
    newton, saddle_free = part["newton"].values, part["saddle_free"].values
    places = (np.zeros(2), newton) if np.allclose(newton, saddle_free) else (np.zeros(2), newton, saddle_free)
    for place, marker in zip(places, MARKS.values(), strict=False):
        axes.plot(*place[:, None], marker=marker, color="black", linestyle="none", markersize=4.5 * scale, zorder=4)
    axes.grid(False)
    axes.set(aspect="equal", xlim=(-REACH, REACH), ylim=(-REACH, REACH), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
