"""SOAP: Adam in the eigenbases of Shampoo's two squares."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts import moments
from dynamics.checks import require_at_least, require_fraction, require_whole
from dynamics.protocol import StepSize, block_table, implements, kernel, matrix_at, memory_of_blocks, scheduled, update
from modern_methods.shampoo import take_in

__all__ = ["SOAP"]


class Bases(NamedTuple):
    """Adam's averages, and Shampoo's squares with their bases, one matrix after the other."""

    mean: np.ndarray  # of gradients, shape (d,)
    mean_square: np.ndarray  # of gradients in the bases, shape (d,)
    left: np.ndarray
    right: np.ndarray
    left_basis: np.ndarray
    right_basis: np.ndarray
    blocks: np.ndarray  # begin, rows and columns of each, shape (blocks, 3)


class SOAP(NamedTuple):
    r"""Adam in the eigenbases of Shampoo's two squares.

    With orthogonal P and Q, in which :math:`L_t=\rho L_{t-1}+(1-\rho)G_tG_t^\top` and
    :math:`R_t=\rho R_{t-1}+(1-\rho)G_t^\top G_t` are nearly diagonal,

    .. math::
        M_t=\beta_1M_{t-1}+(1-\beta_1)G_t,\quad V_t=\beta_2V_{t-1}+(1-\beta_2)(P^\top G_tQ)^2,\quad
        W_{t+1}=W_t-\alpha\Big(P\,\frac{P^\top\hat M_tQ}{\sqrt{\hat V_t}+\epsilon}\,Q^\top+\lambda W_t\Big)

    where hats correct for the start at 0.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α.
    beta1, beta2 : float
        Adam's weights, in [0, 1).
    rho : float
        ρ in [0, 1), the weight of the old squares L and R.
    eps : float
        ε ≥ 0.
    decay : float
        λ ≥ 0, decoupled.
    period : int
        Steps from one change of the bases to the next: P becomes the orthogonal factor of LP.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    The first bases are eigenvectors for the first gradient, which is stepped along too (the authors skip that step).
    As in the paper the averages V are not turned when a basis is, and L, R and the bases change after the step. A
    matrix of one row or column is treated by Adam. In its own bases the first gradient is diagonal but for rounding
    errors, which a tiny ε lets into the step: up to 2e-16/ε of it. Of more than two axes,
    all but the first are taken as one.

    References
    ----------
    Vyas et al.: SOAP, improving and stabilizing Shampoo using Adam, arXiv:2409.11321, Algorithm 3.

    Examples
    --------
    A vector's step is that of Adam:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = SOAP(0.25, eps=0.0)
    >>> simulate(method, quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, 1.0]).x
    array([0.75, 0.75])
    """

    step_size: StepSize
    beta1: float = 0.95
    beta2: float = 0.95
    rho: float = 0.95
    eps: float = 1e-8
    decay: float = 0.0
    period: int = 10

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        why = "it weighs the old average, and with 1 no gradient would ever enter"
        for name in ("beta1", "beta2", "rho"):
            require_fraction(name, getattr(self, name), why)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")
        require_at_least("decay", self.decay, 0, "a negative one would let the iterate grow")
        require_whole("period", self.period, 1, "it counts steps")


@kernel
def turn(square, basis, G, side, rho, k, period):
    """Take G into its square of a side; find eigenvectors before the first step, and turn them as periods end."""
    take_in(square, G, side, rho, 1.0 - rho)
    if k % period == 0:
        vectors = np.linalg.eigh(square)[1] if k == 0 else np.linalg.qr(square @ basis)[0]
        last = len(square) - 1
        for i in range(len(square)):
            for j in range(len(square)):  # the largest eigenvalue first, to which the orthogonal factor keeps closest
                basis[i, j] = vectors[i, last - j] if k == 0 else vectors[i, j]


@implements(update, SOAP)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g, m, v = point.x, point.gradient, memory.mean, memory.mean_square
    correction1, correction2 = moments.bias_correction(method.beta1, k), moments.bias_correction(method.beta2, k)
    for j in range(len(x)):
        m[j] = method.beta1 * m[j] + (1.0 - method.beta1) * g[j]
    left_begin, right_begin = 0, 0
    for begin, rows, columns in memory.blocks:
        G, M = matrix_at(g, begin, rows, columns), matrix_at(m, begin, rows, columns)
        V, W = matrix_at(v, begin, rows, columns), matrix_at(x, begin, rows, columns)
        P = matrix_at(memory.left_basis, left_begin, rows, rows)
        Q = matrix_at(memory.right_basis, right_begin, columns, columns)
        is_matrix = rows > 1 and columns > 1
        for when in range(2):  # the bases turn before the first step, and after each other one
            if is_matrix and (when == 0) == (k == 0):
                for side in range(2):
                    if side == 0:
                        square, basis = matrix_at(memory.left, left_begin, rows, rows), P
                    else:
                        square, basis = matrix_at(memory.right, right_begin, columns, columns), Q
                    turn(square, basis, G, side, method.rho, k, method.period)
            if when == 0:
                seen, mean = P.T @ G @ Q, P.T @ M @ Q
                for i in range(rows):
                    for j in range(columns):
                        V[i, j] = method.beta2 * V[i, j] + (1.0 - method.beta2) * seen[i, j] * seen[i, j]
                        mean[i, j] = moments.normalized(mean[i, j] / correction1, V[i, j] / correction2, method.eps)
                W -= step * (P @ mean @ Q.T + method.decay * W)
        left_begin += rows * rows
        right_begin += columns * columns


@implements(memory_of_blocks, SOAP)
def _(method, blocks):
    dimension = sum(block.rows * block.columns for block in blocks)
    left = np.concatenate([np.eye(block.rows).ravel() for block in blocks])
    right = np.concatenate([np.eye(block.columns).ravel() for block in blocks])
    squares = np.zeros_like(left), np.zeros_like(right)
    return Bases(np.zeros(dimension), np.zeros(dimension), *squares, left, right, block_table(blocks))
