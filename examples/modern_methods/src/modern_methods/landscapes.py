"""Four landscapes of one type, so that a method's kernel serves all of them."""

from typing import NamedTuple

import numpy as np

from dynamics import implements, initial_point, value_and_gradient
from dynamics.protocol import blocks, kernel
from synthetic import Information, info

__all__ = ["LANDSCAPES", "Landscape", "landscape"]

SIDE = 4  # of the two matrices
QUADRATIC, KINKS, PRODUCT = 0, 1, 2
LANDSCAPES = ("aligned valley", "turned valley", "kinks", "two layers")


class Landscape(NamedTuple):
    r"""With y = Mx - b: :math:`\tfrac s2\sum w_jy_j^2`, :math:`s\sum w_j|y_j|`, or :math:`\tfrac s2\|W_1W_2-A\|^2`.

    `landscape` makes it. The 32 parameters are two 4 by 4 matrices for methods that act on matrices.
    """

    kind: int
    weights: np.ndarray  # w, shape (32,)
    matrix: np.ndarray  # M, shape (32, 32)
    offset: np.ndarray  # b, shape (32,): the minimiser is not at 0, to which weight decay would lead
    target: np.ndarray  # A, shape (4, 4)
    scale: float  # s
    start: np.ndarray  # shape (32,)


@kernel
def sign(number):
    """1, -1 or 0."""
    return 1.0 if number > 0.0 else (-1.0 if number < 0.0 else 0.0)


@kernel
def of_layers(problem, x, out):
    """Half the squared distance of the product from the target, and its gradient."""
    half, total = SIDE * SIDE, 0.0
    for j in range(2 * half):
        out[j] = 0.0
    for i in range(SIDE):
        for k in range(SIDE):
            error = -problem.target[i, k]
            for j in range(SIDE):
                error += x[i * SIDE + j] * x[half + j * SIDE + k]
            total += error * error
            for j in range(SIDE):
                out[i * SIDE + j] += problem.scale * error * x[half + j * SIDE + k]
                out[half + j * SIDE + k] += problem.scale * error * x[i * SIDE + j]
    return 0.5 * problem.scale * total


@implements(value_and_gradient, Landscape)
def _(problem, x, out):
    if problem.kind == PRODUCT:
        return of_layers(problem, x, out)
    total = 0.0
    for j in range(len(x)):
        out[j] = 0.0
    for i in range(len(x)):
        y = -problem.offset[i]
        for j in range(len(x)):
            y += problem.matrix[i, j] * x[j]
        total += problem.weights[i] * (abs(y) if problem.kind == KINKS else 0.5 * y * y)
        slope = problem.scale * problem.weights[i] * (sign(y) if problem.kind == KINKS else y)
        for j in range(len(x)):
            out[j] += slope * problem.matrix[i, j]
    return problem.scale * total


@implements(initial_point, Landscape)
def _(problem):
    return problem.start.copy()


@implements(blocks, Landscape)
def _(problem):
    return ((SIDE, SIDE), (SIDE, SIDE))


@implements(info, Landscape)
def _(problem):
    return Information(dimension=2 * SIDE * SIDE, minimum=0.0)


def landscape(name: str, *, rng: int = 0) -> Landscape:
    """One of `LANDSCAPES`, with a random start of its own.

    Parameters
    ----------
    name : {"aligned valley", "turned valley", "kinks", "two layers"}
        A quadratic of condition number 1000 along the axes; the same one turned; a turned sum of absolute values; two
        linear layers that learn a matrix of condition number 10.
    rng : int
        Seed of the start; what is turned and learned is the same for all.

    Examples
    --------
    >>> from synthetic import value
    >>> value(landscape("kinks", rng=1), np.zeros(32)) > 1.0
    True
    """
    d, fixed = 2 * SIDE * SIDE, np.random.default_rng(20)
    turned, left, right = (np.linalg.qr(fixed.standard_normal((n, n)))[0] for n in (d, SIDE, SIDE))
    target = left @ np.diag(np.geomspace(0.1, 1.0, SIDE)) @ right
    start = np.random.default_rng(rng).standard_normal(d)
    kind = {"kinks": KINKS, "two layers": PRODUCT}.get(name, QUADRATIC)
    weights = np.geomspace(0.001, 1.0, d) if kind == QUADRATIC else np.geomspace(0.1, 1.0, d)
    start = 0.5 * start if kind == PRODUCT else start
    matrix = np.eye(d) if name == "aligned valley" else turned
    minimiser = fixed.standard_normal(d)
    return Landscape(kind, weights, matrix, matrix @ minimiser, target, 1.0, start + minimiser * (kind != PRODUCT))
