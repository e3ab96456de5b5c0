"""Gradient descent and SGD: against the twin under each schedule, and against the closed form on a quadratic."""

import numpy as np
import pytest

from dynamics import SGD, GradientDescent, simulate
from dynamics.protocol.schedules import constant, cosine, exponential, inverse_power, polynomial, table
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic
from tests.dynamics.twins import gradient_descent

STEPS = 30
SCHEDULES = {
    "constant": (constant(0.3), lambda k: 0.3),
    "inverse power": (inverse_power(0.5, power=0.501, period=3), lambda k: 0.5 * (k // 3 + 1) ** -0.501),
    "cosine": (
        cosine(0.4, horizon=20, final=0.01),
        lambda k: 0.01 + 0.39 * (1 + np.cos(np.pi * min(k, 20) / 20)) / 2,
    ),
    "polynomial": (
        polynomial(0.4, horizon=20, power=2.0, final=0.02),
        lambda k: 0.02 + 0.38 * (1 - min(k, 20) / 20) ** 2,
    ),
    "exponential": (exponential(0.5, factor=0.5, period=10), lambda k: 0.5 / 2 ** (k // 10)),
    "table": (table([0.4, 0.2, 0.1], period=4), lambda k: [0.4, 0.2, 0.1][min(k // 4, 2)]),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("batch", [0, 5])
def test_twin_under_each_schedule(name, batch):
    schedule, formula = SCHEDULES[name]
    problem = carmon_like(batch=batch)
    formulas = formulas_of(problem, STEPS)
    x0 = np.zeros(6)
    twin = gradient_descent(formulas.gradient, x0, np.array([formula(k) for k in range(STEPS)]))
    assert_same_run(run_of(SGD(schedule), problem, STEPS), twin)


def test_an_array_is_a_table():
    steps = [0.5, 0.25, 0.125]
    problem = carmon_like()
    twin = gradient_descent(formulas_of(problem, 3).gradient, np.zeros(6), np.array(steps))
    assert_same_run(run_of(GradientDescent(np.array(steps)), problem, 3), twin)


def test_gradient_descent_ignores_the_sampling_law():
    exact = run_of(GradientDescent(0.3), carmon_like(), STEPS)
    sampled = run_of(GradientDescent(0.3), carmon_like(batch=5), STEPS)
    assert np.array_equal(exact.iterates, sampled.iterates)


def test_each_eigendirection_shrinks_by_one_minus_tau():
    eigenvalues, x0 = np.array([1.0, 0.3, 2.5]), np.array([1.0, -2.0, 4.0])
    run = simulate(GradientDescent(0.5), quadratic(eigenvalues, [0.0] * 3), steps=25, x0=x0)
    np.testing.assert_allclose(run.x, (1 - 0.5 * eigenvalues) ** 25 * x0, rtol=1e-12)


@pytest.mark.parametrize("kind", [GradientDescent, SGD])
@pytest.mark.parametrize("step", [0.0, -0.1, float("nan"), float("inf")])
def test_a_step_must_be_positive(kind, step):
    with pytest.raises(ValueError, match=r"step_size = .* must be positive and finite"):
        simulate(kind(step), carmon_like(), steps=1)
