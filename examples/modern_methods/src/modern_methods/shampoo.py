"""Shampoo: gradients of matrices preconditioned from both sides."""

from typing import NamedTuple

import numpy as np

from dynamics.checks import require_fraction, require_positive, require_whole
from dynamics.protocol import StepSize, block_table, implements, kernel, matrix_at, memory_of_blocks, scheduled, update

__all__ = ["Shampoo"]


class Preconditioners(NamedTuple):
    """Two squares for each matrix, one after the other, and their powers."""

    left: np.ndarray
    right: np.ndarray
    left_power: np.ndarray
    right_power: np.ndarray
    blocks: np.ndarray  # begin, rows and columns of each, shape (blocks, 3)


class Shampoo(NamedTuple):
    r"""Shampoo.

    .. math::
        L_t=\beta L_{t-1}+\kappa G_tG_t^\top,\quad R_t=\beta R_{t-1}+\kappa G_t^\top G_t,\quad
        W_{t+1}=W_t-\alpha\,(L_t+\epsilon I)^{-p}\,G_t\,(R_t+\epsilon I)^{-p}

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α.
    beta : float
        β in [0, 1]: 1 sums (κ = 1), less averages (κ = 1 - β).
    power : float
        p > 0: 1/4 for a matrix is the paper's. A vector has one side alone, with the power 2p: at 1/4 Adagrad with the
        full matrix.
    eps : float
        ε > 0, of the unit of squared gradients.
    period : int
        Steps from one computation of the powers to the next.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    A tensor of k axes has k factors with the power 1/(2k) each: matrices 1/4, vectors 1/2. Of more than two axes, all
    but the first are taken as one. With G a multiple of an orthogonal matrix any two powers with the same sum do alike.

    References
    ----------
    Gupta, Koren, Singer: Shampoo, preconditioned stochastic tensor optimization, arXiv:1802.09568, Algorithm 1.

    Examples
    --------
    The first step is along the polar factor, here of a vector:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = Shampoo(0.5, eps=1e-12)
    >>> simulate(method, quadratic(eigenvalues=[3.0, 4.0]), steps=1, x0=[1.0, 1.0]).x.round(6)
    array([0.7, 0.6])
    """

    step_size: StepSize
    beta: float = 1.0
    power: float = 0.25
    eps: float = 1e-4
    period: int = 1

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        if self.beta != 1.0:
            require_fraction("beta", self.beta, "it weighs the old average; 1 sums")
        require_positive("power", self.power, "it is the root by which gradients are divided")
        require_positive("eps", self.eps, "powers of a singular matrix need it")
        require_whole("period", self.period, 1, "it counts steps")


@kernel
def take_in(square, G, side, keep, take):
    """Add `take` times GGᵀ (side 0) or GᵀG (side 1) to `keep` times a square."""
    for i in range(len(square)):
        for j in range(len(square)):
            total = 0.0
            for inner in range(G.shape[1 - side]):
                total += G[i, inner] * G[j, inner] if side == 0 else G[inner, i] * G[inner, j]
            square[i, j] = keep * square[i, j] + take * total


@kernel
def inverse_power(square, power, eps, out):
    """Write (square + εI) to the power -p into `out`."""
    eigenvalues, vectors = np.linalg.eigh(square)
    for i in range(len(square)):
        for j in range(len(square)):
            out[i, j] = 0.0
            for inner in range(len(square)):
                root = (max(eigenvalues[inner], 0.0) + eps) ** -power
                out[i, j] += vectors[i, inner] * root * vectors[j, inner]


@implements(update, Shampoo)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    take = 1.0 if method.beta == 1.0 else 1.0 - method.beta
    begins = [0, 0]  # of the left squares and of the right ones
    for begin, rows, columns in memory.blocks:
        G = matrix_at(point.gradient, begin, rows, columns)
        power = 2.0 * method.power if columns == 1 else method.power
        for side in range(2 if columns > 1 else 1):
            length, squares, powers = (
                (rows, memory.left, memory.left_power) if side == 0 else (columns, memory.right, memory.right_power)
            )
            square = matrix_at(squares, begins[side], length, length)
            out = matrix_at(powers, begins[side], length, length)
            take_in(square, G, side, method.beta, take)
            if k % method.period == 0:
                inverse_power(square, power, method.eps, out)
        left = matrix_at(memory.left_power, begins[0], rows, rows)
        right = matrix_at(memory.right_power, begins[1], columns, columns)
        if columns == 1:
            right[0, 0] = 1.0
        W = matrix_at(point.x, begin, rows, columns)
        W -= step * (left @ G @ right)
        begins[0] += rows * rows
        begins[1] += columns * columns


@implements(memory_of_blocks, Shampoo)
def _(method, blocks):
    left = sum(block.rows**2 for block in blocks)
    right = sum(block.columns**2 for block in blocks)
    return Preconditioners(np.zeros(left), np.zeros(right), np.zeros(left), np.zeros(right), block_table(blocks))
