"""Identities and inequalities decided exactly in SymPy.

A rational expression vanishes when its reduced form is 0: that is a decision. A rational expression whose
numerator and denominator have only positive coefficients is positive wherever its symbols are: that is a
proof, and failing it decides nothing. A certificate writes a target as a combination of premises with
non-negative multipliers; once the identity is checked, the premises imply the target.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dynamics.checks import Refusal
from theory.claims import rational_functions
from theory.claims.certificates import proofs
from theory.claims.ledger import Evidence, Step, Verdict, argument
from theory.claims.rational_functions import Signs

if TYPE_CHECKING:
    from sympy import Expr, Symbol

_TRIAL_VALUES = ("1", "2", "1/2", "3", "1/3", "5", "1/5", "7/4")
_MAX_TRIAL_POINTS = 4000


def vanishes(expression: Expr) -> bool:
    """Decide whether a rational expression is identically zero.

    Raises
    ------
    ValueError
        If the expression is not rational in its symbols, where the reduced form decides nothing.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> vanishes((x**2 - 1) / (x - 1) - x - 1)
    True
    """
    import sympy as sp

    expression = sp.sympify(expression)
    if not _is_rational(expression):
        raise Refusal(f"{expression} is not a rational function: substitute the roots by symbols of their own")
    found = rational_functions.is_zero(expression)
    zero = bool(sp.cancel(sp.together(expression)) == 0) if found is None else found
    if zero:
        proofs.note(lambda: proofs.zero("identity", expression))
    return zero


def _is_defined(expression: Expr) -> bool:
    import sympy as sp

    return not sp.sympify(expression).has(sp.nan, sp.zoo, sp.oo, -sp.oo)


def _is_rational(expression: Expr) -> bool:
    import sympy as sp

    expression = sp.sympify(expression)
    return rational_functions.reads(expression) or bool(expression.is_rational_function(*expression.free_symbols))


def positive_on_orthant(expression: Expr, *, closed: bool = False) -> bool:
    """Prove that a rational expression is positive wherever all its symbols are.

    Sufficient, not necessary: False means that the coefficients leave the question open. With `closed` the
    symbols may be zero as well, for which both constant terms have to be present.

    Examples
    --------
    >>> import sympy as sp
    >>> x, y = sp.symbols("x y")
    >>> positive_on_orthant((1 + x * y) / (x + y)), positive_on_orthant(x**2 - x + 1)
    (True, False)
    """
    symbols = sorted(expression.free_symbols, key=str)
    if not symbols:
        return bool(expression > 0)
    if not _is_rational(expression):
        return False
    parts = rational_functions.signs(expression) or _signs_by_sympy(expression, symbols)
    if closed and not all(part.has_constant for part in parts):
        return False
    decided = frozenset().union(*(part.signs for part in parts)) in ({1}, {-1})
    if decided:
        proofs.note(lambda: proofs.positive("positive coefficients", expression, closed=closed))
    return decided


def _signs_by_sympy(expression: Expr, symbols: Sequence[Symbol]) -> tuple[Signs, ...]:
    """The same for coefficients that are no rational numbers; 0 stands for one whose sign SymPy can't tell."""
    import sympy as sp

    parts = sp.fraction(sp.cancel(sp.together(expression)))
    polynomials = [sp.Poly(part, *symbols) for part in parts]
    return tuple(
        Signs(
            frozenset(1 if value.is_positive else -1 if value.is_negative else 0 for value in polynomial.coeffs()),
            bool(polynomial.nth(*[0] * len(symbols)) != 0),
        )
        for polynomial in polynomials
    )


def certifies(target: Expr, terms: Iterable[tuple[Expr, Expr]]) -> bool:
    """Check that `target` is the sum of multiplier * premise, with multipliers positive on the orthant.

    Where every premise is non-negative and every symbol of the multipliers is positive, the target is
    non-negative.

    Examples
    --------
    >>> import sympy as sp
    >>> a, b, c = sp.symbols("a b c")
    >>> certifies(c - a, [(sp.Integer(1), b - a), (sp.Integer(1), c - b)])
    True
    """
    terms = list(terms)
    total = sum((multiplier * premise for multiplier, premise in terms), start=0)
    with proofs.unrecorded():
        decided = vanishes(target - total) and all(positive_on_orthant(multiplier) for multiplier, _ in terms)
    if decided:
        proofs.note(lambda: proofs.combination("multipliers", target, terms))
    return decided


