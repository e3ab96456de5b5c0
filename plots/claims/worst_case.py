"""Pictures of claims about worst cases over classes of functions."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from plots.claims import shows
from plots.claims.marks import level

GAP = "(f(x_N) − f*)/(L‖x₀ − x*‖²)"


@shows("worst_case.gradient_descent")
def huber(axes: Axes) -> None:
    """For each number of steps a Huber function ends exactly on the bound; a quadratic ends far below it."""
    steps = np.arange(1, 25)
    corner = 1 / (2 * steps + 1)
    axes.plot(steps, 1 / (4 * steps + 2), label="bound 1/(4N + 2)")
    axes.plot(steps, corner * (1 - steps * corner) - corner**2 / 2, "o", linestyle="none", label="Huber's function")
    curvature = np.linspace(0, 1, 2001)
    axes.plot(steps, [(0.5 * curvature * (1 - curvature) ** (2 * n)).max() for n in steps], label="worst quadratic")
    axes.set(yscale="log", xlabel="steps N", ylabel=GAP)
    axes.legend()


@shows("worst_case.long_steps")
def long_steps(axes: Axes) -> None:
    """The worst case falls with the step up to a kink below 2/L, where a quadratic takes over and throws it out."""
    h = np.linspace(0.02, 2, 500)
    for steps, mark in ((1, "o"), (4, "s"), (12, "^")):
        short, long = 0.5 / (2 * steps * h + 1), 0.5 * (1 - h) ** (2 * steps)
        worst = np.maximum(short, long)
        (line,) = axes.plot(h, worst, label=f"N = {steps}")
        least = int(worst.argmin())
        axes.plot(h[least], worst[least], mark, color=line.get_color())
    axes.set(yscale="log", xlabel="step size h, in units of 1/L", ylabel=GAP)
    axes.legend()


@shows("worst_case.accelerated", needs=("steps", "bound", "worst case", "worst case of gradient descent"))
def accelerated(axes: Axes, steps: list[int], bound: list[float], worst: list[float], plain: list[float]) -> None:
    """Nesterov's worst case stays below its bound and falls faster than gradient descent's."""
    axes.plot(steps, bound, "k--", label="bound 2/(N + 1)²")
    axes.plot(steps, worst, "o-", label="Nesterov's worst case")
    axes.plot(steps, plain, "s-", label="gradient descent's worst case")
    axes.set(yscale="log", xlabel="steps N", ylabel=GAP)
    axes.legend()


@shows("worst_case.rsg_quadratic_rate", needs=("κ = 25",))
def carried_over(axes: Axes, found: dict[str, Any]) -> None:
    """Over quadratics the distance shrinks as promised; over all functions of the class it does not."""
    axes.plot(found["steps"], found["all functions"], "o-", label="all functions")
    axes.plot(found["steps"], found["quadratics"], "s--", label="quadratics")
    level(axes, 1, "", at=0.01)
    axes.set(yscale="log", xlabel="steps N, at κ = 25", ylabel="worst ‖x_N − x*‖²/‖x₀ − x*‖²")
    axes.legend()
