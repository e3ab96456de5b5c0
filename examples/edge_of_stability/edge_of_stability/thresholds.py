"""The sharpness at which a method leaves a minimum, derived from the matrix of one of its steps.

Along an eigen-direction of curvature λ a linear method with step size η moves its state by A(τ), τ = ηλ. It is stable
while all eigenvalues of A(τ) are inside the unit circle; as τ grows from 0, the first one to leave does so at -1. A
method with a frozen preconditioner P is the same method on P⁻¹H.
"""

from typing import NamedTuple

import sympy as sp

from theory.linear import RSG, GradientDescent, HeavyBall, LinearMethod, Nesterov, TwoStepHeavyBall

__all__ = ["METHODS", "Threshold", "derived", "margins", "threshold"]


class Threshold(NamedTuple):
    """A linear method in one convention of momentum, and what its threshold is said to be.

    Attributes
    ----------
    method : type of LinearMethod
    fixed : dict
        Parameters that the others settle, in terms of β.
    printed : Expr
        Sharpness times step size at the edge, as the papers print it or as it follows from what they print.
    """

    method: type[LinearMethod]
    fixed: dict[str, sp.Expr]
    printed: sp.Expr


BETA = sp.Symbol("beta", positive=True)

METHODS: dict[str, Threshold] = {
    "gradient descent": Threshold(GradientDescent, {}, sp.Integer(2)),
    "heavy ball, classical": Threshold(TwoStepHeavyBall, {}, 2 + 2 * BETA),
    "heavy ball, moving average": Threshold(HeavyBall, {}, (2 + 2 * BETA) / (1 - BETA)),
    "Nesterov, classical": Threshold(Nesterov, {}, (2 + 2 * BETA) / (1 + 2 * BETA)),
    "Nesterov, moving average": Threshold(RSG, {"mu": 1 - BETA}, (2 + 2 * BETA) / ((1 - BETA) * (1 + 2 * BETA))),
}
"""Both conventions of momentum: in the classical one the velocity adds the gradient, in the other (1 - β) times it.
Adam at a frozen preconditioner is heavy ball with a moving average on P⁻¹H, RMSprop is gradient descent on it."""


def margins(name: str) -> tuple[sp.Symbol, dict[str, sp.Expr]]:
    """The symbol τ and what has to be positive for all eigenvalues of A(τ) to be inside the unit circle.

    These are Jury's conditions: the characteristic polynomial at 1 and, with its sign, at -1, and 1 minus the
    determinant where there are two states.

    Examples
    --------
    >>> tau, conditions = margins("gradient descent")
    >>> conditions
    {'at 1': tau, 'at -1': 2 - tau}
    """
    method, fixed, _ = METHODS[name]
    symbols = method.symbolic()
    beta = {symbols.parameters["beta"]: BETA} if "beta" in symbols.parameters else {}
    others = {symbols.parameters[key]: value for key, value in fixed.items()}
    matrix = symbols.A.subs(others).subs(beta)
    identity = sp.eye(matrix.rows)
    conditions = {
        "at 1": sp.factor((identity - matrix).det()),
        "at -1": sp.factor((identity + matrix).det()),
    }
    if matrix.rows == 2:
        conditions["determinant"] = sp.factor(1 - matrix.det())
    return symbols.tau, conditions


def derived(name: str) -> sp.Expr:
    """The largest τ at which the method is stable: where its characteristic polynomial has the root -1.

    Examples
    --------
    >>> derived("heavy ball, classical")
    2*(beta + 1)
    """
    tau, conditions = margins(name)
    (boundary,) = sp.solve(conditions["at -1"], tau)
    return sp.factor(boundary)


def threshold(name: str, step_size: float, beta: float = 0.0) -> float:
    """The sharpness at which a method leaves a minimum.

    Parameters
    ----------
    name : str
        Among the keys of `METHODS`.
    step_size : float
        η, positive.
    beta : float
        β in [0, 1); gradient descent has none.

    Returns
    -------
    float
        In the units of the Hessian, of P⁻¹H for a preconditioned method.

    Examples
    --------
    >>> threshold("gradient descent", 0.1), round(threshold("heavy ball, moving average", 1.0, 0.9), 12)
    (20.0, 38.0)
    """
    return float(METHODS[name].printed.subs(BETA, beta)) / step_size
