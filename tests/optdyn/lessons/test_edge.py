"""Lesson 6 by other routes: eigenvalues, differences, recorded runs computed again, and what its text says."""

import numpy as np
import pytest

from optdyn.lessons.edge.lesson import edge, product, recorded, sharpness, step

RNG = np.random.default_rng(6)


def test_gradient_and_sharpness() -> None:
    h = 1e-5
    for x, y in RNG.uniform(-2, 3, (50, 2)):
        _, gx, gy = product(x, y)
        assert gx == pytest.approx((product(x + h, y)[0] - product(x - h, y)[0]) / (2 * h), abs=1e-7)
        assert gy == pytest.approx((product(x, y + h)[0] - product(x, y - h)[0]) / (2 * h), abs=1e-7)
        columns = [
            (np.array(product(x + h, y)[1:]) - product(x - h, y)[1:]) / (2 * h),
            (np.array(product(x, y + h)[1:]) - product(x, y - h)[1:]) / (2 * h),
        ]
        assert sharpness(x, y) == pytest.approx(np.linalg.eigvalsh(np.array(columns)).max(), abs=1e-7)
    assert sharpness(4.0, 0.25) == pytest.approx(16.0625)


def end(eta: float, beta: float, start: tuple[float, float] = (2.5, 0.5), steps: int = 50) -> tuple[float, int]:
    """Sharpness at the end of heavy ball in the classical form, and how often the loss rose."""
    s, v, losses = np.array(start), np.zeros(2), []
    for _ in range(steps):
        loss, *g = product(*s)
        losses.append(loss)
        v, s = step(v, s, eta / (1 - beta) * np.array(g), beta)
    return float(sharpness(*s)), int((np.diff(losses) > 1e-20).sum())


def test_what_the_text_says() -> None:
    assert end(0.01, 0.0, steps=5000)[0] == pytest.approx(6.3, abs=0.05)
    sharp, rises = end(0.35, 0.0)
    assert (round(sharp, 1), rises) == (4.9, 6)
    assert end(0.35, 0.5)[0] == pytest.approx(6.1, abs=0.05)
    assert end(0.35, 0.9, steps=200)[0] == pytest.approx(3.1, abs=0.05)
    assert edge(0.35, 0.0) == pytest.approx(5.714, abs=1e-3)
    assert edge(0.35 / 0.5, 0.5) == pytest.approx(8.571, abs=1e-3)


def test_recorded_runs_end_below_the_edge() -> None:
    runs = recorded()
    assert all(run["sharpness"][-1] < 2 / run["eta"] for run in runs)
    flow = runs[0]["sharpness"][-1]
    assert any(flow > 2 / run["eta"] for run in runs)


@pytest.mark.slow
def test_a_recorded_run_can_be_computed_again() -> None:
    from optdyn.lessons.edge.record import run

    stored = next(entry for entry in recorded() if entry["eta"] == 0.3)
    np.testing.assert_allclose(run(0.3)["sharpness"], stored["sharpness"], rtol=1e-5)
