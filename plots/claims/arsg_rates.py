"""Pictures of claims about the rates of RSG and ARSG: Theorem 1 over a spectrum, Theorems 2 and 3 over time."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from plots.claims import shows
from plots.claims.marks import interval_rows, level, place, slope_line
from theory.arsg import convergence_rate, gain_factor, optimal_parameters, theorem1_rate

KAPPA = np.geomspace(10, 1e8, 90)
CONDITION = "condition number κ"


def exact(c_alpha: ArrayLike, c_beta: float, c_mu: float, kappa: np.ndarray | float) -> np.ndarray:
    """The rate over a spectrum from 1/κ to 1 with the parameters of Theorem 1."""
    root = np.sqrt(kappa)
    return convergence_rate(
        step_size=np.asarray(c_alpha) * root,
        beta=1 - c_beta / root,
        mu=c_mu / root,
        lambda_min=1 / np.asarray(kappa),
        lambda_max=1.0,
    )


@shows("arsg.theorem1", "arsg.theorem1_order")
def theorem1(axes: Axes) -> None:
    """The rate's distance from 1 falls like 1/√κ as (16) says, and what (16) leaves out falls like 1/κ."""
    told = theorem1_rate(c_alpha=0.1, c_beta=1.0, c_mu=1.0, condition_number=KAPPA)
    rate = exact(0.1, 1.0, 1.0, KAPPA)
    axes.plot(KAPPA, 1 - rate, label="1 − rate, exact")
    axes.plot(KAPPA[::9], 1 - told[::9], "o", label="1 − rate, (16)", linestyle="none")
    axes.plot(KAPPA, np.abs(rate - told), label="difference")
    slope_line(axes, KAPPA, float(abs(rate - told)[0]) * 2, -1, "order 1/κ")
    axes.set(xscale="log", yscale="log", xlabel=CONDITION, ylabel="distance")
    axes.legend(fontsize="x-small")


@shows("arsg.theorem1_worst_curvature")
def worst_curvature(axes: Axes) -> None:
    """Over the spectrum the gain factor is largest at the smallest curvature, on the left."""
    curvature = np.geomspace(1e-4, 1, 800)
    beta, mu = 1 - 1 / 100, 1 / 100
    for c_alpha in (0.1, 0.5):
        gain = gain_factor(100 * c_alpha * curvature, beta=beta, mu=mu)
        (line,) = axes.plot(curvature, gain, label=f"c_α = {c_alpha}")
        axes.plot(curvature[0], gain[0], "o", color=line.get_color(), clip_on=False)
    axes.set(xscale="log", xlabel="curvature λ/λₘₐₓ, at κ = 10⁴", ylabel="gain factor r_g", ylim=(0.98, 1))
    axes.legend(title="c_β = c_μ = 1", title_fontsize="small")


@shows("arsg.theorem1_stable")
def stable_step(axes: Axes) -> None:
    """Up to the step that the theorem allows the rate stays below 1 at every condition number, and a little beyond."""
    share = np.linspace(0.02, 1.45, 300)
    for kappa, name in ((1e2, "κ = 10²"), (1e4, "κ = 10⁴"), (1e6, "κ = 10⁶")):
        axes.plot(share, (exact(share, 1.0, 1.0, kappa) - 1) * np.sqrt(kappa), label=name)
    place(axes, 1, "2/(c_β + c_μ)", at=0.97, left=True)
    level(axes, 0, "above: diverges", at=0.6)
    axes.set(xlabel="step-size constant c_α, at c_β = c_μ = 1", ylabel="(rate − 1) √κ", ylim=(-0.8, 1.2))
    axes.legend(loc="upper left")


@shows("arsg.theorem1_small_step", "arsg.theorem1_step_size")
def step_size_in_the_rate(axes: Axes) -> None:
    """Up to a quarter of c_β a longer step improves the rate, first like c_α/√κ; beyond, only c_β matters."""
    c_alpha = np.linspace(0.005, 0.6, 300)
    told = theorem1_rate(c_alpha=c_alpha, c_beta=1.0, c_mu=0.5, condition_number=1e6)
    axes.plot(c_alpha, (1 - told) * 1e3, label="(16)")
    axes.plot(c_alpha, (1 - exact(c_alpha, 1.0, 0.5, 1e6)) * 1e3, label="exact, κ = 10⁶")
    axes.plot(c_alpha[c_alpha < 0.5], c_alpha[c_alpha < 0.5], label="c_α")
    place(axes, 0.25, "c_β/4", at=0.3)
    axes.set(xlabel="step-size constant c_α, at c_β = 1", ylabel="(1 − rate) √κ", ylim=(0, None))
    axes.legend(loc="lower right")


