"""Pictures of claims about L4."""

import math

import numpy as np
from matplotlib.axes import Axes

from plots.claims import shows
from plots.claims.marks import place


@shows("l4.one_dimension")
def conservative(axes: Axes) -> None:
    """A convex loss lies above its tangent, which therefore meets the lowest value before the minimiser."""
    x = np.linspace(-0.3, 2.6, 200)
    axes.plot(x, np.exp(x) - x - 1, label="convex loss L")
    start = 2.2
    value, slope = math.exp(start) - start - 1, math.exp(start) - 1
    axes.plot(x, value + slope * (x - start), label="its tangent")
    end = start - value / slope
    axes.plot([start, end, 0], [value, 0, 0], "o", color="black")
    axes.annotate("", (end, 0.35), (start, 0.35), arrowprops={"arrowstyle": "->"})
    axes.annotate("the step", ((start + end) / 2, 0.45), ha="center", fontsize="small")
    axes.annotate("minimiser", (0, 0), xytext=(0, 6), textcoords="offset points", ha="center", fontsize="small")
    axes.set(xlabel="parameter θ", ylabel="loss", ylim=(-0.4, 6.5))
    axes.legend(loc="upper left")


@shows("l4.stable_steps")
def stable_steps(axes: Axes) -> None:
    """Multiply the loss by a: the largest stable step of SGD falls as 1/a, that of L4 stays where it is."""
    factor = np.geomspace(1e-4, 1e4, 9)
    axes.plot(factor, 2 / factor, marker="s", label="SGD, step size η")
    axes.plot(factor, np.full(factor.size, 4.0), marker="o", label="L4, share α")
    axes.set(xscale="log", yscale="log", xlabel="factor a on the loss ½x²", ylabel="largest stable value")
    axes.legend()


@shows("l4.full_rule_invariance")
def changed_by_a_constant(axes: Axes) -> None:
    """Adding a constant to the loss lengthens the step of the full rule; the core rule, γ = 1, does not see it."""
    added = np.linspace(0, 2, 50)
    for gamma in (1.0, 0.95, 0.9):
        axes.plot(added, 1 + (1 - gamma) * added / (1 - gamma * 0.5), label=f"γ = {gamma}")
    axes.set(xlabel="constant b added to the loss", ylabel="step over that without b")
    axes.legend(title="L = 1, lowest loss ½", title_fontsize="small")


@shows("l4.floor")
def floor(axes: Axes) -> None:
    """Each ε sets a floor, below which the loss falls slowly; a hundredth of ε lowers it a hundredfold."""
    for epsilon, name in ((1e-4, "ε = 10⁻⁴"), (1e-6, "ε = 10⁻⁶"), (1e-8, "ε = 10⁻⁸")):
        axes.plot(_losses(epsilon, steps=1200), label=name)
    axes.set(yscale="log", xlabel="steps k", ylabel="loss ½x²", ylim=(1e-13, 1))
    axes.legend(title="α = 0.15, γ = 0.9", title_fontsize="small")


def _losses(epsilon: float, *, steps: int, lowest: float = 0.0, alpha: float = 0.15, gamma: float = 0.9) -> list[float]:
    """L4's losses on x²/2 + lowest with plain gradients, its lowest value known."""
    x, losses = 1.0, []
    for _ in range(steps):
        losses.append(x**2 / 2 + lowest)
        x -= alpha * (losses[-1] - gamma * lowest) / (x * x + epsilon) * x
    return losses


@shows("l4.minimum_above_zero")
def unsettled(axes: Axes) -> None:
    """With a minimum at 1 the aim of 0.9 can't be reached: close to the minimiser the steps grow and throw x out."""
    for lowest, line in ((0.0, "-"), (1.0, ":")):
        gaps = np.array(_losses(1e-12, steps=150, lowest=lowest)) - lowest
        axes.plot(np.sqrt(2 * np.maximum(gaps, 1e-16)), linestyle=line, label=f"minimum {lowest:g}")
    axes.set(yscale="log", xlabel="steps k", ylabel="distance |x − x*|")
    axes.legend(title="loss ½x² + minimum", title_fontsize="small")


@shows("l4.alpha_range", needs=("recht: L4Mom", "recht: L4Adam", "svd: L4Mom", "svd: L4Adam"))
def alpha_range(axes: Axes, *losses: list[float]) -> None:
    """On one matrix every α works, and the large ones best; on the other the large ones fail."""
    alphas = np.linspace(0.1, 0.3, len(losses[0]))
    names = ("L4Mom, as drawn", "L4Adam, as drawn", "L4Mom, as meant", "L4Adam, as meant")
    for name, values, mark in zip(names, losses, "osD^", strict=True):
        axes.plot(alphas, values, marker=mark, label=name)
    place(axes, 0.15, "default", at=0.6)
    axes.set(xlabel="share α", ylabel="log₁₀ of the loss in the end")
    axes.legend(fontsize="x-small", title="condition number", title_fontsize="x-small", loc="lower left")


@shows("l4.polyak", "l4.polyak_rate")
def polyak(axes: Axes) -> None:
    """Polyak's steps never lead away from the minimiser, and the least loss stays below L‖x₀ − x*‖²/(2k)."""
    curvatures = np.geomspace(1e-3, 1, 40)
    x = np.full(40, 1 / math.sqrt(40))
    losses, distances, steps = [], [], 200
    for _ in range(steps):
        loss, gradient = 0.5 * float(curvatures @ x**2), curvatures * x
        losses.append(loss)
        distances.append(float(np.linalg.norm(x)))
        x = x - loss / float(gradient @ gradient) * gradient
    k = np.arange(1, steps + 1)
    axes.plot(k, np.minimum.accumulate(losses), label="least loss so far")
    axes.plot(k, 0.5 / k, label="bound")
    axes.plot(k, distances, label="distance from x*")
    axes.set(xscale="log", yscale="log", xlabel="steps k", ylabel="loss, distance")
    axes.legend()
