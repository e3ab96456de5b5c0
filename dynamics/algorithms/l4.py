"""L4: the step that would bring the linearised loss down by a fixed fraction, on top of momentum or Adam."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.l4 import attainable, check_l4, check_scale, effective_rate, loss_is_negative
from dynamics.algorithms.parts.moments import bias_correction, normalized
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, update, uses_loss


class L4Mom(NamedTuple):
    r"""L4 with momentum: a fixed fraction of the way to the attainable loss, as the linearised loss foretells it.

    With the bias-corrected average :math:`v=\langle\nabla L\rangle_{\tau_m}` (decay :math:`1-1/\tau_m`),

    .. math:: \Delta\theta=-\eta v,\qquad \eta=\alpha\,\frac{L(\theta)-\gamma L_{\min}}{v^\top v+\varepsilon}.

    :math:`L_{\min}` starts at :math:`\gamma_0L(\theta_0)`; afterwards each step takes the smaller of it and the new
    loss, uses that, and then multiplies it by :math:`1+1/\tau`.

    Parameters
    ----------
    alpha : float
        α > 0, the fraction; 0.10 to 0.30 is the range that the paper finds useful.
    gamma : float
        γ in [0, 1], the fraction of the lowest loss seen that counts as attainable.
    gamma0 : float
        γ₀ in [0, 1], the same for the first loss.
    tau : float
        τ > 0: steps over which the lowest loss is forgotten.
    regularizer : float
        ε ≥ 0 of the denominator.
    tau_m : float
        τ_m ≥ 1: steps over which gradients are averaged; 1 is the plain gradient.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    The loss must not be negative: at the start a negative one is refused, later it ends the run where it stands, with
    the status NEGATIVE_LOSS. A loss of 0 gives a step of 0, and so does v = 0. On mini-batches L is the loss on the
    sample. The recorded step size is η.

    With γ < 1 the target :math:`\gamma L_{\min}` is below the loss of every iterate so far. Where the least loss
    is positive that target is out of reach in the end: η grows as v falls, and the run does not settle.

    References
    ----------
    Rolínek, Martius: L4: Practical loss-based stepsize adaptation for deep learning, NeurIPS 2018, equations (4)
    to (7).

    Examples
    --------
    At the first step :math:`L-\gamma L_{\min}=(1-\gamma\gamma_0)L`, here 0.325 L with L = 1/2 and v = 1:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(L4Mom(), quadratic(eigenvalues=[1.0]), steps=1, x0=[1.0])
    >>> float(round(run.step_size[0], 9))
    0.024375
    """

    alpha: float = 0.15
    gamma: float = 0.9
    gamma0: float = 0.75
    tau: float = 1000.0
    regularizer: float = 1e-12
    tau_m: float = 10.0

    def check(self) -> None:
        """Refuse numbers with which a step could go uphill."""
        check_l4(self)


class L4Adam(NamedTuple):
    r"""L4 with Adam's direction: as `L4Mom`, but along the average scaled by each coordinate's root mean square.

    .. math::
        g=\langle\nabla L\rangle_{\tau_m},\quad v=\frac{g}{\sqrt{\langle(\nabla L)^2\rangle_{\tau_s}}+\epsilon},\quad
        \Delta\theta=-\eta v,\quad \eta=\alpha\,\frac{L(\theta)-\gamma L_{\min}}{g^\top v+\varepsilon}

    Parameters
    ----------
    alpha, gamma, gamma0, tau, regularizer, tau_m : float
        As for `L4Mom`.
    tau_s : float
        τ_s ≥ 1: steps over which squared gradients are averaged.
    eps : float
        ϵ ≥ 0 beside the root: 0 is the paper's formula, 1e-4 what the authors' released code adds. With 0, a coordinate
        whose gradient was always 0 has the direction 0.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    As for `L4Mom`.

    References
    ----------
    Rolínek, Martius: L4: Practical loss-based stepsize adaptation for deep learning, NeurIPS 2018, equations (4)
    to (7).

    Examples
    --------
    The first direction is the sign of the gradient, so both coordinates move by the same amount:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(L4Adam(), quadratic(eigenvalues=[1.0, 9.0]), steps=1, x0=[1.0, 1.0])
    >>> (1.0 - run.x).round(9)
    array([0.024375, 0.024375])
    """

    alpha: float = 0.15
    gamma: float = 0.9
    gamma0: float = 0.75
    tau: float = 1000.0
    regularizer: float = 1e-12
    tau_m: float = 10.0
    tau_s: float = 1000.0
    eps: float = 0.0

    def check(self) -> None:
        """Refuse numbers with which a step could go uphill."""
        check_l4(self)
        check_scale(self)


class MomentumMemory(NamedTuple):
    """The average of gradients, not yet corrected for its start at zero, and the attainable loss."""

    lowest: np.ndarray  # L_min, shape (1,)
    mean: np.ndarray  # shape (d,)


class AdamMemory(NamedTuple):
    """Both averages, not yet corrected for their start at zero, the direction, and the attainable loss."""

    lowest: np.ndarray  # L_min, shape (1,)
    mean: np.ndarray  # shape (d,)
    mean_square: np.ndarray  # shape (d,)
    direction: np.ndarray  # shape (d,)


@implements(update, L4Mom)
def _(method, oracle, point, memory, k):
    if loss_is_negative(point):
        return
    x, g, m = point.x, point.gradient, memory.mean
    gap = point.loss[0] - attainable(method, memory.lowest, point.loss[0], k)
    beta = 1.0 - 1.0 / method.tau_m
    correction = bias_correction(beta, k)
    inner = 0.0
    for j in range(len(x)):
        m[j] = beta * m[j] + (1.0 - beta) * g[j]
        inner += (m[j] / correction) * (m[j] / correction)
    step = effective_rate(method, gap, inner)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * (m[j] / correction)


@implements(update, L4Adam)
def _(method, oracle, point, memory, k):
    if loss_is_negative(point):
        return
    x, g, m, s, v = point.x, point.gradient, memory.mean, memory.mean_square, memory.direction
    gap = point.loss[0] - attainable(method, memory.lowest, point.loss[0], k)
    beta1, beta2 = 1.0 - 1.0 / method.tau_m, 1.0 - 1.0 / method.tau_s
    correction1, correction2 = bias_correction(beta1, k), bias_correction(beta2, k)
    inner = 0.0
    for j in range(len(x)):
        m[j] = beta1 * m[j] + (1.0 - beta1) * g[j]
        s[j] = beta2 * s[j] + (1.0 - beta2) * g[j] * g[j]
        v[j] = normalized(m[j] / correction1, s[j] / correction2, method.eps)
        inner += m[j] / correction1 * v[j]
    step = effective_rate(method, gap, inner)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * v[j]


@implements(new_memory, L4Mom)
def _(method, dimension):
    return MomentumMemory(np.zeros(1), np.zeros(dimension))


@implements(new_memory, L4Adam)
def _(method, dimension):
    return AdamMemory(np.zeros(1), np.zeros(dimension), np.zeros(dimension), np.zeros(dimension))


always(uses_loss, L4Mom, L4Adam)
