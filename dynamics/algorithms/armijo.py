"""Gradient descent with Armijo's backtracking line search."""

from typing import NamedTuple

import numpy as np

from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import full_batch_only, new_memory, requires, update, uses_loss
from dynamics.protocol.oracle import gradient, value, value_and_gradient
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.protocol.status import Status

LINE_SEARCH_FAILED = int(Status.LINE_SEARCH_FAILED)


class Armijo(NamedTuple):
    r"""Gradient descent whose step shrinks until the loss falls enough.

    Each iteration begins anew with the trial step α, and takes the first t that passes:

    .. math::
        x_{k+1}=x_k-t\nabla f(x_k),\quad t\in\{\alpha,\alpha\rho,\alpha\rho^2,\dots\},\quad
        f(x_{k+1})\le f(x_k)-c\,t\,\|\nabla f(x_k)\|^2

    Parameters
    ----------
    step_size
        The first trial step α: a positive number, an array or a schedule.
    shrink
        ρ in (0, 1), the factor from one trial to the next.
    sufficient_decrease
        c in (0, 1), the fraction of the decrease foretold by the gradient that a step must bring. On a quadratic the
        minimiser along the gradient passes only with c ≤ 1/2.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    A trial costs one function value, an accepted step one gradient; nothing is evaluated twice. A trial whose value is
    NaN or infinite does not pass. A trial that no longer moves the iterate ends the run with the status
    LINE_SEARCH_FAILED: the gradient is wrong, or the run has converged to rounding. Where the gradient is exactly 0 the
    run stays.

    References
    ----------
    Armijo: Minimization of functions having Lipschitz continuous first partial derivatives, Pacific J. Math. 16 (1966).
    Nocedal, Wright: Numerical optimization (2006), Algorithm 3.1.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(Armijo(step_size=1.0), quadratic(eigenvalues=[4.0]), steps=1, x0=[1.0])
    >>> run.step_size[0], run.x, run.values[-1]
    (np.float64(0.25), array([0.]), np.float64(4.0))
    """

    step_size: StepSize
    shrink: float = 0.5
    sufficient_decrease: float = 1e-4

    def check(self) -> None:
        """Refuse fractions outside (0, 1)."""
        for name, number, why, nearest in (
            ("shrink", self.shrink, "each trial must be shorter than the one before", 0.5),
            (
                "sufficient_decrease",
                self.sufficient_decrease,
                "with 1 or more, no short step passes on a convex function",
                1e-4,
            ),
        ):
            if not 0 < number < 1:
                raise ValueError(f"{name} = {number} must lie in (0, 1) ({why}); try {nearest}.")


class Trial(NamedTuple):
    """Where the line search looks."""

    x: np.ndarray  # shape (d,)


@kernel
def try_step(x, g, step, trial):
    """Write x - step g into `trial`; whether that differs from x."""
    moved = False
    for j in range(len(x)):
        trial[j] = x[j] - step * g[j]
        moved = moved or trial[j] != x[j]
    return moved


@implements(update, Armijo)
def _(method, oracle, point, memory, k):
    x, g, trial = point.x, point.gradient, memory.x
    slope = 0.0
    for j in range(len(g)):
        slope += g[j] * g[j]
    step = scheduled(method.step_size, k)
    while True:
        if not try_step(x, g, step, trial) and slope > 0.0:
            point.step_size[0] = np.nan
            point.status[0] = LINE_SEARCH_FAILED
            return
        loss = value(oracle, trial)
        if loss <= point.loss[0] - method.sufficient_decrease * step * slope:
            break
        step *= method.shrink
    for j in range(len(x)):
        x[j] = trial[j]
    gradient(oracle, x, g)
    point.loss[0] = loss
    point.step_size[0] = step
    point.fresh[0] = 1


@implements(new_memory, Armijo)
def _(method, dimension):
    return Trial(np.zeros(dimension))


@implements(uses_loss, Armijo)
def _(method):
    return True


@implements(requires, Armijo)
def _(method):
    return (value_and_gradient, value, gradient)


@implements(full_batch_only, Armijo)
def _(method):
    return True
