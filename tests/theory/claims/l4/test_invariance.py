"""L4's invariance by other routes, and false variants."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory.claims import Verdict
from theory.claims.l4 import invariance
from theory.claims.routes import symbolic


def test_core_rule_in_numbers():
    rng = np.random.default_rng(0)
    gradient, direction = rng.normal(size=5), rng.normal(size=5)
    direction *= np.sign(gradient @ direction)

    def step(loss, least, gradient, direction):
        return -0.15 * (loss - least) / (gradient @ direction) * direction

    plain = step(3.0, 1.0, gradient, direction)
    np.testing.assert_allclose(step(7 * 3.0 + 2, 7 * 1.0 + 2, 7 * gradient, direction), plain, rtol=1e-14)
    np.testing.assert_allclose(step(3.0, 1.0, gradient, 100 * direction), plain, rtol=1e-14)
    # a loss that is squared is no affine transform of itself
    assert not np.allclose(step(9.0, 1.0, 2 * 3.0 * gradient, direction), plain)


def test_full_rule_defect_by_scale_is_of_the_order_of_epsilon_over_product():
    loss, least, gamma, eps = Fraction(2), Fraction(1), Fraction(9, 10), Fraction(1, 10**12)
    for product, visible in ((Fraction(1), False), (Fraction(1, 10**14), True)):
        before = invariance.full_rule_factor(loss, least, product, gamma, eps)
        after = invariance.full_rule_factor(5 * loss, 5 * least, 5 * product, gamma, eps)
        change = float(after / before - 1)
        assert change == pytest.approx(float(4 * eps / (5 * product + eps)), rel=1e-12)
        assert (change > 0.1) == visible


def test_full_rule_counterexample_can_be_computed_again(quick):
    (found,) = quick("l4.full_rule_invariance").data.values()
    case, shifted = (map(Fraction, (x, x, "1", "9/10", "0")) for x in ("1", "2"))
    assert invariance.full_rule_factor(*case) == Fraction(found[0])
    assert invariance.full_rule_factor(*shifted) == Fraction(found[1])


def test_full_rule_is_invariant_under_the_added_hypothesis():
    loss, least, product, gamma, scale = sp.symbols("L L_min g_v gamma a")
    plain = invariance.full_rule_factor(loss, least, product, gamma, sp.Integer(0))
    scaled = invariance.full_rule_factor(scale * loss, scale * least, scale * product, gamma, sp.Integer(0))
    assert symbolic.vanishes(scaled - plain)


def test_invariance_of_the_full_rule_as_it_stands_is_refuted():
    loss, least, product, gamma, shift = sp.symbols("L L_min g_v gamma b")
    plain = invariance.full_rule_factor(loss, least, product, gamma, sp.Integer(0))
    shifted = invariance.full_rule_factor(loss + shift, least + shift, product, gamma, sp.Integer(0))
    assert symbolic.identity({"+ b": shifted - plain}, text="invariant").verdict is Verdict.REFUTED


def test_a_large_epsilon_parts_the_runs():
    from dynamics import L4Mom

    gap = invariance.run_gap(L4Mom(regularizer=1e6), 2.0**-10, steps=20, seed=0)
    assert gap > 1e-3
    assert invariance.run_gap(L4Mom(regularizer=0.0), 2.0**-10, steps=20, seed=0) == 0


def test_released_code_loses_more_than_the_paper(quick):
    data = quick("l4.invariant_runs").data
    assert data["L4Adam as released (1e-4 beside the root)"] > 1e3 * data["L4Adam, epsilon = 1e-12"]
