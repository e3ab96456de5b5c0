"""Schedules: against the formulas of the papers, by epoch and by iteration, and at their ends."""

import numpy as np
import pytest

from dynamics import GradientDescent, StepTunedSGD, simulate
from dynamics.protocol import schedules
from dynamics.protocol.schedules import held, scheduled
from synthetic import DiagonalQuadratic
from tests.dynamics.algorithms.comparison import run_of
from tests.dynamics.algorithms.regression import quadratic
from theory.schedules import schedule

EPOCHS, STEPS_OF_AN_EPOCH = 200, 7
AGREE = {
    "constant": (schedules.constant(0.1), {}),
    "cosine": (schedules.cosine(0.1, horizon=EPOCHS), {}),
    "cosine above a minimum": (schedules.cosine(0.1, horizon=EPOCHS, final=0.02), {"minimum": 0.02}),
    "cosine_power of 10": (schedules.cosine_power(0.1, horizon=EPOCHS), {}),
    "cosine_power of 2": (schedules.cosine_power(0.1, horizon=EPOCHS, base=2.0, final=0.01), {"p": 2, "minimum": 0.01}),
    "cosine_power of 1/3": (schedules.cosine_power(0.1, horizon=EPOCHS, base=1 / 3), {"p": 1 / 3}),
    "cosine_power of 1": (schedules.cosine_power(0.1, horizon=EPOCHS, base=1.0), {"p": 1}),
    "step": (schedules.step_decay(0.1, every=40), {}),
    "step above a minimum": (
        schedules.step_decay(0.1, factor=0.3, every=15, final=0.02),
        {"factor": 0.3, "every": 15, "minimum": 0.02},
    ),
    "exponential": (schedules.exponential(0.1, factor=0.9), {}),
    "exponential above a minimum": (
        schedules.exponential(0.1, factor=np.exp(-0.05), final=0.02),
        {"rate": 0.05, "minimum": 0.02},
    ),
    "polynomial": (schedules.polynomial(0.1, horizon=EPOCHS, power=0.9), {}),
    "polynomial of 4": (schedules.polynomial(0.1, horizon=EPOCHS, power=4, final=0.01), {"p": 4, "minimum": 0.01}),
}


def values(made, steps):
    return np.array([scheduled(made, k) for k in range(steps)])


@pytest.mark.parametrize("name", AGREE)
def test_each_is_the_one_of_theory(name):
    made, parameters = AGREE[name]
    expected = schedule(name.split()[0], epochs=EPOCHS, **parameters)
    np.testing.assert_allclose(values(made, EPOCHS + 1), expected, rtol=1e-12, atol=1e-17)


@pytest.mark.parametrize("name", AGREE)
def test_a_period_stretches_a_schedule_of_iterations_to_one_of_epochs(name):
    made, _ = AGREE[name]
    stretched = made._replace(period=made.period * STEPS_OF_AN_EPOCH)
    assert np.array_equal(values(stretched, 50 * STEPS_OF_AN_EPOCH), np.repeat(values(made, 50), STEPS_OF_AN_EPOCH))


@pytest.mark.parametrize("name", ["cosine above a minimum", "cosine_power of 2", "polynomial of 4"])
def test_beyond_the_horizon_the_final_step_stays(name):
    made, _ = AGREE[name]
    assert {scheduled(made, k) for k in (EPOCHS, EPOCHS + 1, 10 * EPOCHS)} == {made.final}


@pytest.mark.parametrize("period", [1, 6])
def test_step_tuned_decay_is_the_decay_of_the_method(period):
    """With γ held at 1 the recorded steps are the schedule's, per iteration and per epoch."""
    method = StepTunedSGD(0.1, m=1.0, M=1.0, delta=0.1, period=period)
    steps = run_of(method, quadratic([1.0, 2.0]), 40, x0=[5.0, -3.0]).step_size[:-1]
    made = schedules.step_tuned_decay(0.1, delta=0.1, period=period)
    np.testing.assert_allclose(values(made, 40), steps, rtol=1e-14)
    assert steps[39] == pytest.approx(0.1 * (39 // period + 1) ** -0.6, rel=1e-14)


def test_a_table_holds_what_no_formula_says():
    made = schedules.table([0.3, 0.1, 0.2], period=2)
    assert values(made, 8).tolist() == [0.3, 0.3, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2]


@pytest.mark.parametrize("name", AGREE)
def test_held_is_one_step_size_of_the_same_type(name):
    made, _ = AGREE[name]
    assert set(values(held(made, 0.7), 300)) == {0.7}


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: schedules.cosine(0.1, horizon=0), "horizon = 0 must be positive"),
        (lambda: schedules.cosine(0.1, horizon=10, final=-0.1), "final = -0.1 must be at least 0"),
        (lambda: schedules.cosine_power(0.1, horizon=10, base=0.0), "base = 0.0 must be positive"),
        (lambda: schedules.polynomial(0.1, horizon=10, power=-1), "power = -1 must be positive"),
        (lambda: schedules.exponential(0.1, factor=-0.5), "factor = -0.5 must be positive"),
        (lambda: schedules.step_decay(0.1, factor=1.5, every=3), r"factor = 1.5 must lie in \[0, 1\)"),
        (lambda: schedules.step_decay(0.1, every=0), "period = 0 must be positive"),
        (lambda: schedules.inverse_power(0.1, power=-1), "power = -1 must be at least 0"),
        (lambda: schedules.step_tuned_decay(0.1, delta=-1), "delta = -1 must be at least -0.5"),
        (lambda: schedules.table([0.1, -0.1]), "a table from -0.1 to 0.1: its numbers must be at least 0"),
        (lambda: schedules.table([0.0, 0.0]), "one of them positive"),
        (lambda: schedules.table([]), r"step_size has shape \(0,\)"),
        (lambda: schedules.table([0.1, np.nan]), "step_size has NaN or infinity in it, the first at index 1"),
        (lambda: schedules.constant(1j), "initial = 1j must be a real number"),
    ],
)
def test_bad_numbers_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_warm_up_begins_at_0_and_a_table_may_end_in_0():
    up = schedules.cosine(0.0, horizon=4, final=0.5)
    assert [round(schedules.scheduled(up, k), 12) for k in (0, 2, 4, 9)] == [0.0, 0.25, 0.5, 0.5]
    for given in (up, schedules.table([0.0, 0.5, 0.25, 0.0])):
        run = simulate(GradientDescent(given), DiagonalQuadratic(np.ones(1), np.zeros(1)), steps=5, x0=[1.0])
        steps = [schedules.scheduled(given, k) for k in range(5)]
        assert run.x[0] == np.prod([1.0 - step for step in steps])


@pytest.mark.parametrize("given", [0.0, schedules.polynomial(0.0, horizon=3), schedules.cosine(0.0, horizon=3)])
def test_steps_that_are_always_0_are_refused(given):
    with pytest.raises(ValueError, match=r"step_size = 0.0 must be positive"):
        simulate(GradientDescent(given), DiagonalQuadratic(np.ones(1), np.zeros(1)), steps=5, x0=[1.0])
