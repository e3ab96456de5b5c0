"""What ARSG's claims share: the source, hypotheses, and the system on one eigen-direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from theory.claims.ledger import Hypothesis

if TYPE_CHECKING:
    from sympy import Expr, Matrix

PAPER = "Chen et al., An Adaptive Remote Stochastic Gradient Method for Training Neural Networks (2019)"

MOMENTUM = Hypothesis("0 <= beta < 1", lambda *, beta, **_: 0 <= beta < 1)
SOME_MOMENTUM = Hypothesis("0 < beta < 1", lambda *, beta, **_: 0 < beta < 1)
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
