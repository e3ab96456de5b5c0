"""Closed forms of graduated optimisation against quadrature, mpmath and the paper's own parametrisation."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from theory.sigma_nice import (
    attenuation,
    decay_rate_band,
    ladder,
    least_radius,
    noise_level,
    required_decay_rate,
    schedule,
    tangent_probability,
)


@pytest.mark.parametrize("dimension", [1, 2, 3, 8, 31, 32, 33, 100, 1000, 10000])
def test_ball_attenuation_against_mpmath(dimension):
    s = np.array([0.0, 1e-6, 0.05, 1.0, 3.7, 12.0, 55.0, 400.0])
    exact = [float(mpmath.hyp0f1(mpmath.mpf(dimension) / 2 + 1, -(mpmath.mpf(float(x)) ** 2) / 4)) for x in s]
    np.testing.assert_allclose(attenuation(dimension, s), exact, rtol=0, atol=4e-15)


@pytest.mark.parametrize("dimension", [1, 2, 5, 40])
def test_ball_attenuation_is_the_mean_of_a_cosine(dimension):
    # One coordinate of a uniform point of the ball has a density proportional to (1 - x²)^((d-1)/2).
    def weight(x):
        return (1 - x * x) ** ((dimension - 1) / 2)

    mean = quad(lambda x: weight(x) * np.cos(4.0 * x), -1, 1)[0] / quad(weight, -1, 1)[0]
    assert float(attenuation(dimension, 4.0)) == pytest.approx(mean, abs=1e-10)


def test_elementary_forms_in_three_dimensions():
    s = np.linspace(0.3, 20, 50)
    np.testing.assert_allclose(attenuation(3, s), 3 * (np.sin(s) - s * np.cos(s)) / s**3, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(attenuation(1, -s), np.sin(s) / s, rtol=1e-12, atol=1e-15)


def test_gaussian_attenuation():
    mean = quad(lambda x: np.exp(-x * x / 2) * np.cos(1.3 * x), -12, 12)[0] / np.sqrt(2 * np.pi)
    assert float(attenuation(7, 1.3, noise="gaussian")) == pytest.approx(mean, abs=1e-9)


def test_attenuation_keeps_the_shape():
    assert attenuation(2, np.ones((2, 3))).shape == (2, 3)
    assert attenuation(64, np.ones((2, 3))).shape == (2, 3)
    assert attenuation(64, np.ones(0)).shape == (0,)


@given(a=st.floats(1.0001, 50), r=st.floats(1e-3, 1e3))
@settings(max_examples=60, deadline=None)
def test_band_is_equation_8_with_a_eliminated(a, r):
    # The ends of |δ| for a given a are (a-1) r and sqrt(a²-1) r, and d = a r/|δ|.
    _, high = decay_rate_band((a - 1) * r, r)
    low, _ = decay_rate_band(-np.sqrt(a * a - 1) * r, r)
    assert float(high) == pytest.approx(a / (a - 1), rel=1e-9)
    assert float(low) == pytest.approx(a / np.sqrt(a * a - 1), rel=1e-9)
    assert 1 < low < high


def test_factor_three_is_in_the_range_where_stated():
    # d = 3 at both ends: r/δ = 2 and r/δ = sqrt(8), that is a = 1.5 and a = 3/sqrt(8).
    assert float(decay_rate_band(1.0, 2.0)[1]) == 3.0
    assert float(decay_rate_band(1.0, np.sqrt(8.0))[0]) == pytest.approx(3.0, rel=1e-15)


@given(now=st.floats(0.01, 10), rate=st.floats(0.01, 0.999), r=st.floats(0.01, 10))
@settings(max_examples=200, deadline=None)
def test_required_rate_says_how_far_the_level_may_fall(now, rate, r):
    following = rate * now
    lenient, strict = required_decay_rate(following, r)
    assert lenient <= strict < 1
    if abs(now - following - r) > 1e-9:
        assert (rate >= lenient) == (now - following <= r)
    if abs(now**2 - following**2 - r**2) > 1e-9:
        assert (rate >= strict) == (now**2 - following**2 <= r**2)


def test_required_rate_is_one_over_the_factor():
    delta = np.array([0.2, 1.0, 30.0])
    low, high = decay_rate_band(delta, 0.7)
    lenient, strict = required_decay_rate(delta, 0.7)
    np.testing.assert_allclose(lenient * high, 1, rtol=1e-15)
    np.testing.assert_allclose(strict * low, 1, rtol=1e-15)


def test_no_noise_needs_no_rate():
    assert [float(end) for end in decay_rate_band(0.0, 1.0)] == [np.inf, np.inf]
    assert [float(end) for end in required_decay_rate(0.0, 1.0)] == [0.0, 0.0]


def test_schedules_are_offered_here_too():
    assert schedule("cosine")[0] == 0.1


@given(power=st.floats(0.05, 8), levels=st.integers(2, 60))
@settings(max_examples=60, deadline=None)
def test_ladder_has_the_decay_rates_of_algorithm_1(power, levels):
    steps = ladder(-0.7, levels, power)
    m = np.arange(1, levels + 1)
    rates = (levels - m) ** power / (levels - m + 1.0) ** power
    np.testing.assert_allclose(steps[1:], steps[:-1] * rates, rtol=1e-12, atol=1e-300)
    assert steps[0] == 0.7
    assert steps[-1] == 0.0


def test_ladder_is_the_polynomial_schedule():
    np.testing.assert_allclose(ladder(0.1, 200, 0.9), schedule("polynomial"), rtol=1e-12)


def test_least_radius_is_where_the_rates_are_met():
    levels = np.sort(np.random.default_rng(0).random(30))[::-1]
    for end, radius in enumerate(least_radius(levels)):
        above, below = (required_decay_rate(levels[1:], f * radius)[end] for f in (1 + 1e-9, 1 - 1e-6))
        assert np.all(levels[1:] / levels[:-1] >= above)
        assert not np.all(levels[1:] / levels[:-1] >= below)


def test_least_radius_of_the_two_optimal_powers():
    assert least_radius(ladder(2.0, 50, 1.0))[0] == pytest.approx(2 / 50, rel=1e-12)
    assert least_radius(ladder(2.0, 50, 0.5))[1] == pytest.approx(2 / np.sqrt(50), rel=1e-12)


def test_noise_level_is_the_root_mean_square_of_a_step():
    rng = np.random.default_rng(0)
    noise = rng.exponential(1.0, (40_000, 4, 2)) - 1.0  # a sample's variance is 2 in all
    squares = (0.3**2) * (noise.mean(axis=1) ** 2).sum(axis=1)
    half_width = 4 * squares.std() / np.sqrt(squares.size)
    assert abs(squares.mean() - float(noise_level(0.3, np.sqrt(2), 4)) ** 2) < half_width
    assert abs(squares.mean() - float(noise_level(0.3, np.sqrt(2), 2)) ** 2) > half_width


@pytest.mark.parametrize("dimension", [2, 3, 5, 20])
def test_tangent_probability_is_a_share_of_the_angles(dimension):
    def weight(angle):
        return np.sin(angle) ** (dimension - 2)

    for a in (1.0, 1.2, 4.0):
        share = quad(weight, 0, np.arcsin(1 / a), epsabs=1e-14)[0] / quad(weight, 0, np.pi)[0]
        assert float(tangent_probability(a, dimension)) == pytest.approx(share, rel=1e-8)


def test_tangent_probability_in_the_plane_is_the_papers():
    a = np.array([1.01, 1.5, 30.0])
    np.testing.assert_allclose(tangent_probability(a, 2), np.arccos(np.sqrt(a**2 - 1) / a) / np.pi, rtol=1e-9)
    np.testing.assert_array_equal(tangent_probability(a, 1), 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: attenuation(0, 1.0), "dimension = 0 must be at least 1"),
        (lambda: attenuation(True, 1.0), "dimension = True must be a whole number"),
        (lambda: attenuation(2, np.inf), "must be finite"),
        (lambda: attenuation(2, 1.0, noise="box"), "unknown noise 'box'"),
        (lambda: decay_rate_band(1.0, 0.0), "r is 0.0"),
        (lambda: required_decay_rate(np.nan, 1.0), "delta holds NaN"),
        (lambda: least_radius([1.0]), "levels has shape"),
        (lambda: least_radius([1.0, -0.5]), "levels holds a negative"),
        (lambda: least_radius([1.0, 0.5, 0.6]), "levels rises by 0.1"),
        (lambda: ladder(1.0, 0, 1.0), "levels = 0 must be at least 1"),
        (lambda: ladder(1.0, 4, 0.0), "power = 0.0 must be positive"),
        (lambda: ladder(np.inf, 4, 1.0), "delta1 is inf"),
        (lambda: noise_level(-0.1, 1.0, 1), "step_size is -0.1"),
        (lambda: noise_level(0.1, -1.0, 1), "C is -1.0"),
        (lambda: noise_level(0.1, 1.0, 0), "batch_size is 0"),
        (lambda: tangent_probability(0.9, 2), "a is 0.9"),
        (lambda: tangent_probability(2.0, 0), "dimension = 0 must be at least 1"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
