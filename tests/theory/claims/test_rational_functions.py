"""Rational functions decided by FLINT, held against SymPy's own reduction."""

import pytest
import sympy as sp

from theory.claims.rational_functions import MOST, factored, is_zero, reads, reduced, signs
from theory.claims.routes.symbolic import positive_on_orthant, vanishes

x, y, z = sp.symbols("x y z")
EXPRESSIONS = (
    1 / (x - y) + 1 / (x + y) - 2 * x / (x**2 - y**2),
    1 / (x - y) + 1 / (x + y) - 2 * x / (x**2 + y**2),
    (x**3 - 1) / (x - 1) - x**2 - x - 1,
    (x + y + z) ** 3 - sp.expand((x + y + z) ** 3) + sp.Rational(1, 3),
    (1 + x / (1 + y / (1 + z))) ** -2 - ((1 + y + z) / (1 + y + z + x * (1 + z))) ** 2,
    x * (1 + y) / (x + x * y) - 1,
    (x**2 - y**2) / (x - y) / (x + 1),
    (x**2 - y**2) / (x - y) / (x - 1),
    -(1 + x * y) / (-x - 2 * y),
    (1 - x) / (2 * x - 2),
    (x + sp.Rational(2, 7)) / (3 + y),
    sp.Integer(0),
)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_what_is_zero_is_what_sympy_reduces_to_zero(expression):
    assert is_zero(expression) == (sp.cancel(sp.together(expression)) == 0) == vanishes(expression)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_signs_are_those_of_the_reduced_fraction(expression):
    symbols = sorted(expression.free_symbols, key=str)
    found, parts = signs(expression), sp.fraction(sp.cancel(sp.together(expression)))
    if parts[0] == 0:
        assert found is None
        return
    polynomials = [sp.Poly(part, *symbols) for part in parts]
    theirs = [{int(sp.sign(value)) for value in polynomial.coeffs()} for polynomial in polynomials]
    ours = [set(part.signs) for part in found]
    assert theirs in (ours, [{-sign for sign in part} for part in ours])
    constants = [polynomial.nth(*[0] * len(symbols)) != 0 for polynomial in polynomials]
    assert constants == [part.has_constant for part in found]


def test_what_flint_is_not_given_is_left_to_sympy():
    root = sp.sqrt(2)
    assert is_zero(root * x - x * root + root) is None
    assert is_zero(sp.zoo) is None
    assert is_zero((x + 1) ** (MOST + 1)) is None
    assert is_zero(sp.Pow(sp.Add(x, -y, y - x, evaluate=False), -1, evaluate=False)) is None
    assert not vanishes((x + 1) ** (MOST + 1) - x)
    assert positive_on_orthant(root * x + 1)
    assert not positive_on_orthant(root * x - 1)


def test_closed_needs_both_constants():
    assert positive_on_orthant((1 + x) / (2 + y), closed=True)
    assert not positive_on_orthant((1 + x) / y, closed=True)
    assert not positive_on_orthant(x / (2 + y), closed=True)


FRACTIONS = (*EXPRESSIONS, sp.Rational(3, 4) * (x + 2 * y) / (6 * z - 4 * y), (x - 1) ** 3 / (1 - x) / 3, x / 3)


@pytest.mark.parametrize("expression", FRACTIONS, ids=str)
def test_reduced_and_factored_fractions_are_sympys(expression):
    for ours, theirs in ((reduced(expression), sp.cancel(expression)), (factored(expression), sp.factor(expression))):
        assert sp.expand(sp.fraction(ours)[0] * sp.fraction(theirs)[1]) == sp.expand(
            sp.fraction(theirs)[0] * sp.fraction(ours)[1]
        )
        sizes = [[sp.Poly(part, x, y, z).total_degree() for part in sp.fraction(each)] for each in (ours, theirs)]
        assert sizes[0] == sizes[1]
    factors = [sp.factor_list(part)[1] for part in sp.fraction(sp.cancel(expression))]
    bases = {base for base in sp.Mul.make_args(factored(expression)) if not base.is_number}
    assert len(bases) == sum(map(len, factors))
    assert sp.Poly(sp.fraction(reduced(expression))[1], x, y, z).LC() > 0


def test_what_flint_cannot_read_sympy_reduces():
    root = sp.sqrt(1 + x)
    assert reduced(root * x / x**2) == root / x
    assert factored(root * x + root * y) == root * (x + y)


def test_what_is_read_is_rational():
    assert all(reads(expression) for expression in EXPRESSIONS)
    assert not any(
        reads(other) for other in (sp.sqrt(x), x**y, sp.pi * x, sp.sin(x), sp.nan, sp.oo, x ** sp.Rational(1, 2))
    )
