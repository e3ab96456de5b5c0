"""Confidence intervals keep their promise under a true null, and tell false statements apart."""

import math

import numpy as np
import pytest
from scipy import stats

from theory.claims.routes.statistical import (
    Interval,
    bernstein_interval,
    corrected,
    judge,
    ratio_interval,
    share_of_wins,
    student_interval,
)

REPETITIONS = 2000
LEVEL = 0.05


def allowed(error_level: float = LEVEL) -> float:
    """Return the number of false alarms that a true level exceeds once in 100,000 test runs."""
    return float(stats.binom.ppf(1 - 1e-5, REPETITIONS, error_level))


def test_student_misses_as_often_as_it_says():
    draws = np.random.default_rng(1).normal(3.0, 2.0, size=(REPETITIONS, 12))
    misses = sum(not student_interval(row, error_level=LEVEL).contains(3.0) for row in draws)
    assert float(stats.binom.ppf(1e-5, REPETITIONS, LEVEL)) <= misses <= allowed()


def test_student_agrees_with_scipy():
    sample = np.random.default_rng(2).exponential(size=40)
    expected = stats.ttest_1samp(sample, 0).confidence_interval(0.99)
    found = student_interval(sample, error_level=0.01)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)


@pytest.mark.parametrize(("chance", "samples"), [(0.5, 60), (0.03, 60), (0.5, 4000)])
def test_bernstein_keeps_its_promise_without_normality(chance, samples):
    draws = np.random.default_rng(3).random((REPETITIONS, samples)) < chance
    intervals = [bernstein_interval(row, lower=0, upper=1, error_level=LEVEL) for row in draws.astype(float)]
    assert sum(not interval.contains(chance) for interval in intervals) <= allowed()


def test_bernstein_tells_a_wrong_mean_apart():
    sample = np.random.default_rng(4).random(20_000)
    interval = bernstein_interval(sample, lower=0, upper=1, error_level=1e-6)
    assert interval.contains(0.5)
    assert not interval.contains(0.48)


def test_ratio_misses_as_often_as_it_says():
    rng = np.random.default_rng(5)
    misses = 0
    for _ in range(REPETITIONS):
        bottom = rng.normal(5.0, 1.0, size=15)
        top = 0.6 * bottom + rng.normal(0.0, 0.5, size=15)
        misses += not ratio_interval(top, bottom, error_level=LEVEL).contains(0.6)
    assert float(stats.binom.ppf(1e-5, REPETITIONS, LEVEL)) <= misses <= allowed()


def test_ratio_refuses_a_denominator_near_zero():
    with pytest.raises(ValueError, match="cannot be told from zero"):
        ratio_interval([1.0, 2.0, 3.0], [-1.0, 0.1, 1.0], error_level=LEVEL)


def test_share_of_wins_is_exact():
    share = share_of_wins(np.zeros(10), np.ones(10), error_level=0.05)
    assert share.low == pytest.approx(0.025 ** (1 / 10))
    assert share.high == 1
    assert share_of_wins(np.ones(10), np.ones(10), error_level=0.05).low == 0  # a tie is no win
    with pytest.raises(ValueError, match="pairs"):
        share_of_wins([0.0, 1.0], [1.0], error_level=0.05)


def test_family_of_intervals_accuses_a_true_statement_no_more_often_than_promised():
    cells = 10
    draws = np.random.default_rng(6).normal(size=(REPETITIONS, cells, 8))
    each = corrected(LEVEL, cells)
    accusations = sum(
        judge([student_interval(cell, error_level=each) for cell in row], [(0.0, 0.0)] * cells) == "outside"
        for row in draws
    )
    uncorrected = sum(
        judge([student_interval(cell, error_level=LEVEL) for cell in row], [(0.0, 0.0)] * cells) == "outside"
        for row in draws[:400]
    )
    assert accusations <= allowed()
    assert uncorrected > 400 * 3 * LEVEL  # without the correction the promise is broken


def test_family_of_intervals_passes_a_false_statement_no_more_often_than_promised():
    draws = np.random.default_rng(7).normal(0.51, 0.2, size=(REPETITIONS, 50))  # just outside [-0.5, 0.5]
    passed = sum(judge([student_interval(row, error_level=LEVEL)], [(-0.5, 0.5)]) == "inside" for row in draws)
    assert passed <= allowed()


def test_judgement_has_three_outcomes():
    bands = [(0.0, 1.0), (0.0, 1.0)]
    inside, open_, outside = Interval(0.2, 0.8, 0.1), Interval(0.5, 1.5, 0.1), Interval(1.2, 1.5, 0.1)
    assert judge([inside, inside], bands) == "inside"
    assert judge([inside, open_], bands) == "open"
    assert judge([open_, outside], bands) == "outside"


@pytest.mark.parametrize(
    ("samples", "error_level", "message"),
    [
        ([1.0], 0.05, "at least two"),
        ([[1.0, 2.0]], 0.05, "at least two"),
        ([1.0, 2.0], 0.0, "probability"),
        ([1.0, math.nan], 0.05, "void"),
    ],
)
def test_bad_samples_are_refused(samples, error_level, message):
    with pytest.raises(ValueError, match=message):
        student_interval(samples, error_level=error_level)


def test_samples_outside_their_bounds_are_refused():
    with pytest.raises(ValueError, match="outside"):
        bernstein_interval([0.5, 1.5], lower=0, upper=1, error_level=LEVEL)
    with pytest.raises(ValueError, match="pairs"):
        ratio_interval([1.0, 2.0], [1.0, 2.0, 3.0], error_level=LEVEL)
    with pytest.raises(ValueError, match="at least one"):
        corrected(LEVEL, 0)
