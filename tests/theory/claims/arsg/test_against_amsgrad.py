"""ARSG's coefficients against AMSGrad's: the symbolic groups against the shipped numbers, and a false sign."""

from fractions import Fraction

import pytest

from theory import arsg
from theory.claims import claim
from theory.claims.arsg import against_amsgrad

GROUPED = against_amsgrad._grouped(Fraction(9, 10), Fraction(1, 100), Fraction(1))


def test_a_dropped_factor_in_the_coefficients_is_not_passed(monkeypatch):
    monkeypatch.setattr(against_amsgrad, "_grouped", lambda *_: {name: -value for name, value in GROUPED.items()})
    assert claim("arsg.theorem2_coefficients").check().verdict == "refuted"


def test_groups_agree_with_the_shipped_coefficients():
    a, m, extra, more = 1.5, 0.25, 2.0, 4.0
    beta, mu, L, d = 0.9 + 0.1 * a / (1 + a), 0.01 + 0.99 * m / (1 + m), 1 + extra, 1 + more
    known = {"beta": beta, "smoothness": L, "gradient_bound": 1.0, "initial_gap": 0.0}
    ours = arsg.theorem2_coefficients(mu=mu, **known)
    theirs = arsg.theorem2_coefficients(mu=0.0, method="amsgrad", **known)
    expected = {
        "D1": theirs.d1 - ours.d1,
        "D2": theirs.d2 - ours.d2,
        "D3 d + D4": (theirs.d3 - ours.d3) * d + theirs.d4 - ours.d4,
        "D5 d + D6": (theirs.d5 - ours.d5) * d + theirs.d6 - ours.d6,
    }
    for name, value in GROUPED.items():
        values = {symbol: {"a": a, "m": m, "l": extra, "e": more}[symbol.name] for symbol in value.free_symbols}
        assert float(value.subs(values)) == pytest.approx(float(expected[name]), rel=1e-9)


def test_small_smoothness_is_where_the_improvement_ends(quick):
    """The L at which D1 turns, solved from its two terms, lies between the tabulated ratios on either side of 1."""
    beta, mu = 0.999, 0.1
    q = beta / (1 - beta)
    linear = (1 + mu * q) * (9 * (mu * q) ** 2 + 6) + mu * q / 2 - 1.5
    square = mu * q**2 / (1 - beta) ** 2 - mu * q**2 / 2
    turn = linear / square
    ratios = quick("arsg.theorem2_coefficients").data["ratios D1..D6, ARSG over AMSGrad"]
    assert ratios["L = 1e-05, beta = 0.999, mu = 0.1"][0] > 1 > ratios["L = 0.001, beta = 0.999, mu = 0.1"][0]
    assert 1e-5 < turn < 1e-3
    for L, better in ((turn * 0.99, False), (turn * 1.01, True)):
        known = {"beta": beta, "smoothness": L, "gradient_bound": 1.0, "initial_gap": 0.0}
        ours = arsg.theorem2_coefficients(mu=mu, **known)
        theirs = arsg.theorem2_coefficients(mu=0.0, method="amsgrad", **known)
        assert (ours.d1 < theirs.d1) == better


def test_same_floor_leaves_the_larger_bound_to_arsg(quick):
    case = quick("arsg.theorem2_epsilon").counterexample
    assert case["ARSG's bound"] > case["AMSGrad's bound"]
    # 6 L against 3/2 L in D1, times alpha / (sqrt(T) floor^2)
    expected = 4.5 * case["smoothness"] * case["gradient_bound"] ** 3 * case["step_size"] / (100 * 0.01**2)
    assert case["ARSG's bound"] - case["AMSGrad's bound"] == pytest.approx(expected, rel=1e-9)
