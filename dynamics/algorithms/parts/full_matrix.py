"""Full-matrix accumulators: sums of outer products of gradients, and the inverse root by which a step is scaled."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.algorithms.parts.moments import normalized
from dynamics.kernels.policy import kernel
from dynamics.words import places

Matrix = Literal["diagonal", "full"]
DIAGONAL, FULL = places(Matrix)
EPSILON = float(np.finfo(np.float64).eps)


class OuterProducts(NamedTuple):
    """A sum of outer products of gradients, and scratch."""

    matrix: np.ndarray  # shape (d, d)
    direction: np.ndarray  # shape (d,)


def new_outer_products(dimension: int, initial: float) -> OuterProducts:
    """A sum that begins with a multiple of the identity."""
    return OuterProducts(initial * np.eye(dimension), np.zeros(dimension))


@kernel
def take_in(matrix, g, keep, take):
    """Add `take` times the outer product of g to `keep` times the matrix."""
    for i in range(len(g)):
        for j in range(len(g)):
            matrix[i, j] = keep * matrix[i, j] + take * (g[i] * g[j])


@kernel
def times_inverse_root(matrix, g, inside, outside, out):
    """Write Σ q (q·g) / (√(λ + inside) + outside) into `out`, over the eigenpairs (λ, q) of a matrix with ggᵀ in it.

    Eigenvalues below the rounding of the largest one count as 0 and are left out, as the pseudo-inverse does: g has
    nothing there but rounding errors, which the root of a rounding error would blow up to full size.
    """
    trace = 0.0
    for i in range(len(g)):
        out[i] = 0.0
        trace += matrix[i, i]
    if not trace < np.inf:  # then the scale of a diagonal method is infinite too, and its step 0
        return
    eigenvalues, vectors = np.linalg.eigh(matrix)
    rounding = len(g) * EPSILON * eigenvalues[-1]
    for i in range(len(g)):
        if eigenvalues[i] > rounding:
            inner = 0.0
            for j in range(len(g)):
                inner += vectors[j, i] * g[j]
            inner = normalized(inner, eigenvalues[i] + inside, outside)
            for j in range(len(g)):
                out[j] += inner * vectors[j, i]
