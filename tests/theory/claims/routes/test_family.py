"""Families of tests: Holm's procedure from its definition, its promise, and its gain over Bonferroni."""

import numpy as np
import pytest
from scipy import stats

from theory.claims.routes.family import adjusted, holm, sign_test

LEVEL = 0.05


def holm_by_definition(p_values, level):
    rejected, remaining = set(), set(range(len(p_values)))
    while remaining:
        least = min(remaining, key=lambda index: p_values[index])
        if p_values[least] > level / len(remaining):
            break
        rejected.add(least)
        remaining.remove(least)
    return [index in rejected for index in range(len(p_values))]


def test_holm_is_what_its_author_defined():
    rng = np.random.default_rng(0)
    for _ in range(300):
        p_values = np.round(rng.random(6) ** 4, 2)
        assert holm(p_values, error_level=LEVEL).tolist() == holm_by_definition(p_values, LEVEL)


def test_holm_rejects_a_true_hypothesis_no_more_often_than_promised():
    rng, repetitions = np.random.default_rng(1), 2000
    true = np.array([True] * 6 + [False] * 4)
    mistakes = plain = found = bonferroni = 0
    for _ in range(repetitions):
        shared = rng.normal()  # all tests hang on one draw as well
        scores = 0.6 * shared + 0.8 * rng.normal(size=10) + np.where(true, 0.0, 3.0)
        p_values = stats.norm.sf(scores)
        rejected = holm(p_values, error_level=LEVEL)
        mistakes += rejected[true].any()
        plain += (p_values[true] <= LEVEL).any()
        found += rejected[~true].sum()
        bonferroni += (p_values[~true] <= LEVEL / 10).sum()
    allowed = stats.binom.ppf(1 - 1e-5, repetitions, LEVEL)
    assert 0 < mistakes <= allowed < plain
    assert found > bonferroni


def test_adjusted_values_are_the_least_levels():
    p_values = [0.011, 0.02, 0.03, 0.5]
    for value, level in zip(p_values, adjusted(p_values), strict=True):
        index = p_values.index(value)
        assert holm(p_values, error_level=level)[index]
        assert level > 0.99 or not holm(p_values, error_level=level * (1 - 1e-9))[index]


def test_sign_test_is_the_binomial_tail():
    for wins in range(21):
        assert sign_test(wins, 20) == pytest.approx(stats.binomtest(wins, 20, alternative="greater").pvalue, rel=1e-12)


@pytest.mark.parametrize("p_values", [[], [0.5, 1.2], [0.5, float("nan")], [[0.1]]])
def test_what_is_no_p_value_is_refused(p_values):
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjusted(p_values)


def test_other_bad_numbers_are_refused():
    with pytest.raises(ValueError, match="probability"):
        holm([0.1], error_level=1.0)
    with pytest.raises(ValueError, match="at least one trial"):
        sign_test(0, 0)
    with pytest.raises(ValueError, match="as many wins"):
        sign_test(3, 2)
