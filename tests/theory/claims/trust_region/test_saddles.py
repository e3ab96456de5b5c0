"""Newton, Gauss-Newton and saddle-free Newton beside saddles: derivatives by differences, and long runs."""

import numpy as np
import pytest

from theory.claims.trust_region import saddles


def test_expansion_is_the_derivative_of_the_map():
    # (x_0 x_1 - 1)^2/2 at 0: J = 0, S = r * Hessian of x_0 x_1 with r = -1.
    h, damping = 1e-6, 0.7
    columns = [
        (saddles.gauss_newton_map(h * unit, damping) - saddles.gauss_newton_map(-h * unit, damping)) / (2 * h)
        for unit in np.eye(2)
    ]
    slope = np.max(np.linalg.eigvals(np.array(columns).T).real)
    second = -np.array([[0.0, 1.0], [1.0, 0.0]])
    assert saddles.expansion(np.zeros((1, 2)), second, damping) == pytest.approx(slope, abs=1e-6)
    assert slope > 1


def test_minima_do_not_expand():
    assert saddles.expansion(np.eye(2), 0.5 * np.eye(2), 0.1) < 1


def test_the_bent_saddle_by_differences():
    def loss(x):
        return 2 * x[0] ** 2 - x[1] ** 2 / 2 + x[0] ** 2 * x[1]

    x, h = np.array([0.3, -0.2]), 1e-5
    gradient, hessian = saddles.bent_saddle(x)
    for j, unit in enumerate(np.eye(2)):
        assert gradient[j] == pytest.approx((loss(x + h * unit) - loss(x - h * unit)) / (2 * h), abs=1e-8)
        change = (saddles.bent_saddle(x + h * unit)[0] - saddles.bent_saddle(x - h * unit)[0]) / (2 * h)
        np.testing.assert_allclose(hessian[:, j], change, atol=1e-8)


def test_iterates_on_the_curves_found_come_closer_for_longest():
    """Both maps, started on y = c x^2: with the right c the run comes near the saddle before it leaves."""
    cases = {
        "saddle-free": (lambda x: saddles.saddle_free_step(x, 0.1), 0.9),
        "descent": (lambda x: x - 0.1 * saddles.bent_saddle(x)[0], 0.6),
    }
    for step, contraction in cases.values():
        c = saddles.stable_curvature(step, contraction, 1.1)

        def departure(curvature, step=step):
            x = np.array([0.01, curvature * 1e-4])
            for _ in range(40):
                x = step(x)
            return abs(x[1])

        assert departure(c) < 0.2 * min(departure(c + 0.05), departure(c - 0.05))


def test_counterexamples_name_what_is_to_be_run_again(quick):
    (distances,) = quick("trust_region.gauss_newton_saddles").data.values()
    x = np.array([1e-3, 0.5e-3])
    for distance in distances:
        x = saddles.gauss_newton_map(x, 1.0)
        assert np.linalg.norm(x) == pytest.approx(distance)
    assert distances[-1] > 0.1
