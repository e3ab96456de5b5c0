r"""A curvature matrix by eigenpairs: what damped, saddle-free and cubic Newton steps are functions of.

With the eigenpairs :math:`(\lambda_i,q_i)` of the Hessian, or of the Gauss-Newton matrix, and
:math:`\gamma_i=q_i^\top g`, each of these steps is :math:`s=\sum_iy_iq_i` with :math:`y_i` a function of
:math:`\lambda_i` and :math:`\gamma_i`. The pairs are those of the whole matrix, or those of what it is on a Krylov
space, :math:`\{g,Bg,\dots,B^{m-1}g\}`.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from dynamics.algorithms.parts.trial_steps import stay
from dynamics.checks import Refusal, require_at_least
from dynamics.kernels.generic import generic, implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.oracle import gauss_newton_product, hessian_product
from dynamics.words import places

EPSILON = float(np.finfo(np.float64).eps)

Solver = Literal["dense", "krylov"]
DENSE, KRYLOV = places(Solver)


class Hessian(NamedTuple):
    """The curvature matrix is the Hessian."""


class GaussNewtonMatrix(NamedTuple):
    """The curvature matrix is the generalised Gauss-Newton matrix."""


class Spectrum(NamedTuple):
    """Eigenpairs, and scratch; the entries from `size` on are 0."""

    eigenvalues: np.ndarray  # λ, ascending, shape (m,)
    vectors: np.ndarray  # q, a row each, shape (m, d)
    gamma: np.ndarray  # shape (m,)
    step: np.ndarray  # y, shape (m,)
    size: np.ndarray  # shape (1,)
    rows: np.ndarray  # of the matrix, or the Lanczos vectors, shape (m, d)
    product: np.ndarray  # shape (d,)
    space: Any  # Whole or KrylovSpace
    matrix: Any  # Hessian or GaussNewtonMatrix

    def check(self) -> None:
        """Refuse more eigenpairs than there is room for, as somebody else's file may hold them."""
        if not 0 <= self.size[0] <= len(self.eigenvalues):
            raise Refusal(f"the spectrum has {self.size[0]} eigenpairs, and room for {len(self.eigenvalues)}")


class Whole(NamedTuple):
    """All of space."""


class KrylovSpace(NamedTuple):
    """The matrix on the Lanczos vectors."""

    tridiagonal: np.ndarray  # shape (m, m)


@generic()
def curvature_product(matrix, oracle, x, v, out):
    """Write the product of the curvature matrix at x with v into `out`."""


@implements(curvature_product, Hessian)
def _(matrix, oracle, x, v, out):
    hessian_product(oracle, x, v, out)


@implements(curvature_product, GaussNewtonMatrix)
def _(matrix, oracle, x, v, out):
    gauss_newton_product(oracle, x, v, out)


@generic()
def fill_spectrum(space, spectrum, oracle, x, g):
    """Fill in the eigenpairs at x; whether all is finite."""


@kernel
def take_pair(spectrum, i, eigenvalue, weights, size):
    """Let pair i be an eigenvalue, and the sum of the first `size` rows with these weights."""
    spectrum.eigenvalues[i] = eigenvalue
    for j in range(len(spectrum.product)):
        spectrum.vectors[i, j] = 0.0
    for k in range(size):
        for j in range(len(spectrum.product)):
            spectrum.vectors[i, j] += weights[k] * spectrum.rows[k, j]


@implements(fill_spectrum, Whole)
def _(space, spectrum, oracle, x, g):
    matrix, unit = spectrum.rows, spectrum.product
    for i in range(len(x)):
        unit[i] = 1.0
        curvature_product(spectrum.matrix, oracle, x, unit, matrix[i])
        unit[i] = 0.0
    if not is_finite(matrix):
        return False
    for i in range(len(x)):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = 0.5 * (matrix[i, j] + matrix[j, i])
    eigenvalues, vectors = np.linalg.eigh(matrix)
    for i in range(len(x)):
        spectrum.eigenvalues[i] = eigenvalues[i]
        for j in range(len(x)):
            spectrum.vectors[i, j] = vectors[j, i]
    spectrum.size[0] = len(x)
    return True


@kernel
def orthogonalise(v, rows, size):
    """Take off v what it has of the first `size` rows, twice, so that rounding leaves nothing; its length."""
    for _ in range(2):
        for k in range(size):
            inner = 0.0
            for j in range(len(v)):
                inner += rows[k, j] * v[j]
            for j in range(len(v)):
                v[j] -= inner * rows[k, j]
    squared = 0.0
    for j in range(len(v)):
        squared += v[j] * v[j]
    return np.sqrt(squared)


