"""Figure step_tuned.1: the step that a quadratic model chooses, where the loss is convex and where it is concave."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from dynamics.checks import Refusal
from plots.dataset import describe, recorded, variable
from plots.looks import look
from plots.style import finish, new_figure, style

__all__ = ["compute", "draw"]

TITLE = "The step chosen by curvature, where the loss is convex and where it is concave"
SOURCE = "Figure 1"
CLAIMS = ("step_tuned.curvature_step", "step_tuned.concave_step")

INFLECTION = 1 / np.sqrt(3.0)
RULES = ("Algorithm 1", "|BB|", "Algorithm 2")
CASES = ("convex", "concave")
TICKS = {"convex": (-0.5, 0.0, 0.5), "concave": (0.5, 1.0, 1.5, 2.0)}
REACH = {"convex": (-0.6, 0.75), "concave": (0.35, 2.45)}  # of the panels
LOOKS: dict[str, dict[str, Any]] = {
    **{name: look(name) for name in ("Algorithm 1", "|BB|")},
    "Algorithm 2": {"color": "#A6D9C7", "linestyle": "-", "linewidth": 4.5, "zorder": 1},  # under the others
}
MODEL: dict[str, Any] = {"color": "0.45", "linestyle": (0, (4, 1.5, 1, 1.5))}


def loss(theta: NDArray) -> NDArray:
    """φ(θ) = θ²/(1 + θ²)."""
    return theta**2 / (1 + theta**2)


def slope(theta: NDArray) -> NDArray:
    """φ'(θ) = 2θ/(1 + θ²)²."""
    return 2 * theta / (1 + theta**2) ** 2


def curvature(theta: NDArray) -> NDArray:
    """φ''(θ) = (2 − 6θ²)/(1 + θ²)³."""
    return (2 - 6 * theta**2) / (1 + theta**2) ** 3


def step_factor(rule: str, theta: NDArray, *, nu: float, m: float, M: float) -> NDArray:
    """γ at θ: 1/φ'' where that is positive; else ν, or its absolute value for |BB|; Algorithm 2 clips to [m, M].

    Examples
    --------
    >>> theta = np.array([0.0, 1.0])
    >>> [step_factor(rule, theta, nu=3.0, m=0.5, M=2.0).tolist() for rule in RULES]
    [[0.5, 3.0], [0.5, 2.0], [0.5, 2.0]]
    """
    with np.errstate(divide="ignore"):
        inverse = 1 / curvature(theta)
    gamma = np.where(inverse > 0, inverse, np.abs(inverse) if rule == "|BB|" else nu)
    return np.clip(gamma, m, M) if rule == "Algorithm 2" else gamma


