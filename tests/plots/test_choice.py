"""How sure a choice is: edges of grids, and settings that trials cannot tell from the best one."""

import numpy as np
import pytest

from plots.choice import at_edge, not_worse


def test_edges_of_a_grid_with_two_hyper_parameters():
    inner = [index for index in range(12) if not at_edge(index, (3, 4))]
    assert inner == [5, 6]


def test_a_hyper_parameter_that_is_not_varied_has_no_edge():
    assert [at_edge(index, (1, 3)) for index in range(3)] == [True, False, True]


def test_equal_settings_are_told_apart_as_rarely_as_the_level_says():
    # Two settings of one law, 21 independent seeds. The one with the smaller median is called the best, so that a
    # one-sided bootstrap at 90 % finds the other one worse in 2 * 10 % of the tables. Of 100 tables that is 20, with a
    # standard error of 4; the percentile bootstrap of a median of 21 errs by a few per cent itself.
    told = 0
    for table in np.random.default_rng(3).standard_normal((100, 2, 1, 21)):
        best = int(np.argmin(np.median(table[:, 0], axis=-1)))
        told += not not_worse(table, best, level=0.9).all()
    assert 4 <= told <= 40


def test_a_clear_difference_is_told():
    scores = np.random.default_rng(1).standard_normal((3, 1, 15)) + np.array([0.0, 5.0, 9.0])[:, None, None]
    assert not_worse(scores, 0).tolist() == [True, False, False]


def test_pairs_count_and_not_the_spread_of_the_instances():
    # A shift of 0.1 on every instance is told although the instances differ by 100.
    base = np.linspace(0, 100, 9)
    scores = np.stack([base, base + 0.1])[:, :, None]
    assert not_worse(scores, 0).tolist() == [True, False]


def test_seeds_of_one_instance_are_no_independent_trials():
    # Five instances, of which two favour the second setting; a hundred seeds on each change nothing about that.
    gain = np.array([3.0, -1.0, -1.0, 2.0, 1.0])
    scores = np.stack([np.zeros(5), gain])[:, :, None]
    many = np.repeat(scores, 100, axis=2)
    assert not_worse(scores, 0).tolist() == not_worse(many, 0).tolist() == [True, True]


def test_failures_lose():
    scores = np.array([[1.0] * 5, [np.inf] * 5, [1.0] * 5])[:, :, None]
    assert not_worse(scores, 0).tolist() == [True, False, True]


def test_a_setting_that_always_fails_is_worse_than_one_that_fails_sometimes():
    # In about 0.37 of the resamples of 10 seeds, half or more are among the 4 that failed.
    scores = np.array([[1.0] * 6 + [np.inf] * 4, [np.inf] * 10, [np.inf] * 5 + [0.5] * 5, [1.0] * 6 + [np.inf] * 4])
    assert not_worse(scores[:, np.newaxis], 0).tolist() == [True, False, False, True]


def test_where_all_fail_no_other_setting_is_as_good():
    assert not_worse(np.full((3, 1, 5), np.inf), 1).tolist() == [False, True, False]


@pytest.mark.parametrize("level", [0.0, 1.0, np.nan])
def test_refuses_a_level_that_is_none(level):
    with pytest.raises(ValueError, match="level is"):
        not_worse(np.ones((3, 1, 5)), 0, level=level)
