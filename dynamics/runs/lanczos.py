"""The largest eigenvalue of a symmetric matrix that is known by its products alone."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

NUMBERS = 2**22  # that the vectors of a Krylov space may have together: 32 MB
FEWEST = 64  # vectors that it may have anyway; where they don't suffice, another one begins at the best vector found
ROUNDING = 1e-13  # of a product's length: what is left of it after the projection is none of the matrix's


class Eigenpair(NamedTuple):
    """An eigenvalue, its unit vector, and the products that it took."""

    value: float  # NaN where the tolerance was not met
    vector: np.ndarray
    products: int


def largest_eigenpair(
    product: Callable[[np.ndarray], np.ndarray], dimension: int, *, tolerance: float, most: int
) -> Eigenpair:
    r"""The largest (not the largest absolute) eigenvalue of a symmetric matrix A, by Lanczos' method.

    Parameters
    ----------
    product : callable
        Returns A v for v of shape (d,).
    dimension : int
        d.
    tolerance : float
        Of the residual: :math:`\|Av-\theta v\|\le\text{tolerance}\cdot\|A\|`, with the largest absolute Ritz value for
        the norm. An eigenvalue is then as near to θ, and where the gap γ to the next one is larger than the residual
        r, within :math:`r^2/\gamma`.
    most : int
        Products at most; without the tolerance met by then the value is NaN.

    Notes
    -----
    The first vector is always the same one, of normal numbers: the result depends on A alone. Each vector is made
    orthogonal to all others twice. θ is never above the largest eigenvalue, rounding aside.

    References
    ----------
    Golub, Van Loan: Matrix computations, 4th edition, sections 10.1 and 10.3. Parlett: The symmetric eigenvalue
    problem, theorems 4.5.1 and 11.7.1.

    Examples
    --------
    >>> pair = largest_eigenpair(lambda v: np.array([1.0, 3.0, -5.0]) * v, 3, tolerance=1e-10, most=100)
    >>> print(round(pair.value, 12), pair.products, np.abs(pair.vector).round(6))
    3.0 3 [0. 1. 0.]
    """
    vector = np.random.default_rng(0).standard_normal(dimension)
    vector /= np.linalg.norm(vector)
    products = 0
    while products < most:
        size = min(max(FEWEST, NUMBERS // dimension), dimension, most - products)
        look = 0  # products until the next look at the projected matrix, which takes i³ operations
        basis, projected = np.empty((size, dimension)), np.zeros((size, size))
        for i in range(size):
            basis[i] = vector
            image = product(vector)
            products += 1
            if not np.isfinite(image).all():
                return Eigenpair(np.nan, np.full(dimension, np.nan), products)
            length = float(np.linalg.norm(image))
            for _ in range(2):
                along = basis[: i + 1] @ image
                image = image - along @ basis[: i + 1]
                projected[i, i] += along[i]
            rest = float(np.linalg.norm(image))
            whole = i + 1 == dimension or rest <= ROUNDING * length  # the space that the first vector reaches
            if i == look or i + 1 == size or whole:
                look = i + 4 + i // 8
                values, vectors = np.linalg.eigh(projected[: i + 1, : i + 1])
                top = vectors[:, -1] @ basis[: i + 1]
                scale = float(np.abs(values).max())
                if whole or rest * abs(vectors[-1, -1]) <= tolerance * scale:
                    return Eigenpair(float(values[-1]), top, products)
            vector = image / rest
            if i + 1 < size:
                projected[i, i + 1] = projected[i + 1, i] = rest
        vector = top / np.linalg.norm(top)
    return Eigenpair(np.nan, vector, products)
