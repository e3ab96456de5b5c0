"""Rastrigin's function and Definitions 2.2 and 3.1 by other routes; and false variants."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate

from theory.claims.routes import symbolic
from theory.claims.sigma_nice import niceness
from theory.sigma_nice import attenuation


@pytest.mark.parametrize("dimension", [1, 2, 10])
def test_factor_in_balls_and_in_floats(dimension):
    from flint import arb

    for delta in (0.05, 0.3, 0.9):
        exact = float(niceness.cosine_factor(arb(delta), dimension))
        assert exact == pytest.approx(float(attenuation(dimension, 2 * np.pi * delta)), rel=1e-9)


def test_sign_is_proved_up_to_a_zero_and_no_farther():
    assert niceness.keeps_its_sign(Fraction(49, 100), 1)
    assert not niceness.keeps_its_sign(Fraction(51, 100), 1)  # sin(s)/s vanishes at delta = 1/2


def test_least_curvature_against_a_grid():
    for delta, radius, dimension in ((0.2, 0.3, 1), (0.7, 0.4, 1), (0.1, 0.9, 3)):
        xs = np.linspace(0, radius, 4001)
        factor = float(attenuation(dimension, 2 * np.pi * delta))
        grid = (2 + 40 * np.pi**2 * factor * np.cos(2 * np.pi * xs)).min()
        assert niceness.least_curvature(delta, radius, dimension) == pytest.approx(grid, abs=1e-3 * abs(grid) + 1e-6)


def test_windows_shrink_with_the_radius_that_is_asked():
    wide, narrow = niceness.shares(1.0, 1, 2001), niceness.shares(3.0, 1, 2001)
    assert wide[0][1] == pytest.approx(0.25, abs=3e-3)
    assert narrow[0][1] == pytest.approx(1 / 12, abs=3e-3)


def test_edge_identity_has_its_factor_two():
    assert symbolic.vanishes(niceness.edge_curvature_gap())
    assert not symbolic.vanishes(niceness.edge_curvature_gap(factor=1))


def test_edge_identity_by_quadrature():
    mean = integrate.quad(lambda u: np.cosh(0.6 - 0.6 * u), -1, 1)[0] / 2  # f' = sinh, x* = 0, at x = delta = 0.6
    assert mean == pytest.approx(np.sinh(1.2) / 1.2, rel=1e-12)


def test_staircase_attains_the_cap_and_its_neighbours_do_not():
    assert niceness.staircase(Fraction(3)) == 5
    slopes = [(niceness.staircase(Fraction(k + 1)) - niceness.staircase(Fraction(k))) for k in range(-4, 4)]
    assert slopes == [-3, -3, -1, -1, 1, 1, 3, 3]


def test_inclusion_of_the_classes_needs_d_two():
    assert niceness.contains_half_step(2)
    assert not niceness.contains_half_step(Fraction(3))
    assert niceness.halvings_reach(3) == Fraction(7, 8)


def test_the_bent_slope_is_of_the_class_and_turns_down():
    assert niceness.convex_about_zero(niceness.bent)
    assert niceness.bent(Fraction(4)) == 1
    assert not niceness.convex_about_zero(lambda x: min(max(x, Fraction(-2)), Fraction(2)))
