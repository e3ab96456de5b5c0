"""AMSGrad: Adam with a scale that never shrinks."""

from typing import Any, Literal, NamedTuple

import numpy as np

from dynamics.algorithms.parts.moments import PeakMoments, bias_correction, normalized
from dynamics.checks import Refusal, require_at_least, require_fraction
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, preconditioner, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.vectors.choices import where_positive
from dynamics.words import places

Maximum = Literal["plain", "corrected"]
PLAIN, CORRECTED = places(Maximum)


class AMSGrad(NamedTuple):
    r"""AMSGrad: an average of gradients over the root of the largest average of squares so far.

    .. math::
        m_t=\beta_1m_{t-1}+(1-\beta_1)g_t,\quad v_t=\beta_2v_{t-1}+(1-\beta_2)g_t^2,\quad
        \hat v_t=\max(\hat v_{t-1},v_t),\quad x_{t+1}=x_t-\alpha\,\frac{m_t}{\sqrt{\hat v_t}+\epsilon}

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
    bias_correction : bool
        Whether :math:`m_t` and :math:`\hat v_t` are divided by :math:`1-\beta_1^t` and :math:`1-\beta_2^t`: not in the
        paper, but in PyTorch and Optax.
    maximum : {"plain", "corrected"}
        What a correction leaves the maximum of: the `"plain"` :math:`v_t`, corrected afterwards, as in PyTorch; or the
        `"corrected"` :math:`v_t/(1-\beta_2^t)`, as in Optax, whose scale never shrinks.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range, or the maximum is of corrected averages and none is.

    Notes
    -----
    PyTorch's `Adam(amsgrad=True)` is `AMSGrad(α, bias_correction=True)`, and `optax.amsgrad` is
    `AMSGrad(α, bias_correction=True, maximum="corrected")`; α is the learning rate of both.

    References
    ----------
    Reddi, Kale, Kumar: On the convergence of Adam and beyond, ICLR 2018, Algorithm 2 (without projection).
    Chen et al., arXiv:1905.01422, equation (8).

    Examples
    --------
    Both averages begin at zero, so the first step is :math:`\alpha(1-\beta_1)/\sqrt{1-\beta_2}` in each coordinate:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = AMSGrad(step_size=0.5, beta1=0.5, beta2=0.75, eps=0.0)
    >>> simulate(method, quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, 1.0]).x
    array([0.5, 0.5])
    """

    step_size: StepSize
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    bias_correction: bool = False
    maximum: Maximum = "plain"

    def check(self) -> None:
        """Refuse weights outside [0, 1) and a negative eps."""
        why = "it weighs the old average, and with 1 no gradient would ever enter"
        require_fraction("beta1", self.beta1, why)
        require_fraction("beta2", self.beta2, why)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")
        chosen: Any = self.maximum  # the place of the word by now
        if chosen == CORRECTED and not self.bias_correction:
            raise Refusal("maximum = 'corrected' needs bias_correction=True: without it no average is corrected.")


@implements(update, AMSGrad)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, v, peak = point.x, point.gradient, memory.mean, memory.mean_square, memory.peak
    beta1, beta2 = method.beta1, method.beta2
    correction1 = bias_correction(beta1, k) if method.bias_correction else 1.0
    correction2 = bias_correction(beta2, k) if method.bias_correction else 1.0
    before = correction2 if method.maximum == CORRECTED else 1.0
    after = 1.0 if method.maximum == CORRECTED else correction2
    for j in range(len(x)):
        largest = peak[j]  # read just before it is written, it would be written by a mask
        m[j] = beta1 * m[j] + (1.0 - beta1) * g[j]
        v[j] = beta2 * v[j] + (1.0 - beta2) * g[j] * g[j]
        square = v[j] / before
        peak[j] = where_positive(square - largest, square, largest)
        x[j] -= step * normalized(m[j] / correction1, peak[j] / after, method.eps)


always(runs_in_lanes, AMSGrad)


@implements(preconditioner, AMSGrad)
def _(method, memory, k):
    correction1 = bias_correction(method.beta1, k - 1) if method.bias_correction else 1.0
    correction2 = bias_correction(method.beta2, k - 1) if method.bias_correction else 1.0
    after = 1.0 if method.maximum == CORRECTED else correction2
    return correction1 * (np.sqrt(memory.peak / after) + method.eps)


@implements(new_memory, AMSGrad)
def _(method, dimension):
    return PeakMoments(np.zeros(dimension), np.zeros(dimension), np.zeros(dimension))
