"""L4 as a rule over other rules: what estimates the gradient and what gives the direction are chosen apart."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.algorithms.parts.l4 import attainable, check_l4, check_scale, effective_rate, loss_is_negative
from dynamics.algorithms.parts.moments import bias_correction, normalized
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import new_memory, update, uses_loss
from dynamics.words import places

Vector = Literal["gradient", "momentum", "adam"]
GRADIENT, MOMENTUM, ADAM = places(Vector)  # estimator, direction


class L4(NamedTuple):
    r"""L4 with an estimate g of the gradient and a direction v, each the plain gradient, momentum's or Adam's.

    .. math:: \Delta\theta=-\eta v,\qquad \eta=\alpha\,\frac{L(\theta)-\gamma L_{\min}}{g^\top v+\varepsilon}

    with :math:`L_{\min}` as in `L4Mom`. The choices are :math:`\nabla L`, the bias-corrected average
    :math:`\langle\nabla L\rangle_{\tau_m}`, and
    :math:`\langle\nabla L\rangle_{\tau_m}/(\sqrt{\langle(\nabla L)^2\rangle_{\tau_s}}+\epsilon)`.

    Parameters
    ----------
    estimator : {"gradient", "momentum", "adam"}
        g: "gradient", "momentum" or "adam".
    direction : {"gradient", "momentum", "adam"}
        v: "gradient", "momentum" or "adam".
    alpha, gamma, gamma0, tau, regularizer, tau_m : float
        As for `L4Mom`.
    tau_s, eps : float
        As for `L4Adam`.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range or a word is none of these.

    Notes
    -----
    `L4Mom` is momentum for both, and `L4Adam` an estimate by momentum with Adam's direction; they keep less than this
    form does. As for `L4Mom`, the loss must not be negative. Where the estimate and the direction disagree so far that
    :math:`g^\top v+\varepsilon\le0`, the linearised loss foretells no fall, and the step is 0; momentum and
    Adam never do.

    References
    ----------
    Rolínek, Martius: L4: Practical loss-based stepsize adaptation for deep learning, NeurIPS 2018, equations (2), (3)
    and (6).

    Examples
    --------
    Along the plain gradient, the whole way to 0, it is Polyak's step, which halves the error on a quadratic:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = L4("gradient", "gradient", alpha=1.0, gamma=0.0, regularizer=0.0)
    >>> simulate(method, quadratic(eigenvalues=[4.0, 4.0]), steps=2, x0=[16.0, 4.0]).x
    array([4., 1.])
    """

    estimator: Vector = "momentum"
    direction: Vector = "adam"
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


class Averages(NamedTuple):
    """Both averages, not yet corrected for their start at zero, the direction, and the attainable loss."""

    lowest: np.ndarray  # L_min, shape (1,)
    mean: np.ndarray  # shape (d,)
    mean_square: np.ndarray  # shape (d,)
    direction: np.ndarray  # shape (d,)


@kernel
def chosen(choice, gradient, mean, mean_square, eps):
    """One coordinate of the estimate or of the direction, from corrected averages."""
    if choice == GRADIENT:
        return gradient
    return mean if choice == MOMENTUM else normalized(mean, mean_square, eps)


@implements(update, L4)
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
        mean, mean_square = m[j] / correction1, s[j] / correction2
        v[j] = chosen(method.direction, g[j], mean, mean_square, method.eps)
        inner += chosen(method.estimator, g[j], mean, mean_square, method.eps) * v[j]
    step = effective_rate(method, gap, inner)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * v[j]


@implements(new_memory, L4)
def _(method, dimension):
    return Averages(np.zeros(1), np.zeros(dimension), np.zeros(dimension), np.zeros(dimension))


always(uses_loss, L4)
