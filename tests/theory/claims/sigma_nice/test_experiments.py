"""Section 4 on quadratics by simulation; and false variants."""

import numpy as np
import pytest

from theory.claims.routes.statistical import student_interval
from theory.claims.sigma_nice import experiments


def test_phases_divide_the_noise_alike():
    for method in (2, 3, 4):
        found = experiments.settings(method)
        levels = np.array([eta / np.sqrt(batch) for eta, batch, _ in found])
        np.testing.assert_allclose(levels[1:] / levels[:-1], 2**-0.5, rtol=1e-12)
        assert len(found) == 5
    assert [batch for _, batch, _ in experiments.settings(3)] == [32, 64, 128, 256, 512]
    assert [batch for _, batch, _ in experiments.settings(4)] == [32, 48, 72, 108, 162]
    assert experiments.settings(2)[0][2] == 40 * 1562


def test_losses_by_steps_one_at_a_time(monkeypatch):
    monkeypatch.setattr(experiments, "SAMPLES", 320)
    for method in (2, 3, 4):
        square = 1.0
        for eta, batch, steps in experiments.settings(method):
            for _ in range(steps):
                square = (1 - eta * 0.3) ** 2 * square + eta**2 * 5.0 / batch
        whole, left = experiments.losses(method, np.array([0.3]), np.array([5.0]))
        assert whole[0] == pytest.approx(0.5 * 0.3 * square, rel=1e-10)
        assert left[0] <= experiments.losses(method, np.array([0.3]), np.array([0.0]))[0][0] * (1 + 1e-12)


def test_final_loss_by_simulation():
    rng = np.random.default_rng(0)
    x = np.ones(20_000)
    for t in range(20):
        x -= 0.1 * (1 - t / 20) ** 0.5 * (0.7 * x + rng.standard_normal(x.shape))
    assert student_interval(0.35 * x**2, error_level=1e-4).contains(experiments.final_loss(0.5, 0.7, 1.0, epochs=20))


def test_noise_turns_the_order_of_the_schedules_round():
    quiet, noisy = ([experiments.final_loss(p, 1.0, noise) for p in (0.1, 1.0)] for noise in (0.0, 1.0))
    assert quiet[0] < quiet[1]
    assert noisy[0] > noisy[1]


def test_steps_that_are_too_long_turn_it_round_without_noise():
    short, long = ([experiments.final_loss(p, curvature, 0.0) for p in (0.1, 2.0)] for curvature in (10.0, 25.0))
    assert short[0] <= short[1]
    assert long[0] > 1 > long[1]


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_noise_raises_a_parabola_by_more_than_the_ball(dimension):
    rng, delta = np.random.default_rng(dimension), 0.5
    directions = rng.standard_normal((20_000, dimension))
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    ball = delta * unit * rng.random((20_000, 1)) ** (1 / dimension)
    gain = student_interval((ball**2).sum(axis=1) * (1 + 2 / dimension), error_level=1e-4)
    assert gain.contains(delta**2)
    assert not gain.contains(delta**2 / (1 + 1 / dimension))
