"""ASGD: against its twin, the RSG that it is, and what it asks for."""

import numpy as np
import pytest

from dynamics import RSG, ensemble, simulate
from dynamics.algorithms.asgd import ASGD
from dynamics.protocol.schedules import exponential
from synthetic import quadratic
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like
from tests.dynamics.twins import Gradient, Run, weighted
from theory.arsg import from_asgd

STEPS = 60
X0 = np.linspace(-1, 1, 6)
NUMBERS = [(0.05, 1000.0, 10.0), (0.2, 20.0, 4.0), (0.1, 5.0, 5.0), (0.3, 1.0, 0.5)]


def asgd(gradient: Gradient, x0: np.ndarray, steps: np.ndarray, kappa: float, xi: float) -> Run:
    """Algorithm 3 of Kidambi et al., the average written out as a weighted sum of all long steps."""
    xs, longs, beta = [x0], [], 1 - 0.7**2 * xi / kappa
    for k, step in enumerate(steps):
        g = gradient(k, xs[k])
        longs.append(xs[k] - kappa * step / 0.7 * g)
        mean = beta ** (k + 1) * x0 + (1 - beta) * weighted(longs, beta)
        xs.append(0.7 / (1.7 - beta) * (xs[k] - step * g) + (1 - beta) / (1.7 - beta) * mean)
    return np.array(xs), np.asarray(steps)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_twin(batch, numbers):
    problem, (short_step, kappa, xi) = carmon_like(batch=batch), numbers
    twin = asgd(formulas_of(problem, STEPS).gradient, X0, np.full(STEPS, short_step), kappa, xi)
    assert_same_run(run_of(ASGD(short_step, kappa, xi), problem, STEPS, x0=X0), twin)


def test_twin_with_a_falling_step():
    problem, falling = carmon_like(), 0.2 * 0.5 ** (np.arange(STEPS) // 10)
    twin = asgd(formulas_of(problem, STEPS).gradient, X0, falling, 20.0, 4.0)
    method = ASGD(exponential(0.2, factor=0.5, period=10), long_step=20.0, advantage=4.0)
    assert_same_run(run_of(method, problem, STEPS, x0=X0), twin)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize("numbers", NUMBERS[:3])
def test_it_is_the_rsg_of_theory(batch, numbers):
    problem, (short_step, kappa, xi) = carmon_like(batch=batch), numbers
    parameters = from_asgd(short_step=short_step, long_step=kappa, advantage=xi)
    theirs = run_of(RSG(*(float(number) for number in parameters)), problem, STEPS, x0=X0)
    ours = run_of(ASGD(short_step, kappa, xi), problem, STEPS, x0=X0)
    np.testing.assert_allclose(ours.iterates, theirs.iterates, rtol=0, atol=1e-11)
    assert np.abs(ours.iterates - X0).max() > 0.3


def test_runs_that_share_a_kernel_are_the_single_runs():
    problem, grid = quadratic(eigenvalues=[1.0, 0.3], noise=0.1, rng=0), [ASGD(step, 20.0, 4.0) for step in (0.1, 0.2)]
    together = ensemble(grid, problem, steps=100, seeds=[3, 4], noise="common")
    for i, method in enumerate(grid):
        for j, seed in enumerate((3, 4)):
            alone = simulate(method, problem, steps=100, rng=np.random.SeedSequence(seed))
            np.testing.assert_allclose(together.x[i, j], alone.x, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (ASGD(0.0), "step_size = 0.0 must be positive"),
        (ASGD(0.1, long_step=0.5), "long_step = 0.5 must be at least 1"),
        (ASGD(0.1, advantage=0.0), "advantage = 0.0 must be positive"),
        (ASGD(0.1, long_step=5.0, advantage=6.0), "advantage = 6.0 must be at most long_step = 5.0 .*try 5.0"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
