"""RAdam: Adam whose scale waits until the variance of its estimate is known, and is trusted by degrees after that."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.moments import Moments, bias_correction, normalized, rectification
from dynamics.checks import require_at_least, require_fraction
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, update
from dynamics.protocol.schedules import StepSize, scheduled


class RAdam(NamedTuple):
    r"""Rectified Adam: momentum without a scale at first, then Adam with steps that grow from 0 to full length.

    With :math:`m_t` and :math:`v_t` as in Adam and :math:`\hat m_t=m_t/(1-\beta_1^t)`,

    .. math::
        \rho_\infty=\frac2{1-\beta_2}-1,\quad \rho_t=\rho_\infty-\frac{2t\beta_2^t}{1-\beta_2^t},\quad
        r_t=\sqrt{\frac{(\rho_t-4)(\rho_t-2)\rho_\infty}{(\rho_\infty-4)(\rho_\infty-2)\rho_t}},

    .. math::
        x_{t+1}=x_t-\alpha\,r_t\,\hat m_t\,\frac{\sqrt{1-\beta_2^t}}{\sqrt{v_t}+\epsilon}\ \text{ where }\rho_t>\rho,
        \quad\text{else}\quad x_{t+1}=x_t-\alpha\,\hat m_t.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta1 : float
        Weight of the old average of gradients, in [0, 1).
    beta2 : float
        Weight of the old average of squared gradients, in [0, 1).
    eps : float
        ε, at least 0, added to the root of the uncorrected average as in PyTorch; the paper has none.
    threshold : float
        ρ, at least 4, where :math:`r_t` begins: 5 in PyTorch, 4 in the paper.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    ρ_t grows with t towards ρ_∞. Where that is not above the threshold, as for β₂ ≤ 2/3 and the threshold 5, the scale
    never enters.

    References
    ----------
    Liu et al.: On the variance of the adaptive learning rate and beyond, ICLR 2020, Algorithm 2.

    Examples
    --------
    The first step is that of gradient descent:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(RAdam(step_size=0.25), quadratic(eigenvalues=[1.0, 2.0]), steps=1, x0=[16.0, 16.0]).x
    array([12.,  8.])
    """

    step_size: StepSize
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    threshold: float = 5.0

    def check(self) -> None:
        """Refuse weights outside [0, 1), a negative eps, and a threshold below 4."""
        why = "it weighs the old average, and with 1 no gradient would ever enter"
        require_fraction("beta1", self.beta1, why)
        require_fraction("beta2", self.beta2, why)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")
        require_at_least("threshold", self.threshold, 4, "the variance of the scale is finite only above 4")


@implements(update, RAdam)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, v = point.x, point.gradient, memory.mean, memory.mean_square
    beta1, beta2 = method.beta1, method.beta2
    correction = bias_correction(beta1, k)
    factor = rectification(beta2, k, method.threshold)
    rectified = factor * np.sqrt(bias_correction(beta2, k))
    for j in range(len(x)):
        m[j] = beta1 * m[j] + (1.0 - beta1) * g[j]
        v[j] = beta2 * v[j] + (1.0 - beta2) * g[j] * g[j]
        mean = m[j] / correction
        x[j] -= step * (rectified * normalized(mean, v[j], method.eps) if factor > 0.0 else mean)


@implements(new_memory, RAdam)
def _(method, dimension):
    return Moments(np.zeros(dimension), np.zeros(dimension))
