"""Rational expressions as fractions of polynomials with rational coefficients, multiplied out by FLINT.

FLINT does in a millisecond what takes SymPy, which orders and hashes every term, a tenth of a second.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sympy import Expr

__all__ = ["Signs", "factored", "is_zero", "reads", "reduced", "signs"]

MOST = 12  # an exponent above is left to SymPy: the powers of long sums have millions of terms


class _Fraction(NamedTuple):
    over: Any  # polynomials
    under: Any

    def plus(self, other: _Fraction) -> _Fraction:
        if self.under == other.under:
            return _Fraction(self.over + other.over, self.under)
        shared = self.under.gcd(other.under)
        mine, theirs = other.under // shared, self.under // shared
        return _Fraction(self.over * mine + other.over * theirs, self.under * mine)

    def times(self, other: _Fraction) -> _Fraction:
        return _Fraction(self.over * other.over, self.under * other.under)


def is_zero(expression: Expr) -> bool | None:
    """Decide whether a rational expression is identically zero; None where it is not made as this file can read it.

    That is so with irrational numbers, large exponents, and where a denominator is identically zero.

    Examples
    --------
    >>> import sympy as sp
    >>> x, y = sp.symbols("x y")
    >>> is_zero(1 / (x - y) + 1 / (x + y) - 2 * x / (x**2 - y**2)), is_zero(x / y - 1)
    (True, False)
    >>> is_zero(sp.sqrt(2) * x) is None
    True
    """
    found = _multiplied_out(expression)
    return None if found is None else bool(found.over == 0)


def signs(expression: Expr) -> tuple[Signs, Signs] | None:
    """The signs of the coefficients above and below the line once the fraction is reduced; None as for `is_zero`.

    Both are determined up to one factor for the two.

    Examples
    --------
    >>> import sympy as sp
    >>> x, y = sp.symbols("x y")
    >>> above, below = signs((x**2 - y**2) / (x - y) / (x - 2))
    >>> sorted(above.signs), above.has_constant, sorted(below.signs), below.has_constant
    ([1], False, [-1, 1], True)
    """
    found = _multiplied_out(expression)
    if found is None or found.over == 0:
        return None
    shared = found.over.gcd(found.under)
    above, below = (_signs_of(part // shared) for part in found)
    return above, below


def reads(expression: Expr) -> bool:
    """Whether an expression is made of symbols and rational numbers by sums, products and whole powers alone.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> reads(x / (1 + x) ** 20), reads(sp.sqrt(x)), reads(sp.zoo)
    (True, False, False)
    """
    seen: set[Any] = set()
    open_parts: list[Any] = [expression]
    while open_parts:
        part = open_parts.pop()
        if part in seen or part.is_Symbol or part.is_Rational:
            continue
        seen.add(part)
        if part.is_Pow and part.exp.is_Integer:
            open_parts.append(part.base)
        elif part.is_Add or part.is_Mul:
            open_parts.extend(part.args)
        else:
            return False
    return True


def reduced(expression: Expr) -> Expr:
    """Return a rational expression as one reduced fraction, multiplied out: what `sympy.cancel` returns.

    Examples
    --------
    >>> import sympy as sp
    >>> x, y = sp.symbols("x y")
    >>> reduced((x**2 - y**2) / (2 * x - 2 * y))
    x/2 + y/2
    """
    import sympy as sp

    found = _multiplied_out(expression)
    if found is None:
        return sp.cancel(expression)
    shared = found.over.gcd(found.under)
    names = sorted(expression.free_symbols, key=str)
    (over, above), (under, below) = (_in_whole_numbers(part // shared, names) for part in found)
    return over / under * (above / below)


def factored(expression: Expr) -> Expr:
    """Return a rational expression as a product of irreducible polynomials: what `sympy.factor` returns.

    Examples
    --------
    >>> import sympy as sp
    >>> x, y = sp.symbols("x y")
    >>> factored(1 / (x - y) - 1 / (x + y))
    2*y/((x - y)*(x + y))
    """
    import sympy as sp

    found = _multiplied_out(expression)
    if found is None:
        return sp.factor(expression)
    names = sorted(expression.free_symbols, key=str)
    shared = found.over.gcd(found.under)
    product = sp.Integer(1)
    for part, sign in zip(found, (1, -1), strict=True):
        content, factors = (part // shared).factor()
        product *= _number(content) ** sign
        for factor, power in factors:
            number, polynomial = _in_whole_numbers(factor, names)
            product *= number ** (sign * power) * polynomial ** (sign * power)
    return product


def _number(value: Any) -> Any:
    import sympy as sp

    return sp.Rational(int(value.numer()), int(value.denom()))


def _in_whole_numbers(polynomial: Any, names: list[Any]) -> tuple[Any, Any]:
    """A polynomial as a number times one whose coefficients are coprime whole numbers, the leading one positive."""
    import sympy as sp

    terms = polynomial.to_dict()
    if not terms:
        return sp.Integer(0), sp.Integer(1)
    scale = lcm(*(int(value.denom()) for value in terms.values()))
    whole = {powers: int(value.numer()) * (scale // int(value.denom())) for powers, value in terms.items()}
    shared = gcd(*whole.values()) * (-1 if whole[max(whole)] < 0 else 1)
    summands = (
        sp.Mul(sp.Integer(value // shared), *(name**power for name, power in zip(names, powers, strict=True)))
        for powers, value in whole.items()
    )
    return sp.Rational(shared, scale), sp.Add(*summands)


class Signs(NamedTuple):
    """Of a polynomial's coefficients: which signs occur, and whether there is a constant term."""

    signs: frozenset[int]
    has_constant: bool


def _signs_of(polynomial: Any) -> Signs:
    terms = polynomial.to_dict()
    found = frozenset(1 if value > 0 else -1 for value in terms.values())
    return Signs(found, any(not any(powers) for powers in terms))


def _multiplied_out(expression: Expr) -> _Fraction | None:
    from flint import fmpq_mpoly_ctx

    symbols = sorted(expression.free_symbols, key=str)
    ring = fmpq_mpoly_ctx.get(tuple(f"x{place}" for place in range(len(symbols))))
    one = ring.constant(1)
    known: dict[Any, _Fraction | None] = {
        symbol: _Fraction(itself, one) for symbol, itself in zip(symbols, ring.gens(), strict=True)
    }
    return _fraction(expression, ring, known)


def _fraction(expression: Any, ring: Any, known: dict[Any, _Fraction | None]) -> _Fraction | None:
    """An expression's fraction; `known` has those of the parts that were met before."""
    if expression not in known:
        known[expression] = _made(expression, ring, known)
    return known[expression]


def _made(expression: Any, ring: Any, known: dict[Any, _Fraction | None]) -> _Fraction | None:
    from flint import fmpq

    if expression.is_Rational:
        return _Fraction(ring.constant(fmpq(int(expression.p), int(expression.q))), ring.constant(1))
    if expression.is_Pow:
        base, exponent = _fraction(expression.base, ring, known), expression.exp
        if base is None or not exponent.is_Integer or abs(exponent) > MOST:
            return None
        if exponent < 0:
            if base.over == 0:
                return None
            base = _Fraction(base.under, base.over)
        return _Fraction(base.over ** abs(int(exponent)), base.under ** abs(int(exponent)))
    if not (expression.is_Add or expression.is_Mul):
        return None
    total = None
    for part in expression.args:
        one = _fraction(part, ring, known)
        if one is None:
            return None
        total = one if total is None else total.plus(one) if expression.is_Add else total.times(one)
    return total
