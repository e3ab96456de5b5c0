"""Confidence sequences hold at all times at once, where fixed intervals do not, and tell wrong means apart."""

import numpy as np
import pytest
from scipy import stats

from theory.claims.routes.sequences import bounded_sequence, sample_until, sub_gaussian_sequence
from theory.claims.routes.statistical import bernstein_interval, student_interval

REPETITIONS, LENGTH, LEVEL = 1000, 400, 0.05
ALLOWED = float(stats.binom.ppf(1 - 1e-5, REPETITIONS, LEVEL))


@pytest.mark.parametrize("chance", [0.5, 0.05, 0.97])
def test_bounded_sequence_keeps_its_promise_at_every_look(chance):
    draws = (np.random.default_rng(1).random((REPETITIONS, LENGTH)) < chance).astype(float)
    missed = sum(not bounded_sequence(row, lower=0, upper=1, error_level=LEVEL).covers(chance) for row in draws)
    assert missed <= ALLOWED


def test_bounded_sequence_needs_no_independence():
    # Fair draws whose spread depends on the last one: a martingale, and not a sequence of independent samples.
    rng = np.random.default_rng(2)
    missed = 0
    for _ in range(REPETITIONS):
        signs = rng.choice([-1.0, 1.0], size=LENGTH)
        spread = np.where(np.concatenate([[1.0], signs[:-1]]) > 0, 0.5, 0.05)
        missed += not bounded_sequence(0.5 + spread * signs, lower=0, upper=1, error_level=LEVEL).covers(0.5)
    assert missed <= ALLOWED


def test_sub_gaussian_sequence_keeps_its_promise_at_every_look_and_a_fixed_interval_does_not():
    draws = np.random.default_rng(3).normal(1.0, 2.0, size=(REPETITIONS, LENGTH))
    missed = sum(not sub_gaussian_sequence(row, deviation=2.0, error_level=LEVEL).covers(1.0) for row in draws)
    assert 0 < missed <= ALLOWED
    looked = sum(
        any(not student_interval(row[:size], error_level=LEVEL).contains(1.0) for size in range(10, LENGTH, 10))
        for row in draws[:200]
    )
    assert looked > 200 * 3 * LEVEL


def test_the_mixture_is_a_martingale():
    # E of the mixture stays at 1: its closed form against numerical integration over the bets
    total, count, mixing = 3.0, 7, 2.5
    bets = np.linspace(-12, 12, 200_001)
    weights = np.sqrt(mixing / (2 * np.pi)) * np.exp(-mixing * bets**2 / 2)
    mixed = np.trapezoid(np.exp(bets * total - count * bets**2 / 2) * weights, bets)
    closed = np.sqrt(mixing / (count + mixing)) * np.exp(total**2 / (2 * (count + mixing)))
    assert mixed == pytest.approx(closed, rel=1e-9)
    # and the interval ends where it reaches 1 / alpha
    alpha = 0.02
    reach = np.sqrt((count + mixing) * (np.log1p(count / mixing) - 2 * np.log(alpha)))
    assert np.sqrt(mixing / (count + mixing)) * np.exp(reach**2 / (2 * (count + mixing))) == pytest.approx(1 / alpha)


def test_the_interval_that_is_used_has_that_width():
    samples = np.random.default_rng(4).normal(size=300)
    sequence = sub_gaussian_sequence(samples, deviation=1.0, error_level=0.02, tightest_at=50)
    mixing = 50 / (2 * np.log(50) + np.log1p(2 * np.log(50)))
    count = np.arange(1, 301)
    width = np.sqrt((count + mixing) * np.log((count + mixing) / (mixing * 0.02**2))) / count
    means = samples.cumsum() / count
    np.testing.assert_allclose(sequence.high, np.minimum.accumulate(means + width), rtol=1e-12)
    np.testing.assert_allclose(sequence.low, np.maximum.accumulate(means - width), rtol=1e-12)


def test_width_falls_to_what_a_fixed_interval_has():
    samples = np.random.default_rng(5).random(20_000) < 0.1
    sequence = bounded_sequence(samples, lower=0, upper=1, error_level=0.01)
    fixed = bernstein_interval(samples, lower=0, upper=1, error_level=0.01)
    assert fixed.high - fixed.low < sequence.last.high - sequence.last.low < 3 * (fixed.high - fixed.low)


def test_units_do_not_matter():
    samples = np.random.default_rng(6).random(50)
    plain = bounded_sequence(samples, lower=0, upper=1, error_level=LEVEL)
    moved = bounded_sequence(10 * samples - 3, lower=-3, upper=7, error_level=LEVEL)
    np.testing.assert_allclose(moved.low, 10 * plain.low - 3, atol=1e-12)
    np.testing.assert_allclose(moved.high, 10 * plain.high - 3, atol=1e-12)


@pytest.mark.parametrize(("mean", "outcome"), [(0.7, "inside"), (0.3, "outside"), (0.5, "open")])
def test_sampling_stops_when_the_answer_is_clear(mean, outcome):
    rng = np.random.default_rng(7)
    found, interval, drawn = sample_until(
        lambda size: (rng.random(size) < mean).astype(float),
        lambda samples: bounded_sequence(samples, lower=0, upper=1, error_level=1e-3),
        (0.5, 1.0),
        budget=5000,
    )
    assert found == outcome
    assert interval.contains(mean)
    assert drawn == 5000 if outcome == "open" else drawn < 2500


def test_stopping_at_will_accuses_a_true_statement_no_more_often_than_promised():
    accused = 0
    for seed in range(REPETITIONS):
        rng = np.random.default_rng([8, seed])
        found, _, _ = sample_until(
            lambda size, rng=rng: rng.normal(0.0, 1.0, size),
            lambda samples: sub_gaussian_sequence(samples, deviation=1.0, error_level=LEVEL),
            (0.0, 0.0),
            budget=1024,
        )
        accused += found == "outside"
    assert 0 < accused <= ALLOWED


def test_what_is_not_known_in_advance_is_refused():
    with pytest.raises(ValueError, match="outside"):
        bounded_sequence([0.5, 1.5], lower=0, upper=1, error_level=LEVEL)
    with pytest.raises(ValueError, match="known in advance"):
        sub_gaussian_sequence([0.5, 1.5], deviation=0.0, error_level=LEVEL)
    with pytest.raises(ValueError, match="at least two"):
        bounded_sequence([0.5], lower=0, upper=1, error_level=LEVEL)
