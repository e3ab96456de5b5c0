"""Gradient descent with Armijo's backtracking line search."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.trial_steps import ROUNDING
from dynamics.checks import Refusal
from dynamics.kernels.declarations import always
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
    step_size : float, array_like or Schedule
        The first trial step α: a positive number, an array or a schedule.
    shrink : float
        ρ in (0, 1), the factor from one trial to the next.
    sufficient_decrease : float
        c in (0, 1), the fraction of the decrease foretold by the gradient that a step must bring. On a quadratic the
        minimiser along the gradient passes only with c ≤ 1/2.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    A trial costs one function value, an accepted step one gradient; nothing is evaluated twice. A trial whose value is
    NaN or infinite does not pass. Where two values differ by less than rounding hides, 2.2e-15 of them, they say
    nothing: the trial's own gradient then decides, by :math:`-\nabla f(x_k)^\top\nabla f(x_{k+1})\le(1-2c)
    \|\nabla f(x_k)\|^2`, which is the same test on a quadratic; it costs a gradient where it refuses. Gradients by
    which a trial would have fallen that was seen to rise are not believed. A trial that no longer moves the iterate
    ends the run with the status LINE_SEARCH_FAILED: the gradient is wrong, or the run has
    converged to rounding. Where the gradient is exactly 0 the run stays.

    References
    ----------
    Armijo: Minimization of functions having Lipschitz continuous first partial derivatives, Pacific J. Math. 16 (1966).
    Nocedal, Wright: Numerical optimization (2006), Algorithm 3.1.
    Hager, Zhang: A new conjugate gradient method with guaranteed descent and an efficient line search, SIAM J. Optim.
    16 (2005), the approximate Wolfe conditions.

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
                raise Refusal(f"{name} = {number} must lie in (0, 1) ({why}); try {nearest}.")


class Trial(NamedTuple):
    """Where the line search looks."""

    x: np.ndarray  # shape (d,)
    gradient: np.ndarray  # there, where it is asked for before the trial is accepted, shape (d,)


@kernel
def try_step(x, g, step, trial):
    """Write x - step g into `trial`; whether that differs from x."""
    moved = False
    for j in range(len(x)):
        trial[j] = x[j] - step * g[j]
        moved = moved or trial[j] != x[j]
    return moved


@kernel
def climb(g, trial_gradient):
    """The slope of the loss at the trial, in the units of the way -g that leads there."""
    total = 0.0
    for j in range(len(g)):
        total -= g[j] * trial_gradient[j]
    return total


@kernel
def foretold_rise(slope, end, step, other):
    """How much the loss rises at another step, by the parabola through the slopes at 0 and at a step."""
    return other * (0.5 * other * (end + slope) / step - slope)


@implements(update, Armijo)
def _(method, oracle, point, memory, k):
    x, g, trial, trial_gradient = point.x, point.gradient, memory.x, memory.gradient
    slope = 0.0
    for j in range(len(g)):
        slope += g[j] * g[j]
    step = scheduled(method.step_size, k)
    if step == 0.0:  # a schedule's: nothing to search, and the loss and gradient stay those of x
        point.step_size[0] = 0.0
        point.fresh[0] = 1
        return
    seen_step = 0.0  # of the last trial that was seen to rise
    while True:
        if not try_step(x, g, step, trial) and slope > 0.0:
            point.step_size[0] = np.nan
            point.status[0] = LINE_SEARCH_FAILED
            return
        loss = value(oracle, trial)
        hidden = abs(loss - point.loss[0]) <= ROUNDING * abs(point.loss[0]) and slope > 0.0
        if hidden:
            gradient(oracle, trial, trial_gradient)
            end = climb(g, trial_gradient)
            believed = seen_step == 0.0 or foretold_rise(slope, end, step, seen_step) > 0.0
            if believed and end <= (1.0 - 2.0 * method.sufficient_decrease) * slope:
                for j in range(len(g)):
                    g[j] = trial_gradient[j]
                break
        elif loss <= point.loss[0] - method.sufficient_decrease * step * slope:
            gradient(oracle, trial, g)
            break
        elif loss < np.inf and loss > point.loss[0]:
            seen_step = step
        step *= method.shrink
    for j in range(len(x)):
        x[j] = trial[j]
    point.loss[0] = loss
    point.step_size[0] = step
    point.fresh[0] = 1


@implements(new_memory, Armijo)
def _(method, dimension):
    return Trial(np.zeros(dimension), np.zeros(dimension))


always(uses_loss, Armijo)
always(requires, Armijo, answer=(value_and_gradient, value, gradient))
always(full_batch_only, Armijo)
