"""Theorems 3.2 and 3.3: the functions, sums and runs under their checks; and false variants."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate

from theory.claims import Verdict
from theory.claims.routes.statistical import student_interval
from theory.claims.sigma_nice import inner_rate, rounds
from theory.sigma_nice import ladder


@pytest.mark.parametrize("delta", [0.0, 0.3])
def test_gradient_is_the_derivative_of_the_value(delta):
    f, x, h = rounds.Ripples(dimension=2), np.array([0.3, -0.8]), 1e-6
    for j in range(2):
        step = h * np.eye(2)[j]
        quotient = (f.value(x + step, delta) - f.value(x - step, delta)) / (2 * h)
        assert f.gradient(x, delta)[j] == pytest.approx(quotient, rel=1e-7)


def test_ripples_are_smoothed_as_the_definition_says():
    f = rounds.Ripples()
    mean = integrate.quad(lambda u: f.gradient(np.array([0.4 - 0.35 * u]))[0], -1, 1)[0] / 2
    assert f.gradient(np.array([0.4]), 0.35)[0] == pytest.approx(mean, rel=1e-10)


def test_ripples_are_nice_at_every_level_and_not_convex():
    f, h = rounds.Ripples(), 1e-4
    for delta in np.linspace(0.02, 1.5, 75):
        xs = np.linspace(-delta, delta, 101)[:, None]
        curvature = (f.gradient(xs + h, delta) - f.gradient(xs - h, delta)) / (2 * h)
        assert curvature.min() > 0.1
    assert (f.gradient(np.array([0.5 + h])) - f.gradient(np.array([0.5 - h])))[0] / (2 * h) == pytest.approx(
        -3, rel=1e-3
    )


def test_proof_closes_with_four_and_not_with_three():
    assert rounds.bound_closes()
    assert not rounds.bound_closes(3)


def test_stages_are_the_power_of_the_accuracy():
    assert rounds.stages_needed(0.1, 1.0, 1.0) == 10
    assert rounds.stages_needed(0.1, 0.5, 1.0) == 100
    coarse, fine = (rounds.stages_needed(e, 0.5, 0.3) for e in (0.1, 0.01))
    assert fine / coarse == pytest.approx(100, rel=2e-3)


@pytest.mark.parametrize(("level", "noise"), [(Fraction(1), 0), (Fraction(1, 2), 1), (Fraction(1, 4), 1)])
def test_stage_steps_reach_their_accuracy(level, noise):
    steps = int(np.ceil(rounds.stage_steps(Fraction(1), level, Fraction(noise))))
    accuracy = 0.5 * float(level) ** 2
    eta = 0.5 if not noise else min(0.5, 2 * accuracy / (2 * noise + accuracy))
    # On x^2/2 from distance delta everything scales with delta^2.
    gaps = float(level) ** 2 * inner_rate.quadratic_gaps(eta, noise / float(level) ** 2, steps)
    assert gaps.mean() <= accuracy * (1 + 1e-12)


def test_noisy_steps_grow_with_the_square_of_the_rounds():
    exact, noisy = ([rounds.total_steps(m, Fraction(noise)) for m in (32, 64)] for noise in (0, 1))
    assert exact[1] / exact[0] == 2
    assert 3.5 < noisy[1] / noisy[0] < 4.5


def test_noiseless_implicit_run_is_descent():
    f, levels = rounds.Ripples(amplitude=0.05, dimension=3), ladder(1.0, 4, 1.0)
    run = rounds.implicit_run(
        f, levels, step_size=0.1, noise=0.0, decay="batch size", steps=5, seeds=2, rng=np.random.default_rng(0)
    )
    x = np.ones(3)
    for _ in range(4 * 5):
        x = x - 0.1 * f.gradient(x)
    np.testing.assert_allclose(run, f.value(x), rtol=1e-12)


def test_much_more_noise_is_not_passed(monkeypatch):
    true = rounds.implicit_run
    monkeypatch.setattr(rounds, "implicit_run", lambda *a, noise, **k: true(*a, noise=8.0, **k))
    assert rounds.implicit_rounds.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED


def test_noisy_explicit_run_has_the_floor_of_its_last_stage():
    f = rounds.Ripples(amplitude=0.0)  # x^2/2, whose stationary gap is eta C^2/(2 (2 - eta))
    ends = rounds.noisy_explicit_run(
        f, ladder(0.5, 5, 1.0), step_size=0.2, noise=3.0, seeds=20_000, rng=np.random.default_rng(0)
    )
    assert student_interval(ends, error_level=1e-4).contains(0.2 * 3.0 / (2 * 1.8))


def test_explicit_run_that_stops_early_is_not_passed(monkeypatch):
    monkeypatch.setattr(rounds, "explicit_run", lambda f, start, levels, sigma: (float(f.value(np.full(1, start))), 0))
    assert rounds.explicit_rounds.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED
