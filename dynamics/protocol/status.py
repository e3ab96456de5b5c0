"""How a run ends, and what ends it early."""

from enum import IntEnum
from typing import NamedTuple

from dynamics.checks import Refusal


class Status(IntEnum):
    """How a run ended.

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import quadratic
    >>> simulate(GradientDescent(3.0), quadratic(eigenvalues=[1.0]), steps=5000, x0=[1.0]).status is Status.DIVERGED
    True
    """

    RUNNING = 0
    MAX_ITERATIONS = 1  # all steps were taken
    CONVERGED = 2  # a tolerance of `Stop` was met
    DIVERGED = 3  # the absolute loss passed its bound, or a tolerance was met beyond the bound of iterates
    NOT_FINITE = 4  # a loss, a gradient or a Hessian became NaN or infinite
    INTERRUPTED = 5  # Ctrl-C; the run can be resumed
    NEGATIVE_LOSS = 6  # a method that needs a non-negative loss met a negative one
    LINE_SEARCH_FAILED = 7  # no step passed the line search, or none that a method has moves the iterate
    PARTED = 8  # runs that share a kernel no longer agree; no run ends with it
    RAISED = 9  # in a sweep: the run raised an exception, of which the sweep keeps the words
    SADDLE = 10  # begun, and still, where the gradient is 0 and the curvature negative in some direction


SOUND = (Status.MAX_ITERATIONS, Status.CONVERGED, Status.SADDLE)
"""Ends of runs that did not fail."""


class Stop(NamedTuple):
    """What ends a run before its last step.

    Parameters
    ----------
    gradient_norm : float
        The run has CONVERGED where the full-batch gradient norm is at most this; negative: never. A mini-batch method
        is tested where it records, an exact one at every step.
    loss_bound : float
        The run has DIVERGED where the absolute loss is above this.
    relative_gradient_norm : float
        The same tolerance as a multiple of the gradient norm where the run began; negative: never.
    loss_change : float
        The run has CONVERGED where a step has changed the loss by at most this times its absolute value; negative:
        never. A step that leaves the iterate where it was, such as a rejected trial, says nothing. For a mini-batch
        method the change is that between two records.
    iterate_change : float
        The same for the iterate: no coordinate has changed by more than this times the largest one.
    iterate_bound : float
        Where a coordinate is larger than this, a tolerance that is met is that of a function which flattens out at
        infinity, and the run has DIVERGED.

    Examples
    --------
    >>> Stop(gradient_norm=1e-8).loss_bound
    1e+20
    """

    gradient_norm: float = -1.0
    loss_bound: float = 1e20
    relative_gradient_norm: float = -1.0
    loss_change: float = -1.0
    iterate_change: float = -1.0
    iterate_bound: float = 1e15

    def check(self) -> None:
        """Refuse bounds that no run could meet."""
        for name, default in (("loss_bound", 1e20), ("iterate_bound", 1e15)):
            if not getattr(self, name) > 0:
                raise Refusal(f"{name} = {getattr(self, name)}: it must be positive; {default} is the default.")
        for name in ("gradient_norm", "relative_gradient_norm", "loss_change", "iterate_change"):
            if getattr(self, name) != getattr(self, name):
                raise Refusal(f"{name} is NaN: give a tolerance such as 1e-8, or a negative one for none.")

    @property
    def compares(self) -> bool:
        """Whether iterates are compared with others of the run."""
        return self.relative_gradient_norm >= 0 or self.loss_change >= 0 or self.iterate_change >= 0
