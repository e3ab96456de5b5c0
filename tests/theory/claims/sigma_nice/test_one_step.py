"""One step and several steps of SGD by simulation; and false variants."""

from fractions import Fraction

import numpy as np
import pytest

from theory.claims.routes import symbolic
from theory.claims.routes.statistical import student_interval
from theory.claims.sigma_nice import one_step


def test_interchange_needs_a_law_that_stays():
    assert symbolic.vanishes(one_step.interchange_gap({"1": "1/4", "-1/3": "3/4"}))
    assert not symbolic.vanishes(one_step.interchange_gap({"y": "1/2", "-y": "1/2"}))


def test_interchange_needs_a_mean_of_zero_and_the_whole_step():
    assert not symbolic.vanishes(one_step.interchange_gap({"2": "1/2", "-1": "1/2"}))
    assert not symbolic.vanishes(one_step.interchange_gap({"1": "1/2", "-1": "1/2"}, Fraction(1, 2)))


def test_moving_law_against_a_difference_quotient():
    def mean_value(y):
        x = 2 * y  # y = x - (1/4) 2 x
        return np.mean([(y - 0.25 * s * x) ** 2 for s in (1, -1)])

    slope = (mean_value(0.5 + 1e-4) - mean_value(0.5 - 1e-4)) / 2e-4
    left, right = one_step.moving_law()
    assert float(right) == pytest.approx(0.5 - 0.25 * slope, rel=1e-9)
    points = [0.5 - 0.25 * s for s in (1, -1)]
    assert float(left) == pytest.approx(np.mean([z - 0.25 * 2 * z for z in points]), rel=1e-15)
    assert left != right


@pytest.mark.parametrize("power", [2, 4])
def test_two_steps_by_simulation(power):
    rng = np.random.default_rng(power)
    y = np.ones(200_000)
    for _ in range(2):
        z = y - 0.25 * rng.choice([-1.0, 1.0], y.shape)
        y = z - 0.25 * z ** (power - 1)
    sgd, descent = one_step.several(power)
    assert student_interval(y, error_level=1e-4).contains(float(sgd))
    assert (sgd == descent) == (power == 2)


def test_descent_on_the_smoothed_quartic():
    # E (y - s/4)^3 = y^3 + 3 y/16
    y = Fraction(1)
    for _ in range(2):
        y -= Fraction(1, 4) * (y**3 + 3 * y / 16)
    assert one_step.several(4)[1] == y


def test_spread_of_the_iterates_about_their_mean():
    eta, curvature = 0.1, 2.0
    rng = np.random.default_rng(0)
    x = np.zeros(20_000)
    for _ in range(60):
        x = x - eta * (curvature * x + rng.standard_normal(x.shape))
    ratio = (x / eta) ** 2 * (eta * curvature * (2 - eta * curvature))
    assert student_interval(ratio, error_level=1e-4).contains(1.0)
