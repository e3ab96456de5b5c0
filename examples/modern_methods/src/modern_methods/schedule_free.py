"""Schedule-free SGD and AdamW: gradients between the steps and their average, which is what is reported."""

from typing import NamedTuple

import numpy as np

from dynamics import gradient
from dynamics.algorithms.parts import moments
from dynamics.checks import require_at_least, require_fraction
from dynamics.protocol import StepSize, always, implements, kernel, new_memory, scheduled, update, uses_gradient

__all__ = ["ScheduleFreeAdamW", "ScheduleFreeSGD"]


class Points(NamedTuple):
    """Where steps are made and gradients taken."""

    z: np.ndarray  # shape (d,)
    y: np.ndarray  # shape (d,)
    gradient: np.ndarray  # at y, shape (d,)
    mean_square: np.ndarray  # of gradients, shape (d,); empty for SGD
    weights: np.ndarray  # their sum so far, and the largest step size so far, shape (2,)


@kernel
def evaluate(method, oracle, x, memory, k):
    """Take the gradient at y = βx + (1 - β)z; z begins where x does."""
    z, y = memory.z, memory.y
    for j in range(len(x)):
        if k == 0:
            z[j] = x[j]
        y[j] = (1.0 - method.beta) * z[j] + method.beta * x[j]
    gradient(oracle, y, memory.gradient)


@kernel
def share(method, step, weights, k):
    """The weight of the newest z among all, where that of step k is (k + 1)^r times the largest step so far to a power.

    Steps of 0, with which a warm-up may begin, have no weight.
    """
    weights[1] = max(weights[1], step)
    weight = (k + 1.0) ** method.growth * weights[1] ** method.power
    weights[0] += weight
    return weight / weights[0] if weights[0] > 0.0 else 0.0


class ScheduleFreeSGD(NamedTuple):
    r"""Schedule-free SGD.

    .. math::
        y_t=\beta x_t+(1-\beta)z_t,\quad z_{t+1}=z_t-\alpha_t(\nabla f(y_t)+\lambda y_t),\quad
        x_{t+1}=(1-c_t)x_t+c_tz_{t+1},\quad c_t=\frac{w_t}{\sum_{i\le t}w_i},\quad w_t=(t+1)^r\max_{i\le t}\alpha_i^p

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α; a schedule is for its warm-up, which may begin at 0.
    beta : float
        β in [0, 1]: 0 takes gradients at z (Polyak and Ruppert's average), 1 at the average itself (primal averaging).
    decay : float
        λ ≥ 0, at y.
    growth : float
        r ≥ 0: with more, later steps weigh more.
    power : float
        p ≥ 0: the power of the step sizes in the weights.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    Runs report x, and their losses are those at x; no gradient is taken there.

    References
    ----------
    Defazio et al.: The road less scheduled, arXiv:2405.15682, equations 2 to 4 and Algorithm 1.

    Examples
    --------
    With β = 1 and equal steps, x is the mean of the z's, and 16 → z = 8, x = 8 → z = 4, x = 6:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(ScheduleFreeSGD(0.5, beta=1.0), quadratic(eigenvalues=[1.0]), steps=2, x0=[16.0]).x
    array([6.])
    """

    step_size: StepSize
    beta: float = 0.9
    decay: float = 0.0
    growth: float = 0.0
    power: float = 2.0

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        _check(self)


class ScheduleFreeAdamW(NamedTuple):
    r"""Schedule-free AdamW: the steps of z divided by the corrected root mean square of gradients.

    .. math::
        v_t=\beta_2v_{t-1}+(1-\beta_2)g_t^2,\qquad
        z_{t+1}=z_t-\alpha_t\Big(\frac{g_t}{\sqrt{v_t/(1-\beta_2^t)}+\epsilon}+\lambda y_t\Big),\quad g_t=\nabla f(y_t)

    with y and x as in `ScheduleFreeSGD`.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α; a schedule is for its warm-up, which may begin at 0.
    beta, decay, growth, power : float
        As in `ScheduleFreeSGD`; β takes the place of Adam's first weight.
    beta2 : float
        Weight of the old average of squares, in [0, 1).
    eps : float
        ε ≥ 0.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Defazio et al.: The road less scheduled, arXiv:2405.15682, Algorithm 1.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = ScheduleFreeAdamW(0.25, eps=0.0)
    >>> simulate(method, quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, 1.0]).x
    array([0.75, 0.75])
    """

    step_size: StepSize
    beta: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    decay: float = 0.0
    growth: float = 0.0
    power: float = 2.0

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        _check(self)
        require_fraction("beta2", self.beta2, "it weighs the old average, and with 1 no gradient would ever enter")
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")


def _check(method):
    if method.beta != 1.0:
        require_fraction("beta", method.beta, "gradients are taken between z and the average")
    require_at_least("decay", method.decay, 0, "a negative one would let the iterate grow")
    require_at_least("growth", method.growth, 0, "later steps weigh no less than earlier ones")
    require_at_least("power", method.power, 0, "a step of 0 has no weight")


@implements(update, ScheduleFreeSGD)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, z, y, g = point.x, memory.z, memory.y, memory.gradient
    evaluate(method, oracle, x, memory, k)
    c = share(method, step, memory.weights, k)
    for j in range(len(x)):
        z[j] -= step * (g[j] + method.decay * y[j])
        x[j] += c * (z[j] - x[j])


@implements(update, ScheduleFreeAdamW)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, z, y, g, v = point.x, memory.z, memory.y, memory.gradient, memory.mean_square
    evaluate(method, oracle, x, memory, k)
    c = share(method, step, memory.weights, k)
    correction = moments.bias_correction(method.beta2, k)
    for j in range(len(x)):
        v[j] = method.beta2 * v[j] + (1.0 - method.beta2) * g[j] * g[j]
        z[j] -= step * (moments.normalized(g[j], v[j] / correction, method.eps) + method.decay * y[j])
        x[j] += c * (z[j] - x[j])


@implements(new_memory, ScheduleFreeSGD)
def _(method, dimension):
    return Points(np.zeros(dimension), np.zeros(dimension), np.zeros(dimension), np.zeros(0), np.zeros(2))


@implements(new_memory, ScheduleFreeAdamW)
def _(method, dimension):
    return Points(np.zeros(dimension), np.zeros(dimension), np.zeros(dimension), np.zeros(dimension), np.zeros(2))


always(uses_gradient, ScheduleFreeSGD, ScheduleFreeAdamW, answer=False)
