"""Warm-up, plateau and fall, restarts: against the schedules of PyTorch as its documentation states them."""

import math

import numpy as np
import pytest

from dynamics import GradientDescent, linear_to_zero, simulate, warm_restarts, warm_up, warm_up_stable_decay
from dynamics.protocol.schedules import scheduled
from synthetic import DiagonalQuadratic


def values(made, steps):
    return np.array([scheduled(made, k) for k in range(steps)])


def restarted(initial, final, horizon, growth, k):
    """The step size at step k as SGDR states it: T_cur counts from the last restart, T_i is the cycle's length."""
    cycle, since = horizon, k
    while since >= cycle:
        since, cycle = since - cycle, cycle * growth
    return final + (initial - final) * (1 + math.cos(math.pi * since / cycle)) / 2


@pytest.mark.parametrize(("horizon", "cycles", "growth"), [(5, 4, 1), (3, 4, 2), (1, 3, 3)])
def test_restarts_are_those_of_sgdr(horizon, cycles, growth):
    total = horizon * cycles if growth == 1 else horizon * (growth**cycles - 1) // (growth - 1)
    made = warm_restarts(0.3, horizon=horizon, cycles=cycles, growth=growth, final=0.1)
    expected = [restarted(0.3, 0.1, horizon, growth, k) for k in range(total)]
    np.testing.assert_allclose(values(made, total), expected, rtol=1e-12)
    assert set(values(made, total + 9)[total:]) == {0.1}


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_plateau_lies_between_a_rise_from_0_and_a_fall(power):
    got = values(warm_up_stable_decay(0.8, steps=20, warm_up=4, decay=8, final=0.2, power=power), 25)
    assert got[:5].tolist() == [0.0, 0.2, 0.4, 0.6000000000000001, 0.8]
    assert set(got[4:13]) == {0.8}
    np.testing.assert_allclose(got[12:21], [0.8 - 0.6 * (i / 8) ** power for i in range(9)], rtol=1e-12)
    assert set(got[20:]) == {0.2}


def test_without_warm_up_or_decay_only_the_plateau_is_left_and_periods_stretch():
    assert values(warm_up_stable_decay(0.8, steps=3, warm_up=0, decay=0), 5).tolist() == [0.8, 0.8, 0.8, 0.0, 0.0]
    made = warm_up_stable_decay(1.0, steps=4, warm_up=2, decay=2)
    stretched = warm_up_stable_decay(1.0, steps=4, warm_up=2, decay=2, period=3)
    assert np.array_equal(values(stretched, 15), np.repeat(values(made, 5), 3))


def test_rise_and_fall_are_each_other_s_mirror():
    up, down = values(warm_up(0.5, steps=10, period=2), 40), values(linear_to_zero(0.5, steps=10, period=2), 40)
    np.testing.assert_allclose(up + down, 0.5, rtol=1e-14)
    assert up[0] == 0.0 == down[-1]
    assert np.flatnonzero(down)[-1] == 19


def test_a_run_takes_the_steps_that_a_table_says():
    made = warm_up_stable_decay(0.8, steps=6, warm_up=2, decay=3)
    run = simulate(GradientDescent(made), DiagonalQuadratic(np.ones(1), np.zeros(1)), steps=8, x0=[1.0])
    assert run.x[0] == pytest.approx(np.prod(1.0 - values(made, 8)), rel=1e-14)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: warm_up(0.0, steps=3), "peak = 0.0 must be positive"),
        (lambda: warm_up(1.0, steps=0), "steps = 0 must be positive"),
        (lambda: linear_to_zero(1.0, steps=0), "steps = 0 must be positive"),
        (lambda: warm_up_stable_decay(-1.0, steps=3, warm_up=1, decay=1), "peak = -1.0 must be positive"),
        (lambda: warm_up_stable_decay(1.0, steps=3, warm_up=2, decay=2), "at most steps = 3; try decay = 1"),
        (lambda: warm_up_stable_decay(1.0, steps=3, warm_up=-1, decay=2), "warm_up = -1 must be at least 0"),
        (lambda: warm_up_stable_decay(1.0, steps=3.5, warm_up=1, decay=2), "steps = 3.5 must be a whole number"),
        (lambda: warm_up_stable_decay(1.0, steps=3, warm_up=1, decay=1, final=2.0), "peak = 1.0 must be at least 2"),
        (lambda: warm_up_stable_decay(1.0, steps=3, warm_up=1, decay=1, power=0), "power = 0 must be positive"),
        (lambda: warm_up_stable_decay(1.0, steps=10**15, warm_up=1, decay=1), "more than this machine's memory"),
        (lambda: warm_restarts(0.0, horizon=2, cycles=1), "initial = 0.0 must be positive"),
        (lambda: warm_restarts(1.0, horizon=2, cycles=0), "cycles = 0 must be at least 1"),
        (lambda: warm_restarts(1.0, horizon=2, cycles=2, growth=0), "growth = 0 must be at least 1"),
        (lambda: warm_restarts(1.0, horizon=2, cycles=2, final=-1), "final = -1 must be at least 0"),
        (lambda: warm_restarts(1.0, horizon=2, cycles=99, growth=9), "more than this machine's memory"),
    ],
)
def test_bad_numbers_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
