"""Which schedules decay slowly enough, by other routes; and false variants."""

import numpy as np
import pytest
from scipy import integrate

from theory.claims import Verdict
from theory.claims.sigma_nice import schedules
from theory.claims.sigma_nice.landscapes import draw_landscapes
from theory.sigma_nice import ladder, required_decay_rate, schedule


@pytest.mark.parametrize("name", list(schedules.FIVE))
def test_least_radii_against_the_required_rates(name):
    kind, parameters = schedules.FIVE[name]
    levels = schedule(kind, 200, 1.0, **parameters)[:-1]
    for end, radius in enumerate(schedules.radii()[name]):
        for factor, expected in ((1 + 1e-9, True), (1 - 1e-6, False)):
            required = required_decay_rate(levels[1:], factor * radius)[end]
            assert bool(np.all(levels[1:] / levels[:-1] >= required)) is expected


def test_cosine_against_powers():
    assert schedules.cosine_beats_small_power()
    found = schedules.radii()
    assert found["cosine"][0] < found["polynomial, p = 0.1"][0]
    assert found["polynomial, p = 1"][0] < found["cosine"][0]
    assert found["polynomial, p = 0.5"][1] < found["cosine"][1] < found["polynomial, p = 0.1"][1]


def test_landscapes_descend_the_smoothed_function():
    landscapes = draw_landscapes(3, np.random.default_rng(0))
    delta, x = 0.8, np.array([0.3, -1.0, 2.0])
    step = landscapes.descend(x, np.array([delta]), steps=1) - x
    for row in range(3):
        frequency, amplitude, phase = (part[row] for part in landscapes[:3])

        def slope(u, row=row, frequency=frequency, amplitude=amplitude, phase=phase):
            point = x[row] - delta * u
            return 0.3 * point - (amplitude * frequency * np.sin(frequency * point + phase)).sum()

        mean = integrate.quad(slope, -1, 1)[0] / 2
        damped = np.abs(amplitude * np.sinc(frequency * delta / np.pi) * frequency**2)
        assert step[row] == pytest.approx(-mean / (0.3 + damped.sum()), rel=1e-9)


def test_minima_are_not_undercut():
    landscapes = draw_landscapes(40, np.random.default_rng(1))
    lowest = landscapes.minimum()
    for x in np.random.default_rng(2).uniform(-12, 12, (300, 40)):
        assert np.all(landscapes.value(x) >= lowest - 1e-9)


@pytest.mark.parametrize("seed", [1, 2])
def test_slow_decay_on_other_landscapes(seed):
    evidence = schedules.slow_decay.check("quick", np.random.default_rng(seed))
    assert evidence.verdict is Verdict.CONDITIONAL
    assert evidence.margin > 0


def test_slow_decay_needs_slow_decay(monkeypatch):
    monkeypatch.setattr(schedules, "ladder", lambda delta1, levels, power: np.append(delta1 * 0.5 ** np.arange(7), 0.0))
    assert schedules.slow_decay.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED


def test_wrong_radii_single_out_other_powers(monkeypatch):
    monkeypatch.setattr(schedules, "least_radius", lambda levels: (levels[0] - levels[1], levels[0] - levels[1]))
    assert schedules.optimal_power.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED
    assert schedules.decay_condition.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED


def test_no_schedule_needs_less_than_the_pigeonhole_says():
    drops = np.random.default_rng(0).dirichlet(np.ones(50), size=200)
    for row in drops:
        levels = np.maximum(1 - np.concatenate([[0], np.cumsum(row)]), 0)
        levels[-1] = 0
        lenient, strict = schedules.least_radius(levels)
        assert lenient >= schedules.least_radius(ladder(1.0, 50, 1.0))[0] - 1e-12
        assert strict >= schedules.least_radius(ladder(1.0, 50, 0.5))[1] - 1e-12
