"""How a run ends, and what ends it early."""

from enum import IntEnum
from typing import NamedTuple

from dynamics.checks import Refusal


class Status(IntEnum):
    """How a run ended."""

    RUNNING = 0
    MAX_ITERATIONS = 1  # all steps were taken
    CONVERGED = 2  # the full-batch gradient norm fell to the tolerance
    DIVERGED = 3  # the absolute loss passed its bound
    NOT_FINITE = 4  # a loss or a gradient became NaN or infinite
    INTERRUPTED = 5  # Ctrl-C; the run can be resumed
    NEGATIVE_LOSS = 6  # a method that needs a non-negative loss met a negative one
    LINE_SEARCH_FAILED = 7  # no step passed the line search
    PARTED = 8  # runs that share a kernel no longer agree; no run ends with it
    RAISED = 9  # in a sweep: the run raised an exception, of which the sweep keeps the words


class Stop(NamedTuple):
    """What ends a run before its last step.

    Parameters
    ----------
    gradient_norm
        The run has CONVERGED where the full-batch gradient norm is at most this; negative: never. A mini-batch method
        is tested where it records, an exact one at every step.
    loss_bound
        The run has DIVERGED where the absolute loss is above this.

    Examples
    --------
    >>> Stop(gradient_norm=1e-8).loss_bound
    1e+20
    """

    gradient_norm: float = -1.0
    loss_bound: float = 1e20

    def check(self) -> None:
        """Refuse bounds that no run could meet."""
        if not self.loss_bound > 0:
            raise Refusal(f"loss_bound = {self.loss_bound}: it must be positive; 1e20 is the default.")
        if self.gradient_norm != self.gradient_norm:
            raise Refusal("gradient_norm is NaN: give a tolerance such as 1e-8, or a negative one for none.")