@kernel
def fill_krylov(space, spectrum, oracle, x, g):
    """Fill in Lanczos vectors, from g on, and the tridiagonal matrix; how many there are, 0 where it isn't finite."""
    rows, product, tridiagonal = spectrum.rows, spectrum.product, space.tridiagonal
    for j in range(len(g)):
        product[j] = g[j]
    length, scale = orthogonalise(product, rows, 0), 0.0
    size = 0
    while size < len(rows) and length > EPSILON * scale:
        for j in range(len(g)):
            rows[size, j] = product[j] / length
        curvature_product(spectrum.matrix, oracle, x, rows[size], product)
        inner = 0.0
        for j in range(len(g)):
            inner += rows[size, j] * product[j]
        for k in range(len(rows)):
            tridiagonal[size, k] = 0.0
        tridiagonal[size, size] = inner
        if size > 0:
            tridiagonal[size, size - 1] = length
            tridiagonal[size - 1, size] = length
        size += 1
        length = orthogonalise(product, rows, size)
        scale = max(scale, abs(inner) + length)
        if not scale < np.inf:
            return 0
    return size


@implements(fill_spectrum, KrylovSpace)
def _(space, spectrum, oracle, x, g):
    size = fill_krylov(space, spectrum, oracle, x, g)
    spectrum.size[0] = size
    if size == 0:
        return False
    tridiagonal = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            tridiagonal[i, j] = space.tridiagonal[i, j]
    eigenvalues, vectors = np.linalg.eigh(tridiagonal)
    for i in range(size):
        take_pair(spectrum, i, eigenvalues[i], vectors[:, i], size)
    return True


@kernel
def decompose(spectrum, oracle, x, g):
    """Fill in eigenpairs, γ, and 0 for what is rounding; whether there are any, and all is finite."""
    if not fill_spectrum(spectrum.space, spectrum, oracle, x, g):
        return False
    size, largest, squared = spectrum.size[0], 0.0, 0.0
    for i in range(len(spectrum.gamma)):
        spectrum.step[i] = spectrum.gamma[i] = 0.0
        if i >= size:
            spectrum.eigenvalues[i] = 0.0
    for i in range(size):
        for j in range(len(g)):
            spectrum.gamma[i] += spectrum.vectors[i, j] * g[j]
        squared += spectrum.gamma[i] * spectrum.gamma[i]
        largest = max(largest, abs(spectrum.eigenvalues[i]))
    clear_below(spectrum.eigenvalues, len(g) * EPSILON * largest)
    clear_below(spectrum.gamma, len(g) * EPSILON * np.sqrt(squared))
    return True


@kernel
def combine(spectrum, factor, origin, out):
    """Write the point that lies `factor` times the step Σ y q away from `origin` into `out`."""
    for j in range(len(out)):
        out[j] = origin[j]
    for i in range(spectrum.size[0]):
        for j in range(len(out)):
            out[j] += factor * spectrum.step[i] * spectrum.vectors[i, j]


@kernel
def step_by_eigenvalues(method, point, memory, factor):
    """Move `factor` times −(M + νI)⁺g, with M's eigenvalues as the spectrum has them; end a run that can't move."""
    x, spectrum = point.x, memory.spectrum
    moves = False
    for i in range(spectrum.size[0]):
        curvature = spectrum.eigenvalues[i] + method.damping
        spectrum.step[i] = -spectrum.gamma[i] / curvature if curvature > 0.0 else 0.0
        moves = moves or spectrum.step[i] != 0.0
    if not moves:
        stay(point, 0.0)
    combine(spectrum, factor, x, memory.trial)
    for j in range(len(x)):
        x[j] = memory.trial[j]


def new_spectrum(method: Any, dimension: int, matrix: Hessian | GaussNewtonMatrix) -> Spectrum:
    """Room for the eigenpairs of a method with the fields `solver` and `max_inner`."""
    m = min(dimension, method.max_inner) if method.solver == KRYLOV else dimension
    vectors, scratch = np.zeros((m, dimension)), np.zeros((m, dimension))
    space = KrylovSpace(np.zeros((m, m))) if method.solver == KRYLOV else Whole()
    numbers = (np.zeros(m), np.zeros(m), np.zeros(1, dtype=np.int64))
    return Spectrum(np.zeros(m), vectors, *numbers, scratch, np.zeros(dimension), space, matrix)


def check_spectrum(method: Any) -> None:
    """Refuse a Krylov space without a dimension."""
    require_at_least("max_inner", method.max_inner, 1, "it is the dimension of the Krylov space")


@kernel
def clear_below(numbers, bound):
    """Set numbers to 0 that are at most `bound` in size."""
    for i in range(len(numbers)):
        if abs(numbers[i]) <= bound:
            numbers[i] = 0.0


@kernel
def is_finite(matrix):
    """Whether all entries are finite: there are no eigenvalues else."""
    size = 0.0
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            size += abs(matrix[i, j])
    return size < np.inf


class NewtonMemory(NamedTuple):
    """Scratch."""

    trial: np.ndarray  # shape (d,)
    spectrum: Spectrum
