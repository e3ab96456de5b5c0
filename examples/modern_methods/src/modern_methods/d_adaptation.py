"""D-Adaptation: steps as long as a lower estimate of the distance to the solution, for SGD and for Adam."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts import moments
from dynamics.checks import require_at_least, require_fraction, require_positive
from dynamics.protocol import (
    StepSize,
    always,
    implements,
    kernel,
    new_memory,
    runs_in_lanes,
    scheduled,
    update,
    where_positive,
)

__all__ = ["DAdaptAdam", "DAdaptSGD"]

ENTERS = "it weighs the old average, and with 1 no gradient would ever enter"
FIRST = "from 0 the estimate would never grow"


@kernel
def larger(one, other):
    """The larger one of two numbers; the second where one is NaN."""
    return where_positive(one - other, one, other)


@kernel
def over(number, divisor):
    """A quotient, and 0 where the divisor is 0."""
    return where_positive(divisor, number / where_positive(divisor, divisor, 1.0), 0.0)


class SumOfSteps(NamedTuple):
    """What D-Adaptation of SGD remembers."""

    start: np.ndarray  # x_0, shape (d,)
    total: np.ndarray  # s, the weighted sum of gradients, shape (d,)
    estimate: np.ndarray  # d, shape (1,)
    products: np.ndarray  # the sum of λ⟨g, s⟩, shape (1,)
    first_norm: np.ndarray  # of the first gradient that is not 0, shape (1,)


class DAdaptSGD(NamedTuple):
    r"""SGD whose step size is the estimate d of the distance D to the solution, over the first gradient's norm.

    .. math::
        \lambda_t=\frac{\gamma_td_t}{\|g_0\|},\quad r_{t+1}=r_t+\lambda_t\langle g_t,s_t\rangle,\quad
        s_{t+1}=s_t+\lambda_tg_t,\quad d_{t+1}=\max\Big(d_t,\frac{c\,r_{t+1}}{\|s_{t+1}\|}\Big),\quad
        x_{t+1}=\beta x_t+(1-\beta)(x_0-s_{t+1})

    Parameters
    ----------
    step_size : float, array_like or Schedule
        γ, a factor: 1, or a schedule.
    beta : float
        β in [0, 1); 0 is no momentum.
    d0 : float
        The first estimate, which should lie below the distance.
    factor : float
        c: 1 is the theorem's, with which no estimate exceeds D where f is convex, β = 0 and gradients are exact (if d0
        does not); the authors' package has 2, for which the theorem says nothing.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    From convexity, :math:`\sum\lambda_t(f(x_t)-f^*)\le\|s\|D-\sum\lambda_t\langle g_t,s_t\rangle`, which bounds D from
    below since the left side is not negative. The recorded step size is λ.

    References
    ----------
    Defazio, Mishchenko: Learning-rate-free learning by D-Adaptation, arXiv:2301.07733, Algorithm 4.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(DAdaptSGD(d0=1e-3), quadratic(eigenvalues=[1.0, 0.5]), steps=200, x0=[3.0, -4.0])
    >>> bool(1.0 < run.state.memory.estimate[0] <= 5.0)
    True
    """

    step_size: StepSize = 1.0
    beta: float = 0.0
    d0: float = 1e-6
    factor: float = 1.0

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_fraction("beta", self.beta, "with 1 the iterate would never move")
        require_positive("d0", self.d0, FIRST)
        require_positive("factor", self.factor, "it multiplies the estimate")


@implements(update, DAdaptSGD)
def _(method, oracle, point, memory, k):
    x, g, s, start, estimate = point.x, point.gradient, memory.total, memory.start, memory.estimate
    if k == 0:
        estimate[0] = estimate[0] + method.d0
        for j in range(len(x)):
            start[j] = x[j]
    square, product = 0.0 * g[0], 0.0 * g[0]
    for j in range(len(x)):
        square += g[j] * g[j]
        product += g[j] * s[j]
    memory.first_norm[0] = where_positive(memory.first_norm[0], memory.first_norm[0], np.sqrt(square))
    step = over(scheduled(method.step_size, k) * estimate[0], memory.first_norm[0])
    point.step_size[0] = step
    memory.products[0] += step * product
    length = 0.0 * g[0]
    for j in range(len(x)):
        s[j] += step * g[j]
        length += s[j] * s[j]
        x[j] = method.beta * x[j] + (1.0 - method.beta) * (start[j] - s[j])
    estimate[0] = larger(over(method.factor * memory.products[0], np.sqrt(length)), estimate[0])


@implements(new_memory, DAdaptSGD)
def _(method, dimension):
    return SumOfSteps(np.zeros(dimension), np.zeros(dimension), np.zeros(1), np.zeros(1), np.zeros(1))


class WeightedMoments(NamedTuple):
    """What D-Adaptation of Adam remembers."""

    mean: np.ndarray  # of steps λg, shape (d,)
    mean_square: np.ndarray  # of gradients, shape (d,)
    total: np.ndarray  # s, the average of steps λg by the root of β₂, shape (d,)
    estimate: np.ndarray  # d, shape (1,)
    products: np.ndarray  # the average of λ⟨g, s⟩ in the norm of Adam, shape (1,)


class DAdaptAdam(NamedTuple):
    r"""Adam whose step size is the estimate d of the distance to the solution in the largest coordinate.

    With :math:`\lambda_t=\gamma_td_t`, :math:`\rho=\sqrt{\beta_2}` and :math:`A_t=\sqrt{v_t}+\epsilon`,

    .. math::
        r_{t+1}&=\rho r_t+(1-\rho)\lambda_t\langle g_t,s_t/A_t\rangle,\quad
        m_{t+1}=\beta_1m_t+(1-\beta_1)\lambda_tg_t,\quad v_{t+1}=\beta_2v_t+(1-\beta_2)g_t^2,\\
        s_{t+1}&=\rho s_t+(1-\rho)\lambda_tg_t,\quad
        d_{t+1}=\max\Big(d_t,\frac{r_{t+1}}{(1-\rho)\|s_{t+1}\|_1}\Big),\quad
        x_{t+1}=x_t-m_{t+1}/A_{t+1}-\lambda_t\omega x_t

    Parameters
    ----------
    step_size : float, array_like or Schedule
        γ, a factor: 1, or a schedule.
    beta1, beta2 : float
        Adam's weights, in [0, 1).
    eps : float
        ε ≥ 0.
    decay : float
        ω ≥ 0, decoupled.
    d0 : float
        The first estimate.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    Neither average is corrected for its start at 0, and the step size is baked into the first one, as in the paper.

    References
    ----------
    Defazio, Mishchenko: Learning-rate-free learning by D-Adaptation, arXiv:2301.07733, Algorithm 5.

    Examples
    --------
    The estimate may exceed the distance in the largest coordinate, here 4:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(DAdaptAdam(d0=1e-3), quadratic(eigenvalues=[1.0, 0.5]), steps=100, x0=[3.0, -4.0])
    >>> run.state.memory.estimate.round(2)
    array([8.99])
    """

    step_size: StepSize = 1.0
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    decay: float = 0.0
    d0: float = 1e-6

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_fraction("beta1", self.beta1, ENTERS)
        require_fraction("beta2", self.beta2, ENTERS)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")
        require_at_least("decay", self.decay, 0, "a negative one would let the iterate grow")
        require_positive("d0", self.d0, FIRST)


@implements(update, DAdaptAdam)
def _(method, oracle, point, memory, k):
    x, g, m, v, s, estimate = point.x, point.gradient, memory.mean, memory.mean_square, memory.total, memory.estimate
    if k == 0:
        estimate[0] = estimate[0] + method.d0
    step = scheduled(method.step_size, k) * estimate[0]
    point.step_size[0] = step
    rho = np.sqrt(method.beta2)
    product, length = 0.0 * g[0], 0.0 * g[0]
    for j in range(len(x)):
        product += g[j] * moments.normalized(s[j], v[j], method.eps)
        m[j] = method.beta1 * m[j] + (1.0 - method.beta1) * step * g[j]
        v[j] = method.beta2 * v[j] + (1.0 - method.beta2) * g[j] * g[j]
        s[j] = rho * s[j] + (1.0 - rho) * step * g[j]
        length += abs(s[j])
        x[j] -= moments.normalized(m[j], v[j], method.eps) + step * method.decay * x[j]
    memory.products[0] = rho * memory.products[0] + (1.0 - rho) * step * product
    estimate[0] = larger(over(memory.products[0], (1.0 - rho) * length), estimate[0])


@implements(new_memory, DAdaptAdam)
def _(method, dimension):
    return WeightedMoments(np.zeros(dimension), np.zeros(dimension), np.zeros(dimension), np.zeros(1), np.zeros(1))


always(runs_in_lanes, DAdaptSGD, DAdaptAdam)
