"""Damped, saddle-free and cubic Newton once more, with full matrices and SciPy's solvers."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import eigh, eigvalsh
from scipy.optimize import brentq

from tests.dynamics.algorithms.curved import Formulas

Matrix = Callable[[np.ndarray], np.ndarray]


class TwinRun(NamedTuple):
    """What a run leaves behind."""

    iterates: np.ndarray  # shape (steps + 1, d)
    accepted: list[bool]
    damping: list[float]


def damped_step(g: np.ndarray, B: np.ndarray, damping: float) -> np.ndarray:
    """The solution of (B + νI)s = −g."""
    return -np.linalg.solve(B + damping * np.eye(len(g)), g)


def cubic_step(g: np.ndarray, B: np.ndarray, sigma: float) -> np.ndarray:
    """The global minimiser of gᵀs + sᵀBs/2 + σ‖s‖³/3 outside the hard case: ν = σ‖(B + νI)⁻¹g‖, by bisection."""
    lowest = eigvalsh(B)[0]

    def excess(nu):
        return np.linalg.norm(damped_step(g, B, nu)) - nu / sigma

    least = 0.0 if lowest > 0 else 1e-10 - lowest
    return damped_step(g, B, brentq(excess, least, least + abs(lowest) + 10 + sigma * 1e4, xtol=1e-15, rtol=1e-14))


def model(g: np.ndarray, B: np.ndarray, s: np.ndarray, sigma: float = 0.0) -> float:
    """How much the model falls by a step."""
    return float(-(g @ s + s @ B @ s / 2 + sigma / 3 * np.linalg.norm(s) ** 3))


def controlled(formulas: Formulas, matrix: Matrix, x0: np.ndarray, steps: int, method: Any, cubic: bool) -> TwinRun:
    """Steps that are judged by the fall of the loss over that of the model: damped, or with a cubic penalty."""
    xs, accepted = [x0], []
    damping = [method.penalty if cubic else method.damping]
    least = method.min_penalty if cubic else method.min_damping
    for _ in range(steps):
        x, nu = xs[-1], damping[-1]
        g, B, f = formulas.gradient(x), matrix(x), formulas.loss(x)
        while not cubic and eigvalsh(B)[0] + nu <= 0:
            nu *= method.increase
        s = cubic_step(g, B, nu) if cubic else damped_step(g, B, nu)
        noise = 10 * np.finfo(float).eps * abs(f)
        rho = (f - formulas.loss(x + s) + noise) / (model(g, B, s, nu if cubic else 0.0) + noise)
        accepted.append(bool(rho >= method.eta1))
        xs.append(x + s if accepted[-1] else x)
        if rho >= method.eta2:
            damping.append(max(nu / method.decrease, least))
        else:
            damping.append(nu if accepted[-1] else nu * method.increase)
    return TwinRun(np.array(xs), accepted, damping)


def absolute(H: np.ndarray) -> np.ndarray:
    """The matrix with the same eigenvectors and the absolute values of the eigenvalues."""
    eigenvalues, vectors = eigh(H)
    return vectors @ np.diag(np.abs(eigenvalues)) @ vectors.T


def uncontrolled(formulas: Formulas, matrix: Matrix, x0: np.ndarray, steps: int, method: Any) -> np.ndarray:
    """Steps −α(B + νI)⁺g, each taken, with SciPy's or NumPy's pseudo-inverse; all iterates."""
    xs = [x0]
    for _ in range(steps):
        x = xs[-1]
        B = matrix(x) + method.damping * np.eye(len(x))
        xs.append(x - method.step_size * np.linalg.pinv(B, hermitian=True) @ formulas.gradient(x))
    return np.array(xs)


def krylov(g: np.ndarray, B: np.ndarray, size: int) -> np.ndarray:
    """An orthonormal basis of {g, Bg, ...}, by Arnoldi's full orthogonalisation, shape (d, size)."""
    Q = g[:, None] / np.linalg.norm(g)
    while Q.shape[1] < size:
        following = B @ Q[:, -1]
        for _ in range(2):
            following = following - Q @ (Q.T @ following)
        Q = np.column_stack([Q, following / np.linalg.norm(following)])
    return Q
