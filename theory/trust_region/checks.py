"""What a subproblem must be before anything is computed from it."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal, real_numbers, require_at_least, require_finite

FloatArray = NDArray[np.float64]


def as_metric(A: ArrayLike) -> FloatArray:
    """Return the matrix of a norm as float64, or refuse it."""
    matrix = real_numbers("A", A)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise Refusal(f"A has shape {matrix.shape}: a norm needs square matrices, shape (..., d, d)")
    if not matrix.size:
        raise Refusal(f"A has shape {matrix.shape}: it is empty")
    require_finite("A", matrix)
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
    vector = real_numbers(name, value)
    if vector.ndim < 1 or vector.shape[-1] != dimension:
        raise Refusal(f"{name} has shape {vector.shape}: A asks for {dimension} entries in its last axis")
    if not np.isfinite(vector).all():
        raise Refusal(f"{name} holds NaN or infinity: leave such a point out")
    return vector


def as_curvature(B: ArrayLike, dimension: int) -> FloatArray:
    """Return the quadratic part of a model as float64, or refuse it."""
    matrix = real_numbers("B", B)
    if matrix.shape[-2:] != (dimension, dimension):
        raise Refusal(f"B has shape {matrix.shape}: A asks for {dimension} by {dimension}")
    require_finite("B", matrix)
    turned = matrix.swapaxes(-1, -2)
    if not np.array_equal(matrix, turned) and not np.allclose(matrix, turned, rtol=1e-12, atol=0):
        raise Refusal("B is not symmetric, and a quadratic form has a symmetric matrix: pass (B + B.T) / 2")
    return matrix


@contextmanager
def within_floats() -> Iterator[None]:
    """Refuse numbers so large or small that what is computed from them leaves the range of floats.

    Examples
    --------
    >>> with within_floats():
    ...     1e300**2
    Traceback (most recent call last):
    dynamics.checks.Refusal: these numbers lead beyond the largest float, about 1.8e308: give such as are closer to 1.
    """
    try:
        yield
    except (OverflowError, ZeroDivisionError):
        raise Refusal(
            "these numbers lead beyond the largest float, about 1.8e308: give such as are closer to 1."
        ) from None


def one_model(A: ArrayLike, g: ArrayLike, B: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return norm, slope and quadratic part of a single model as float64, or refuse them."""
    metric = as_metric(A)
    slope, form = as_vector("the vector", g, metric.shape[-1]), as_curvature(B, metric.shape[-1])
    if (metric.ndim, slope.ndim, form.ndim) != (2, 1, 2):
        given = f"{metric.shape}, {slope.shape}, {form.shape}"
        raise Refusal(f"norm, vector and quadratic part have shapes {given}: one model has (d, d), (d,), (d, d)")
    return metric, slope, form


def require_not_negative(**values: float) -> None:
    """Refuse what is no number of at least 0."""
    for name, value in values.items():
        require_at_least(name, value, 0)


def require_positive(**values: float | FloatArray) -> None:
    """Refuse numbers that are not above 0 and finite."""
    for name, value in values.items():
        value = real_numbers(name, value)
        if not ((value > 0) & (value < np.inf)).all():
            raise Refusal(f"{name} = {value} must be above 0 and finite: it is a length, an accuracy or a bound")
