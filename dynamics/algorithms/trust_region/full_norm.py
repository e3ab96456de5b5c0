"""The ellipsoid of a full-matrix preconditioner: M is the root of a sum of outer products of gradients, plus ε."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.algorithms.parts.full_matrix import FULL, take_in
from dynamics.algorithms.trust_region.norm import (
    SMALLEST,
    SPHERE,
    DiagonalNorm,
    Sphere,
    from_ball,
    gradient_in_ball,
    hessian_in_ball,
    precondition,
    renew,
)
from dynamics.kernels.generic import implements


class FullNorm(NamedTuple):
    """M by its eigenpairs; the ball has their coordinates, R = Q diag(m)^(-1/2)."""

    shift: np.ndarray  # ε as it is added now, shape (1,)
    sums: np.ndarray  # of outer products of gradients, shape (d, d)
    inverse: np.ndarray  # eigenvalues of M⁻¹, shape (d,)
    vectors: np.ndarray  # Q, its eigenvectors as columns, shape (d, d)
    scratch: np.ndarray  # shape (d, d)


@implements(renew, FullNorm)
def _(norm, g, keep, take):
    take_in(norm.sums, g, keep, take)
    trace = 0.0
    for i in range(len(g)):
        trace += norm.sums[i, i]
    if not trace < np.inf:  # there are no eigenvalues then; the gradient is not finite, which ends the run
        return
    eigenvalues, vectors = np.linalg.eigh(norm.sums)
    for i in range(len(g)):
        # Rounding can make the least eigenvalues of the sums negative, and they are none.
        norm.inverse[i] = 1.0 / np.sqrt(max(max(eigenvalues[i], 0.0) + norm.shift[0], SMALLEST))
        for j in range(len(g)):
            norm.vectors[i, j] = vectors[i, j]


@implements(precondition, FullNorm)
def _(norm, v, out):
    for j in range(len(v)):
        out[j] = 0.0
    squared = 0.0
    for i in range(len(v)):
        inner = 0.0
        for j in range(len(v)):
            inner += norm.vectors[j, i] * v[j]
        scaled = norm.inverse[i] * inner
        squared += scaled * inner
        for j in range(len(v)):
            out[j] += scaled * norm.vectors[j, i]
    return squared


@implements(gradient_in_ball, FullNorm)
def _(norm, g, out):
    for i in range(len(g)):
        inner = 0.0
        for j in range(len(g)):
            inner += norm.vectors[j, i] * g[j]
        out[i] = np.sqrt(norm.inverse[i]) * inner


@implements(hessian_in_ball, FullNorm)
def _(norm, matrix, out):
    inverse, vectors, half = norm.inverse, norm.vectors, norm.scratch
    for i in range(len(inverse)):
        for j in range(len(inverse)):
            entry = 0.0
            for k in range(len(inverse)):
                entry += (matrix[i, k] + matrix[k, i]) * vectors[k, j]
            half[i, j] = 0.5 * entry
    for i in range(len(inverse)):
        for j in range(i + 1):
            entry = 0.0
            for k in range(len(inverse)):
                entry += vectors[k, i] * half[k, j]
            out[i, j] = np.sqrt(inverse[i] * inverse[j]) * entry
            out[j, i] = out[i, j]


@implements(from_ball, FullNorm)
def _(norm, y, out):
    for j in range(len(y)):
        out[j] = 0.0
    for i in range(len(y)):
        scaled = np.sqrt(norm.inverse[i]) * y[i]
        for j in range(len(y)):
            out[j] += scaled * norm.vectors[j, i]


def new_norm(method: Any, dimension: int) -> Sphere | DiagonalNorm | FullNorm:
    """The norm of a method before the first gradient: a sphere."""
    if method.norm == SPHERE:
        return Sphere(np.ones(1))
    shift, ones = np.array([method.eps]), np.ones(dimension)
    if method.matrix == FULL:
        square = np.zeros((dimension, dimension))
        return FullNorm(shift, square, ones, np.eye(dimension), square.copy())
    return DiagonalNorm(shift, np.zeros(dimension), ones)
