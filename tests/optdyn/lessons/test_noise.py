"""Lesson 4 by other routes: the theory's attenuation, quadrature, and what its text says."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from optdyn.lessons.noise.lesson import ball, gaussian, smoothed
from theory.sigma_nice import attenuation

DELTAS = np.linspace(0.01, 1.5, 40)


def test_what_is_left_of_a_wave_is_the_theorys() -> None:
    np.testing.assert_allclose(ball(DELTAS), attenuation(1, 2 * np.pi * DELTAS), atol=1e-14)
    np.testing.assert_allclose(gaussian(DELTAS), attenuation(1, 2 * np.pi * DELTAS, noise="gaussian"), rtol=1e-12)
    assert ball(0.0) == 1


@pytest.mark.parametrize("delta", [0.3, 0.7])
def test_the_smoothed_loss_is_an_average(delta: float) -> None:
    for x in (-1.3, 0.2, 2.6):
        average = quad(lambda u: smoothed(u, 10.0, 1.0, 0.0)[0], x - delta, x + delta)[0] / (2 * delta)
        value, slope, curvature = smoothed(x, 10.0, ball(delta), delta**2 / 3)
        assert value == pytest.approx(average, rel=1e-10)
        h = 1e-6
        difference = (smoothed(x + h, 10.0, ball(delta), 0.0)[0] - smoothed(x - h, 10.0, ball(delta), 0.0)[0]) / (2 * h)
        assert slope == pytest.approx(difference, abs=1e-6)
        assert curvature >= 2


def end(delta: float, gamma: float, steps: int, law=ball, x: float = 3.0) -> float:
    """Where the ladder ends."""
    rungs = math.ceil(math.log(0.02 / delta) / math.log(gamma))
    for k in range(steps):
        m = k // (steps // (rungs + 1))
        _, slope, curvature = smoothed(x, 10.0, law(delta * gamma**m if m < rungs else 0.0), 0.0)
        x -= slope / curvature
    return x


def fixed(delta: float, steps: int = 200, x: float = 3.0) -> float:
    for _ in range(steps):
        _, slope, curvature = smoothed(x, 10.0, ball(delta), 0.0)
        x -= slope / curvature
    return x


def test_what_the_text_says() -> None:
    assert fixed(0.5) == pytest.approx(0, abs=1e-6)
    assert fixed(0.7) == pytest.approx(2.44, abs=0.01)
    ends = {gamma: abs(end(0.7, gamma, 200)) for gamma in (0.5, 0.7, 0.9, 0.95)}
    assert [gamma for gamma, x in ends.items() if x < 0.02] == [0.7]
    assert 200 // (math.ceil(math.log(0.02 / 0.7) / math.log(0.7)) + 1) == 18
    assert abs(end(0.7, 0.5, 1000)) > 0.5
    assert all(abs(end(0.7, gamma, 200, gaussian)) < 0.02 for gamma in (0.5, 0.9))
