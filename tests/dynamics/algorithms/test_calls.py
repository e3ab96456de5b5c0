"""Oracle calls of every method: the count in the trajectory is exact, and nothing is evaluated that is not counted."""

import numpy as np
import pytest

from dynamics import simulate
from tests.dynamics.algorithms.comparison import run_of
from tests.dynamics.algorithms.examples import EVERY, STOCHASTIC
from tests.dynamics.algorithms.regression import FULL, SAMPLED, VALUES, carmon_like

STEPS = 12
LAST_LOOK = 1  # the evaluation at the last iterate, which is recorded and not counted
READS_LOSS = ("l4 on momentum", "l4 on adam")


def tallied(batch=0):
    return carmon_like(samples=40, batch=batch)._replace(tally=np.zeros(3, dtype=np.int64))


def per_step(name):
    """Gradients and values that one step takes."""
    return 2 if name == "step-tuned" else 1, 1 if name in READS_LOSS else 0


@pytest.mark.parametrize("name", [name for name in EVERY if name != "armijo"])
def test_exact_calls(name):
    problem, (gradients, values) = tallied(), per_step(name)
    run = run_of(EVERY[name], problem, STEPS)
    k = np.arange(STEPS + 1)
    assert np.array_equal(run.iteration, k)
    assert np.array_equal(run.gradients, gradients * k)
    assert np.array_equal(run.values, values * k)
    assert not run.hessian_products.any()
    # Values come with the gradients.
    assert problem.tally.tolist() == [gradients * STEPS + LAST_LOOK, 0, 0]


@pytest.mark.parametrize("name", STOCHASTIC)
def test_mini_batch_calls_are_fractions(name):
    problem, (gradients, values) = tallied(batch=5), per_step(name)
    run = simulate(STOCHASTIC[name], problem, steps=STEPS, rng=0, record_every=4)
    k = np.array([0, 4, 8, 12])
    assert np.array_equal(run.iteration, k)
    assert np.array_equal(run.gradients, gradients * k * 5 / 40)
    assert np.array_equal(run.values, values * k * 5 / 40)
    assert problem.tally[SAMPLED] == gradients * STEPS
    assert problem.tally[FULL] == len(k)
    assert problem.tally[VALUES] == 0


def test_armijo_pays_for_each_trial_and_for_one_gradient_a_step():
    problem = tallied()
    run = run_of(EVERY["armijo"], problem, STEPS)
    trials = 1 + np.round(np.log2(8.0 / run.step_size[:-1]))
    assert trials.max() > trials.min()
    assert np.array_equal(run.values, np.concatenate([[0], 1 + np.cumsum(trials)]))
    assert np.array_equal(run.gradients, np.concatenate([[0], 1 + np.arange(1, STEPS + 1)]))
    # The first loss came with the first gradient, and the last look finds both at hand.
    assert problem.tally.tolist() == [1 + STEPS, trials.sum(), 0]