@recorded
def compute(
    *,
    convex_at: float = 0.32,
    concave_at: float = 1.9,
    nu: float = 2.0,
    m: float = 0.5,
    M: float = 2.0,
    points: int = 400,
) -> xr.Dataset:
    """The loss in one dimension, its quadratic model at two points, and the step factor at all.

    Parameters
    ----------
    convex_at, concave_at : float
        Where the two models are taken: in (0, 1/√3), where the loss is convex, and in (1/√3, 2.4].
    nu : float
        ν > 0, the factor where the curvature is not positive.
    m, M : float
        Bounds of the factor in Algorithm 2, 0 < m ≤ M.
    points : int
        Abscissae, an even number of at least 20: an odd one would have one at 0, where every step is 0.

    Returns
    -------
    Dataset
        `loss` and `curvature` over theta and `step_factor` over (rule, theta); `at`, `at_slope`, `at_curvature` over
        case, `landing` over (case, rule), `model` over (case, theta): the quadratic model.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    if not 0 < convex_at < INFLECTION:
        raise Refusal(f"convex_at is {convex_at!r}; the loss is convex between 0 and 1/√3 = 0.577: try 0.4.")
    if not INFLECTION < concave_at <= 2.4:
        raise Refusal(f"concave_at is {concave_at!r}; the loss is concave beyond 1/√3, drawn up to 2.4: try 1.5.")
    if not (nu > 0 and 0 < m <= M):
        raise Refusal(f"nu, m, M are {nu!r}, {m!r}, {M!r}; ν must be positive and 0 < m ≤ M: try 2, 0.5, 2.")
    if not isinstance(points, int) or points < 20 or points % 2:
        raise Refusal(f"points is {points!r}; give an even number of at least 20.")
    theta, at = np.linspace(-2.5, 2.5, points), np.array([convex_at, concave_at])
    bounds = {"nu": nu, "m": m, "M": M}
    moves = [-step_factor(rule, at, **bounds) * slope(at) for rule in RULES]
    s = theta - at[:, np.newaxis]
    model = loss(at)[:, np.newaxis] + slope(at)[:, np.newaxis] * s + 0.5 * curvature(at)[:, np.newaxis] * s**2
    dataset = xr.Dataset(
        {
            "loss": variable("theta", loss(theta), "loss"),
            "curvature": variable("theta", curvature(theta), "curvature"),
            "step_factor": variable(
                ("rule", "theta"), np.stack([step_factor(rule, theta, **bounds) for rule in RULES]), "step factor"
            ),
            "at": variable("case", at, "parameter where the model is taken"),
            "at_slope": variable("case", slope(at), "gradient there"),
            "at_curvature": variable("case", curvature(at), "curvature there"),
            "landing": variable(("case", "rule"), at[:, np.newaxis] + np.stack(moves, axis=1), "parameter afterwards"),
            "model": variable(("case", "theta"), model, "quadratic model"),
        },
        coords={
            "theta": variable("theta", theta, "parameter"),
            "rule": variable("rule", np.array(RULES, dtype=str), "rule"),
            "case": variable("case", np.array(CASES, dtype=str), "case"),
        },
    )
    return describe(
        dataset,
        "step_tuned.1",
        message="""Where the loss is convex the step goes to the minimum of the model; where it is concave
            Algorithm 1 takes a fixed long step, while |BB| explodes at the inflection.""",
        caption=f"""The loss φ(θ) = θ²/(1+θ²) of figures 2 and 3, one sample in one dimension; steps −γ φ'(θ) with the
            scaling α = 1. (a) Where φ is convex, γ = 1/φ'' leads to the minimum of the quadratic model. (b) Where φ is
            concave the model has no minimum: Algorithm 1 takes γ = ν = {nu:g}, |BB| takes 1/|φ''|. (c) γ everywhere;
            Algorithm 2 clips it to [{m:g}, {M:g}]; shaded: concave. Since φ'' ≥ −1/2, |BB| never takes less than 2
            where φ is concave: with ν = 2 the large step of Algorithm 1 is the shorter of the two there, and what tells
            them apart is the pole at the inflection. Formulas: no seeds, no budget, no tuning.""",
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the two cases with model and step, and the step factor over the line."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.4, "page": 3.3}.get(size))
        panels = figure.subplots(*((3, 1) if narrow else (1, 3)))
        for axes, case, letter in zip(panels, CASES, "ab", strict=False):
            _plot_case(axes, dataset.sel(case=case))
            axes.set(title=f"({letter}) {case} at $\\theta_k$", xlabel=r"parameter $\theta$", ylabel=r"loss $\varphi$")
        _plot_factor(panels[2], dataset)
        panels[2].set(title="(c) the factor everywhere", xlabel=r"parameter $\theta$", ylabel=r"step factor $\gamma$")
        figure.legend(handles=_key(), loc="outside upper center", ncols=2 if narrow else 6)
        return finish(figure)


def _plot_case(axes: Axes, cut: xr.Dataset) -> None:
    case = str(cut["case"].values)
    theta, at = cut["theta"].values, float(cut["at"])
    low, high = REACH[case]
    shown = (theta >= low) & (theta <= high)
    axes.plot(theta[shown], cut["loss"].values[shown], color="black", linestyle="-")
    axes.plot(theta[shown], cut["model"].values[shown], **MODEL)
    axes.plot([at], [loss(np.array(at))], marker="o", color="black", linestyle="none", zorder=4)
    rules = ("Algorithm 1",) if case == "convex" else ("Algorithm 1", "|BB|")
    bottom = min(0.0, float(cut["model"].values[shown].min()))
    top = max(float(cut["loss"].values[shown].max()), float(loss(np.array(at)))) * 1.12
    height = top - bottom
    for place, rule in enumerate(rules):
        landing, color = float(cut["landing"].sel(rule=rule)), LOOKS[rule]["color"]
        level = bottom - (0.1 + 0.15 * place) * height
        axes.annotate("", (landing, level), (at, level), arrowprops={"arrowstyle": "-|>", "color": color, "lw": 1.2})
        value = float(loss(np.array(landing)))
        axes.plot([landing] * 2, [level, value], color=color, linestyle=(0, (1, 1.5)), linewidth=0.8)
        axes.plot([landing], [value], marker="os"[place], color=color, markerfacecolor="white", linestyle="none")
    axes.plot(
        [at] * 2, [bottom - (0.1 + 0.15 * (len(rules) - 1)) * height, float(loss(np.array(at)))], color="black", lw=0.6
    )
    axes.set(xlim=(low, high), ylim=(bottom - 0.33 * height, top), xticks=TICKS[case])
    axes.annotate(r"$\theta_k$", (at, loss(np.array(at))), (6, -3), textcoords="offset points", va="top")


def _plot_factor(axes: Axes, dataset: xr.Dataset) -> None:
    theta = dataset["theta"].values
    for side in (-1, 1):
        axes.axvspan(*sorted((side * INFLECTION, side * theta[-1])), color="0.92", zorder=0)
    for rule in RULES:
        axes.plot(theta, dataset["step_factor"].sel(rule=rule).values, **LOOKS[rule])
    axes.set(yscale="log", ylim=(0.35, 40.0), xlim=(theta[0], theta[-1]))
    axes.set_yticks([0.5, 1, 2, 5, 10, 20], labels=["0.5", "1", "2", "5", "10", "20"])
    axes.minorticks_off()


def _key() -> list[Line2D | Patch]:
    return [
        Line2D([], [], color="black", label=r"loss $\varphi$"),
        Line2D([], [], **MODEL, label="quadratic model"),
        *(Line2D([], [], **drawn, label=rule) for rule, drawn in LOOKS.items()),
        Patch(color="0.92", label="concave"),
    ]
