"""Trust regions once more, slowly: in coordinates in which the ellipsoid is a ball, with full Hessians.

Norms and the model are evaluated from their definitions, and the sums of squared gradients are written out.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import brentq

from tests.dynamics.algorithms.curved import Formulas


class TwinRun(NamedTuple):
    """What a run leaves behind."""

    iterates: np.ndarray  # shape (steps + 1, d)
    radii: list[float]
    accepted: list[bool]
    products: list[int]  # with the Hessian, in each iteration


def squared_matrix(method: Any, taken: list[np.ndarray], x0: np.ndarray) -> np.ndarray:
    """M², from the gradients taken in, the last one included."""
    if method.norm == "sphere":
        return np.eye(len(x0))
    decay = 1.0 if method.norm == "adagrad" else method.beta
    last = len(taken) - 1
    summed = sum(decay ** (last - i) * np.outer(g, g) for i, g in enumerate(taken))
    eps = method.eps * (decay**last if method.eps_mode == "initial" else 1)
    square = (1.0 if method.norm == "adagrad" else 1 - method.beta) * summed + eps * np.eye(len(x0))
    return square if method.matrix == "full" else np.diag(np.diag(square))


def solve(g: np.ndarray, B: np.ndarray, m: np.ndarray, radius: float, method: Any) -> tuple[np.ndarray, int]:
    """Steihaug's conjugate gradients without a preconditioner, on y = M^{1/2} s; the step, and products with B."""
    root = np.sqrt(m)
    curved, y, r = B / np.outer(root, root), np.zeros_like(g), g / root
    p = -r
    bound = np.linalg.norm(g) * min(method.kappa, np.linalg.norm(g) ** method.theta)
    falls = [0.0]
    for inner in range(1, method.max_inner + 1):
        curvature = p @ curved @ p
        ahead = y - p * (r @ p) / curvature
        if curvature <= 0 or np.linalg.norm(ahead) >= radius:
            lengths = np.roots([p @ p, 2 * y @ p, y @ y - radius**2])
            return (y + max(lengths.real) * p) / root, inner
        y, before = ahead, r
        r = g / root + curved @ y
        falls.append(-((g / root) @ y + y @ curved @ y / 2))
        by_model = method.stop == "model"
        if falls[-1] - falls[-2] <= method.kappa * falls[-1] if by_model else np.linalg.norm(root * r) <= bound:
            break
        p = -r + p * (r @ r) / (before @ before)
    return y / root, inner


def solve_on_krylov_spaces(
    g: np.ndarray, B: np.ndarray, m: np.ndarray, radius: float, method: Any
) -> tuple[np.ndarray, int]:
    """The global minimiser on {h, Ch, C²h, ...}, h and C the gradient and B for y = M^{1/2} s, in growing spaces."""
    root = np.sqrt(m)
    curved, slope = B / np.outer(root, root), g / root
    bound = np.linalg.norm(g) * min(method.kappa, np.linalg.norm(g) ** method.theta)
    Q = slope[:, None] / np.linalg.norm(slope)
    while True:
        small = Q.T @ curved @ Q
        y = Q @ solve_exactly(Q.T @ slope, small, np.ones(len(small)), radius)
        gradient = slope + curved @ y
        nu = max(-y @ gradient / (y @ y), 0) if np.linalg.norm(y) > radius * (1 - 1e-9) else 0
        if np.linalg.norm(root * (gradient + nu * y)) <= bound or Q.shape[1] == min(method.max_inner, len(g)):
            return y / root, Q.shape[1]
        following = curved @ Q[:, -1]
        for _ in range(2):
            following = following - Q @ (Q.T @ following)
        Q = np.column_stack([Q, following / np.linalg.norm(following)])


def solve_exactly(g: np.ndarray, B: np.ndarray, m: np.ndarray, radius: float) -> np.ndarray:
    """The global minimiser, outside the hard case, from the root in ν of the length of −(B + νM)⁻¹g."""

    def step(nu):
        return -np.linalg.solve(B + nu * np.diag(m), g)

    def excess(nu):
        return 1 / radius - 1 / np.sqrt(m @ step(nu) ** 2)

    lowest = eigh(B, np.diag(m), eigvals_only=True)[0]
    if lowest > 0 and m @ step(0) ** 2 <= radius**2:
        return step(0)
    least = max(0, -lowest) + 1e-9
    largest = np.sqrt(g @ (g / m)) / radius - lowest + 1
    return step(brentq(excess, least, largest, xtol=1e-15, rtol=1e-14))


def trust_region(
    formulas: Formulas, x0: np.ndarray, steps: int, method: Any, first_order: bool = False, taken: Any = ()
) -> TwinRun:
    """Algorithm 1 of Adolphs et al.; with `first_order`, B = 0. `taken` are gradients that were taken in before."""
    xs, radii, accepted, products, taken = [x0], [method.radius], [], [], list(taken)
    for _ in range(steps):
        x, radius = xs[-1], radii[-1]
        g, f = formulas.gradient(x), formulas.loss(x)
        if method.accumulate == "every" or not accepted or accepted[-1]:
            taken.append(g)
        # In the axes of the ellipsoid its matrix is diagonal, and Euclidean lengths are what they were.
        square = squared_matrix(method, taken, x0)
        squares, axes = eigh(square) if method.matrix == "full" else (np.diag(square), np.eye(len(x)))
        m, slope = np.sqrt(squares), axes.T @ g
        B = np.zeros((len(x), len(x))) if first_order else formulas.hessian(x)
        if first_order:
            s = -radius * slope / m / np.sqrt(np.sum(slope**2 / m))
        elif method.solver == "exact":
            s, count = solve_exactly(slope, axes.T @ B @ axes, m, radius), len(x)
            products.append(count if not accepted or accepted[-1] else 0)
        else:
            solver = solve_on_krylov_spaces if method.solver == "gltr" else solve
            s, count = solver(slope, axes.T @ B @ axes, m, radius, method)
            products.append(count)
        s = axes @ s
        noise = 10 * np.finfo(float).eps * abs(f)
        rho = (f - formulas.loss(x + s) + noise) / (-(g @ s + s @ B @ s / 2) + noise)
        accepted.append(bool(rho >= method.eta1))
        xs.append(x + s if accepted[-1] else x)
        if rho >= method.eta2:
            radii.append(min(method.increase * radius, method.max_radius))
        else:
            radii.append(radius if accepted[-1] else radius / method.decrease)
    return TwinRun(np.array(xs), radii, accepted, products)
