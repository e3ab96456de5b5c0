"""MoMo: momentum whose step is that of a model of the loss, cut off at a lower bound, as Polyak's step is."""

from typing import NamedTuple

import numpy as np

from dynamics.checks import require_fraction, require_real
from dynamics.protocol import (
    StepSize,
    always,
    implements,
    new_memory,
    runs_in_lanes,
    scheduled,
    update,
    uses_loss,
    where_positive,
)

__all__ = ["MoMo"]


class Model(NamedTuple):
    """Averages of what makes the model of the loss."""

    mean: np.ndarray  # of gradients, shape (d,)
    loss: np.ndarray  # of losses, shape (1,)
    product: np.ndarray  # of ⟨g, x⟩, shape (1,)


class MoMo(NamedTuple):
    r"""Momentum with a Polyak step: it goes where an average of linear models reaches the lower bound, and no further.

    With averages that begin with their first value, :math:`d_t=\beta d_{t-1}+(1-\beta)g_t`, :math:`\bar f_t` of losses
    and :math:`\gamma_t` of :math:`\langle g_t,x_t\rangle`,

    .. math::
        x_{t+1}=x_t-\min\Big(\alpha_t,\frac{(\bar f_t-f_*-\gamma_t+\langle d_t,x_t\rangle)_+}{\|d_t\|^2}\Big)d_t

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α, the largest step.
    beta : float
        β in [0, 1); 0 is Polyak's step, cut off at α.
    lower_bound : float
        f_*, a lower bound of the loss.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Schaipp, Ohana, Eickenberg, Defazio, Gower: MoMo, momentum models for adaptive learning rates, arXiv:2305.07583,
    Algorithm 1.

    Examples
    --------
    Half way to the minimiser, as Polyak's step on a quadratic:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(MoMo(10.0), quadratic(eigenvalues=[1.0]), steps=1, x0=[16.0]).x
    array([8.])
    """

    step_size: StepSize = 1.0
    beta: float = 0.9
    lower_bound: float = 0.0

    def check(self) -> None:
        """Refuse a weight with which nothing would enter."""
        require_fraction("beta", self.beta, "it weighs the old average, and with 1 no gradient would ever enter")
        require_real("lower_bound", self.lower_bound)


@implements(update, MoMo)
def _(method, oracle, point, memory, k):
    x, g, mean = point.x, point.gradient, memory.mean
    beta = 0.0 * method.beta if k == 0 else method.beta
    product, along, square = 0.0 * g[0], 0.0 * g[0], 0.0 * g[0]
    for j in range(len(x)):
        mean[j] = beta * mean[j] + (1.0 - beta) * g[j]
        product += g[j] * x[j]
        along += mean[j] * x[j]
        square += mean[j] * mean[j]
    memory.loss[0] = beta * memory.loss[0] + (1.0 - beta) * point.loss[0]
    memory.product[0] = beta * memory.product[0] + (1.0 - beta) * product
    above = memory.loss[0] - method.lower_bound - memory.product[0] + along
    reach = where_positive(square, above / where_positive(square, square, 1.0), 0.0)
    reach = where_positive(-reach, 0.0, reach)
    largest = scheduled(method.step_size, k)
    step = where_positive(reach - largest, largest, reach)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * mean[j]


@implements(new_memory, MoMo)
def _(method, dimension):
    return Model(np.zeros(dimension), np.zeros(1), np.zeros(1))


always(uses_loss, MoMo)
always(runs_in_lanes, MoMo)
