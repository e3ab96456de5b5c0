"""Slow weights that follow the fast ones of another method."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import Refusal, require_at_least
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import STALE
from dynamics.protocol.status import Status

RUNNING = int(Status.RUNNING)


def check_slow(method: Any) -> None:
    """Refuse a period below 1 and a slow step outside (0, 1]."""
    require_at_least("sync_period", method.sync_period, 1, "it counts steps of the fast weights")
    if not 0 < method.slow_step_size <= 1:
        raise Refusal(
            f"slow_step_size = {method.slow_step_size} must lie in (0, 1] (the slow weights go a part of the way to "
            f"the fast ones); try 0.5."
        )


class FastAndSlow(NamedTuple):
    """What the method inside remembers, and the slow weights."""

    fast: Any
    slow: np.ndarray  # shape (d,); the initial point from the first step on


@kernel
def keep_start(slow, x, k):
    """Let the slow weights start where the run does."""
    if k == 0:
        for j in range(len(x)):
            slow[j] = x[j]


@kernel
def meet(method, point, slow, k):
    """Move the slow weights towards the fast ones, and these to the slow ones, where a period ends with step k."""
    if (k + 1) % method.sync_period == 0 and point.status[0] == RUNNING:
        x = point.x
        for j in range(len(x)):
            slow[j] += method.slow_step_size * (x[j] - slow[j])
            x[j] = slow[j]
        point.fresh[0] = STALE
