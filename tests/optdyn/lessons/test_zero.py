"""Lesson 3 by other routes: the theory's step, the library's matrices, and what its text says."""

import numpy as np
import pytest

from optdyn.lessons.zero.lesson import LESSON, condition_numbers, step_size, valley
from theory.l4 import l4_step

RNG = np.random.default_rng(3)


def test_the_step_is_the_theorys() -> None:
    for _ in range(50):
        x, y, alpha, low = *RNG.normal(size=2), RNG.uniform(0.05, 2), RNG.uniform(0, 0.2)
        loss, *g = valley(x, y, 10.0, 0.3)
        move = l4_step(loss, g, g, minimum=low, alpha=alpha, gamma=1.0, regularizer=0.0)
        np.testing.assert_allclose(-step_size(loss, low, g[0] ** 2 + g[1] ** 2, alpha) * np.array(g), move, rtol=1e-13)
    assert step_size(0.3, 0.0, 0.0, 1.0) == 0


def test_gradients_are_those_of_the_values() -> None:
    x, y = RNG.uniform(-2, 2, (2, 100))
    h = 1e-6
    _, gx, gy = valley(x, y, 7.0, 0.2)
    np.testing.assert_allclose(gx, (valley(x + h, y, 7.0, 0.2)[0] - valley(x - h, y, 7.0, 0.2)[0]) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(gy, (valley(x, y + h, 7.0, 0.2)[0] - valley(x, y - h, 7.0, 0.2)[0]) / (2 * h), atol=1e-8)


def polyak(kappa: float, alpha: float, start: tuple[float, float], steps: int) -> tuple[np.ndarray, np.ndarray]:
    x, losses, far = np.array(start), [], []
    for _ in range(steps + 1):
        loss, *g = valley(*x, kappa, 0.0)
        losses.append(loss)
        far.append(np.hypot(*x))
        x = x - step_size(loss, 0.0, g[0] ** 2 + g[1] ** 2, alpha) * np.array(g)
    return np.array(losses), np.array(far)


def test_what_the_text_says() -> None:
    assert polyak(1.0, 1.0, (1.0, 0.0), 1)[1][1] == pytest.approx(0.5)
    losses, far = polyak(100.0, 1.0, (2.0, 0.3), 30)
    assert losses[4] / losses[3] == pytest.approx(5.7, abs=0.05)
    assert (np.diff(far) <= 0).all()
    assert polyak(1.0, 2.0, (1.0, 0.0), 1)[1][1] == pytest.approx(0)
    assert polyak(1.0, 3.9, (1.0, 0.0), 50)[1][-1] < 0.1  # a parabola forgives up to 4
    assert polyak(1.0, 4.1, (1.0, 0.0), 50)[1][-1] > 10
    found = np.array(condition_numbers()["conditions"])
    assert np.median(found) == pytest.approx(22, abs=2)
    assert LESSON.data is condition_numbers
