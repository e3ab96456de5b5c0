"""A method and a problem of one's own: the module that the tutorials make."""

from typing import NamedTuple

import numpy as np

from dynamics import implements, new_memory, update, value_and_gradient
from dynamics.checks import require_fraction
from dynamics.protocol import StepSize, scheduled


class Lion(NamedTuple):
    """Steps along the signs of an average of gradients, in which the newest one weighs more."""

    step_size: StepSize
    beta1: float = 0.9
    beta2: float = 0.99

    def check(self) -> None:
        """Refuse averages that would not move."""
        require_fraction("beta1", self.beta1, "it weighs the average against the newest gradient")
        require_fraction("beta2", self.beta2, "an average with beta2 = 1 never moves")


class Average(NamedTuple):
    """What the method carries from step to step."""

    mean: np.ndarray


@implements(new_memory, Lion)
def _(method, dimension):
    return Average(np.zeros(dimension))


@implements(update, Lion)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m = point.x, point.gradient, memory.mean
    for j in range(len(x)):
        x[j] -= step * np.sign(method.beta1 * m[j] + (1.0 - method.beta1) * g[j])
        m[j] = method.beta2 * m[j] + (1.0 - method.beta2) * g[j]


class LogCosh(NamedTuple):
    """The sum of log cosh(scale x): a parabola at its minimum, a cone far from it."""

    scale: np.ndarray


@implements(value_and_gradient, LogCosh)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += np.log(np.cosh(problem.scale[j] * x[j]))
        out[j] = problem.scale[j] * np.tanh(problem.scale[j] * x[j])
    return total


def valley():
    """The problem that commands name: two coordinates, one ten times as steep as the other."""
    return LogCosh(np.array([0.3, 3.0]))
