"""Methods whose steps are signs: sign descent and Lion."""

from typing import NamedTuple

import numpy as np

from dynamics.checks import require_at_least, require_fraction
from dynamics.protocol import (
    StepSize,
    always,
    implements,
    kernel,
    new_memory,
    runs_in_lanes,
    scheduled,
    update,
    where_positive,
)

__all__ = ["Lion", "SignDescent", "sign"]

ENTERS = "it weighs the old average, and with 1 no gradient would ever enter"


class Average(NamedTuple):
    """A moving average of gradients, which begins at 0."""

    mean: np.ndarray  # shape (d,)


@kernel
def sign(number):
    """1, -1 or 0, and NaN of NaN; for several runs at once, number by number."""
    return where_positive(number, 1.0, where_positive(-number, -1.0, number))


class SignDescent(NamedTuple):
    r"""Steps of equal length in all coordinates, along the signs of the gradient or of an average of gradients.

    .. math:: m_t=\beta m_{t-1}+(1-\beta)g_t,\qquad x_{t+1}=x_t-\alpha\,\mathrm{sign}(m_t)

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α, the length of a step in each coordinate.
    beta : float
        Weight of the old average, in [0, 1); 0 takes the signs of the gradient itself.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Bernstein, Wang, Azizzadenesheli, Anandkumar: signSGD, arXiv:1802.04434, Algorithms 1 (β = 0) and 2.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(SignDescent(0.25), quadratic(eigenvalues=[1.0, 1e6]), steps=3, x0=[1.0, -1.0]).x
    array([ 0.25, -0.25])
    """

    step_size: StepSize
    beta: float = 0.0

    def check(self) -> None:
        """Refuse a weight with which the average would not move."""
        require_fraction("beta", self.beta, ENTERS)


@implements(update, SignDescent)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m = point.x, point.gradient, memory.mean
    for j in range(len(x)):
        m[j] = method.beta * m[j] + (1.0 - method.beta) * g[j]
        x[j] -= step * sign(m[j])


class Lion(NamedTuple):
    r"""Lion: the sign of one average of gradients, of which another one is remembered, and decoupled decay.

    .. math::
        c_t=\beta_1m_{t-1}+(1-\beta_1)g_t,\quad x_{t+1}=x_t-\alpha\,(\mathrm{sign}(c_t)+\lambda x_t),\quad
        m_t=\beta_2m_{t-1}+(1-\beta_2)g_t

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α, the length of a step in each coordinate.
    beta1 : float
        Weight of what is remembered in the step, in [0, 1].
    beta2 : float
        Weight of the old average in the next one, in [0, 1).
    decay : float
        λ ≥ 0, the decoupled weight decay: a step shrinks the iterate by αλ besides.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Chen et al.: Symbolic discovery of optimization algorithms, arXiv:2302.06675, Algorithm 2.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(Lion(0.25, decay=0.5), quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, -1.0]).x
    array([ 0.625, -0.625])
    """

    step_size: StepSize
    beta1: float = 0.9
    beta2: float = 0.99
    decay: float = 0.0

    def check(self) -> None:
        """Refuse weights outside their ranges and a negative decay."""
        if self.beta1 != 1.0:  # then the step has the average before this gradient: signs with a delay
            require_fraction("beta1", self.beta1, "it weighs what is remembered against the gradient")
        require_fraction("beta2", self.beta2, ENTERS)
        require_at_least("decay", self.decay, 0, "a negative one would let the iterate grow")


@implements(update, Lion)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m = point.x, point.gradient, memory.mean
    for j in range(len(x)):
        mixed = method.beta1 * m[j] + (1.0 - method.beta1) * g[j]
        x[j] -= step * (sign(mixed) + method.decay * x[j])
        m[j] = method.beta2 * m[j] + (1.0 - method.beta2) * g[j]


def _new_average(method, dimension):
    return Average(np.zeros(dimension))


for _kind in (SignDescent, Lion):
    implements(new_memory, _kind)(_new_average)
    always(runs_in_lanes, _kind)
