"""Muon: momentum whose matrices are made orthogonal before they are stepped along."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.checks import require_at_least, require_fraction
from dynamics.protocol import (
    StepSize,
    block_table,
    implements,
    kernel,
    matrix_at,
    memory_of_blocks,
    scheduled,
    update,
)

__all__ = ["COEFFICIENTS", "Muon", "newton_schulz", "polar_factor"]

Momentum = Literal["sum", "average"]
SUM, AVERAGE = 0, 1
Factor = Literal["quintic", "cubic", "exact"]
QUINTIC, CUBIC, EXACT = 0, 1, 2
Scale = Literal["none", "shape", "rms"]
NONE, SHAPE, RMS = 0, 1, 2

# a, b and c of X ← aX + bXXᵀX + cXXᵀXXᵀX. Those of Muon's author blow small singular values up by 3.4 an iteration and
# leave all of them somewhere in [0.7, 1.2]; those of Newton and Schulz converge to 1.
COEFFICIENTS = {"quintic": (3.4445, -4.7750, 2.0315), "cubic": (1.5, -0.5, 0.0)}
A5, B5, C5 = COEFFICIENTS["quintic"]
A3, B3, C3 = COEFFICIENTS["cubic"]
ROUNDING = float(np.finfo(np.float64).eps)


class Matrices(NamedTuple):
    """The momentum, and where its matrices are."""

    momentum: np.ndarray  # shape (d,)
    direction: np.ndarray  # shape (d,), scratch
    factor: np.ndarray  # shape (d,), scratch: the polar factors of its matrices
    blocks: np.ndarray  # begin, rows and columns of each, shape (blocks, 3)


class Muon(NamedTuple):
    r"""Momentum, orthogonalised: each matrix of the parameters steps along the polar factor of its momentum.

    With the momentum :math:`M_t=\mu M_{t-1}+G_t` ("sum") or :math:`M_t=\mu M_{t-1}+(1-\mu)G_t` ("average"), and where
    `nesterov` is true :math:`\tilde M_t=\mu M_t+G_t` or :math:`\mu M_t+(1-\mu)G_t`, else :math:`\tilde M_t=M_t`,

    .. math:: W_{t+1}=W_t-\alpha\,(s\,O(\tilde M_t)+\lambda W_t),\qquad O(USV^\top)\approx UV^\top.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: with `scale` "none" and an exact factor, the spectral norm of each matrix's step.
    beta : float
        μ in [0, 1).
    momentum : {"sum", "average"}
        How gradients enter the momentum. As O does not see the length of its argument, the steps are the same.
    nesterov : bool
        Whether the newest gradient is mixed in once more.
    factor : {"quintic", "cubic", "exact"}
        O: iterations of X ← aX + bXXᵀX + cXXᵀXXᵀX from M/‖M‖ with the coefficients (3.4445, -4.7750, 2.0315) of
        Muon's author, those with (3/2, -1/2, 0) of Newton and Schulz, which converge; or UVᵀ itself.
    iterations : int
        How many iterations, at least 1.
    scale : {"none", "shape", "rms"}
        s: 1; √max(1, rows/columns); 0.2·√max(rows, columns), with which entries are about as large as Adam's.
    decay : float
        λ ≥ 0, decoupled and multiplied by the step size.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    The matrices are those that the problem declares (`blocks`). A vector is a matrix of one column, whose polar factor
    is the vector over its length; the author leaves vectors to AdamW. The polar factor of a matrix without full rank
    is UVᵀ over its positive singular values.

    References
    ----------
    Jordan et al.: Muon, an optimizer for hidden layers in neural networks, 2024. Liu et al.: Muon is scalable for LLM
    training, arXiv:2502.16982, equation 4 ("rms"). Bernstein, Newhouse: Old optimizer, new norm, arXiv:2409.20325.

    Examples
    --------
    A vector's step has the length α:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(Muon(0.5, factor="exact"), quadratic(eigenvalues=[3.0, 4.0]), steps=1, x0=[1.0, 1.0]).x.round(12)
    array([0.7, 0.6])
    """

    step_size: StepSize
    beta: float = 0.95
    momentum: Momentum = "sum"
    nesterov: bool = True
    factor: Factor = "quintic"
    iterations: int = 5
    scale: Scale = "none"
    decay: float = 0.0

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_fraction("beta", self.beta, "with 1 the momentum would forget nothing")
        require_at_least("iterations", self.iterations, 1, "without one nothing is made orthogonal")
        require_at_least("decay", self.decay, 0, "a negative one would let the iterate grow")


@kernel
def put(matrix, factor, out):
    """Write a multiple of a matrix into another one."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = factor * matrix[i, j]


