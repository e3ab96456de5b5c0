"""Small problems with Hessian products, and the same in NumPy."""

from typing import Any, NamedTuple

import numpy as np

from dynamics import gradient, hessian_product, implements, value, value_and_gradient
from dynamics.algorithms.trust_region.norm import DiagonalNorm
from dynamics.protocol.oracle import gauss_newton_product

VALUES, GRADIENTS, PRODUCTS, BOTH = range(4)  # what is tallied


class Valley(NamedTuple):
    """Rosenbrock's function in any dimension, Σ c (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²; the kernels tally their own calls."""

    c: float = 100.0
    tally: np.ndarray = np.zeros(4, dtype=np.int64)  # shared unless replaced


@implements(value, Valley)
def _(problem, x):
    problem.tally[VALUES] += 1
    total = 0.0
    for i in range(len(x) - 1):
        t = x[i + 1] - x[i] * x[i]
        total += problem.c * t * t + (1.0 - x[i]) ** 2
    return total


@implements(gradient, Valley)
def _(problem, x, out):
    problem.tally[GRADIENTS] += 1
    out[:] = 0.0
    for i in range(len(x) - 1):
        t = x[i + 1] - x[i] * x[i]
        out[i] += -4.0 * problem.c * t * x[i] - 2.0 * (1.0 - x[i])
        out[i + 1] += 2.0 * problem.c * t


@implements(value_and_gradient, Valley)
def _(problem, x, out):
    problem.tally[BOTH] += 1
    total = 0.0
    out[:] = 0.0
    for i in range(len(x) - 1):
        t = x[i + 1] - x[i] * x[i]
        total += problem.c * t * t + (1.0 - x[i]) ** 2
        out[i] += -4.0 * problem.c * t * x[i] - 2.0 * (1.0 - x[i])
        out[i + 1] += 2.0 * problem.c * t
    return total


@implements(hessian_product, Valley)
def _(problem, x, v, out):
    problem.tally[PRODUCTS] += 1
    out[:] = 0.0
    for i in range(len(x) - 1):
        c = problem.c
        out[i] += (12.0 * c * x[i] * x[i] - 4.0 * c * x[i + 1] + 2.0) * v[i] - 4.0 * c * x[i] * v[i + 1]
        out[i + 1] += 2.0 * c * (v[i + 1] - 2.0 * x[i] * v[i])


@implements(gauss_newton_product, Valley)
def _(problem, x, v, out):
    problem.tally[PRODUCTS] += 1
    out[:] = 0.0
    for i in range(len(x) - 1):
        along = v[i + 1] - 2.0 * x[i] * v[i]
        out[i] += 2.0 * v[i] - 4.0 * problem.c * x[i] * along
        out[i + 1] += 2.0 * problem.c * along


class Form(NamedTuple):
    """½ xᵀBx + bᵀx with a symmetric B."""

    matrix: np.ndarray
    slope: np.ndarray


@implements(value_and_gradient, Form)
def _(problem, x, out):
    total = 0.0
    for i in range(len(x)):
        out[i] = problem.slope[i]
        for j in range(len(x)):
            out[i] += problem.matrix[i, j] * x[j]
        total += 0.5 * (out[i] + problem.slope[i]) * x[i]
    return total


@implements(hessian_product, Form)
def _(problem, x, v, out):
    for i in range(len(x)):
        out[i] = 0.0
        for j in range(len(x)):
            out[i] += problem.matrix[i, j] * v[j]


def diagonal_norm(m: np.ndarray) -> DiagonalNorm:
    """The norm of the matrix diag(m)."""
    return DiagonalNorm(np.zeros(1), np.zeros_like(m), 1 / m)


class Formulas(NamedTuple):
    """Loss, gradient and full Hessian, each a function of x."""

    loss: Any
    gradient: Any
    hessian: Any


def valley_formulas(c: float = 100.0) -> Formulas:
    """Rosenbrock's function with vectors of its residuals and their derivatives."""

    def loss(x):
        return float(np.sum(c * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))

    def gradient(x):
        t = x[1:] - x[:-1] ** 2
        return np.append(-4 * c * t * x[:-1] - 2 * (1 - x[:-1]), 0) + np.append(0, 2 * c * t)

    def hessian(x):
        diagonal = np.append(12 * c * x[:-1] ** 2 - 4 * c * x[1:] + 2, 0) + np.append(0, np.full(len(x) - 1, 2 * c))
        return np.diag(diagonal) + np.diag(-4 * c * x[:-1], 1) + np.diag(-4 * c * x[:-1], -1)

    return Formulas(loss, gradient, hessian)


def valley_residuals(x: np.ndarray, c: float = 100.0) -> np.ndarray:
    """What Rosenbrock's function is the sum of squares of."""
    return np.concatenate([np.sqrt(c) * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])


def valley_jacobian(x: np.ndarray, c: float = 100.0) -> np.ndarray:
    """The derivative of these residuals, shape (2d − 2, d)."""
    eye = np.eye(len(x))
    return np.vstack([np.sqrt(c) * (eye[1:] - 2 * x[:-1, None] * eye[:-1]), -eye[:-1]])


def carmon_formulas(problem: Any) -> Formulas:
    """The mean of φ(t) = t²/(1 + t²) over t = Ax − b, with φ' and φ'' as quotients."""
    A, b = problem.A, problem.b

    def loss(x):
        t = A @ x - b
        return float(np.mean(t**2 / (1 + t**2)))

    def gradient(x):
        t = A @ x - b
        return A.T @ (2 * t / (1 + t**2) ** 2) / len(b)

    def hessian(x):
        t = A @ x - b
        return A.T @ np.diag((2 - 6 * t**2) / (1 + t**2) ** 3) @ A / len(b)

    return Formulas(loss, gradient, hessian)
