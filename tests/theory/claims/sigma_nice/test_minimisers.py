"""Where smoothed minimisers go, seen by quadrature and descent; and false variants."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

from theory.claims.sigma_nice import minimisers, reaching

BUMPY = reaching.Bumpy()


def smoothed(function, x, delta, breaks):
    """The mean over [x - delta, x + delta], by quadrature."""
    inside = [point for point in breaks if x - delta < point < x + delta]
    return integrate.quad(function, x - delta, x + delta, points=inside or None, limit=200)[0] / (2 * delta)


def bumpy(x):
    return float(BUMPY.value(Fraction(x)))


def test_slopes_of_the_bumpy_function_are_those_of_its_values():
    for x in map(Fraction, ("-1/2", "1/5", "19/40", "3/4")):
        step = Fraction(1, 10**6)
        quotient = (BUMPY.value(x + step) - BUMPY.value(x)) / step
        assert float(quotient) == pytest.approx(float(BUMPY.slope(x)), abs=1e-8)


@pytest.mark.parametrize("delta", [1.0, 0.9])
def test_the_smoothed_minimiser_is_the_lowest_of_a_grid(delta):
    found = float(BUMPY.minimiser(Fraction(delta).limit_denominator(100)))
    values = {x: smoothed(bumpy, x, delta, (0, 0.45, 0.5)) for x in (found, found - 5e-4, found + 5e-4, 0.0, -1.0, 2.0)}
    assert min(values, key=values.__getitem__) == found


def test_descent_on_the_function_itself_stops_at_the_dip():
    x = float(BUMPY.minimiser(Fraction(9, 10)))
    for _ in range(2000):
        x -= 1e-3 * float(BUMPY.slope(Fraction(x)))
    assert x == pytest.approx(0.5, abs=2e-3)
    assert bumpy(x) > 0.39


def test_the_counterexample_is_lipschitz_and_keeps_to_the_algorithms_ladder():
    places = [Fraction(k, 7) for k in (-70_000, -7_001, -7_000, -6_999, -1, 0, 2, 4, 6_999, 7_001, 70_000)]
    quotients = [(BUMPY.value(b) - BUMPY.value(a)) / (b - a) for a, b in pairwise(places)]
    assert max(map(abs, quotients)) == BUMPY.lipschitz == 100
    levels = (Fraction(1), Fraction(9, 10))
    s = reaching.scale(levels)
    alpha = 1 / (4 * BUMPY.lipschitz * s * levels[0])
    assert alpha <= 1 / (float(s) * float(BUMPY.bend / s) ** 0.5)  # the other term of alpha_0, c = 1/2
    assert s * levels[1] == alpha * s * levels[0] == Fraction(1, 400)
    assert reaching.scale((*levels, Fraction(1, 2))) is None


def test_other_regions_are_not_passed():
    assert reaching.stops_short((Fraction(1),), (Fraction(11, 10),))
    assert not reaching.stops_short((Fraction(1),), (Fraction(1),))  # d > 1 is asked for
    assert not reaching.stops_short((Fraction(2, 5),), (Fraction(11, 10),))


def test_kinked_minimiser_by_values():
    delta = Fraction(1, 2)
    x = minimisers.kinked_minimiser(delta)

    def value(point):
        return max(point, -99 * point) + point**2 / 2000

    assert value(x + delta) == value(x - delta)


@pytest.mark.parametrize(("delta", "at"), [(0.15, 0), (0.16, 3), (0.5, 3), (0.8, 3)])
def test_wells_by_quadrature_and_their_jump(delta, at):
    def wells(x):
        return -max(1 - 4 * abs(x), 0) - 0.75 * max(1 - abs(x - 3), 0)

    breaks = (-0.25, 0, 0.25, 2, 3, 4)
    grid = np.round(np.linspace(-1, 5, 61), 10)
    values = [smoothed(wells, x, delta, breaks) for x in grid]
    assert grid[int(np.argmin(values))] == pytest.approx(at, abs=1e-9)
    assert minimisers.lowest(Fraction(delta).limit_denominator(100)) == at
    exact = float(minimisers.two_wells(Fraction(3), Fraction(delta).limit_denominator(100)))
    assert smoothed(wells, 3.0, delta, breaks) == pytest.approx(exact, rel=1e-9)


def test_nested_intervals_need_the_whole_fall():
    assert minimisers.nested()
    assert not minimisers.nested(Fraction(99, 100))
