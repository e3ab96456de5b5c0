"""ARSG: the remote stochastic gradient with a scale for each coordinate, and its forms on other methods' scales."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.algorithms.parts.moments import PeakMoments, bias_correction, normalized, rectification
from dynamics.algorithms.parts.projection import Ball, Box, Everywhere, project, require_dimension
from dynamics.checks import Refusal, require_at_least, require_fraction, require_positive
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, update
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.words import places

_AVERAGE = "it weighs the old average, and with 1 no gradient would ever enter"
_MIXTURE = "mu mixes the newest gradient in; mu = 1 would leave the average out"

Accumulator = Literal["adam", "amsgrad", "radam"]
ADAM, AMSGRAD, RADAM = places(Accumulator)


class ARSG(NamedTuple):
    r"""Adaptive remote stochastic gradient.

    .. math::
        m_t=\beta_1m_{t-1}+(1-\beta_1)g_t,\quad v_t=\beta_2v_{t-1}+(1-\beta_2)g_t^2,\quad
        \hat v_t=\max(\hat v_{t-1},v_t),\ \hat v_0=\epsilon,

    .. math:: x_{t+1}=\Pi\Big(x_t-\alpha_t\,\frac{(1-\mu)m_t+\mu g_t}{\sqrt{\hat v_t}}\Big)

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta1 : float
        Weight of the old average of gradients, in [0, 1).
    beta2 : float
        Weight of the old average of squared gradients, in [0, 1).
    mu : float
        Weight μ of the newest gradient in [0, 1): 0 is AMSGrad, up to where ε enters.
    eps : float
        ε > 0, the least square that divides: 1e-8 is the paper's "fast" setting, 1e-3 its "fine" one.
    constraint : Everywhere, Box or Ball
        Where iterates must lie: `Everywhere()`, ``box(lower, upper)`` or ``Ball(radius, center)``. Π is the projection
        in the metric of the weights :math:`\sqrt{\hat v_t}`: on a box it is a clip, on a ball no rescaling. An initial
        point outside is brought in by the first step.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range, or the set's shape is not the iterate's.

    References
    ----------
    Chen et al., arXiv:1905.01422, Algorithm 1.

    Examples
    --------
    The first direction is :math:`(1-\beta_1(1-\mu))/\sqrt{1-\beta_2}`, here 1.25, in each coordinate:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = ARSG(1.0, beta1=0.5, beta2=0.75, mu=0.25)
    >>> simulate(method, quadratic(eigenvalues=[1.0, 4.0]), steps=1, x0=[16.0, 16.0]).x
    array([14.75, 14.75])
    """

    step_size: StepSize
    beta1: float = 0.999
    beta2: float = 0.99
    mu: float = 0.1
    eps: float = 1e-8
    constraint: Everywhere | Box | Ball = Everywhere()

    def check(self) -> None:
        """Refuse weights outside [0, 1), an eps that is not positive, and sets without a projection."""
        require_fraction("beta1", self.beta1, _AVERAGE)
        require_fraction("beta2", self.beta2, _AVERAGE)
        require_fraction("mu", self.mu, _MIXTURE)
        require_positive("eps", self.eps, "it is the least square that divides, and a coordinate may have no gradient")
        if not project.has(type(self.constraint)):
            raise Refusal(
                f"constraint = {self.constraint!r} has no projection; give Everywhere(), box(lower, upper) or "
                f"Ball(radius, center)."
            )


class GeneralizedARSG(NamedTuple):
    r"""ARSG on the scale of another adaptive method.

    The average of that method is mixed with the newest gradient, and the rest left as it is. With Adam's scale

    .. math::
        x_{t+1}=x_t-\alpha\,\frac{(1-\mu)\,m_t/(1-\beta_1^t)+\mu g_t}{\sqrt{v_t/(1-\beta_2^t)}+\epsilon},

    which is the form that the authors released.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta1 : float
        Weight of the old average of gradients, in [0, 1).
    beta2 : float
        Weight of the old average of squared gradients, in [0, 1).
    mu : float
        Weight μ of the newest gradient in [0, 1): 0 is Adam, AMSGrad or RAdam itself.
    eps : float
        ε, at least 0, placed as that method places it.
    accumulator : {"adam", "amsgrad", "radam"}
        "adam"; "amsgrad", without correction for the start at zero as in `AMSGrad`; or "radam", with the threshold 5.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Chen et al., arXiv:1905.01422, equation (7), and the released code.

    Examples
    --------
    The first step is α in each coordinate, whatever μ:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = GeneralizedARSG(0.25, mu=0.3, eps=0.0)
    >>> simulate(method, quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, 1.0]).x
    array([0.75, 0.75])
    """

    step_size: StepSize
    beta1: float = 0.999
    beta2: float = 0.99
    mu: float = 0.1
    eps: float = 1e-8
    accumulator: Accumulator = "adam"

    def check(self) -> None:
        """Refuse weights outside [0, 1) and a negative eps."""
        require_fraction("beta1", self.beta1, _AVERAGE)
        require_fraction("beta2", self.beta2, _AVERAGE)
        require_fraction("mu", self.mu, _MIXTURE)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")


@implements(update, ARSG)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, v, peak = point.x, point.gradient, memory.mean, memory.mean_square, memory.peak
    beta1, beta2, mu = method.beta1, method.beta2, method.mu
    for j in range(len(x)):
        m[j] = beta1 * m[j] + (1.0 - beta1) * g[j]
        v[j] = beta2 * v[j] + (1.0 - beta2) * g[j] * g[j]
        peak[j] = max(peak[j], v[j])
        x[j] -= step * ((1.0 - mu) * m[j] + mu * g[j]) / np.sqrt(peak[j])
    project(method.constraint, x, peak)


@implements(update, GeneralizedARSG)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, v, peak = point.x, point.gradient, memory.mean, memory.mean_square, memory.peak
    beta1, beta2, mu, eps = method.beta1, method.beta2, method.mu, method.eps
    largest = method.accumulator == AMSGRAD
    correction1 = 1.0 if largest else bias_correction(beta1, k)
    correction2 = 1.0 if largest else bias_correction(beta2, k)
    factor = 1.0
    if method.accumulator == RADAM:
        factor = rectification(beta2, k, 5.0)
        eps /= np.sqrt(correction2)
    for j in range(len(x)):
        m[j] = beta1 * m[j] + (1.0 - beta1) * g[j]
        v[j] = beta2 * v[j] + (1.0 - beta2) * g[j] * g[j]
        peak[j] = max(peak[j], v[j])
        mixed = (1.0 - mu) * m[j] / correction1 + mu * g[j]
        square = (peak[j] if largest else v[j]) / correction2
        x[j] -= step * (factor * normalized(mixed, square, eps) if factor > 0.0 else mixed)


@implements(new_memory, ARSG)
def _(method, dimension):
    require_dimension(method.constraint, dimension)
    return PeakMoments(np.zeros(dimension), np.zeros(dimension), np.full(dimension, method.eps))


@implements(new_memory, GeneralizedARSG)
def _(method, dimension):
    return PeakMoments(np.zeros(dimension), np.zeros(dimension), np.zeros(dimension))
