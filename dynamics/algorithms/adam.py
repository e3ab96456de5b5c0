"""Adam: steps along averaged gradients, each coordinate scaled by its own root mean square."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.moments import Moments, bias_correction, normalized
from dynamics.checks import require_at_least, require_fraction
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import new_memory, preconditioner, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.vectors.blocks import load_block, store_mostly_whole
from dynamics.vectors.lanes import entries_at_once
from dynamics.vectors.vector import REGISTER


class Adam(NamedTuple):
    r"""Adam, with bias-corrected averages.

    .. math::
        m_t=\beta_1m_{t-1}+(1-\beta_1)g_t,\quad v_t=\beta_2v_{t-1}+(1-\beta_2)g_t^2,\quad
        x_{t+1}=x_t-\alpha\,\frac{m_t/(1-\beta_1^t)}{\sqrt{v_t/(1-\beta_2^t)}+\epsilon}

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta1 : float
        Weight of the old average of gradients, in [0, 1).
    beta2 : float
        Weight of the old average of squared gradients, in [0, 1).
    eps : float
        ε, at least 0, added after the root is taken. With 0, a coordinate whose gradient was always 0 stays.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Kingma, Ba: Adam: a method for stochastic optimization, arXiv:1412.6980, Algorithm 1.

    Examples
    --------
    The first step is α in each coordinate, whatever the scale of the gradient:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(Adam(step_size=0.25, eps=0.0), quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, 1.0]).x
    array([0.75, 0.75])
    """

    step_size: StepSize
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def check(self) -> None:
        """Refuse weights outside [0, 1) and a negative eps."""
        why = "it weighs the old average, and with 1 no gradient would ever enter"
        require_fraction("beta1", self.beta1, why)
        require_fraction("beta2", self.beta2, why)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")


@kernel
def move_block(x, g, m, v, j, count, beta1, beta2, scale, eps):
    """A block of at most `count` entries of a step, from entry j on."""
    gradient = load_block(g, j, count, x)
    mean = beta1 * load_block(m, j, count, x) + (1.0 - beta1) * gradient
    mean_square = beta2 * load_block(v, j, count, x) + (1.0 - beta2) * gradient * gradient
    store_mostly_whole(m, j, count, mean)
    store_mostly_whole(v, j, count, mean_square)
    store_mostly_whole(x, j, count, load_block(x, j, count, x) - scale * normalized(mean, mean_square, eps))


@implements(update, Adam)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, v = point.x, point.gradient, memory.mean, memory.mean_square
    beta1, beta2 = method.beta1, method.beta2
    # The corrections go into the step and eps, which leaves one root and one quotient to each coordinate.
    root = np.sqrt(bias_correction(beta2, k))
    scale, eps = step * root / bias_correction(beta1, k), method.eps * root
    length = len(x)
    whole = length - length % entries_at_once(x)  # blocks of which no entry is left out need no mask
    for j in range(0, whole, entries_at_once(x)):
        move_block(x, g, m, v, j, REGISTER, beta1, beta2, scale, eps)
    if whole < length:
        move_block(x, g, m, v, whole, length - whole, beta1, beta2, scale, eps)


always(runs_in_lanes, Adam)


@implements(preconditioner, Adam)
def _(method, memory, k):
    mean_square = memory.mean_square / bias_correction(method.beta2, k - 1)
    return bias_correction(method.beta1, k - 1) * (np.sqrt(mean_square) + method.eps)


@implements(new_memory, Adam)
def _(method, dimension):
    return Moments(np.zeros(dimension), np.zeros(dimension))
