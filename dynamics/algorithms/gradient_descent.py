"""Gradient descent, exact and stochastic."""

from typing import NamedTuple

from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.coordinates import moved
from dynamics.protocol.method import full_batch_only, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.vectors.roundings import multiply_add


class GradientDescent(NamedTuple):
    r"""Gradient descent with the full-batch gradient: :math:`x_{k+1} = x_k - \alpha_k\nabla f(x_k)`.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.

    Raises
    ------
    ValueError
        When a run starts, if the step size is not positive.

    References
    ----------
    Nocedal, Wright: Numerical optimization (2006), section 3.1.

    Examples
    --------
    On a quadratic of curvature λ each step multiplies the error by 1 − αλ:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(GradientDescent(0.5), quadratic(eigenvalues=[1.0, 0.5]), steps=2, x0=[16.0, 16.0]).x
    array([4., 9.])
    """

    step_size: StepSize


class SGD(NamedTuple):
    r"""Stochastic gradient descent: :math:`x_{k+1} = x_k - \alpha_k\nabla f(x_k;\xi_k)`.

    The sample :math:`\xi_k` (a mini-batch, a noise vector) follows the problem's own sampling law; on a problem with
    exact gradients this is gradient descent.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.

    Raises
    ------
    ValueError
        When a run starts, if the step size is not positive.

    References
    ----------
    Robbins, Monro: A stochastic approximation method, Ann. Math. Statist. 22 (1951).

    Examples
    --------
    >>> from dynamics import inverse_power, simulate
    >>> from synthetic import carmon
    >>> run = simulate(SGD(inverse_power(0.5, power=0.5)), carmon(samples=100, batch_size=10, rng=0), steps=30, rng=1)
    >>> run.iteration.tolist(), run.gradients.tolist()
    ([0, 10, 20, 30], [0.0, 1.0, 2.0, 3.0])
    """

    step_size: StepSize


def _descend(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g = point.x, point.gradient
    for j in range(len(x)):
        x[j] = multiply_add(-step, g[j], x[j])


implements(update, GradientDescent)(_descend)
implements(update, SGD)(_descend)


@implements(moved, SGD)
def _(method, step, x, gradient, memory):
    return multiply_add(-step, gradient, x), memory


always(full_batch_only, GradientDescent)
always(runs_in_lanes, GradientDescent, SGD)
