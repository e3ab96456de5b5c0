"""Lemmas E.1 to E.4 and Theorem 3.1 against exact moments and simulation; and false variants."""

from fractions import Fraction

import numpy as np
import pytest

from theory.claims import claim
from theory.claims.routes.statistical import student_interval
from theory.claims.sigma_nice import inner_rate


def test_distance_bound_cannot_be_halved_again(quick):
    # f = x^2/2 on [-1, 1] is 1-strongly convex and 1-Lipschitz, and 1 is at distance L_f/sigma from 0.
    evidence = quick("sigma_nice.distance_to_minimiser")
    lipschitz = sigma = distance = 1
    assert distance <= lipschitz / sigma < evidence.tightness * lipschitz / sigma
    assert distance > 0.5 * lipschitz / sigma


def test_inner_loop_inequality_holds_on_a_noisy_quadratic_and_fails_without_the_variance():
    curvatures, eta, noise = np.array([1.0, 4.0]), 0.2, 0.5
    x = np.array([1.0, -2.0])
    gradient = curvatures * x
    steps = np.array([gradient + noise * np.array(s) for s in [(1, 1), (1, -1), (-1, 1), (-1, -1)]])
    square, value = (steps**2).sum(axis=1).mean(), 0.5 * curvatures @ x**2
    after = ((x - eta * steps) ** 2).sum(axis=1).mean()
    sigma = curvatures.min()

    def bound(second_moment):
        return (1 - sigma * eta) / (2 * eta) * (x @ x) - after / (2 * eta) + eta / 2 * second_moment

    assert value <= bound(square)
    # Where f is sigma |x|^2/2 the inequality is an equality, so leaving the noise out breaks it.
    curvatures = np.array([1.0, 1.0])
    gradient = x
    steps = gradient + noise * np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)])
    after, value = ((x - eta * steps) ** 2).sum(axis=1).mean(), 0.5 * x @ x
    assert value == pytest.approx(bound((steps**2).sum(axis=1).mean()))
    assert value > bound(gradient @ gradient)


@pytest.mark.parametrize("certify", [inner_rate.sums_to_mean_gradient, inner_rate.sums_to_rate])
def test_certificates_need_their_noise_term(certify):
    assert certify(2)
    assert not certify(2, 2, 0)
    assert not certify(2, 0, 2)


def test_moments_of_the_quadratic_by_simulation():
    rng = np.random.default_rng(0)
    x = np.ones(50_000)
    for _ in range(5):
        x = x - 0.3 * (x + rng.choice([-1.0, 1.0], x.shape))
    assert student_interval(0.5 * x**2, error_level=1e-4).contains(inner_rate.quadratic_gaps(0.3, 1.0, 6)[-1])


def test_rate_bound_holds_and_would_not_with_a_quarter_of_its_floor():
    gaps = inner_rate.quadratic_gaps(0.1, 1.0, 10**4)
    assert gaps.mean() <= inner_rate.rate_bound(0.1, 1.0, 10**4)
    assert gaps.mean() > 0.25 * inner_rate.rate_bound(0.1, 1.0, 10**4)


def test_noise_floor_of_the_counterexample():
    found = claim("sigma_nice.inner_loop_steps").check().counterexample
    assert inner_rate.quadratic_gaps(0.5, 1.0, 200)[-1] == pytest.approx(1 / 6, rel=1e-12)
    assert found["stationary gap"] == "1/6"


def test_squares_of_the_steps_are_the_gaps_and_the_noise():
    found = inner_rate.mean_square(Fraction(3, 10), Fraction(1, 2), Fraction(1), 7)
    gaps = inner_rate.quadratic_gaps(0.3, 0.5, 7)
    assert float(found) == pytest.approx(2 * gaps.mean() + 0.5, rel=1e-12)


@pytest.mark.parametrize("horizon", [2, 10, 101])
def test_the_kink_is_the_worst_case_of_descent(horizon):
    gap, h4 = inner_rate.kinked_gap(1.0, horizon, sigma=1e-9)
    assert gap == pytest.approx(1 / (4 * (horizon - 1) + 2), rel=1e-5)  # of N = T - 1 steps
    assert gap <= h4 / horizon