@kernel
def polar(M, out, factor, iterations):
    """Write the polar factor of M, or what the iterations make of it, into `out`."""
    if factor == EXACT:
        U, s, Vt = np.linalg.svd(M, full_matrices=False)
        for i in range(len(s)):
            full = s[i] > ROUNDING * max(M.shape[0], M.shape[1]) * s[0]
            for j in range(M.shape[1]):
                Vt[i, j] *= 1.0 if full else 0.0
        put(U @ Vt, 1.0, out)
        return
    a, b, c = (A3, B3, C3) if factor == CUBIC else (A5, B5, C5)
    square = 0.0
    for i in range(M.shape[0]):
        for j in range(M.shape[1]):
            square += M[i, j] * M[i, j]
    put(M, 1.0 / np.sqrt(square) if square > 0.0 else 0.0, out)
    for _ in range(iterations):
        S = out @ out.T
        polynomial = b * S + c * (S @ S)
        for i in range(M.shape[0]):
            polynomial[i, i] += a
        put(polynomial @ out, 1.0, out)


@kernel
def scale_of(rows, columns, scale):
    """The factor by which a matrix's step depends on its shape."""
    if scale == SHAPE:
        return np.sqrt(max(1.0, rows / columns))
    if scale == RMS:
        return 0.2 * np.sqrt(max(rows, columns))
    return 1.0


@implements(update, Muon)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, direction = point.x, point.gradient, memory.momentum, memory.direction
    enters = 1.0 - method.beta if method.momentum == AVERAGE else 1.0
    for j in range(len(x)):
        m[j] = method.beta * m[j] + enters * g[j]
        direction[j] = method.beta * m[j] + enters * g[j] if method.nesterov else m[j]
    for begin, rows, columns in memory.blocks:
        factor = matrix_at(memory.factor, begin, rows, columns)
        polar(matrix_at(direction, begin, rows, columns), factor, method.factor, method.iterations)
        scale = scale_of(rows, columns, method.scale)
        for j in range(begin, begin + rows * columns):
            x[j] -= step * (scale * memory.factor[j] + method.decay * x[j])


@implements(memory_of_blocks, Muon)
def _(method, blocks):
    dimension = sum(block.rows * block.columns for block in blocks)
    return Matrices(*(np.zeros(dimension) for _ in range(3)), block_table(blocks))


def newton_schulz(M: np.ndarray, factor: str = "quintic", iterations: int = 5) -> np.ndarray:
    """What the iterations make of a matrix of shape (m, n), for figures and claims.

    Examples
    --------
    >>> newton_schulz(np.diag([3.0, 4.0]), "cubic", 20).round(12)
    array([[1., 0.],
           [0., 1.]])
    """
    a, b, c = COEFFICIENTS[factor]
    X = np.asarray(M, dtype=float)
    X = X / np.linalg.norm(X)
    for _ in range(iterations):
        S = X @ X.T
        X = a * X + (b * S + c * S @ S) @ X
    return X


def polar_factor(M: np.ndarray) -> np.ndarray:
    """The polar factor UVᵀ of a matrix of shape (m, n) of full rank.

    Examples
    --------
    >>> polar_factor(np.array([[0.0, 5.0], [-1.0, 0.0]])).round(12) + 0.0
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    U, _, Vt = np.linalg.svd(np.asarray(M, dtype=float), full_matrices=False)
    return U @ Vt
