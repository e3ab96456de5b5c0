"""Random losses with known Lipschitz constants, and random norms, for the convergence claims."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class CosineSum(NamedTuple):
    """The loss sum_i a_i cos(c_i'x): every derivative is bounded by the weights and the frequencies."""

    weights: np.ndarray  # a, shape (m,)
    frequencies: np.ndarray  # c, shape (m, d)

    def value(self, x: np.ndarray) -> float:
        """Return the loss."""
        return float(self.weights @ np.cos(self.frequencies @ x))

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """Return the gradient, shape (d,)."""
        return -(self.weights * np.sin(self.frequencies @ x)) @ self.frequencies

    def hessian(self, x: np.ndarray) -> np.ndarray:
        """Return the Hessian, shape (d, d)."""
        form = -(self.frequencies.T * (self.weights * np.cos(self.frequencies @ x))) @ self.frequencies
        return (form + form.T) / 2  # of what rounds apart

    def _derivative_bound(self, order: int) -> float:
        lengths = np.linalg.norm(self.frequencies, axis=1)
        return float(np.abs(self.weights) @ lengths**order)

    @property
    def gradient_bound(self) -> float:
        """Bound on the length of the gradient."""
        return self._derivative_bound(1)

    @property
    def hessian_bound(self) -> float:
        """Bound on the spectral norm of the Hessian."""
        return self._derivative_bound(2)

    @property
    def hessian_lipschitz(self) -> float:
        """Lipschitz constant of the Hessian."""
        return self._derivative_bound(3)

    @property
    def lower_bound(self) -> float:
        """A number that the loss stays above."""
        return -float(np.abs(self.weights).sum())


def cosine_sum(dimension: int, terms: int, rng: np.random.Generator) -> CosineSum:
    """Draw a sum of cosines with weights of both signs, so that 0 is a saddle more often than not."""
    return CosineSum(rng.normal(size=terms), rng.normal(size=(terms, dimension)))


def symmetric(dimension: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a symmetric matrix, shifted at random."""
    raw = rng.normal(size=(dimension, dimension))
    return (raw + raw.T) / 2 + rng.normal() * np.eye(dimension)


def random_metric(dimension: int, rng: np.random.Generator, *, zeta: float = 30.0) -> np.ndarray:
    """Draw a symmetric matrix with eigenvalues in [1/zeta, zeta]."""
    basis = np.linalg.qr(rng.normal(size=(dimension, dimension)))[0]
    values = zeta ** rng.uniform(-1, 1, dimension)
    matrix = (basis * values) @ basis.T
    return (matrix + matrix.T) / 2


def perturbed(
    loss: CosineSum, x: np.ndarray, delta_g: float, delta_H: float, rng: np.random.Generator, *, excess: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return gradient and Hessian with errors of random size, up to `excess` times those of Assumption 1."""
    direction = rng.normal(size=len(x))
    error = symmetric(len(x), rng)
    slope = loss.gradient(x) + excess * delta_g * rng.random() * direction / np.linalg.norm(direction)
    return slope, loss.hessian(x) + excess * delta_H * rng.random() * error / np.linalg.norm(error, 2)
