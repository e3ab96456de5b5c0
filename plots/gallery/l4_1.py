"""Figure l4.1: the step to the attainable loss, cautious on a parabola and too long in a valley."""

import json
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.seeds import seed_band
from plots.style import finish, new_figure, style
from synthetic import spectrum

__all__ = ["compute", "draw", "least_overshoot", "overshoot", "worst_overshoot"]

TITLE = "The step to the attainable loss: half of the way on a parabola, too far in a valley"
SOURCE = "Figure 1"
CLAIMS = ("l4.one_dimension",)
QUICK = {"directions": 200}

LOSS: dict[str, Any] = {"color": "black", "linestyle": "-"}
TANGENT: dict[str, Any] = {"color": "#0072B2", "linestyle": (0, (4, 2))}
LIMIT = (0, (4, 1.5, 1, 1.5))
COLORS = {"s": "#D55E00", "D": "#009E73"}  # by marker: the full step, and the fraction of it
DIMENSION = 10


def overshoot(eigenvalues: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    r"""The step to the attainable loss in units of the step to the minimum along the line, on a quadratic.

    For :math:`L=\tfrac12x^\top Hx`, attainable loss 0 and :math:`g=v=\nabla L` these are :math:`L/\|g\|^2` and
    :math:`\|g\|^2/g^\top Hg`, so that the ratio is
    :math:`\tfrac12\,(g^\top H^{-1}g)(g^\top Hg)/\|g\|^4`.

    Examples
    --------
    >>> overshoot(np.array([1.0, 4.0]), np.array([[1.0, 0.0], [1.0, 1.0]])).tolist()
    [0.5, 0.78125]
    """
    squares = gradient**2
    return 0.5 * (squares @ (1 / eigenvalues)) * (squares @ eigenvalues) / squares.sum(axis=-1) ** 2


def least_overshoot() -> float:
    """The least ratio, by the inequality of Cauchy and Schwarz: 1/2, taken along eigenvectors and in one dimension."""
    return 0.5


def worst_overshoot(condition_number: np.ndarray) -> np.ndarray:
    """The greatest ratio at a condition number κ, by Kantorovich's inequality: (κ + 1)²/(8κ).

    Examples
    --------
    >>> worst_overshoot(np.array([1.0, 4.0])).tolist()
    [0.5, 0.78125]
    """
    return (condition_number + 1) ** 2 / (8 * condition_number)


@recorded
def compute(
    *,
    start: float = 2.0,
    alpha: float = 0.15,
    valley: float = 30.0,
    directions: int = 2000,
    points: int = 61,
    rng: int = 0,
) -> xr.Dataset:
    """The linearised loss along the step on a parabola and in a valley, and how far the full step goes too far.

    Parameters
    ----------
    start : float
        Where the parabola θ²/2 + 0.1 is linearised, positive.
    alpha : float
        α in (0, 1], the fraction of the full step that L4 takes.
    valley : float
        Condition number of the two-dimensional quadratic, greater than 1.
    directions : int
        Random starts a condition number, at least 5; the band is over these.
    points : int
        Condition numbers, at least 5.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` and `linearised` over (case, step), the step in units of the full one; `minimum`, `attainable` over case;
        `overshoot` over (direction, condition_number), `worst` over condition_number.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    if not (start > 0 and 0 < alpha <= 1 and valley > 1):
        raise Refusal(
            f"start, alpha, valley are {start!r}, {alpha!r}, {valley!r}; start > 0, α in (0, 1] and a condition number "
            f"above 1 are needed: try 2, 0.15, 30."
        )
    require_whole("directions", directions, 5, "a band over fewer says little")
    require_whole("points", points, 5, "a curve over fewer is none")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    step = np.linspace(-0.25, 2.4, 213)
    lines = [_along(np.array([1.0]), np.array([start]), 0.1, step), _along(*_worst_start(valley), 0.1, step)]
    condition = np.geomspace(1.0, 1000.0, points)
    starts = np.random.default_rng(rng).standard_normal((directions, DIMENSION))
    ratios = []
    for kappa in condition:
        eigenvalues = spectrum("logarithmic", dimension=DIMENSION, condition_number=float(kappa))
        ratios.append(overshoot(eigenvalues, starts * eigenvalues))
    dataset = xr.Dataset(
        {
            "loss": variable(("case", "step"), np.stack([line["loss"] for line in lines]), "loss"),
            "linearised": variable(
                ("case", "step"), np.stack([line["linearised"] for line in lines]), "linearised loss"
            ),
            "to_minimum": variable(
                "case", np.array([line["to_minimum"] for line in lines]), "step to the minimum along the line"
            ),
            "attainable": variable("case", np.array([0.1, 0.1]), "attainable loss"),
            "overshoot": variable(
                ("direction", "condition_number"), np.stack(ratios, axis=1), "full step by step to the minimum"
            ),
            "worst": variable("condition_number", worst_overshoot(condition), "greatest such ratio"),
        },
        coords={
            "case": variable("case", np.array(["parabola", "valley"], dtype=str), "loss function"),
            "step": variable("step", step, "step in units of the full one"),
            "condition_number": variable("condition_number", condition, "condition number"),
            "direction": variable("direction", np.arange(directions, dtype=np.int32), "random start"),
        },
    )
    return describe(
        dataset,
        "l4.1",
        message="""The full step to the attainable loss goes half of the way on a parabola, and uphill in a narrow
            valley; a fraction of it does so in much narrower ones only.""",
        caption=f"""The full step of L4 is where the linearised loss meets the attainable loss; L4 takes the
        fraction α of
            it, default {alpha:g}. (a) A parabola: the full step goes half of the way. (b) The same along the
            gradient in a
            valley of two dimensions with condition number {valley:g}, from the start where that is worst: far
            beyond the
            minimum on the line. (c) Full step by step to the minimum on the line, for quadratics of {DIMENSION}
            dimensions
            with logarithmic spectra: median and central 80 % of {directions} standard normal starts, seed
            {rng}; limits 1/2
            (Cauchy and Schwarz) and (κ+1)²/(8κ) (Kantorovich). Above 2 the full step raises the loss, above 2/α the
            fraction α does. No tuning.""",
        seeds=(rng,),
    )


def _worst_start(condition_number: float) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues 1/κ and 1 and the start whose gradient has two equal entries, where Kantorovich's bound is met."""
    return np.array([1 / condition_number, 1.0]), np.array([condition_number, 1.0])


def _along(eigenvalues: np.ndarray, x: np.ndarray, least: float, step: np.ndarray) -> dict[str, np.ndarray | float]:
    """Loss and linearised loss on the line of the gradient, the loss scaled so that its excess at x is 1."""
    scale = 1 / (0.5 * eigenvalues @ x**2)
    gradient = scale * eigenvalues * x
    full = 1 / (gradient @ gradient)
    moved = x - step[:, np.newaxis] * full * gradient
    return {
        "loss": least + 0.5 * scale * (moved**2 @ eigenvalues),
        "linearised": least + 1.0 - step,
        "to_minimum": 1 / float(overshoot(eigenvalues, gradient)),
    }


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw both cases along the step, and the ratio of the steps over condition numbers."""
    alpha = json.loads(dataset.attrs["parameters"])["alpha"]
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.6, "page": 3.3}.get(size))
        panels = figure.subplots(*((3, 1) if narrow else (1, 3)))
        titles = ("(a) one dimension", "(b) a valley in two")
        for axes, case, title in zip(panels, dataset["case"].values, titles, strict=False):
            _plot_line(axes, dataset.sel(case=case), alpha)
            axes.set(title=title, xlabel=r"step / full step $\eta$", ylabel=r"loss $L(\theta-s\eta v)$")
        panels[1].sharey(panels[0])
        panels[0].set_ylim(-0.25, 2.7)
        _plot_ratio(panels[2], dataset, alpha)
        panels[2].set(title="(c) full step on quadratics", xlabel=r"condition number $\kappa$")
        panels[2].set_ylabel("full step / step to minimum")
        figure.legend(handles=_key(alpha), loc="outside upper center", ncols=2 if narrow else 3)
        return finish(figure)


def _plot_line(axes: Axes, cut: xr.Dataset, alpha: float) -> None:
    step, least = cut["step"].values, float(cut["attainable"])
    axes.plot(step, cut["loss"].values, **LOSS)
    axes.plot(step[step <= 1.25], cut["linearised"].values[step <= 1.25], **TANGENT)
    axes.axhline(least, color="0.45", linestyle=(0, (1, 1.2)))
    axes.plot([0], [1 + least], marker="o", color="black", linestyle="none", zorder=4)
    for fraction, marker in ((1.0, "s"), (alpha, "D")):
        reached = float(np.interp(fraction, step, cut["loss"].values))
        axes.plot([fraction] * 2, [1 + least - fraction, reached], color=COLORS[marker], linestyle="-", linewidth=0.8)
        axes.plot([fraction], [reached], marker=marker, color=COLORS[marker], markerfacecolor="white", linestyle="none")


def _plot_ratio(axes: Axes, dataset: xr.Dataset, alpha: float) -> None:
    x = dataset["condition_number"].values
    low, median, high = seed_band(dataset["overshoot"].values)
    axes.fill_between(x, low, high, color="0.8", linewidth=0)
    axes.plot(x, median, color="black", linestyle="-")
    axes.text(x[-1] * 0.8, median[-1] * 1.5, "random starts", ha="right", va="bottom", fontsize="small")
    for bound in (dataset["worst"].values, np.full(x.size, least_overshoot())):
        axes.plot(x, bound, color="black", linestyle=LIMIT)
    for fraction, marker, words in ((1.0, "s", "full step"), (alpha, "D", rf"$\alpha={alpha:g}$")):
        axes.axhline(2 / fraction, color=COLORS[marker], linestyle=(0, (6, 1.5)))
        axes.text(x[0] * 1.15, 2.2 / fraction, f"{words}: loss up", color=COLORS[marker], va="bottom", fontsize="small")
    axes.set(xscale="log", yscale="log", xlim=(x[0], x[-1]), ylim=(0.3, 150))


def _key(alpha: float) -> list[Line2D]:
    open_marker: dict[str, Any] = {"linestyle": "none", "markerfacecolor": "white"}
    return [
        Line2D([], [], **LOSS, label="loss"),
        Line2D([], [], **TANGENT, label="linearised loss"),
        Line2D([], [], color="0.45", linestyle=(0, (1, 1.2)), label=r"attainable $L_{\min}$"),
        Line2D([], [], marker="s", color=COLORS["s"], **open_marker, label="full step"),
        Line2D([], [], marker="D", color=COLORS["D"], **open_marker, label=rf"its fraction $\alpha={alpha:g}$"),
        Line2D([], [], color="black", linestyle=LIMIT, label="least and worst start"),
    ]
