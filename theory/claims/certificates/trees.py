"""Expressions of SymPy as nested lists without floats, which `check.py` multiplies out by itself."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from dynamics.checks import Refusal


def tree(expression: Any) -> Any:
    """Write an expression over sums, products, whole powers and square roots as nested lists; a list is one already.

    Raises
    ------
    ValueError
        If there is something else in it, of which a polynomial knows nothing.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> tree(x**2 / 2 - sp.sqrt(3))
    ['+', ['*', -1, ['sqrt', 3]], ['*', ['/', 1, 2], ['^', 'x', 2]]]
    """
    import sympy as sp

    if isinstance(expression, Fraction):
        expression = sp.Rational(expression.numerator, expression.denominator)
    match expression := expression if isinstance(expression, list) else sp.sympify(expression):
        case list():
            return expression
        case sp.Integer():
            return int(expression)
        case sp.Rational():
            return ["/", int(expression.p), int(expression.q)]
        case sp.Symbol():
            return str(expression)
        case sp.Add() | sp.Mul():
            # SymPy's own order hangs on what has been computed before.
            parts = sorted(expression.args, key=sp.default_sort_key)
            return ["+" if expression.is_Add else "*", *map(tree, parts)]
        case sp.Pow() if expression.exp.is_Integer:
            return ["^", tree(expression.base), int(expression.exp)]
        case sp.Pow() if (2 * expression.exp).is_Integer:
            root, size = ["sqrt", tree(expression.base)], int(2 * expression.exp)
            return root if size == 1 else ["^", root, size]
    raise Refusal(f"{expression} is no sum, product, whole power or square root: a certificate cannot hold it")


def pair(value: Fraction | int) -> list[int]:
    """Write a fraction as its two integers.

    Examples
    --------
    >>> pair(Fraction(1, 3))
    [1, 3]
    """
    return [Fraction(value).numerator, Fraction(value).denominator]
