"""Normalised and clipped gradients."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.checks import require_fraction, require_positive
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

__all__ = ["ClippedGradient", "NormalizedGradient"]

By = Literal["norm", "entry"]
NORM, ENTRY = 0, 1
ENTERS = "it weighs the old average, and with 1 no gradient would ever enter"


class Average(NamedTuple):
    """A moving average of gradients, which begins at 0."""

    mean: np.ndarray  # shape (d,)


@kernel
def norm(vector):
    """The Euclidean length."""
    square = 0.0 * vector[0]
    for j in range(len(vector)):
        square += vector[j] * vector[j]
    return np.sqrt(square)


class NormalizedGradient(NamedTuple):
    r"""Steps of a given length along the gradient, or an average of gradients.

    .. math:: m_t=\beta m_{t-1}+(1-\beta)g_t,\qquad x_{t+1}=x_t-\alpha\,m_t/\|m_t\|

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α, the length of a step.
    beta : float
        Weight of the old average, in [0, 1).

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    Where m is 0 the iterate stays.

    References
    ----------
    Cutkosky, Mehta: Momentum improves normalized SGD, arXiv:2002.03305.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(NormalizedGradient(0.5), quadratic(eigenvalues=[3.0, 4.0]), steps=1, x0=[1.0, 1.0]).x.round(12)
    array([0.7, 0.6])
    """

    step_size: StepSize
    beta: float = 0.0

    def check(self) -> None:
        """Refuse a weight with which the average would not move."""
        require_fraction("beta", self.beta, ENTERS)


@implements(update, NormalizedGradient)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m = point.x, point.gradient, memory.mean
    for j in range(len(x)):
        m[j] = method.beta * m[j] + (1.0 - method.beta) * g[j]
    length = norm(m)
    for j in range(len(x)):
        x[j] -= step * m[j] / where_positive(length, length, 1.0)


class ClippedGradient(NamedTuple):
    r"""Steps along gradients that are cut to a largest norm, or a largest entry, before they are averaged.

    .. math:: m_t=\beta m_{t-1}+(1-\beta)\,\min(1,c/\|g_t\|)\,g_t,\qquad x_{t+1}=x_t-\alpha m_t

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α.
    threshold : float
        c > 0, the largest norm, or entry in absolute value.
    by : {"norm", "entry"}
        What is cut: the whole gradient's length, which keeps its direction, or each entry by itself.
    beta : float
        Weight of the old average, in [0, 1).

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks, arXiv:1211.5063, Algorithm 1.
    Zhang et al.: Why are adaptive methods good for attention models?, arXiv:1912.03194 (entries).

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = ClippedGradient(0.1, threshold=1.0)
    >>> simulate(method, quadratic(eigenvalues=[3.0, 4.0]), steps=1, x0=[1.0, 1.0]).x.round(12)
    array([0.94, 0.92])
    """

    step_size: StepSize
    threshold: float = 1.0
    by: By = "norm"
    beta: float = 0.0

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_positive("threshold", self.threshold, "at 0 nothing would be left of a gradient")
        require_fraction("beta", self.beta, ENTERS)


@implements(update, ClippedGradient)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m = point.x, point.gradient, memory.mean
    length = norm(g)
    for j in range(len(x)):
        size = abs(g[j]) if method.by == ENTRY else length
        kept = where_positive(size - method.threshold, method.threshold / where_positive(size, size, 1.0), 1.0)
        m[j] = method.beta * m[j] + (1.0 - method.beta) * kept * g[j]
        x[j] -= step * m[j]


def _new_average(method, dimension):
    return Average(np.zeros(dimension))


for _kind in (NormalizedGradient, ClippedGradient):
    implements(new_memory, _kind)(_new_average)
    always(runs_in_lanes, _kind)
