r"""The trust-region subproblem solved on Krylov spaces, by the generalised Lanczos method.

Lanczos vectors that are orthonormal in the norm M turn the model on a Krylov space into :math:`\gamma_0h_1+\tfrac12
h^\top Th` with T tridiagonal, and the ball into one. Inside it that is what conjugate gradients do; where these would
end on the boundary, at negative curvature for one, the spaces go on growing, and the step is the best of them all.
"""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.eigenvalues import EPSILON
from dynamics.algorithms.trust_region.exact import solve_in_eigenvectors
from dynamics.algorithms.trust_region.norm import precondition
from dynamics.algorithms.trust_region.subproblem import settled, solve, squared_tolerance
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.oracle import prepare_products, prepared_product

SPARE = 20  # Lanczos vectors beyond four times the dimension


class Lanczos(NamedTuple):
    """The Lanczos vectors and the tridiagonal matrix, for spaces of up to m dimensions, and scratch."""

    basis: np.ndarray  # a row each, orthonormal in M, shape (m, d)
    diagonal: np.ndarray  # of T, shape (m,)
    beside: np.ndarray  # entry k is T[k - 1, k], and entry 0 is γ₀, shape (m + 1,)
    coordinates: np.ndarray  # h, shape (m,)
    pivots: np.ndarray  # shape (m,)
    residual: np.ndarray  # M times the next Lanczos vector, not normalised, shape (d,)
    last: np.ndarray  # M times the last one, shape (d,)
    preconditioned: np.ndarray  # shape (d,)
    product: np.ndarray  # shape (d,)


@kernel
def lanczos_step(oracle, x, norm, k, space):
    """Add vector k to the basis and row k to T; the squared length of what follows, 0 where nothing does."""
    basis, last, residual = space.basis, space.last, space.residual
    scale = 1.0 / space.beside[k]
    for j in range(len(x)):
        basis[k, j] = scale * space.preconditioned[j]
    prepared_product(oracle, x, basis[k], space.product)
    inner = 0.0
    for j in range(len(x)):
        inner += basis[k, j] * space.product[j]
    before = space.beside[k] if k > 0 else 0.0
    squared = 0.0
    for j in range(len(x)):
        current = scale * residual[j]
        residual[j] = space.product[j] - inner * current - before * last[j]
        last[j] = current
        squared += residual[j] * residual[j]
    space.diagonal[k] = inner
    space.beside[k + 1] = np.sqrt(max(precondition(norm, residual, space.preconditioned), 0.0))
    return squared


@kernel
def inside(space, size, radius):
    """Write the stationary point of the model on the space into h; whether it is its minimiser and in the ball."""
    h, pivots, beside = space.coordinates, space.pivots, space.beside
    h[0] = -beside[0]
    for k in range(size):
        pivots[k] = space.diagonal[k]
        if k > 0:
            multiplier = beside[k] / pivots[k - 1]
            pivots[k] -= multiplier * beside[k]
            h[k] = -multiplier * h[k - 1]
        if not pivots[k] > 0.0:
            return False
    squared = 0.0
    for i in range(size):
        k = size - 1 - i
        h[k] /= pivots[k]
        if i > 0:
            h[k] -= beside[k + 1] / pivots[k] * h[k + 1]
        squared += h[k] * h[k]
    return squared <= radius * radius


@kernel
def on_boundary(space, size, radius):
    """Write the minimiser of the model on the space in the ball into h, where it may be on the boundary."""
    h = space.coordinates
    tridiagonal = np.zeros((size, size))
    for k in range(size):
        tridiagonal[k, k] = space.diagonal[k]
        if k > 0:
            tridiagonal[k, k - 1] = space.beside[k]
            tridiagonal[k - 1, k] = space.beside[k]
    eigenvalues, vectors = np.linalg.eigh(tridiagonal)
    gamma, y = np.empty(size), np.empty(size)
    for i in range(size):
        gamma[i] = space.beside[0] * vectors[0, i]
    solve_in_eigenvectors(eigenvalues, gamma, radius, y)
    for k in range(size):
        h[k] = 0.0
        for i in range(size):
            h[k] += vectors[k, i] * y[i]


@kernel
def fall(space, size):
    """How much the model falls from 0 to h."""
    h = space.coordinates
    total = -space.beside[0] * h[0]
    for k in range(size):
        total -= 0.5 * space.diagonal[k] * h[k] * h[k]
        if k > 0:
            total -= space.beside[k] * h[k - 1] * h[k]
    return total


@kernel
def gltr(oracle, x, g, norm, radius, method, step, space):
    """Write the minimiser on the last Krylov space into `step`; how much the model falls by it, and that dimension.

    The space grows until the gradient of the model, of which its multiplier's share is taken off, is short enough, or
    the last dimension brings little, by `method.stop`; or to `method.max_inner` dimensions.
    """
    prepare_products(oracle, x)
    gg = 0.0
    for j in range(len(g)):
        step[j] = 0.0
        space.residual[j] = g[j]
        space.last[j] = 0.0
        gg += g[j] * g[j]
    tolerance = squared_tolerance(method, gg)
    space.beside[0] = np.sqrt(precondition(norm, space.residual, space.preconditioned))
    interior, ended = True, not space.beside[0] > 0.0
    size, decrease, scale = 0, 0.0, 0.0
    while not ended:
        squared = lanczos_step(oracle, x, norm, size, space)
        if not squared < np.inf:
            return np.nan, size
        scale = max(scale, abs(space.diagonal[size]) + space.beside[size + 1])
        size += 1
        interior = interior and inside(space, size, radius)
        if not interior:
            on_boundary(space, size, radius)
        before, decrease = decrease, fall(space, size)
        share = space.coordinates[size - 1]
        small = settled(method, squared * share * share <= tolerance, decrease - before, decrease)
        # Rounding costs the vectors their orthogonality, so that d of them may not be enough; then further ones are,
        # until the gradient of the model is as short as rounding lets it be.
        least = len(g) * EPSILON * space.beside[0]
        full = size >= len(g) and space.beside[size] * abs(share) <= least
        ended = small or full or size == len(space.basis) or space.beside[size] <= EPSILON * scale
    for k in range(size):
        for j in range(len(g)):
            step[j] += space.coordinates[k] * space.basis[k, j]
    return decrease, size


@implements(solve, Lanczos)
def _(solver, method, oracle, x, g, memory):
    decrease, _ = gltr(oracle, x, g, memory.norm, memory.radius[0], method, memory.trial, solver)
    return decrease


def new_lanczos(dimension: int, max_inner: int) -> Lanczos:
    """Room for spaces of up to `max_inner` dimensions."""
    size = min(max_inner, SPARE + 4 * dimension)
    rows = (np.zeros((size, dimension)), np.zeros(size), np.zeros(size + 1), np.zeros(size), np.zeros(size))
    return Lanczos(*rows, *(np.zeros(dimension) for _ in range(4)))
