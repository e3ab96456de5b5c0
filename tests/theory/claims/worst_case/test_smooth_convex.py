"""The worst cases over smooth convex functions by running the methods, and false variants."""

from fractions import Fraction

import numpy as np
import pytest

from plots.claims import pictures
from theory.claims import Verdict
from theory.claims.routes import performance_estimation as estimation
from theory.claims.routes.multipliers import certifies
from theory.claims.worst_case import methods, smooth_convex

solver = pytest.mark.skipif(not estimation.available(), reason="the extra sdp is not installed")


def huber(x, corner):
    return np.where(abs(x) >= corner, corner * abs(x) - corner**2 / 2, x**2 / 2)


@pytest.mark.parametrize("steps", [1, 4, 17])
def test_huber_in_floating_point_attains_the_bound(steps):
    corner = 1 / (2 * steps + 1)
    end = methods.gradient_descent(1.0, steps)(np.ones(1), lambda x: np.clip(x, -corner, corner))
    assert float(huber(end, corner)[0]) == pytest.approx(1 / (4 * steps + 2), rel=1e-12)
    assert smooth_convex.huber_end(steps) == Fraction(1, 4 * steps + 2)


def test_half_of_the_bound_is_not_proved():
    for steps in (1, 2, 5):
        sound = smooth_convex.chain(steps)
        method = methods.gradient_descent(1.0, steps)
        assert certifies(method, sound, Fraction(1, 4 * steps + 2))
        assert not certifies(method, sound, Fraction(1, 8 * steps + 4))


def test_a_chain_of_another_length_proves_nothing():
    assert not certifies(methods.gradient_descent(1.0, 3), smooth_convex.chain(2), Fraction(1, 14))


def test_long_steps_have_a_second_worst_case(quick):
    # a parabola of curvature L takes over from Huber's function
    end = methods.gradient_descent(1.9, 3)(np.ones(1), lambda x: x)
    assert float(end[0]) ** 2 / 2 == pytest.approx((1 - 1.9) ** 6 / 2)
    assert (1 - 1.9) ** 6 / 2 > 1 / (4 * 3 * 1.9 + 2)


@solver
def test_false_bounds_are_refuted():
    cases = [{"N": steps} for steps in (1, 2, 4)]
    values = [estimation.worst_case(methods.accelerated(case["N"])).value for case in cases]
    for power, expected in ((2, Verdict.SUPPORTED), (3, Verdict.REFUTED)):
        excess = [value * (case["N"] + 1) ** power / 2 - 1 for value, case in zip(values, cases, strict=True)]
        evidence = methods.within(excess, gap=0.0, cases=cases, said="Solved")
        assert evidence.verdict is expected
        assert (evidence.margin > 0) == (expected is Verdict.SUPPORTED)
    assert evidence.counterexample["N"] == 4


@solver
def test_acceleration_pays(quick):
    data = quick("worst_case.accelerated").data
    assert data["worst case"][0] == pytest.approx(data["worst case of gradient descent"][0], rel=1e-5)
    assert data["worst case"][-1] < data["worst case of gradient descent"][-1]
    figure = pictures()["worst_case.accelerated"].draw(quick("worst_case.accelerated").to_json()["data"])
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.lines] == [
        "bound 2/(N + 1)²",
        "Nesterov's worst case",
        "gradient descent's worst case",
    ]
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), data["worst case"])
