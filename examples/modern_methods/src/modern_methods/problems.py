"""The convex function on which bounds for Lipschitz functions are tight: a weighted sum of absolute values."""

from typing import NamedTuple

import numpy as np

from dynamics import implements, initial_point, value, value_and_gradient
from dynamics.protocol import kernel
from synthetic import Information, info

__all__ = ["AbsoluteValues"]


class AbsoluteValues(NamedTuple):
    r"""The function :math:`\sum_jw_j|x_j-c_j|`, with the subgradient 0 at a kink.

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> problem = AbsoluteValues(np.array([1.0, 2.0]), np.zeros(2), np.array([1.0, 1.0]))
    >>> simulate(GradientDescent(0.25), problem, steps=2).x
    array([0.5, 0. ])
    """

    weights: np.ndarray  # w, positive, shape (d,)
    minimiser: np.ndarray  # c, shape (d,)
    start: np.ndarray  # shape (d,)


@kernel
def sign(number):
    """1, -1 or 0."""
    return 1.0 if number > 0.0 else (-1.0 if number < 0.0 else 0.0)


@implements(value_and_gradient, AbsoluteValues)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        away = x[j] - problem.minimiser[j]
        total += problem.weights[j] * abs(away)
        out[j] = problem.weights[j] * sign(away)
    return total


@implements(value, AbsoluteValues)
def _(problem, x):
    total = 0.0
    for j in range(len(x)):
        total += problem.weights[j] * abs(x[j] - problem.minimiser[j])
    return total


@implements(initial_point, AbsoluteValues)
def _(problem):
    return problem.start.copy()


@implements(info, AbsoluteValues)
def _(problem):
    return Information(dimension=len(problem.start), minimiser=problem.minimiser.copy(), minimum=0.0)
