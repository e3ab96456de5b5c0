"""SciPy, where it has a solver: W5 by eigenvalues and by the discrete Lyapunov equation, point by point."""

from collections.abc import Callable

import numpy as np
from scipy.linalg import solve_discrete_lyapunov
from scipy.optimize import minimize, rosen, rosen_der, rosen_hess_prod

from benchmarks.workloads import GRADIENT_NORM, Case

Result = tuple[np.ndarray, np.ndarray]


def surfaces(case: Case) -> Callable[[int], Result]:
    """W5: RSG on one eigen-direction is a linear system of two variables, the average of gradients and the error."""
    tau, mus, beta = case.problem

    def evaluate(rows: int) -> Result:
        gain, limit = np.empty((rows, tau.size)), np.full((rows, tau.size), np.nan)
        for i, mu in enumerate(mus[:rows]):
            near = 1.0 - beta + beta * mu  # what a gradient moves the iterate by at once
            b = np.array([1.0 - beta, -near])
            for j, t in enumerate(tau):
                A = np.array([[beta, (1.0 - beta) * t], [-beta * (1.0 - mu), 1.0 - near * t]])
                gain[i, j] = np.abs(np.linalg.eigvals(A)).max()
                if gain[i, j] < 1.0:
                    limit[i, j] = solve_discrete_lyapunov(A, t * t * np.outer(b, b))[1, 1]
        return gain, limit

    return evaluate


def newton(case: Case) -> Callable[[int], Result]:
    """W6: trust-ncg, which accepts and shrinks by rules of its own and stops at other iterates than optdyn and C."""
    method = case.methods[0]
    options = {
        "gtol": GRADIENT_NORM,
        "eta": method.eta1,
        "initial_trust_radius": method.radius,
        "max_trust_radius": method.max_radius,
    }
    value, gradient, product = carmon_functions(case) if case.kind == "w6_carmon" else (
        rosen, rosen_der, rosen_hess_prod,
    )  # fmt: skip

    def run(steps: int) -> Result:
        limits = options | {"maxiter": steps}
        ends = [
            minimize(value, start, jac=gradient, hessp=product, method="trust-ncg", options=limits)
            for start in case.starts
        ]
        return np.array([[end.fun] for end in ends]), np.array([[np.linalg.norm(end.jac)] for end in ends])

    return run


def carmon_functions(case: Case) -> tuple:
    """Value, gradient and Hessian products of Carmon's regression."""
    A, b = case.problem.A, case.problem.b

    def value(x):
        square = (A @ x - b) ** 2
        return np.mean(square / (1.0 + square))

    def gradient(x):
        t = A @ x - b
        return (2.0 * t / (1.0 + t * t) ** 2) @ A / len(b)

    def product(x, v):
        square = (A @ x - b) ** 2
        return ((2.0 - 6.0 * square) / (1.0 + square) ** 3 * (A @ v)) @ A / len(b)

    return value, gradient, product


RUNNERS = {"w5": surfaces, "w6_carmon": newton, "w6_rosenbrock": newton}
