"""The functions on which a ladder below the threshold strands, seen by quadrature and by descent."""

from fractions import Fraction

import numpy as np
import pytest

from theory.claims.sigma_nice import threshold

F = threshold.Trap(Fraction(3, 2), Fraction(3, 5))  # gamma d = 0.9


def smoothed(x: float, delta: float) -> float:
    points = np.linspace(x - delta, x + delta, 20_001)
    return float(np.mean([float(F.value(Fraction(point))) for point in points[::10]]))


def test_slopes_are_those_of_the_values():
    step = Fraction(1, 10**9)
    for x in map(Fraction, ("-1/3", "1/3", "29/50", "61/100", "7/5", "150005/100000", "2")):
        assert float((F.value(x + step) - F.value(x)) / step) == pytest.approx(float(F.slope(x)), abs=1e-5)
    for (at, slope, value), (following, _, _) in zip(F.knots, F.knots[1:], strict=False):
        width = following - at
        assert F.value(following) == value + width * slope + F.gentle * width**2 / 2  # continuous


def test_descent_along_the_ladder_misses_the_optimum():
    """At the second level the first zero of the slope to the left of the start; on f itself the next one."""
    start = threshold.minimiser(F, Fraction(1))[1]
    crest, bottom = F.dip
    x = start
    while F.smoothed_slope(x, F.rate) > 0:  # in steps that cannot leap over the narrow fall
        x -= (bottom - crest) / 3
    assert F.d * F.rate < x < start
    while F.slope(x) > 0:
        x -= F.rate / 100
    assert 0.6 < x < 0.67  # the foot of the bump, not x* = 0
    assert smoothed(0.6001, 0.6) < smoothed(float(F.d * F.rate), 0.6)


def test_above_the_threshold_the_proof_fails():
    assert threshold.strands(F)
    assert not threshold.strands(threshold.Trap(Fraction(3, 2), Fraction(7, 10)))


@pytest.mark.parametrize("change", [{"wall": Fraction(1, 100)}, {"d": Fraction(1)}])
def test_another_function_is_not_passed(change):
    known = {"d": F.d, "rate": F.rate} | change
    assert not threshold.strands(threshold.Trap(**known))
