"""Fitted exponents: known powers, bands that hold, and what betrays that there is no power."""

import numpy as np
import pytest
from scipy import stats

from theory.claims.routes.exponents import fit_exponent

SIZES = np.array([8.0, 16, 32, 64, 128])


def measured(rng, power, repetitions=60, sigma=0.3):
    return 5 * SIZES[:, None] ** power * rng.lognormal(sigma=sigma, size=(len(SIZES), repetitions))


def test_an_exact_power_is_found_exactly():
    found = fit_exponent(SIZES, 3 * np.repeat(SIZES[:, None] ** -1.5, 8, axis=1), rng=np.random.default_rng(0))
    assert (found.value, found.low, found.high) == pytest.approx((-1.5, -1.5, -1.5), abs=1e-12)
    assert found.bend < 1e-12
    np.testing.assert_allclose(found.local, -1.5)


def test_the_slope_is_that_of_least_squares():
    table = measured(np.random.default_rng(1), 0.7)
    shuffled = [3, 0, 4, 1, 2]
    expected = stats.linregress(np.log(SIZES), np.log(table.mean(axis=1))).slope
    found = fit_exponent(SIZES[shuffled], table[shuffled], rng=np.random.default_rng(0))
    assert found.value == pytest.approx(expected, rel=1e-12)
    assert found.value == pytest.approx(fit_exponent(SIZES, table, rng=np.random.default_rng(0)).value, rel=1e-12)


def test_the_band_misses_about_as_often_as_it_says():
    rng, repetitions, level = np.random.default_rng(2), 400, 0.05
    missed = sum(
        fit_exponent(SIZES, measured(rng, 1.0), rng=rng, error_level=level, resamples=400).excludes(1.0)
        for _ in range(repetitions)
    )
    # the bootstrap's promise is asymptotic: half as much again is granted, with a binomial bound on top
    assert missed <= stats.binom.ppf(1 - 1e-5, repetitions, 1.5 * level)


def test_an_exponent_off_by_one_half_is_excluded():
    found = fit_exponent(SIZES, measured(np.random.default_rng(3), 1.5), rng=np.random.default_rng(0), error_level=1e-3)
    assert found.excludes(1.0)
    assert found.excludes(2.0)
    assert not found.excludes(1.5)


def test_columns_are_drawn_whole():
    # A factor that a repetition has at all sizes moves no slope, however large it is.
    rng = np.random.default_rng(4)
    table = SIZES[:, None] ** 0.5 * rng.lognormal(sigma=2.0, size=50)
    found = fit_exponent(SIZES, table, rng=rng)
    assert found.high - found.low < 1e-12


def test_what_is_no_power_bends():
    table = np.repeat(np.log(SIZES)[:, None], 8, axis=1)
    found = fit_exponent(SIZES, table, rng=np.random.default_rng(0))
    assert found.bend > 0.02
    assert found.local[0] > 1.5 * found.local[-1]


@pytest.mark.parametrize(
    ("sizes", "table", "words"),
    [
        ([1, 2], np.ones((2, 9)), "two fit any line"),
        ([1, 2, 2], np.ones((3, 9)), "different sizes"),
        ([1, 2, 3], np.ones((3, 7)), "at least eight"),
        ([1, 2, 3], np.ones((2, 9)), "a row for each size"),
        ([1, 2, 3], np.zeros((3, 9)), "positive"),
        ([0, 2, 3], np.ones((3, 9)), "positive"),
    ],
)
def test_too_little_is_refused(sizes, table, words):
    with pytest.raises(ValueError, match=words):
        fit_exponent(sizes, table, rng=np.random.default_rng(0))
