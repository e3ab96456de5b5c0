"""NAdam and RAdam: against their twins, their beginnings, and what they ask for."""

import numpy as np
import pytest

from dynamics import HeavyBall, simulate
from dynamics.algorithms.nadam import NAdam
from dynamics.algorithms.parts.moments import rectification
from dynamics.algorithms.radam import RAdam
from tests.dynamics.algorithms import adaptive_twins as twins
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic

STEPS = 60
X0 = np.zeros(6)


def assert_twin(method, direction, batch):
    problem = carmon_like(batch=batch)
    twin = twins.along(direction, formulas_of(problem, STEPS).gradient, X0, np.full(STEPS, 0.02))
    assert_same_run(run_of(method, problem, STEPS), twin)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(
    "numbers",
    [
        {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "momentum_decay": 0.004, "warmup": 0.5},
        {"beta1": 0.5, "beta2": 0.7, "eps": 1e-2, "momentum_decay": 0.5, "warmup": 0.9},
        {"beta1": 0.8, "beta2": 0.9, "eps": 0.0, "momentum_decay": 0.0, "warmup": 0.0},
    ],
)
def test_twin_of_nadam(batch, numbers):
    assert_twin(NAdam(0.02, **numbers), twins.nadam(**numbers), batch)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(
    "numbers",
    [
        {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "threshold": 5.0},
        {"beta1": 0.5, "beta2": 0.9, "eps": 1e-2, "threshold": 4.0},
        {"beta1": 0.0, "beta2": 0.95, "eps": 0.0, "threshold": 10.0},
    ],
)
def test_twin_of_radam(batch, numbers):
    assert_twin(RAdam(0.02, **numbers), twins.radam(**numbers), batch)


def test_the_scale_of_radam_enters_at_the_sixth_step_and_fully_in_the_end():
    factors = [rectification(0.999, k, 5.0) for k in range(20000)]
    assert factors[:5] == [0.0] * 5
    assert 0 < factors[5] < 0.05
    assert (np.diff(factors[5:]) >= 0).all()
    assert factors[-1] == pytest.approx(1.0, abs=1e-4)
    assert rectification(0.999, 4, 4.0) > 0


def test_under_short_averages_radam_is_bias_corrected_momentum():
    """β₂ = 2/3 makes ρ_∞ = 5, the threshold; the step of heavy ball is divided by 1 − β₁^t."""
    steps = 0.05 / (1 - 0.9 ** np.arange(1, STEPS + 1))
    ours = run_of(RAdam(0.05, beta1=0.9, beta2=2 / 3), carmon_like(), STEPS)
    theirs = run_of(HeavyBall(steps, beta=0.9), carmon_like(), STEPS)
    np.testing.assert_allclose(ours.iterates, theirs.iterates, rtol=0, atol=1e-12)


def test_without_eps_the_scale_of_the_loss_is_nothing_to_nadam_and_something_to_radam():
    def moved(method):
        once, scaled = (run_of(method, carmon_like()._replace(dent=a), STEPS).iterates for a in (1.0, 4.0))
        return np.abs(scaled - once).max()

    assert moved(NAdam(0.05, eps=0.0)) < 1e-12
    assert moved(RAdam(0.05, eps=0.0)) > 0.01


@pytest.mark.parametrize("method", [NAdam(0.05, eps=0.0), RAdam(0.05, beta2=0.9, eps=0.0)])
def test_without_eps_a_coordinate_without_gradient_stays(method):
    run = run_of(method, quadratic([1.0, 0.0, 0.0], [0.0] * 3), 10, x0=[1.0, 2.0, -3.0])
    assert np.array_equal(run.iterates[:, 1:], np.tile([2.0, -3.0], (11, 1)))
    assert run.iterates[-1, 0] < 1.0


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (NAdam(0.0), "step_size = 0.0 must be positive"),
        (NAdam(0.1, beta1=1.0), r"beta1 = 1.0 must lie in \[0, 1\)"),
        (NAdam(0.1, beta2=-0.5), r"beta2 = -0.5 must lie in \[0, 1\)"),
        (NAdam(0.1, eps=-1.0), "eps = -1.0 must be at least 0"),
        (NAdam(0.1, momentum_decay=-1.0), "momentum_decay = -1.0 must be at least 0"),
        (NAdam(0.1, warmup=1.0), r"warmup = 1.0 must lie in \[0, 1\)"),
        (RAdam(0.0), "step_size = 0.0 must be positive"),
        (RAdam(0.1, beta1=1.0), r"beta1 = 1.0 must lie in \[0, 1\)"),
        (RAdam(0.1, beta2=1.0), r"beta2 = 1.0 must lie in \[0, 1\)"),
        (RAdam(0.1, eps=-1.0), "eps = -1.0 must be at least 0"),
        (RAdam(0.1, threshold=3.0), "threshold = 3.0 must be at least 4"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
