"""AdamW: Adam whose weight decay stays outside the averages."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts import moments
from dynamics.checks import require_at_least, require_fraction
from dynamics.protocol import StepSize, always, implements, new_memory, runs_in_lanes, scheduled, update

__all__ = ["AdamW"]


class AdamW(NamedTuple):
    r"""Adam with decoupled weight decay.

    .. math::
        m_t=\beta_1m_{t-1}+(1-\beta_1)g_t,\quad v_t=\beta_2v_{t-1}+(1-\beta_2)g_t^2,\quad
        x_{t+1}=x_t-\alpha\Big(\frac{m_t/(1-\beta_1^t)}{\sqrt{v_t/(1-\beta_2^t)}+\epsilon}+\lambda x_t\Big)

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta1, beta2 : float
        Weights of the old averages of gradients and of their squares, in [0, 1).
    eps : float
        ε ≥ 0, added after the root is taken. With 0, a coordinate whose gradient was always 0 is moved by decay alone.
    decay : float
        λ ≥ 0. It is multiplied by the step size, as in PyTorch and Optax; the paper's is αλ here.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    The decay does not enter the averages: whatever the gradients, a step takes αλx from the iterate. A penalty λ‖x‖²/2
    in the loss would be divided by the root of v as gradients are.

    References
    ----------
    Loshchilov, Hutter: Decoupled weight decay regularization, arXiv:1711.05101, Algorithm 2.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = AdamW(step_size=0.25, eps=0.0, decay=0.5)
    >>> simulate(method, quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, 1.0]).x
    array([0.625, 0.625])
    """

    step_size: StepSize
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    decay: float = 0.01

    def check(self) -> None:
        """Refuse weights outside [0, 1), a negative eps and a negative decay."""
        why = "it weighs the old average, and with 1 no gradient would ever enter"
        require_fraction("beta1", self.beta1, why)
        require_fraction("beta2", self.beta2, why)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")
        require_at_least("decay", self.decay, 0, "a negative one would let the iterate grow")


@implements(update, AdamW)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, v = point.x, point.gradient, memory.mean, memory.mean_square
    correction1 = moments.bias_correction(method.beta1, k)
    correction2 = moments.bias_correction(method.beta2, k)
    for j in range(len(x)):
        m[j] = method.beta1 * m[j] + (1.0 - method.beta1) * g[j]
        v[j] = method.beta2 * v[j] + (1.0 - method.beta2) * g[j] * g[j]
        direction = moments.normalized(m[j] / correction1, v[j] / correction2, method.eps)
        x[j] -= step * (direction + method.decay * x[j])


@implements(new_memory, AdamW)
def _(method, dimension):
    return moments.Moments(np.zeros(dimension), np.zeros(dimension))


always(runs_in_lanes, AdamW)
