"""What is asked of a problem and of a method of which no coordinate minds the others, so that each may go ahead alone.

The driver then takes several steps with some coordinates in registers before it takes up the next ones
(`dynamics.runs.strides`). All numbers must come out to the last bit as `sampled_gradient` and `update` have them.
"""

from typing import Any

import numpy as np

from dynamics.kernels.generic import generic
from dynamics.kernels.policy import kernel
from dynamics.protocol.schedules import CONSTANT


@generic(default=False)
def separable(problem):
    """Return whether coordinate j of a stochastic gradient is made of x[j] and one normal number (in Python).

    The sample has them in its field `stream`, d for each step.

    Examples
    --------
    >>> from synthetic import quadratic
    >>> separable(quadratic(eigenvalues=[1.0, 0.3], noise=0.1)), separable(quadratic(eigenvalues=[1.0, 0.3]))
    (True, False)
    """


@generic()
def slope(problem, x, normal, j):
    """Return the block of a stochastic gradient from coordinate j on, at a block of x with a block of normal numbers.

    Examples
    --------
    >>> slope.arguments
    ('problem', 'x', 'normal', 'j')
    """


@generic()
def moved(method, step, x, gradient, memory):
    """Return the blocks of x and of the memory after a step of that size: `update` for some coordinates.

    The memory is the tuple of the blocks of its arrays.

    Examples
    --------
    >>> from dynamics import RSG, Adam
    >>> moved.has(RSG), moved.has(Adam)
    (True, False)
    """


@kernel
def steady_step(method):
    """The step size if it is the same at each step, or else 0."""
    return method.step_size.initial if method.step_size.kind == CONSTANT else 0.0


def goes_by_coordinates(method: Any, problem: Any, x: np.ndarray) -> bool:
    """Whether a run of a method on a problem may go ahead with some of its coordinates."""
    return type(x) is np.ndarray and moved.has(type(method)) and separable(problem)
