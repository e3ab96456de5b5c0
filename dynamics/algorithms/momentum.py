"""Momentum methods of one family: heavy ball, Nesterov's, and the remote stochastic gradient (RSG) that holds both."""

from typing import NamedTuple

import numpy as np

from dynamics.checks import require_fraction
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.coordinates import moved
from dynamics.protocol.method import new_memory, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.vectors.roundings import multiply_add

_AVERAGE = "beta weighs the old average, and with beta = 1 no gradient would ever enter"


class HeavyBall(NamedTuple):
    r"""Heavy ball as a moving average of gradients: :math:`m_t=\beta m_{t-1}+(1-\beta)g_t,\; x_{t+1}=x_t-\alpha m_t`.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta : float
        Momentum β in [0, 1).

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    PyTorch and Optax keep a velocity, :math:`v_t=\beta v_{t-1}+g_t,\;x_{t+1}=x_t-\eta v_t`. Since
    :math:`m_t=(1-\beta)v_t`, the iterates are the same where their learning rate is :math:`\eta=\alpha(1-\beta)`: with
    `lr=0.01, momentum=0.9` there, α is 0.1 here.

    References
    ----------
    Polyak: Some methods of speeding up the convergence of iteration methods, USSR Comput. Math. Math. Phys. 4 (1964).
    Chen et al., arXiv:1905.01422, equation (1).

    Examples
    --------
    The average begins at zero, so the first step is (1 − β)α long:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(HeavyBall(1.0, beta=0.75), quadratic(eigenvalues=[1.0]), steps=2, x0=[16.0]).x
    array([6.])
    """

    step_size: StepSize
    beta: float = 0.9

    def check(self) -> None:
        """Refuse momentum outside [0, 1)."""
        require_fraction("beta", self.beta, _AVERAGE)


class Nesterov(NamedTuple):
    r"""Nesterov's method as a moving average: RSG with :math:`\mu = 1-\beta`.

    The same iterates as the classical form :math:`y_{t+1}=x_t-a\nabla f(x_t),\; x_{t+1}=y_{t+1}+\beta(y_{t+1}-y_t)`
    with :math:`a=\alpha(1-\beta)` and :math:`y_0=x_0`.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta : float
        Momentum β in [0, 1).

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    `SGD(nesterov=True)` of PyTorch and `optax.sgd(nesterov=True)` make these iterates with the learning rate a, too.

    References
    ----------
    Nesterov: A method of solving a convex programming problem with convergence rate O(1/k²), Soviet Math. Dokl. 27
    (1983).
    Chen et al., arXiv:1905.01422, section 2.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(Nesterov(1.0, beta=0.75), quadratic(eigenvalues=[1.0]), steps=1, x0=[16.0]).x
    array([9.])
    """

    step_size: StepSize
    beta: float = 0.9

    def check(self) -> None:
        """Refuse momentum outside [0, 1)."""
        require_fraction("beta", self.beta, _AVERAGE)


class RSG(NamedTuple):
    r"""Remote stochastic gradient: a step along the moving average mixed with the newest gradient.

    .. math:: m_t=\beta m_{t-1}+(1-\beta)g_t,\quad x_{t+1}=x_t-\alpha\,((1-\mu)m_t+\mu g_t)

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta : float
        Momentum β in [0, 1).
    mu : float
        Weight μ of the newest gradient in [0, 1): 0 is heavy ball, 1 − β is Nesterov's method.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Chen et al., arXiv:1905.01422, equation (3).

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(RSG(1.0, beta=0.5, mu=0.25), quadratic(eigenvalues=[1.0]), steps=1, x0=[16.0]).x
    array([6.])
    """

    step_size: StepSize
    beta: float = 0.999
    mu: float = 0.1

    def check(self) -> None:
        """Refuse β and μ outside [0, 1)."""
        require_fraction("beta", self.beta, _AVERAGE)
        require_fraction("mu", self.mu, "mu mixes the newest gradient in; mu = 1 is SGD")


class Average(NamedTuple):
    """The moving average of gradients."""

    m: np.ndarray  # shape (d,)


@kernel
def behind(x, g, m, step, beta):
    """A number or a block of iterate and average after a step of heavy ball, rounded alike wherever it stands."""
    m = multiply_add(beta, m - g, g)
    return multiply_add(-step, m, x), m


@kernel
def remote(x, g, m, step, beta, mu):
    """The same of RSG, where the next iterate waits for two roundings after the gradient."""
    m = multiply_add(1.0 - beta, g, beta * m)
    return multiply_add(-(step * (1.0 - mu)), m, multiply_add(-(step * mu), g, x)), m


@implements(update, HeavyBall)
def _(method, oracle, point, memory, k):
    x, g, m, step = point.x, point.gradient, memory.m, scheduled(method.step_size, k)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j], m[j] = behind(x[j], g[j], m[j], step, method.beta)


@implements(update, Nesterov)
def _(method, oracle, point, memory, k):
    x, g, m, step = point.x, point.gradient, memory.m, scheduled(method.step_size, k)
    beta, mu = method.beta, 1.0 - method.beta
    point.step_size[0] = step
    for j in range(len(x)):
        m[j] = beta * m[j] + (1.0 - beta) * g[j]
        x[j] -= step * ((1.0 - mu) * m[j] + mu * g[j])


@implements(update, RSG)
def _(method, oracle, point, memory, k):
    x, g, m, step = point.x, point.gradient, memory.m, scheduled(method.step_size, k)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j], m[j] = remote(x[j], g[j], m[j], step, method.beta, method.mu)


@implements(moved, HeavyBall)
def _(method, step, x, gradient, memory):
    x, m = behind(x, gradient, memory[0], step, method.beta)
    return x, (m,)


@implements(moved, RSG)
def _(method, step, x, gradient, memory):
    x, m = remote(x, gradient, memory[0], step, method.beta, method.mu)
    return x, (m,)


def _zero_average(method, dimension):
    return Average(np.zeros(dimension))


for _kind in (HeavyBall, Nesterov, RSG):
    implements(new_memory, _kind)(_zero_average)

always(runs_in_lanes, HeavyBall, Nesterov, RSG)
