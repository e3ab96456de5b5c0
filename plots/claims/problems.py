"""Pictures of claims about test problems, and about SGD in high dimension."""

import numpy as np
from matplotlib.axes import Axes

from plots.claims import shows
from plots.claims.marks import level, place, slope_line


@shows("problems.carmon_curvature")
def carmon(axes: Axes) -> None:
    """The curvature of the loss lies between −1/2 and 2, and is negative beyond a residual of 1."""
    t = np.linspace(-5, 5, 501)
    axes.plot(t, 2 * (1 - 3 * t**2) / (1 + t**2) ** 3)
    level(axes, 2, "2")
    level(axes, -0.5, "−1/2")
    axes.set(xlabel="residual t", ylabel="curvature φ″(t)")


@shows("problems.condition_number", needs=("least", "median", "largest"))
def condition_number(axes: Axes, least: float, median: float, largest: float) -> None:
    """The matrices that the notebook draws have condition numbers around 20, eight orders of magnitude from 10¹⁰."""
    axes.hlines(0, least, largest, color="black", linewidth=3)
    axes.plot(median, 0, "o", color="black")
    axes.annotate(
        "drawn: least, median, largest", (least, 0), xytext=(0, 8), textcoords="offset points", fontsize="small"
    )
    place(axes, 1e10, "named: 10¹⁰", at=0.6, left=True)
    axes.set(xscale="log", xlabel="condition number of A", ylim=(-1, 1), xlim=(1, 1e11), yticks=[])


@shows("high_dimension.largest_step")
def largest_step(axes: Axes) -> None:
    """SGD is stable while the sum stays below 1; the step where it gets there tends to 2B/tr H as d grows."""
    for d in (2, 10, 100):
        spectrum = np.full(d, 1 / d)
        step = np.linspace(0, 2, 400)
        poles = 2 - 2 * step[:, None] * spectrum
        total = (step[:, None] * spectrum / np.where(poles > 1e-9, poles, np.nan)).sum(axis=1)
        axes.plot(step, total, label=f"d = {d}")
    level(axes, 1, "diverges above", at=0.01)
    axes.set(xlabel="step size γ, in units of B/tr H", ylabel="the sum, at B = 1", ylim=(0, 1.6))
    axes.legend(title="equal eigenvalues", title_fontsize="small")


@shows("high_dimension.single_runs", needs=("d", "variance of log R"))
def single_runs(axes: Axes, d: list[int], variances: list[float]) -> None:
    """Runs in sixteen times as many dimensions have about a sixteenth of the variance."""
    axes.plot(d, variances, "o", label="runs", linestyle="none", color="black")
    slope_line(axes, d, variances[0], -1, "order 1/d")
    axes.set(xscale="log", yscale="log", xlabel="dimension d", ylabel="variance of log R over the runs")
    axes.legend()
