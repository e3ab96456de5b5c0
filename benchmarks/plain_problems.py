"""Problems as a user writes them who knows NumPy and nothing of optdyn's inside: loops, and products of matrices.

`benchmarks/reference/plain.c` has the same lines in C.
"""

from typing import NamedTuple

import numpy as np

from dynamics import implements, initial_point, value_and_gradient


class LogCosh(NamedTuple):
    """The sum of log cosh(scale x), as in the tutorial."""

    scale: np.ndarray  # shape (d,)


@implements(value_and_gradient, LogCosh)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += np.log(np.cosh(problem.scale[j] * x[j]))
        out[j] = problem.scale[j] * np.tanh(problem.scale[j] * x[j])
    return total


class LeastSquares(NamedTuple):
    """Half the mean square of Ax - b, in products of a matrix and a vector that make new arrays."""

    A: np.ndarray  # shape (samples, d)
    b: np.ndarray  # shape (samples,)


@implements(value_and_gradient, LeastSquares)
def _(problem, x, out):
    residual = problem.A @ x - problem.b
    out[:] = problem.A.T @ residual / len(residual)
    return 0.5 * (residual @ residual) / len(residual)


class LeastSquaresInLoops(NamedTuple):
    """The same in loops over the rows."""

    A: np.ndarray
    b: np.ndarray


@implements(value_and_gradient, LeastSquaresInLoops)
def _(problem, x, out):
    total = 0.0
    out[:] = 0.0
    for n in range(len(problem.b)):
        residual = -problem.b[n]
        for j in range(len(x)):
            residual += problem.A[n, j] * x[j]
        total += 0.5 * residual * residual
        for j in range(len(x)):
            out[j] += residual * problem.A[n, j]
    for j in range(len(x)):
        out[j] /= len(problem.b)
    return total / len(problem.b)


@implements(initial_point, LogCosh)
def _(problem):
    return np.ones(len(problem.scale))


@implements(initial_point, LeastSquaresInLoops)
@implements(initial_point, LeastSquares)
def _(problem):
    return np.zeros(problem.A.shape[1])
