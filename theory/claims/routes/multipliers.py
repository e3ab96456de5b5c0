"""Proofs of worst-case bounds over smooth convex functions, by exact multipliers of the interpolation inequalities."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from theory.claims.routes.performance_estimation import MINIMISER, Method, interpolation, trace

__all__ = ["MINIMISER", "certifies"]


def certifies(method: Method, multipliers: Mapping[tuple[int, int], Fraction], bound: Fraction) -> bool:
    """Check in exact arithmetic that f(end) - f* <= bound |x_0 - x*|^2 for every 1-smooth convex function.

    Multiplied and added, the inequalities between the points have to leave f(end) - f* on the side of the values, and a
    matrix below `bound |x_0 - x*|^2` on that of the Gram matrix: this is a proof, whoever found the multipliers.

    Parameters
    ----------
    method : callable
        As for `worst_case`, with rational coefficients that floats hold exactly.
    multipliers : mapping of (i, j) to Fraction
        For "f_i >= f_j + ..."; points are counted in the order of their gradients, `MINIMISER` is the last.
    bound : Fraction

    Examples
    --------
    >>> from fractions import Fraction
    >>> half = Fraction(1, 2)
    >>> chain = {(0, 1): half, (MINIMISER, 0): half, (MINIMISER, 1): half}
    >>> step = lambda x, gradient: x - gradient(x)
    >>> certifies(step, chain, Fraction(1, 6)), certifies(step, chain, Fraction(1, 7))
    (True, False)
    """
    from flint import fmpq, fmpq_mat

    traced = trace(method)
    size = len(traced.points)
    values, slack = [fmpq(0)] * size, fmpq_mat(size, size)
    slack[0, 0] = fmpq(bound.numerator, bound.denominator)
    for (i, j), weight in multipliers.items():
        if weight < 0:
            return False
        exact = fmpq(weight.numerator, weight.denominator)
        values[j] += exact
        values[i] -= exact
        matrix = interpolation(traced, i, j, smoothness=1.0, strong_convexity=0.0)
        slack += exact * fmpq_mat([[fmpq(*float(entry).as_integer_ratio()) for entry in row] for row in matrix])
    wanted = [fmpq(index == size - 2) for index in range(size - 1)]
    return values[:-1] == wanted and _is_positive_semidefinite(slack)


def _is_positive_semidefinite(matrix: Any) -> bool:
    """Decide by the signs of the characteristic polynomial, which alternate exactly where no root is negative."""
    coefficients = matrix.charpoly().coeffs()
    degree = len(coefficients) - 1
    return all(value * (-1) ** (degree - power) >= 0 for power, value in enumerate(coefficients))