@shows("arsg.theorem1_observation")
def observation_in_the_rate(axes: Axes) -> None:
    """Three hundred times the observation factor moves the rate's distance from 1 by little, and less the larger κ."""
    for c_mu, name in ((0.01, "c_μ = 0.01"), (1.0, "c_μ = 1"), (3.0, "c_μ = 3")):
        axes.plot(KAPPA, (1 - exact(0.2, 1.0, c_mu, KAPPA)) * np.sqrt(KAPPA), label=name)
    axes.set(xscale="log", xlabel=CONDITION, ylabel="(1 − rate) √κ", ylim=(0, 0.6))
    axes.legend(title="c_α = 0.2, c_β = 1", title_fontsize="small")


@shows("arsg.sgd_rate")
def sgd_rate(axes: Axes) -> None:
    """The two ends of the spectrum pull in opposite directions; where they meet the rate is 1 − 2/(κ + 1)."""
    step = np.linspace(0, 2.1, 300)
    axes.plot(step, np.abs(1 - step / 10), label="at λₘᵢₙ")
    axes.plot(step, np.abs(1 - step), label="at λₘₐₓ")
    best = 2 / 1.1
    axes.plot(best, 1 - 2 / 11, "o", color="black")
    axes.annotate("1 − 2/(κ + 1)", (best, 1 - 2 / 11), xytext=(-6, 6), textcoords="offset points", ha="right")
    axes.set(xlabel="step size α λₘₐₓ, at κ = 10", ylabel="gain factor |1 − αλ|", ylim=(0, 1.25))
    axes.legend(loc="lower left")


@shows("arsg.heavy_ball_rate")
def heavy_ball(axes: Axes) -> None:
    """With and without observation the worst gain over the spectrum is the same, that of the least curvature."""
    curvature = np.geomspace(1e-4, 1, 1500)
    for name, c_mu in (("heavy ball, μ = 0", 0.0), ("Nesterov, μ = 1 − β", 1.0)):
        gain = gain_factor(10 * curvature, beta=1 - 1 / 100, mu=c_mu / 100)
        axes.plot(curvature, (1 - gain) * 100, label=name)
    level(axes, float(1 - gain_factor(10 * 1e-4, beta=0.99, mu=0.0)) * 100, "rate of (16)", above=False, at=0.99)
    axes.set(xscale="log", xlabel="curvature λ/λₘₐₓ, at κ = 10⁴", ylabel="(1 − r_g) √κ: room below 1", ylim=(0, 1.5))
    axes.legend(loc="upper left")


@shows("arsg.optimum")
def optimum(axes: Axes) -> None:
    """Over step size and momentum the rate has one best point, heavy ball's; no observation factor beats it."""
    best = optimal_parameters(100.0)
    step, beta = np.meshgrid(np.geomspace(1, 100, 160), np.linspace(0.2, 0.99, 160))
    rate = convergence_rate(step_size=step, beta=beta, mu=0.0, lambda_min=0.01, lambda_max=1.0)
    levels = [0.82, 0.84, 0.87, 0.9, 0.93, 0.96, 1.0]
    axes.contourf(step, beta, rate, levels=levels, cmap="gray", vmin=0.7, vmax=1.05)
    axes.plot(best.step_size, best.beta, "*", color="white", markeredgecolor="black", markersize=11)
    place_of_best = (float(best.step_size), float(best.beta))
    told = f"heavy ball: {float(best.rate):.3f}"
    axes.annotate(told, place_of_best, xytext=(8, -12), textcoords="offset points", fontsize="small")
    axes.set(xscale="log", xlabel="step size αλₘₐₓ, at κ = 100, μ = 0", ylabel="momentum β")
    axes.set_title("rate; the darker the faster, white: diverges", fontsize="small")


@shows("arsg.saturation_loss", needs=("simulated over predicted, from and to",))
def saturation(axes: Axes, intervals: list[list[float]]) -> None:
    """Every interval for the simulated loss over the predicted one contains 1."""
    low, high = np.array(intervals).T
    interval_rows(axes, [f"setting {i + 1}" for i in range(len(low))], low, high)
    place(axes, 1, "")
    axes.tick_params(axis="y", labelsize="x-small")
    axes.set(xlabel="loss in the end, simulated over ½ λσ² l_Var")
