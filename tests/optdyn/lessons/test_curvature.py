"""Lesson 2 by other routes: differences for gradients, the theory's step for the factor, and what its text says."""

import numpy as np
import pytest

from optdyn.lessons.curvature.lesson import absolute_factor, bowl, factor, hills
from theory.step_tuned import curvature_step

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("surface", [bowl, hills])
def test_gradients_are_those_of_the_values(surface) -> None:
    x, y = RNG.uniform(-4, 4, (2, 200))
    h = 1e-6
    _, gx, gy = surface(x, y)
    np.testing.assert_allclose(gx, (surface(x + h, y)[0] - surface(x - h, y)[0]) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(gy, (surface(x, y + h)[0] - surface(x, y - h)[0]) / (2 * h), atol=1e-8)


def test_the_factor_on_a_quadratic_is_the_theorys_step() -> None:
    hessian = np.diag([0.015, 0.75])
    for s in RNG.normal(size=(50, 2)):
        assert factor(*s, *(hessian @ s), 2.0) == pytest.approx(curvature_step(s, hessian), rel=1e-13)
        assert factor(*s, *(-hessian @ s), 2.0) == 2.0
        assert absolute_factor(*s, *(-hessian @ s), 2.0) == pytest.approx(curvature_step(s, hessian), rel=1e-13)
    assert absolute_factor(0.0, 0.0, 0.0, 0.0, 2.0) == 2.0


def run(surface, rule, start, alpha, nu, steps):
    """Losses and factors of a method."""
    x, last, losses, factors = np.array(start, dtype=float), None, [], []
    for _ in range(steps + 1):
        value, *g = surface(*x)
        gradient = np.array(g)
        gamma = float(rule(*(x - last[0]), *(gradient - last[1]), nu)) if last and rule else 1.0
        losses.append(value)
        factors.append(gamma)
        last, x = (x, gradient), x - alpha * gamma * gradient
    return np.array(losses), np.array(factors)


def test_what_the_text_says() -> None:
    flung, factors = run(hills, absolute_factor, (3, 2), 0.3, 2.0, 30)
    assert round(factors[:5].max()) == 115
    assert flung.max() > 2 * flung[0]
    assert np.argmax(run(hills, factor, (3, 2), 0.3, 2.0, 30)[0] < 0.01) == 10
    losses, factors = run(bowl, factor, (4, 0.3), 1.0, 2.0, 30)
    assert losses[5] > 1000 * losses[4]
    assert np.argmax(losses < 1e-4) == 9
    assert (factors[1:9] >= 1 / 0.75 - 1e-12).all()
    assert (factors[1:9] <= 1 / 0.015 + 1e-9).all()
    assert np.argmax(run(bowl, None, (4, 0.3), 1.0, 2.0, 300)[0] < 1e-4) == 235
