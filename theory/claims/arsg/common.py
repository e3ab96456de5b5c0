"""What ARSG's claims share: the source, hypotheses, and the system on one eigen-direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from theory.claims.ledger import Hypothesis

if TYPE_CHECKING:
    from sympy import Expr, Matrix

PAPER = "Chen et al., An Adaptive Remote Stochastic Gradient Method for Training Neural Networks (2019)"

NAMED = "the statement names the numbers"  # why its hypotheses need no trial
MOMENTUM = Hypothesis("0 <= beta < 1", lambda *, beta, **_: 0 <= beta < 1)
SOME_MOMENTUM = Hypothesis("0 < beta < 1", lambda *, beta, **_: 0 < beta < 1)
ONE_DIMENSION = Hypothesis("d = 1", lambda *, dimension, **_: dimension == 1)
OBSERVATION = Hypothesis("0 <= mu < 1", lambda *, mu, **_: 0 <= mu < 1)
STABLE = Hypothesis(
    "0 < tau < 2 (1 + beta) / (1 - beta + 2 beta mu)",
    lambda *, tau, beta, mu, **_: 0 < tau < 2 * (1 + beta) / (1 - beta + 2 * beta * mu),
)
CONSTANT_BETA = Hypothesis("beta_t does not depend on t", lambda *, betas, **_: len(set(betas)) == 1)
DIAGONALISABLE = Hypothesis(
    "A is diagonalisable: its two eigenvalues differ",
    lambda *, tau, beta, mu, **_: (1 + beta - tau * (1 - beta + beta * mu)) ** 2 != 4 * beta * (1 - mu * tau),
)
REGION = (MOMENTUM, OBSERVATION, STABLE)


def symbols(names: str, **assumptions: bool) -> Any:
    """Return SymPy symbols, importing SymPy only now."""
    import sympy as sp

    return sp.symbols(names, **assumptions)


def gain_matrix(beta: Expr, mu: Expr, tau: Expr) -> tuple[Matrix, Matrix]:
    """Return A and b of (10), as printed."""
    import sympy as sp

    kept = 1 - beta * (1 - mu)
    return (
        sp.Matrix([[beta, (1 - beta) * tau], [-beta * (1 - mu), 1 - kept * tau]]),
        sp.Matrix([1 - beta, -kept]),
    )


def with_eigenvalues(beta: Expr, one: Expr, two: Expr) -> tuple[Expr, Expr]:
    """Return the mu and tau at which A has these two eigenvalues.

    They are rational in them: trace = 1 - tau (1 - beta) + det, and det = beta (1 - mu tau).
    """
    tau = (1 - one) * (1 - two) / (1 - beta)
    return (beta - one * two) / (beta * tau), tau


def defective_case() -> tuple[Expr, Expr, Expr]:
    """Return beta, mu and tau at which A has the eigenvalue 2/3 twice, but one eigenvector."""
    import sympy as sp

    return sp.Rational(1, 2), sp.Rational(1, 2), sp.Rational(2, 9)


def variance_limit(beta: Expr, mu: Expr, tau: Expr) -> Expr:
    """Return the error variance limit in closed form."""
    slope = 1 - beta + 2 * beta * mu
    numerator = tau * ((1 - beta**2) + beta * mu * tau * slope)
    return numerator / ((1 - beta + beta * mu * tau) * (2 * (1 + beta) - tau * slope))


def spectral_radius(beta: float, mu: float, tau: float) -> float:
    """Return the gain factor by numerical eigenvalues, whether or not the parameters are allowed.

    Examples
    --------
    >>> round(spectral_radius(0.25, 0.0, 1.0), 12)
    0.5
    """
    import numpy as np

    matrix, _ = gain_matrix(float(beta), float(mu), float(tau))
    return float(np.abs(np.linalg.eigvals(np.array(matrix.tolist(), dtype=float))).max())


def limiting_variance(beta: float, mu: float, tau: float, steps: int = 400) -> float:
    """Return the error variance that the recursion ends at, infinity where it grows; allowed parameters or not.

    Examples
    --------
    >>> round(limiting_variance(0.0, 0.0, 1.0), 12), limiting_variance(0.5, 0.5, 4.0)
    (1.0, inf)
    """
    import numpy as np

    if spectral_radius(beta, mu, tau) >= 1:
        return float("inf")
    matrix, noise = (np.array(each.tolist(), dtype=float) for each in gain_matrix(float(beta), float(mu), float(tau)))
    covariance = np.zeros((2, 2))
    for _ in range(steps):
        covariance = matrix @ covariance @ matrix.T + float(tau) ** 2 * noise @ noise.T
    return float(covariance[1, 1])
