r"""The trust-region subproblem solved globally, by the eigenvalues of the Hessian in the coordinates of the ball.

In the coordinates y of the ball the norm is Euclidean. Then y is a global minimiser exactly where, for some
:math:`\nu\ge0`, :math:`(\tilde B+\nu I)y=-\tilde g`, the matrix :math:`\tilde B+\nu I` is positive semi-definite, and
ν = 0 or ‖y‖ = Δ (Moré, Sorensen: Computing a trust region step, SIAM J. Sci. Stat. Comput. 4 (1983)). In the
eigenvectors of :math:`\tilde B` the unknown is :math:`\mu=\lambda_1+\nu`, so that no digits are lost where ν comes
close to :math:`-\lambda_1`.
"""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.eigenvalues import EPSILON, clear_below, is_finite
from dynamics.algorithms.parts.secular import SECULAR_STEPS, SECULAR_TOLERANCE, entry
from dynamics.algorithms.parts.trial_steps import redrawn
from dynamics.algorithms.trust_region.norm import from_ball, gradient_in_ball, hessian_in_ball
from dynamics.algorithms.trust_region.subproblem import solve
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.oracle import hessian_product


class Exact(NamedTuple):
    """The Hessian at the iterate, and scratch."""

    hessian: np.ndarray  # shape (d, d)
    scaled: np.ndarray  # in the coordinates of the ball, shape (d, d)
    unit: np.ndarray  # shape (d,)
    product: np.ndarray  # shape (d,)


@kernel
def fill_hessian(oracle, x, unit, product, matrix):
    """Write the Hessian at x into `matrix`, by a product with each unit vector."""
    for j in range(len(x)):
        unit[j] = 0.0
    for j in range(len(x)):
        unit[j] = 1.0
        hessian_product(oracle, x, unit, product)
        unit[j] = 0.0
        for i in range(len(x)):
            matrix[i, j] = product[i]


@kernel
def secular_root(gaps, gamma, mu, radius):
    """The μ, from the lower bound given, at which y has the length Δ, or that bound where y is shorter there.

    Newton's method on 1/Δ - 1/‖y(μ)‖, which rises and is concave: from below the root it never passes it.
    """
    for i in range(len(gaps)):
        mu = max(mu, abs(gamma[i]) / radius - gaps[i])
    for _ in range(SECULAR_STEPS):
        squared = slope = 0.0
        for i in range(len(gaps)):
            y = entry(gamma[i], gaps[i] + mu)
            squared += y * y
            slope += y * y / (gaps[i] + mu) if y != 0.0 else 0.0
        excess = np.sqrt(squared) / radius - 1.0
        if not excess > SECULAR_TOLERANCE:
            break
        mu += excess * squared / slope
    return mu


@kernel
def solve_in_eigenvectors(eigenvalues, gamma, radius, y):
    """Write the global minimiser of γᵀy + Σ λᵢ yᵢ²/2 in a ball into y; how much that falls by it. λ ascends."""
    lowest = eigenvalues[0]
    gaps = np.empty(len(y))  # by entries: expressions of whole arrays take numba long to compile
    for i in range(len(y)):
        gaps[i] = eigenvalues[i] - lowest
    mu = secular_root(gaps, gamma, max(lowest, 0.0), radius)
    squared = 0.0
    for i in range(len(y)):
        y[i] = entry(gamma[i], gaps[i] + mu)
        squared += y[i] * y[i]
    if lowest < 0.0 and mu == 0.0:
        # The hard case: no ν makes y long enough. The eigenvector of the lowest eigenvalue fills it up.
        y[0] += np.sqrt(max(radius * radius - squared, 0.0))
    decrease = 0.0
    for i in range(len(y)):
        decrease += 0.5 * ((gaps[i] + mu) + (mu - lowest)) * y[i] * y[i]
    return decrease


@kernel
def exact_step(g, norm, radius, matrix, step, scaled, slope, y):
    """Write the global minimiser of the model in the ball into `step`; how much the model falls by it.

    `matrix` is the Hessian; `scaled`, `slope` and `y` are scratch. NaN, and no step, where the Hessian is not finite.
    """
    dimension = len(g)
    for j in range(dimension):
        step[j] = 0.0
    hessian_in_ball(norm, matrix, scaled)
    if not is_finite(scaled):
        return np.nan
    eigenvalues, vectors = np.linalg.eigh(scaled)
    gradient_in_ball(norm, g, slope)
    gamma, squared = np.zeros(dimension), 0.0
    for i in range(dimension):
        for j in range(dimension):
            gamma[i] += vectors[j, i] * slope[j]
        squared += gamma[i] * gamma[i]
    # Else the rounding of a 0 would decide on a step to the boundary, in a direction in which the model is flat.
    clear_below(eigenvalues, dimension * EPSILON * max(abs(eigenvalues[0]), abs(eigenvalues[-1])))
    clear_below(gamma, dimension * EPSILON * np.sqrt(squared))
    decrease = solve_in_eigenvectors(eigenvalues, gamma, radius, y)
    for j in range(dimension):
        slope[j] = 0.0
    for i in range(dimension):
        for j in range(dimension):
            slope[j] += vectors[j, i] * y[i]
    from_ball(norm, slope, step)
    return decrease


@implements(solve, Exact)
def _(solver, method, oracle, x, g, memory):
    if memory.moved[0] or redrawn(memory.evaluations):
        fill_hessian(oracle, x, solver.unit, solver.product, solver.hessian)
    return exact_step(
        g, memory.norm, memory.radius[0], solver.hessian, memory.trial, solver.scaled, solver.product, solver.unit
    )


def new_exact(dimension: int) -> Exact:
    """Scratch for vectors of this dimension."""
    square = np.zeros((dimension, dimension))
    return Exact(square, square.copy(), np.zeros(dimension), np.zeros(dimension))
