"""How much gradients change along steps: what tuned step sizes are made of, their safeguards and decay."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import require_at_least, require_positive
from dynamics.kernels.policy import kernel
from dynamics.protocol.schedules import scheduled


class LastStep(NamedTuple):
    """The iterate before and its gradient."""

    x: np.ndarray  # shape (d,)
    gradient: np.ndarray  # shape (d,)


@kernel
def decay(k, period, delta):
    """The factor (q + 1)^-(1/2 + δ) of the step after q = ⌊k / period⌋ periods."""
    return (k // period + 1.0) ** -(0.5 + delta)


def require_safeguards(method: Any) -> None:
    """Refuse numbers with which a tuned step could vanish, turn round or grow."""
    require_positive("nu", method.nu, "it is the step where the curvature is not positive")
    require_positive("m", method.m, "it bounds γ from below, and a step must go downhill")
    require_positive("M", method.M, "it bounds γ from above")
    require_at_least("M", method.M, method.m, "γ is clipped to [m, M]")
    require_at_least("delta", method.delta, -0.5, "the step falls like (k+1)^-(1/2+δ) and must not grow")
    require_at_least("period", method.period, 1, "it counts updates")


@kernel
def tuned_step(method, squared_length, curvature, k):
    """The step of update k, from ‖Δθ‖² and ⟨Δθ, Δg⟩ along the step before it."""
    gamma = squared_length / curvature if curvature > 0.0 else method.nu
    gamma = min(max(gamma, method.m), method.M) if k > 0 else 1.0
    return scheduled(method.step_size, k) * decay(k, method.period, method.delta) * gamma
