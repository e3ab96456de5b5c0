"""A line search for the strong Wolfe conditions, as quasi-Newton methods and conjugate gradients need it."""

from typing import NamedTuple

import numpy as np

from dynamics import Status, value_and_gradient
from dynamics.checks import Refusal, require_positive
from dynamics.protocol import PAID, kernel

__all__ = ["Trial", "check_search", "search_line"]

LINE_SEARCH_FAILED = int(Status.LINE_SEARCH_FAILED)
# Losses that differ by less say nothing, and slopes decide; the most trials; how far one goes beyond another.
ROUNDING, TRIALS, FARTHER = 2.2e-15, 60, 10.0


class Trial(NamedTuple):
    """A point on the line, and its gradient."""

    x: np.ndarray  # shape (d,)
    gradient: np.ndarray  # shape (d,)


def check_search(method):
    """Refuse constants with which the two conditions may have no common step."""
    require_positive("first_step", method.first_step, "it is the length of the first trial")
    if not 0 < method.decrease < method.curvature < 1 or not method.decrease < 0.5:
        raise Refusal(
            f"decrease = {method.decrease} and curvature = {method.curvature} must satisfy 0 < decrease < 1/2 and "
            f"decrease < curvature < 1 (else no step may pass both tests); try 1e-4 and 0.9."
        )


@kernel
def inner(u, v):
    """The inner product."""
    total = 0.0
    for j in range(len(u)):
        total += u[j] * v[j]
    return total


@kernel
def search_line(method, oracle, point, direction, trial, step):
    r"""Go along a direction to where the strong Wolfe conditions hold, and hand the evaluation on.

    With φ the loss along the line, a step t passes if φ(t) ≤ φ(0) + c₁tφ'(0) and |φ'(t)| ≤ c₂|φ'(0)|. Where φ(t) and
    φ(0) differ by rounding alone, φ'(t) ≤ (2c₁ - 1)φ'(0) takes the place of the first one. Steps that fall enough and
    still fall bound the search from below, others from above; the next one is where the slope between the two bounds
    would vanish, or the middle where that is no help, so that on a quadratic the second or third trial is exact.

    Returns the step, or 0 where none was found: then the point stays and the run ends.
    """
    x, g = point.x, point.gradient
    start, slope = point.loss[0], inner(g, direction)
    low, low_slope, high, high_slope = 0.0, slope, np.inf, np.nan
    for _ in range(TRIALS):
        for j in range(len(x)):
            trial.x[j] = x[j] + step * direction[j]
        loss = value_and_gradient(oracle, trial.x, trial.gradient)
        end = inner(trial.gradient, direction)
        hidden = abs(loss - start) <= ROUNDING * abs(start)
        falls = (
            end <= (2.0 * method.decrease - 1.0) * slope if hidden else loss <= start + method.decrease * step * slope
        )
        if falls and abs(end) <= -method.curvature * slope:
            for j in range(len(x)):
                x[j] = trial.x[j]
                g[j] = trial.gradient[j]
            point.loss[0] = loss
            point.fresh[0] = PAID
            return step
        if falls and end < 0.0:
            low, low_slope = step, end
        else:
            high, high_slope = step, end
        flat = low - low_slope * (high - low) / (high_slope - low_slope)
        if high < np.inf:
            width = high - low
            between = low + 1e-3 * width < flat and flat < high - 1e-3 * width
            step = flat if between and high_slope > 0.0 else 0.5 * (low + high)
        else:
            step = FARTHER * low
        if not (low < step and step < high):
            break
    point.status[0] = LINE_SEARCH_FAILED
    return 0.0
