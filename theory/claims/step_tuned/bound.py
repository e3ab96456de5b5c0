"""The bound of Theorem 1 with its numbers, and instances that use up much of it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np


class Setting(NamedTuple):
    """A problem with the constants that hold for it everywhere."""

    problem: Any
    L: float
    C1: float
    gap: float  # J at the start minus a lower bound of J


class Comparison(NamedTuple):
    """Measured means against the bound."""

    delta: float
    name: str
    upper: float  # upper end of the confidence interval
    mean: float
    bound: float


class Numbers(NamedTuple):
    """The numbers of (49) to (51)."""

    descent: float = 2.0
    noise: float = 3.0
    slow: float = 0.5
    fast: float = 1.0


AS_PROVED = Numbers()


def weighted_bound(
    k: int, *, step_size: float, delta: float, m: float, M: float, setting: Setting, numbers: Numbers
) -> tuple[float, np.ndarray]:
    """Return the bound (50) on the weighted sum of the first k squared gradients, and the weights."""
    j = np.arange(1.0, k + 1)
    noise = numbers.noise * setting.L * setting.C1 * (step_size * M) ** 2 * (j ** -(numbers.fast + 2 * delta)).sum()
    return float(setting.gap + noise), numbers.descent * step_size * m * j ** -(numbers.slow + delta)


def sharp_case(numbers: Numbers, steps: int = 10_000) -> Comparison:
    """Hold Algorithm 2 with gamma = 1 on Huber's function from 1 on, where it is x^2/2, against (50): there little is
    lost.
    """
    step_size, delta, x, squares = 0.05, 0.001, 1.0, []
    for k in range(steps):
        squares.append(x**2)
        x *= (1 - step_size * (k + 1) ** -(0.5 + delta)) ** 2
    setting = Setting(None, 1.0, 1.0, 0.5)
    total, weights = weighted_bound(
        steps, step_size=step_size, delta=delta, m=1.0, M=1.0, setting=setting, numbers=numbers
    )
    value = float(np.array(squares) @ weights)
    return Comparison(delta, f"weighted sum, k = {steps}, x^2/2", value, value, total)


def noisy_case(numbers: Numbers, steps: int = 300_000) -> Comparison:
    """Hold Algorithm 2 with gamma = 1, from the minimum of Huber's function on and with a coin's noise, against (50).

    The gap is 0, so that the noise term is all that is allowed. Both summands, Huber's function plus and minus x, have
    curvature 1 and squared slopes up to (1 + e)^2 while |x| stays below the bend e; out there they may be continued in
    any way. While x has not met the bend its second moment is v, by recursion; e is seven and a half standard
    deviations, so that it is met with a probability below 2 k exp(-7.5^2/2) (Hoeffding), and what that takes from
    E x^2 is at most the root of 3 times this probability (Cauchy and Schwarz, E x^4 <= 3 v^2).
    """
    step_size, delta = 0.003, 0.001
    second = second_moments(0.0, (step_size * np.arange(1.0, steps) ** -(0.5 + delta)).tolist())
    bend = 7.5 * math.sqrt(second.max()) + step_size  # the half step goes up to step_size further
    met = 2 * steps * math.exp(-(7.5**2) / 2)
    setting = Setting(None, 1.0, (1 + bend) ** 2, 0.0)
    total, weights = weighted_bound(
        steps, step_size=step_size, delta=delta, m=1.0, M=1.0, setting=setting, numbers=numbers
    )
    value = float(second @ weights) * (1 - math.sqrt(3 * met))
    return Comparison(delta, f"weighted sum, k = {steps}, noise alone", value, value, total)


def second_moments(start: float, steps: list[float]) -> np.ndarray:
    """Return E x_k^2 of two steps each on x^2/2 + x or x^2/2 - x, whichever a coin says."""
    found = [start]
    for step in steps:
        found.append((1 - step) ** 4 * found[-1] + (step * (2 - step)) ** 2)
    return np.array(found)


def case_within_bound(numbers: Numbers, *, delta: float, L: float, C1: float, m: float, M: float, **_: float) -> bool:
    """Whether Algorithm 2 keeps to the bound with these constants on x^2/2 from 1, and to the rate under noise.

    The curvature that it measures is 1, so that gamma is 1 at first and then the bound next to 1.
    """
    steps, step_size = 300, 0.05 / M
    later = min(max(1.0, m), M)
    weights_of_steps = step_size * np.arange(1.0, steps + 1) ** -(0.5 + delta)
    x, squares = 1.0, []
    for k, step in enumerate(weights_of_steps):
        squares.append(x**2)
        x *= (1 - step * (later if k else 1.0)) ** 2
    setting = Setting(None, L, C1, 0.5)
    total, weights = weighted_bound(steps, step_size=step_size, delta=delta, m=m, M=M, setting=setting, numbers=numbers)
    return float(np.array(squares) @ weights) <= total and keeps_the_rate(delta)


def keeps_the_rate(delta: float) -> bool:
    """Whether the least second moment on x^2/2 from 1 under a coin's noise, times k^(1/2 - delta), stays bounded: from
    10,000 to 100,000 steps on it must not grow.
    """
    near, far = 10_000, 100_000
    second = second_moments(1.0, (0.1 * np.arange(1.0, far) ** -(0.5 + delta)).tolist())
    scaled = [k ** (0.5 - delta) * float(second[:k].min()) for k in (near, far)]
    return scaled[1] <= scaled[0] * (1 + 1e-9)
