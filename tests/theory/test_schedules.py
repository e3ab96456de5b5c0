"""Schedules against the formulas as the paper prints them, and their ratios against exact ones."""

from fractions import Fraction

import numpy as np
import pytest

from theory.schedules import SCHEDULES, decay_rates, schedule

EPOCH = np.arange(201)


@pytest.mark.parametrize(
    ("name", "parameters", "formula"),
    [
        ("constant", {}, lambda t: 0.1 + 0.0 * t),
        ("cosine", {}, lambda t: 0.1 * (1 + np.cos(np.pi * t / 200)) / 2),
        (
            "cosine_power",
            {"p": 10.0},
            lambda t: 0.1 * (10.0 ** ((1 + np.cos(np.pi * t / 200)) / 2 + 1) - 10.0) / (100.0 - 10.0),
        ),
        (
            "cosine_power",
            {"p": 0.3},
            lambda t: 0.1 * (0.3 ** ((1 + np.cos(np.pi * t / 200)) / 2 + 1) - 0.3) / (0.09 - 0.3),
        ),
        ("step", {"factor": 0.25, "every": 30}, lambda t: 0.1 * 0.25 ** (t // 30)),
        ("exponential", {"rate": 0.02}, lambda t: 0.1 * np.exp(-0.02 * t)),
        ("polynomial", {"p": 2.0}, lambda t: 0.1 * (1 - t / 200) ** 2),
    ],
)
def test_matches_the_printed_formula(name, parameters, formula):
    np.testing.assert_allclose(schedule(name, **parameters), formula(EPOCH), rtol=1e-12, atol=1e-16)


def test_defaults():
    np.testing.assert_array_equal(schedule("step")[[0, 39, 40, 80, 199]], [0.1, 0.1, 0.05, 0.025, 0.00625])
    np.testing.assert_allclose(schedule("exponential")[1:] / schedule("exponential")[:-1], 0.9, rtol=1e-12)
    np.testing.assert_array_equal(schedule("polynomial"), schedule("polynomial", p=0.9))
    np.testing.assert_array_equal(schedule("cosine_power"), schedule("cosine_power", p=10.0))


@pytest.mark.parametrize("name", SCHEDULES)
def test_minimum_is_an_offset_of_the_same_shape(name):
    bare, raised = schedule(name, epochs=50, maximum=1.0), schedule(name, epochs=50, maximum=0.6, minimum=0.2)
    assert raised[0] == pytest.approx(0.6, abs=1e-16)
    np.testing.assert_allclose(raised, 0.2 + 0.4 * bare, rtol=1e-15)
    assert np.all(np.diff(raised) <= 0)


@pytest.mark.parametrize("name", ["cosine", "cosine_power", "polynomial"])
def test_annealing_ends_exactly_at_the_minimum(name):
    assert schedule(name)[-1] == 0.0
    assert schedule(name, minimum=0.003)[-1] == 0.003


def test_cosine_power_tends_to_the_cosine():
    cosine = schedule("cosine")
    np.testing.assert_array_equal(schedule("cosine_power", p=1), cosine)
    gap = [np.abs(schedule("cosine_power", p=1 + h) - cosine).max() for h in (1e-3, 1e-4)]
    assert gap[0] / gap[1] == pytest.approx(10, rel=2e-3)  # first order in p - 1


def test_last_cosine_epochs_keep_their_digits():
    # (1 + cos)/2 loses about 4 digits here; the exact value is sin²(π/400).
    assert schedule("cosine", maximum=1.0)[199] == pytest.approx(6.168375916970614e-05, rel=1e-14)


def test_decay_rates_of_a_line_are_the_exact_fractions():
    exact = [float(Fraction(199 - t, 200 - t)) for t in range(199)]
    rates = decay_rates(schedule("polynomial", p=1))
    assert rates.shape == (199,)
    np.testing.assert_allclose(rates, exact, rtol=1e-13)


def test_decay_rates_where_the_step_size_is_zero():
    rates = decay_rates([1.0, 0.0, 0.0, 0.5, 0.25, 0.0])
    np.testing.assert_array_equal(rates, [0.0, np.nan, np.inf, 0.5])


@pytest.mark.parametrize("name", SCHEDULES)
def test_decay_rates_rebuild_the_schedule(name):
    steps = schedule(name)
    np.testing.assert_allclose(steps[0] * np.cumprod(decay_rates(steps)), steps[1:-1], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("cosinus", {}, "did you mean 'cosine'"),
        ("polynomial", {"power": 2}, "unknown parameter of schedule polynomial 'power'"),
        ("cosine", {"p": 2}, "there is none"),
        ("step", {"factor": 1.0}, "factor is 1.0"),
        ("step", {"every": 0}, "every is 0"),
        ("polynomial", {"p": 0.0}, "p is 0.0"),
        ("exponential", {"rate": float("nan")}, "rate = nan must be a real number"),
        ("cosine", {"epochs": 10**15}, "more than this machine's memory"),
        ("cosine", {"epochs": 0}, "epochs = 0 must be at least 1"),
        ("cosine", {"maximum": -0.1}, "maximum = -0.1 must be positive"),
        ("cosine", {"minimum": 0.2}, "minimum is 0.2"),
    ],
)
def test_refuses(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        schedule(name, **arguments)


@pytest.mark.parametrize("steps", [[1.0, 0.5], [[1.0, 0.5, 0.2]], [1.0, -0.5, 0.2], [1.0, np.nan, 0.2]])
def test_decay_rates_refuse(steps):
    with pytest.raises(ValueError, match="schedule"):
        decay_rates(steps)
