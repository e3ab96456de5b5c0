"""What every form of L4 shares: the loss to aim at, the step that the linearised loss asks for, and the checks."""

from typing import Any

import numpy as np

from dynamics.checks import Refusal, require_at_least, require_positive
from dynamics.kernels.policy import kernel
from dynamics.protocol.status import Status

NEGATIVE_LOSS = int(Status.NEGATIVE_LOSS)


@kernel
def loss_is_negative(point):
    """Whether the loss is negative, which ends the run where it stands."""
    if point.loss[0] < 0.0:
        point.step_size[0] = np.nan
        point.status[0] = NEGATIVE_LOSS
        return True
    return False


@kernel
def attainable(method, lowest, loss, k):
    """The loss that counts as attainable at step k; brings `lowest` up to date."""
    lowest[0] = method.gamma0 * loss if k == 0 else min(lowest[0], loss)
    target = method.gamma * lowest[0]
    lowest[0] *= 1.0 + 1.0 / method.tau
    return target


@kernel
def effective_rate(method, gap, inner):
    """The step η = α gap / (inner + ε); 0 where nothing is left to descend, be it 0/0."""
    denominator = inner + method.regularizer
    return method.alpha * gap / denominator if denominator > 0.0 else 0.0


def check_l4(method: Any) -> None:
    """Refuse numbers with which a step could go uphill."""
    require_positive("alpha", method.alpha, "it is the fraction of the linearised step that is taken")
    for name in ("gamma", "gamma0"):
        number = getattr(method, name)
        if not 0 <= number <= 1:
            raise Refusal(
                f"{name} = {number} must lie in [0, 1] (more than the lowest loss seen would make the step go uphill); "
                f"try {type(method)._field_defaults[name]}."
            )
    require_positive("tau", method.tau, "it counts steps")
    require_at_least("regularizer", method.regularizer, 0, "a negative one could turn the step uphill")
    require_at_least("tau_m", method.tau_m, 1, "the average decays by 1 - 1/tau_m a step")


def check_scale(method: Any) -> None:
    """Refuse numbers with which Adam's scale would be none."""
    require_at_least("tau_s", method.tau_s, 1, "the average decays by 1 - 1/tau_s a step")
    require_at_least("eps", method.eps, 0, "a negative one could turn the step uphill")
