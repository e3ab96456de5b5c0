"""What a subproblem must be before anything is computed from it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal

FloatArray = NDArray[np.float64]


def as_metric(A: ArrayLike) -> FloatArray:
    """Return the matrix of a norm as float64, or refuse it."""
    matrix = np.asarray(A, dtype=np.float64)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise Refusal(f"A has shape {matrix.shape}: a norm needs square matrices, shape (..., d, d)")
    if not np.array_equal(matrix, matrix.swapaxes(-1, -2)):
        raise Refusal("A is not symmetric, and |s|_A is a norm for symmetric matrices only: pass (A + A.T) / 2")
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        least = float(np.linalg.eigvalsh(matrix).min())
        raise Refusal(
            f"A has the eigenvalue {least:.3g}, and Lemma 1 needs a positive definite A: add a multiple of the identity"
        ) from None
    return matrix


def as_vector(name: str, value: ArrayLike, dimension: int) -> FloatArray:
    """Return a finite vector as float64, or refuse it."""
    vector = np.asarray(value, dtype=np.float64)
    if vector.ndim < 1 or vector.shape[-1] != dimension:
        raise Refusal(f"{name} has shape {vector.shape}: A asks for {dimension} entries in its last axis")
    if not np.isfinite(vector).all():
        raise Refusal(f"{name} holds NaN or infinity: leave such a point out")
    return vector


def as_curvature(B: ArrayLike, dimension: int) -> FloatArray:
    """Return the quadratic part of a model as float64, or refuse it."""
    matrix = np.asarray(B, dtype=np.float64)
    if matrix.shape[-2:] != (dimension, dimension):
        raise Refusal(f"B has shape {matrix.shape}: A asks for {dimension} by {dimension}")
    if not np.allclose(matrix, matrix.swapaxes(-1, -2), rtol=1e-12, atol=0):
        raise Refusal("B is not symmetric, and a quadratic form has a symmetric matrix: pass (B + B.T) / 2")
    return matrix


def require_positive(**values: float | FloatArray) -> None:
    """Refuse numbers that are not above 0 and finite."""
    for name, value in values.items():
        if not (np.all(np.asarray(value) > 0) and np.all(np.isfinite(value))):
            raise Refusal(f"{name} = {value} must be above 0 and finite: it is a length, an accuracy or a bound")