def point_where(expression: Expr, *, negative: bool = False) -> dict[str, str] | None:
    """Find small positive rationals at which an expression is not zero (or is negative).

    Returns
    -------
    dict or None
        Symbol name to value as text, and the value of the expression under `"value"`.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> point_where((x - 1) * x)
    {'x': '2', 'value': '2'}
    """
    import sympy as sp

    symbols = sorted(expression.free_symbols, key=str)
    points = itertools.product(map(sp.Rational, _TRIAL_VALUES), repeat=len(symbols))
    # Where there are many symbols, the first ones stay alike in all of these: at last, a point of different numbers.
    apart = tuple(sp.Rational(number, 3) for number in range(len(symbols) + 3, 3, -1))
    for point in itertools.chain(itertools.islice(points, _MAX_TRIAL_POINTS), [apart]):
        value = expression.subs(dict(zip(symbols, point, strict=True)))
        if value.is_finite and (value.is_negative if negative else value.is_nonzero):
            return {str(s): str(v) for s, v in zip(symbols, point, strict=True)} | {"value": str(value)}
    return None


def identity(
    differences: Mapping[str, Expr | tuple[Expr, Expr]],
    *,
    text: str,
    before: Iterable[Step] = (),
    arguments: Iterable[str] = (),
    **details: Any,
) -> Evidence:
    """Turn "each of these differences is identically zero" into evidence.

    Parameters
    ----------
    differences : mapping
        Left side minus right side of each identity, by name; or both as a pair, where SymPy would collect the terms of
        the difference before anybody else could.
    text : str
        What has been shown if all of them vanish.
    before : iterable of Step
        Steps of the proof that were decided already.
    arguments : iterable of str
        What the proof needs beside them, in words.
    **details : object
        Further fields of `Evidence`.

    Returns
    -------
    Evidence
        Proved; or refuted, with the point at which the first that does not vanish differs.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> print(identity({"square": (x + 1) ** 2 - x**2 - 1}, text="squares add up").verdict)
    refuted
    """
    for name, entry in differences.items():
        difference = entry[0] - entry[1] if isinstance(entry, tuple) else entry
        if not _is_defined(difference):
            return Evidence(verdict=Verdict.UNDECIDED, text=f"'{name}' is not defined.")
        point = None if _is_rational(difference) else point_where(difference)
        if point is not None or not vanishes(difference):
            point = point or point_where(difference)
            if point is None:
                return Evidence(verdict=Verdict.UNDECIDED, text=f"'{name}' does not reduce to zero.")
            return Evidence(
                verdict=Verdict.REFUTED,
                counterexample={"identity": name, **point},
                text=f"'{name}' fails: the two sides differ by {point['value']} at the point given.",
            )
    decided = tuple(proofs.zero(f"identity: {name}", entry) for name, entry in differences.items())
    return Evidence(verdict=Verdict.PROVED, text=text, steps=(*before, *decided, *argument(*arguments)), **details)


def inequality(
    expressions: Mapping[str, Expr],
    *,
    text: str,
    closed: bool = False,
    before: Iterable[Step] = (),
    arguments: Iterable[str] = (),
    **details: Any,
) -> Evidence:
    """Turn "each of these expressions is positive where its symbols are" into evidence.

    Parameters
    ----------
    expressions : mapping
        The expressions, by name, after a substitution that maps their region to the positive orthant.
    text : str
        What has been shown if all of them are positive.
    closed : bool
        Whether the symbols may be zero as well.
    before, arguments
        As for `identity`.
    **details : object
        Further fields of `Evidence`.

    Returns
    -------
    Evidence
        Proved; refuted, with a point where one is negative; or undecided.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> print(inequality({"slope": x - 1}, text="it rises").counterexample)
    {'inequality': 'slope', 'x': '1/2', 'value': '-1/2'}
    """
    for name, expression in expressions.items():
        if not _is_defined(expression):
            return Evidence(verdict=Verdict.UNDECIDED, text=f"'{name}' is not defined.")
        if positive_on_orthant(expression, closed=closed):
            continue
        point = point_where(expression, negative=True)
        if point is None:
            return Evidence(
                verdict=Verdict.UNDECIDED,
                text=f"the coefficients of '{name}' have both signs, and no point tried makes it negative.",
            )
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"inequality": name, **point},
            text=f"'{name}' fails: it is {point['value']} at the point given.",
        )
    decided = tuple(
        proofs.positive(f"positive coefficients: {name}", expression, closed=closed)
        for name, expression in expressions.items()
    )
    return Evidence(verdict=Verdict.PROVED, text=text, steps=(*before, *decided, *argument(*arguments)), **details)


def on_orthant(lower: Expr, upper: Expr, symbol: Symbol) -> Expr:
    """Return the point of (lower, upper) that a positive `symbol` stands for.

    The map `lower + (upper - lower) * symbol / (1 + symbol)` takes (0, infinity) onto the open interval.

    Examples
    --------
    >>> import sympy as sp
    >>> u = sp.Symbol("u")
    >>> on_orthant(sp.Integer(0), sp.Integer(1), u)
    u/(u + 1)
    """
    return lower + (upper - lower) * symbol / (1 + symbol)
