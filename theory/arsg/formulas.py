"""The closed forms of RSG on an eigen-direction as plain arithmetic: NumPy runs them on arrays, numba on numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

Formula = Callable[[Any, Any, Any], Any]


def select(condition: Any, chosen: Any, otherwise: Any) -> Any:
    """Return ``chosen`` where the condition holds, else ``otherwise``: a form that compiles to SIMD, without branches.

    Both sides are evaluated everywhere, so that a formula may divide by zero where it isn't used.
    """
    return np.where(condition, chosen, otherwise)


def gain_formula(tau: Any, beta: Any, mu: Any) -> Any:
    """Return the gain factor of numbers or arrays in the permitted ranges."""
    forget = 1 - beta
    immediate = forget + beta * mu
    scaled = immediate * tau
    shift = scaled - forget
    discriminant = shift * shift - (4 * beta * forget * (1 - mu)) * tau
    determinant = beta - (beta * mu) * tau
    complex_pair = discriminant < 0
    # Rounding can leave a negative determinant where both vanish.
    root = np.sqrt(select(complex_pair, select(determinant > 0, determinant, 0.0), discriminant))
    return select(complex_pair, root, 0.5 * (np.abs(1 + beta - scaled) + root))


def variance_formula(tau: Any, beta: Any, mu: Any) -> Any:
    """Return the limit for numbers or arrays with β and μ in the permitted ranges."""
    forget = 1 - beta
    width = forget + 2 * beta * mu
    observed = (beta * mu) * tau
    margin = 2 * (1 + beta) - width * tau  # positive exactly for τ < tau_rb
    numerator = tau * (forget * (1 + beta) + width * observed)
    denominator = (forget + observed) * margin
    return select((tau > 0) & (margin > 0), numerator / denominator, np.nan)


def points_formula(beta: Any, mu: Any) -> tuple[Any, Any, Any, Any]:
    """Return the convergence boundary, the symmetric point and the two real-complex boundaries."""
    forget = 1 - beta
    immediate = forget + beta * mu
    root = np.sqrt(beta * (1 - mu))
    return (
        2 * (1 + beta) / (forget + 2 * beta * mu),
        (1 + beta) / immediate,
        forget / (1 + root) ** 2,
        forget * ((1 + root) / immediate) ** 2,
    )
