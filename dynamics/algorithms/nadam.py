"""NAdam: Adam that looks ahead along its average as Nesterov's method does."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.moments import bias_correction, normalized
from dynamics.checks import require_at_least, require_fraction
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, preconditioner, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled


class NAdam(NamedTuple):
    r"""Nesterov-accelerated Adam, with momentum that grows to its full weight.

    With :math:`m_t` and :math:`v_t` as in Adam and :math:`\mu_t=\beta_1\,(1-w\cdot0.96^{t\psi})`,

    .. math::
        \bar m_t=\frac{\mu_{t+1}\,m_t}{1-\prod_{i=1}^{t+1}\mu_i}+\frac{(1-\mu_t)\,g_t}{1-\prod_{i=1}^t\mu_i},\quad
        x_{t+1}=x_t-\alpha\,\frac{\bar m_t}{\sqrt{v_t/(1-\beta_2^t)}+\epsilon}

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta1 : float
        Weight of the old average of gradients, in [0, 1), and the limit of :math:`\mu_t`.
    beta2 : float
        Weight of the old average of squared gradients, in [0, 1).
    eps : float
        ε, at least 0, added after the root is taken. With 0, a coordinate whose gradient was always 0 stays.
    momentum_decay : float
        ψ, at least 0: how fast :math:`\mu_t` reaches its limit.
    warmup : float
        w in [0, 1): the part of β₁ that :math:`\mu_t` lacks at first. 0 is constant momentum.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    As in PyTorch, the average :math:`m_t` has the constant weight β₁, and only the corrections have :math:`\mu_t`; in
    Dozat's report it makes the average too. With w = 0 the two agree, and agree with Optax.

    References
    ----------
    Dozat: Incorporating Nesterov momentum into Adam, ICLR 2016 workshop, Algorithm 2.

    Examples
    --------
    Under constant momentum :math:`\bar m_1=(1+\beta_1/(1+\beta_1))g_1`:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = NAdam(step_size=0.75, beta1=0.5, warmup=0.0, eps=0.0)
    >>> simulate(method, quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[2.0, 2.0]).x
    array([1., 1.])
    """

    step_size: StepSize
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    momentum_decay: float = 0.004
    warmup: float = 0.5

    def check(self) -> None:
        """Refuse weights outside [0, 1), and a negative eps or decay."""
        why = "it weighs the old average, and with 1 no gradient would ever enter"
        require_fraction("beta1", self.beta1, why)
        require_fraction("beta2", self.beta2, why)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")
        require_at_least("momentum_decay", self.momentum_decay, 0, "the momentum grows to its limit beta1")
        require_fraction("warmup", self.warmup, "it is the part of beta1 that the first momentum lacks")


class NesterovMoments(NamedTuple):
    """Moving averages, not yet corrected for their start at zero, and the product of the momenta."""

    mean: np.ndarray  # of the gradient, shape (d,)
    mean_square: np.ndarray  # of its square, shape (d,)
    product: np.ndarray  # of all momenta so far, shape (1,)


@implements(update, NAdam)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, v = point.x, point.gradient, memory.mean, memory.mean_square
    beta1, beta2 = method.beta1, method.beta2
    momentum = beta1 * (1.0 - method.warmup * 0.96 ** ((k + 1.0) * method.momentum_decay))
    following = beta1 * (1.0 - method.warmup * 0.96 ** ((k + 2.0) * method.momentum_decay))
    memory.product[0] *= momentum
    weight_of_mean = following / (1.0 - memory.product[0] * following)
    weight_of_gradient = (1.0 - momentum) / (1.0 - memory.product[0])
    correction = bias_correction(beta2, k)
    for j in range(len(x)):
        m[j] = beta1 * m[j] + (1.0 - beta1) * g[j]
        v[j] = beta2 * v[j] + (1.0 - beta2) * g[j] * g[j]
        ahead = weight_of_mean * m[j] + weight_of_gradient * g[j]
        x[j] -= step * normalized(ahead, v[j] / correction, method.eps)


always(runs_in_lanes, NAdam)


@implements(preconditioner, NAdam)
def _(method, memory, k):
    return np.sqrt(memory.mean_square / bias_correction(method.beta2, k - 1)) + method.eps


@implements(new_memory, NAdam)
def _(method, dimension):
    return NesterovMoments(np.zeros(dimension), np.zeros(dimension), np.ones(1))
