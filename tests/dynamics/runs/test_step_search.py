"""The grid search for a step size: the best of the grid, one budget and one set of samples for all, warnings."""

import numpy as np
import pytest

from dynamics import SGD, Adam, HeavyBall, simulate
from dynamics.algorithms.obsb import ARSGB
from dynamics.runs.step_search import search_step_size
from tests.dynamics.algorithms.regression import carmon_like, quadratic

GRID = [0.01, 0.3, 1.0, 100.0]


def test_the_losses_are_those_of_single_runs_on_common_samples():
    problem, rng = carmon_like(batch=5), np.random.SeedSequence(3)
    found = search_step_size(HeavyBall(1.0, beta=0.5), problem, step_sizes=GRID, steps=30, runs=3, rng=rng)
    seeds = [int(seed) for seed in np.random.default_rng(np.random.SeedSequence(3)).integers(2**63, size=3)]
    expected = [
        np.mean([simulate(HeavyBall(step, beta=0.5), problem, steps=30, rng=seed).loss[-1] for seed in seeds])
        for step in GRID
    ]
    assert found.losses.tolist() == expected
    assert found.method == HeavyBall(GRID[int(np.argmin(expected))], beta=0.5)
    assert found.method.step_size in GRID[1:3]


def test_a_run_that_diverges_counts_as_infinite():
    found = search_step_size(SGD(1.0), quadratic([1.0]), step_sizes=[0.1, 0.5, 1e3], steps=50, x0=[3.0])
    assert np.isfinite(found.losses).tolist() == [True, True, False]
    assert found.method.step_size == 0.5
    with pytest.raises(ValueError, match="no run on Regression came to its end: try smaller"):
        search_step_size(SGD(1.0), quadratic([1.0]), step_sizes=[1e3, 1e4], steps=50, x0=[3.0])


def test_an_end_of_the_grid_is_warned_of():
    with pytest.warns(UserWarning, match=r"the best step size, 0.2, is at an end of the grid"):
        search_step_size(SGD(1.0), quadratic([1.0]), step_sizes=[0.1, 0.2], steps=10, x0=[3.0])


def test_it_starts_the_observation_boost():
    found = search_step_size(ARSGB(1.0, beta1=0.9), carmon_like(), step_sizes=[1e-4, 0.1, 1e3], steps=40)
    assert found.method == ARSGB(0.1, beta1=0.9)


@pytest.mark.parametrize(
    ("method", "grid", "runs", "sentence"),
    [
        (Adam(0.1), [], 1, "step_sizes is empty"),
        (3.0, [0.1], 1, "3.0 has no step_size"),
        (Adam(0.1), [0.1], 0, "runs = 0 must be at least 1"),
    ],
)
def test_bad_input_is_refused(method, grid, runs, sentence):
    with pytest.raises(ValueError, match=sentence):
        search_step_size(method, carmon_like(), step_sizes=grid, steps=1, runs=runs)
