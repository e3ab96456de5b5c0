"""The paper, the hypotheses that several of its statements share, and Huber's function."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from theory.claims.ledger import Hypothesis

PAPER = "Sato and Iiduka, Using SGD to Smooth Nonconvex Functions (arXiv 2311.08745)"

LIPSCHITZ = Hypothesis("f is L_f-Lipschitz", lambda *, slope, lipschitz, **_: abs(slope) <= lipschitz)
SMOOTH = Hypothesis("grad f is L_g-Lipschitz", lambda *, curvature, smoothness, **_: abs(curvature) <= smoothness)
STRONGLY_CONVEX = Hypothesis("sigma > 0", lambda *, sigma, **_: sigma > 0)
ENLARGES = Hypothesis("a_m > 1", lambda *, enlargement, **_: enlargement > 1)
SMALL_STEP = Hypothesis(
    "0 < eta < min(1/sigma, 2/L_g)",
    lambda *, step_size, sigma, smoothness, **_: 0 < step_size < min(1 / sigma, 2 / smoothness),
)
LEVELS_DECREASE = Hypothesis("0 < gamma_m < 1", lambda *, decay_rate, **_: 0 < decay_rate < 1)


def huber(x: Fraction) -> Fraction:
    """Return x^2/2 inside [-1, 1] and |x| - 1/2 outside: 1-strongly convex on [-1, 1] and 1-Lipschitz."""
    return x * x / 2 if abs(x) <= 1 else abs(x) - Fraction(1, 2)


def smoothed_slope(function: Callable[[Fraction], Fraction], x: Fraction, delta: Fraction) -> Fraction:
    """Return the derivative of f smoothed over [x - delta, x + delta], exactly."""
    return (function(x + delta) - function(x - delta)) / (2 * delta)
