"""Propositions B.1 and B.2 and their replacements by other routes; and false variants."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from scipy import integrate

from theory.claims.routes import symbolic
from theory.claims.sigma_nice import convex_region
from theory.claims.sigma_nice.source import huber, smoothed_slope


def test_smoothed_slope_is_the_derivative_of_the_average():
    x, delta = 0.7, 0.9
    average, _ = integrate.quad(
        lambda u: np.clip(x - u, -1, 1), -delta, delta, points=[x - 1, 0], epsabs=1e-12
    )  # the derivative of the Huber function is x clipped to [-1, 1]
    exact = smoothed_slope(huber, Fraction(7, 10), Fraction(9, 10))
    assert float(exact) == pytest.approx(average / (2 * delta), rel=1e-10)


@pytest.mark.parametrize("delta", [0.3, 1.0, 1.4, 4.0])
def test_smoothed_huber_is_not_strongly_convex_beyond_its_ball_in_two_dimensions(delta):
    """The mean gradient over a disc, by quadrature, against the modulus 1 that Proposition B.1 asserts."""
    point = 1.25  # inside N(0; 3/2), outside the ball of radius 1 on which f is strongly convex

    def slope(radius, angle):
        first, second = point - delta * radius * np.cos(angle), -delta * radius * np.sin(angle)
        length = np.hypot(first, second)
        return first / max(length, 1.0) * radius / np.pi

    mean, error = integrate.dblquad(slope, 0, 2 * np.pi, 0, 1, epsabs=1e-6)
    assert error < 1e-4
    assert mean <= 1.0 + 1e-6
    assert mean / point < 0.81  # strong convexity between -point and point would ask for at least 1


def test_huber_is_what_the_counterexample_says():
    xs = [Fraction(k, 16) for k in range(-40, 41)]
    values = [huber(x) for x in xs]
    slopes = [(b - a) * 16 for a, b in itertools.pairwise(values)]
    assert max(map(abs, slopes)) == 1
    inner = [slope for x, slope in zip(xs, slopes, strict=False) if -1 <= x < 1]
    assert all(later - earlier == Fraction(1, 16) for earlier, later in itertools.pairwise(inner))


def test_cap_on_the_convex_region_needs_its_factor():
    lipschitz, sigma, radius, right, left = sp.symbols("L sigma R right left")
    one = sp.Integer(1)
    premises = [(one, lipschitz - right), (one, lipschitz + left), (one, right - left - 2 * sigma * radius)]
    assert convex_region.curvature_cap()
    assert not convex_region.curvature_cap(factor=2)  # a constant off by two
    assert not symbolic.certifies(2 * lipschitz - 2 * sigma * radius, premises[:2])  # a hypothesis dropped


def test_condition_9_excludes_the_class(quick):
    assert convex_region._excluded()
    found = quick("sigma_nice.sufficient_condition").counterexample
    delta = Fraction(found["|delta_m|"])
    point = delta * Fraction(found["d_m"])
    assert smoothed_slope(huber, point, delta) / point == Fraction(found["modulus between -4.04 and 4.04"]) < 1


def test_guaranteed_region_has_the_full_modulus_and_no_more():
    assert convex_region.averages_to_strong_convexity()
    assert not convex_region.averages_to_strong_convexity(Fraction(11, 10))
    delta = Fraction(2, 5)
    assert smoothed_slope(huber, 1 - delta, delta) == 1 - delta
    assert smoothed_slope(huber, 1 - delta / 2, delta) < 1 - delta / 2


@pytest.mark.parametrize("dimension", [2, 3])
def test_share_of_the_inner_ball(dimension):
    norms = np.random.default_rng(0).random(100_000) ** (1 / dimension) * 1.7  # uniform in the ball of radius 1.7
    assert np.mean(norms < 1) == pytest.approx(1.7**-dimension, abs=5 * 0.5 / np.sqrt(100_000))


def test_two_curvatures():
    width = Fraction(1, 100)
    for x, expected in ((Fraction(1, 2), 1), (Fraction(2), Fraction(-1, 3)), (Fraction(-2), Fraction(-1, 3))):
        ends = [convex_region.two_curvatures(x + k * width, Fraction(1, 3)) for k in (-1, 0, 1)]
        assert (ends[0] - 2 * ends[1] + ends[2]) / width**2 == expected
