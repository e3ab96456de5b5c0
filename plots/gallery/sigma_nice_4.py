"""Figure sigma_nice.4: the range (8) of the factor d, what it is worth, and the five step-size schedules."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from theory.sigma_nice import decay_rate_band, schedule

__all__ = ["FIVE", "compute", "draw", "mean_root"]

TITLE = "The factor between convex region and noise level, and five step-size schedules"
SOURCE = "Figure 4"
CLAIMS = ("sigma_nice.region_factor", "sigma_nice.decay_condition")

OLD_FACTOR = 3.0  # of the class of Hazan, Levy and Shalev-Shwartz
FIVE: dict[str, tuple[str, dict[str, float]]] = {
    "polynomial, p = 0.9": ("polynomial", {"p": 0.9}),
    "cosine": ("cosine", {}),
    "cosine power, p = 10": ("cosine_power", {"p": 10.0}),
    "exponential, 0.9 per epoch": ("exponential", {"rate": -float(np.log(0.9))}),
    "step, 0.5 per 40 epochs": ("step", {"factor": 0.5, "every": 40}),
}
BAND: dict[str, Any] = {"facecolor": "0.85", "edgecolor": "none"}
MARKERS = ("o", "s", "^", "D")
COLORS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7")
NODES, WEIGHTS = np.polynomial.legendre.leggauss(120)


@recorded
def compute(*, dimensions: Sequence[int] = (2, 3, 10, 100), epochs: int = 200, points: int = 161) -> xr.Dataset:
    """The range (8) over its auxiliary a and over the noise level, the factor that its definition has, the schedules.

    Parameters
    ----------
    dimensions : sequence of int
        Up to four dimensions for which the definition of d is evaluated, increasing, from 2 on.
    epochs : int
        Length T of the schedules, at least 3.
    points : int
        Points of each curve, at least 21.

    Returns
    -------
    Dataset
        `low` and `high` over `a`; `definition` over (dimension, a_marked); `low_by_level`, `high_by_level`, `cap` and
        `guaranteed` over `level`, δ in units of r; `step_size` over (schedule, epoch), in units of the first.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    (8) takes u from the unit sphere, the definition from the ball. There the noise level belonging to a is
    :math:`\\frac d{d-1}r` times the mean of the smaller root of (10) for r = 1 over the rays that meet the ball.
    """
    chosen = np.asarray(dimensions)
    if chosen.ndim != 1 or not 1 <= chosen.size <= 4 or chosen.dtype.kind not in "iu":
        raise Refusal(f"dimensions is {dimensions!r}; the figure marks one to four whole numbers.")
    if chosen[0] < 2 or np.any(np.diff(chosen) < 1):
        raise Refusal(f"dimensions is {dimensions!r}; they must increase from 2 on: E 1/|u| is infinite on the line.")
    require_whole("epochs", epochs, 3, "a shorter schedule has no shape")
    require_whole("points", points, 21, "a curve needs as many")
    a, marked, level = 1 + np.geomspace(0.01, 10, points), 1 + np.geomspace(0.02, 8, 9), np.geomspace(0.1, 10, points)
    definition = [[a_m * (d - 1) / d / mean_root(a_m, int(d)) for a_m in marked] for d in chosen]
    low, high = decay_rate_band(level, 1.0)
    steps = [schedule(name, epochs, 1.0, **parameters) for name, parameters in FIVE.values()]
    dataset = xr.Dataset(
        {
            "low": variable("a", a / np.sqrt(a**2 - 1), "lower end of the range of d"),
            "high": variable("a", a / (a - 1), "upper end of the range of d"),
            "definition": variable(("dimension", "a_marked"), np.array(definition), "d by its definition"),
            "low_by_level": variable("level", low, "lower end of the range of d"),
            "high_by_level": variable("level", high, "upper end of the range of d"),
            "cap": variable("level", 1 / level, "largest d that Huber's function allows"),
            "guaranteed": variable("level", 1 / level - 1, "d that smoothing always keeps"),
            "step_size": variable(("schedule", "epoch"), np.array(steps), "step size, in units of the first"),
        },
        coords={
            "a": variable("a", a, "auxiliary factor a"),
            "a_marked": variable("a_marked", marked, "auxiliary factor a"),
            "dimension": variable("dimension", chosen.astype(np.int32), "dimension"),
            "level": variable("level", level, "noise level, in units of the radius of strong convexity"),
            "schedule": variable("schedule", np.array(list(FIVE), dtype=str), "schedule"),
            "epoch": variable("epoch", np.arange(epochs + 1, dtype=np.int32), "epoch", "epoch"),
        },
    )
    below = float(dataset["definition"].isel(dimension=0).min())
    return describe(
        dataset,
        "sigma_nice.4",
        message="""The factor d that the paper promises to be above 1 is so in high dimension only; in the plane
            the definition itself gives less.""",
        caption=f"""(a) Grey: the range (8) of d, the factor by which the strongly convex region of a smoothed function
            is said to exceed the noise level, over the auxiliary a of the proof. (8) takes the direction u from the
            unit sphere. Markers: the definition as it stands, with u from the ball, by quadrature; in dimension
            {chosen[0]} it falls to {below:.2f}; (8) promises more than 1, and is right in high
            dimension only. (b) The same range
            over the noise level, with r the radius of strong convexity of f. No point of the range is possible for
            Huber's function (σ = L_f = r = 1): a function with Lipschitz constant L_f cannot be σ-strongly convex
            beyond L_f/σ, so that d ≤ L_f/(σδ). What smoothing always keeps is d = r/δ - 1. The older class has d = 3,
            dotted in (a) and (b). (c) The five schedules over {epochs} epochs. Nothing is random, no tuning.""",
    )


def mean_root(a: float, dimension: int) -> float:
    """The mean of the smaller root of (10) over unit directions whose ray meets the ball, for r = 1 and |u| = 1.

    With s = a the root is s cos θ - √(1 - s² sin² θ) where sin θ ≤ 1/s, and θ has the density sin θ to the d - 2.
    """
    # t = s sin θ runs from 0 to 1; t = sin φ takes the root off the end, and cos θ dθ = dt / s.
    phi = np.pi / 4 * (NODES + 1)
    t = np.sin(phi)
    cosine = np.sqrt(1 - (t / a) ** 2)
    density = WEIGHTS * t ** (dimension - 2) * np.cos(phi) / cosine
    return float(density @ (a * cosine - np.cos(phi)) / density.sum())


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the range over a and over the noise level, and the schedules."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.6, "page": 3.7}.get(size))
        by_a, by_level, steps = figure.subplots(*((3, 1) if narrow else (1, 3)))
        by_a.fill_between(dataset["a"] - 1, dataset["low"], dataset["high"], **BAND)
        _mark_definition(by_a, dataset)
        by_a.legend(loc="upper right", handlelength=1.0, title="defined, in dimension", title_fontsize="small")
        by_a.set(title="(a) by $a$", xlabel="auxiliary $a-1$", xscale="log", xlim=(0.01, 10))
        by_a.set_xticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
        _plot_by_level(by_level, dataset)
        by_level.set(title="(b) by noise level", xlabel=r"noise level $\delta/r$", xscale="log", xlim=(0.1, 10))
        by_level.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
        for axes in (by_a, by_level):
            axes.set(yscale="log", ylim=(0.3, 30), ylabel="factor $d$")
            axes.set_yticks([0.5, 1, 3, 10, 30], ["0.5", "1", "3", "10", "30"])
            axes.axhline(OLD_FACTOR, color="0.35", linestyle=":", linewidth=1.0)
            axes.axhline(1.0, color="0.35", linestyle="-", linewidth=0.8)
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_minor_formatter(NullFormatter())
        curves = [steps.plot(dataset["epoch"], row)[0] for row in dataset["step_size"].values]
        steps.set(title="(c) schedules", xlabel="epoch $t$", ylabel=r"step size $\eta_t/\eta_0$")
        figure.legend(
            curves, list(map(str, dataset["schedule"].values)), loc="outside upper center", ncols=2 if narrow else 3
        )
        return finish(figure)


def _mark_definition(axes: Axes, dataset: xr.Dataset) -> None:
    for d, marker, color in zip(dataset["dimension"].values, MARKERS, COLORS, strict=False):
        values = dataset["definition"].sel(dimension=d)
        axes.plot(
            dataset["a_marked"] - 1, values, linestyle="none", marker=marker, color=color,
            markerfacecolor="white", label=str(int(d)),
        )  # fmt: skip


def _plot_by_level(axes: Axes, dataset: xr.Dataset) -> None:
    level = dataset["level"].values
    axes.fill_between(level, dataset["low_by_level"], dataset["high_by_level"], **BAND, label="range (8)")
    axes.plot(level, dataset["cap"], color=COLORS[0], linestyle="-", label=r"at most: $L_f/\sigma\delta$")
    kept = dataset["guaranteed"].where(dataset["guaranteed"] > 0)
    axes.plot(level, kept, color=COLORS[1], linestyle=(0, (1.2, 1.2)), label=r"kept: $r/\delta-1$")
    axes.legend(loc="upper right", handlelength=1.6)
