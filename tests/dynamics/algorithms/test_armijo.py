"""Armijo backtracking: against the twin, its condition at every step, and how it gives up."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import Armijo, Status, Stop, implements, simulate, value_and_gradient
from dynamics.protocol.schedules import exponential
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic
from tests.dynamics.twins import armijo

STEPS = 40
SETTINGS = [(16.0, 0.5, 1e-4), (16.0, 0.8, 0.3), (4.0, 0.1, 0.9)]


class WrongSign(NamedTuple):
    """A parabola whose gradient kernel has a mistake."""

    curvature: np.ndarray


@implements(value_and_gradient, WrongSign)
def _(problem, x, out):
    out[0] = -problem.curvature[0] * x[0]
    return 0.5 * problem.curvature[0] * x[0] * x[0]


@pytest.mark.parametrize(("trial", "shrink", "c"), SETTINGS)
def test_twin(trial, shrink, c):
    problem = carmon_like()
    formulas = formulas_of(problem, 0)
    twin = armijo(formulas.loss, formulas.gradient, np.zeros(6), np.full(STEPS, trial), shrink, c)
    assert_same_run(run_of(Armijo(trial, shrink, c), problem, STEPS), twin)


def test_trials_follow_a_schedule():
    problem = carmon_like()
    formulas = formulas_of(problem, 0)
    trials = 16.0 * 0.5 ** (np.arange(STEPS) // 10)
    twin = armijo(formulas.loss, formulas.gradient, np.zeros(6), trials, 0.5, 1e-4)
    assert_same_run(run_of(Armijo(exponential(16.0, factor=0.5, period=10)), problem, STEPS), twin)


@pytest.mark.parametrize(("trial", "shrink", "c"), SETTINGS)
def test_every_step_passes_and_the_longer_one_before_it_did_not(trial, shrink, c):
    problem = carmon_like()
    formulas = formulas_of(problem, 0)
    run = run_of(Armijo(trial, shrink, c), problem, STEPS)
    steps, slopes = run.step_size[:-1], run.gradient_norm[:-1] ** 2
    assert (run.loss[1:] <= run.loss[:-1] - c * steps * slopes).all()
    shortened = [k for k in range(STEPS) if steps[k] < trial]
    assert len(shortened) > STEPS / 4
    for k in shortened:
        longer = steps[k] / shrink
        x = run.iterates[k] - longer * formulas.gradient(k, run.iterates[k])
        assert formulas.loss(k, x) > run.loss[k] - c * longer * slopes[k]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    trial=st.floats(0.01, 100.0),
    shrink=st.floats(0.1, 0.9),
    c=st.floats(1e-6, 0.9),
)
def test_the_loss_falls_by_the_condition_along_the_whole_run(seed, trial, shrink, c):
    run = run_of(Armijo(trial, shrink, c), carmon_like(seed=seed), STEPS)
    bound = run.loss[:-1] - c * run.step_size[:-1] * run.gradient_norm[:-1] ** 2
    assert (run.loss[1:] <= bound + 1e-15)[: run.stopped_at].all()
    powers = np.log(run.step_size[:-1] / trial) / np.log(shrink)
    np.testing.assert_allclose(powers, np.round(powers), atol=1e-9)


def test_the_value_and_gradient_handed_on_are_those_of_the_new_iterate():
    problem = carmon_like()
    formulas = formulas_of(problem, 0)
    run = run_of(Armijo(16.0), problem, STEPS)
    losses = [formulas.loss(0, x) for x in run.iterates]
    norms = [np.linalg.norm(formulas.gradient(0, x)) for x in run.iterates]
    np.testing.assert_allclose(run.loss, losses, rtol=1e-12)
    np.testing.assert_allclose(run.gradient_norm, norms, rtol=1e-9)


def test_on_a_quadratic_of_curvature_one_the_condition_is_a_bound_on_the_step():
    """f(x − tg) ≤ f(x) − ct g² exactly where t ≤ 2(1 − c): from trial 2 by halves, t = 1 for 0 < c ≤ 1/2."""
    for c, step in ((0.3, 1.0), (0.49, 1.0), (0.6, 0.5), (0.8, 0.25)):
        run = run_of(Armijo(2.0, 0.5, c), quadratic([1.0], [0.0]), 1, x0=[1.0])
        assert run.step_size[0] == step


def test_a_stationary_point_is_left_alone():
    run = run_of(Armijo(1.0), quadratic([1.0, 2.0]), 3, x0=[1.0, 1.0])
    assert run.status == Status.MAX_ITERATIONS
    assert np.array_equal(run.iterates, np.ones((4, 2)))


def test_where_no_step_passes_the_run_ends_with_its_status():
    """The gradient has the wrong sign: every trial goes uphill, until none moves the iterate any more."""
    run = run_of(Armijo(1.0), WrongSign(np.array([3.0])), 10, x0=[100.0])
    assert run.status == Status.LINE_SEARCH_FAILED
    assert run.stopped_at == 0
    assert run.x.tolist() == [100.0]
    assert np.isnan(run.step_size[-1])


class Lifted(NamedTuple):
    a: np.ndarray


@implements(value_and_gradient, Lifted)
def _(problem, x, out):
    for j in range(len(x)):
        out[j] = problem.a[j] * (x[j] - 1 / 3)
    return 1.0 + 0.5 * np.sum(out * out / problem.a)


@pytest.mark.parametrize("step", [0.5, 8.0, 1e6])
def test_a_minimum_whose_value_is_not_0_is_reached_to_the_gradients_own_rounding(step):
    """Differences of values near 1 vanish once the gradient is below 1e-8; its own numbers have 8 more digits."""
    method, problem = Armijo(step), Lifted(np.array([0.7, 3.1, 2.3]))
    run = simulate(method, problem, steps=3000, x0=[2.0, -1.0, 0.5], stop=Stop(1e-12))
    assert run.status == Status.CONVERGED
    assert run.values[-1] < 40 * run.stopped_at
    assert run.stopped_at < 200


def test_a_run_that_has_converged_to_rounding_stays_there_or_ends():
    problem = carmon_like(samples=12, dimension=3)
    run = run_of(Armijo(16.0), problem, 2000)
    assert run.status in (Status.LINE_SEARCH_FAILED, Status.MAX_ITERATIONS)
    assert run.gradient_norm[-1] < 1e-12


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (Armijo(-1.0), "step_size = -1.0 must be positive"),
        (Armijo(1.0, shrink=1.0), r"shrink = 1.0 must lie in \(0, 1\)"),
        (Armijo(1.0, shrink=0.0), r"shrink = 0.0 must lie in \(0, 1\)"),
        (Armijo(1.0, sufficient_decrease=0.0), r"sufficient_decrease = 0.0 must lie in \(0, 1\)"),
        (Armijo(1.0, sufficient_decrease=float("nan")), r"sufficient_decrease = nan must lie in \(0, 1\)"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
