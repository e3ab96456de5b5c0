"""Angle, loss 0, a minimum above 0 and the floor by other routes, and false variants."""

import numpy as np
import pytest

from theory.claims.l4 import stability


def test_a_different_gradient_estimator_can_turn_the_angle_obtuse():
    # The claim is about g and v from the SAME averaged gradient; with the raw gradient as g it fails.
    averaged, raw = np.array([1.0, 0.1]), np.array([-0.5, 0.1])
    assert averaged @ (averaged / np.array([1.0, 0.3])) > 0
    assert raw @ averaged < 0


def test_the_counterexample_above_zero_is_the_rule(quick):
    found = quick("l4.minimum_above_zero").counterexample
    x = found["iterates"]
    loss = [value**2 / 2 + 1 for value in x]
    for k in range(len(x) - 1):
        expected = x[k] - 0.15 * (loss[k] - 0.9 * 1.0) / x[k] ** 2 * x[k]
        assert x[k + 1] == pytest.approx(expected, abs=2e-6)


def test_steps_grow_towards_a_minimum_above_zero_and_shrink_towards_one_of_zero():
    def length(x, height):
        after = stability.one_dimensional_step(x, curvature=1.0, height=height, alpha=0.15, gamma=0.9)
        return abs(after - x)

    assert length(1e-4, 1.0) > 1e3 * length(1e-1, 1.0) / 10
    assert length(1e-4, 0.0) < length(1e-1, 0.0)
    # with gamma = 1 and the true minimum the rule settles
    assert stability.one_dimensional_step(1e-4, curvature=1.0, height=1.0, alpha=0.15, gamma=1.0) < 1e-4


def test_floor_is_proportional_to_epsilon_and_inverse_to_the_curvature():
    for eps, curvature in ((1e-6, 1.0), (1e-8, 4.0)):
        level = stability.levels_after(eps, curvature=curvature, steps=100_000)[-1]
        assert 0.9 < level / stability.predicted_level(eps, curvature=curvature, steps=100_000) < 1.1
        assert level / stability.predicted_level(2 * eps, curvature=curvature, steps=100_000) < 0.6


def test_without_epsilon_there_is_no_floor():
    assert stability.levels_after(0.0, curvature=1.0, steps=20_000)[-1] < 1e-100
