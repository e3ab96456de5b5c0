"""First-order methods on many two-dimensional quadratics at once, each with its step size tuned."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

STEPS = 400
TARGET = 1e-6  # of the first loss
GRID = 10.0 ** np.linspace(-3, 0.8, 39)
EPS = 1e-10


class Quadratics(NamedTuple):
    """Forms x'Hx/2 and first points, one instance a row."""

    forms: np.ndarray  # H, shape (n, 2, 2)
    starts: np.ndarray  # shape (n, 2)

    def rotated(self, angles: np.ndarray) -> Quadratics:
        """Return the same problems, turned."""
        cosines, sines = np.cos(angles), np.sin(angles)
        turn = np.stack([np.stack([cosines, -sines], -1), np.stack([sines, cosines], -1)], -2)
        return Quadratics(turn @ self.forms @ turn.swapaxes(1, 2), np.einsum("nij,nj->ni", turn, self.starts))


def axis_aligned(count: int, conditions: tuple[float, float], rng: np.random.Generator) -> Quadratics:
    """Draw eigenvalues 1 and a log-uniform condition number along the axes, and first points on the unit circle."""
    forms = np.zeros((count, 2, 2))
    forms[:, 0, 0] = 1.0
    forms[:, 1, 1] = np.exp(rng.uniform(math.log(conditions[0]), math.log(conditions[1]), count))
    angles = rng.uniform(0, 2 * np.pi, count)
    return Quadratics(forms, np.stack([np.cos(angles), np.sin(angles)], -1))


def preconditioned(method: str, gradient: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Return the direction of a method and take the gradient into its sums of outer products."""
    if method == "gradient descent":
        return gradient
    sums += gradient[..., :, None] * gradient[..., None, :]
    if method == "diagonal":
        return gradient / np.sqrt(np.einsum("nkii->nki", sums) + EPS)
    values, vectors = np.linalg.eigh(sums)
    inner = np.einsum("nkji,nkj->nki", vectors, gradient) / np.sqrt(np.maximum(values, 0) + EPS)
    return np.einsum("nkij,nkj->nki", vectors, inner)


def iterations(problems: Quadratics, method: str, *, steps: int = STEPS, grid: np.ndarray = GRID) -> np.ndarray:
    """Return each instance's iterations to the target under its best step size; `steps` where none gets there.

    Gradient descent's grid is in units of 1/L, so that 2/(L + mu) is among its candidates up to the grid.
    """
    return _iterations(problems.forms.tobytes(), problems.starts.tobytes(), method, steps, grid.tobytes()).copy()


@functools.lru_cache(64)  # claims about the same problems share them
def _iterations(forms: bytes, starts: bytes, method: str, steps: int, grid: bytes) -> np.ndarray:
    problems = Quadratics(np.frombuffer(forms).reshape(-1, 2, 2), np.frombuffer(starts).reshape(-1, 2))
    candidates, count = np.frombuffer(grid), len(problems.starts)
    unit = 1 / np.linalg.eigvalsh(problems.forms)[:, -1] if method == "gradient descent" else np.ones(count)
    sizes = unit[:, None, None] * candidates[None, :, None]
    x = np.repeat(problems.starts[:, None, :], len(candidates), axis=1)
    sums = np.zeros((*x.shape, 2))
    first = np.einsum("ni,nij,nj->n", problems.starts, problems.forms, problems.starts)
    needed = np.full(count, steps)
    for k in range(steps):
        gradient = np.einsum("nij,nkj->nki", problems.forms, x)
        losses = np.einsum("nki,nki->nk", x, gradient)
        needed = np.where((losses <= TARGET * first[:, None]).any(axis=1), np.minimum(needed, k), needed)
        if (needed < k).all():
            break
        # What diverges is held finite: it does not come back within the target.
        x = np.clip(x - sizes * preconditioned(method, gradient, sums), -1e6, 1e6)
    return needed
