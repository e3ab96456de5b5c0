"""The numbers of figure l4.1: the ratio of the steps against L4 itself and against a search for the worst start."""

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

import plots
from dynamics import simulate
from dynamics.algorithms.l4_choice import L4
from plots.gallery.l4_1 import least_overshoot, overshoot, worst_overshoot
from synthetic import gradient, quadratic, value


@pytest.fixture(scope="module")
def data():
    return plots.compute("l4.1", directions=200)


def test_the_ratio_is_the_step_of_l4_by_that_of_a_line_search():
    eigenvalues, x = np.array([0.2, 1.0, 3.0]), np.array([1.0, -2.0, 0.5])
    problem = quadratic(eigenvalues=eigenvalues)
    full = simulate(
        L4("gradient", "gradient", alpha=1.0, gamma=0.0, regularizer=0.0), problem, steps=1, x0=x
    ).step_size[0]
    g = gradient(problem, x)
    found = minimize_scalar(lambda step: value(problem, x - step * g), bracket=(0.0, 1.0), tol=1e-12)
    assert overshoot(eigenvalues, g) == pytest.approx(full / found.x, rel=1e-6)


def test_no_start_is_worse_than_kantorovich_s_and_one_is_as_bad():
    eigenvalues = np.geomspace(1 / 50, 1, 4)
    starts = np.random.default_rng(0).standard_normal((20, 4))
    found = [-minimize(lambda g: -overshoot(eigenvalues, g), start, tol=1e-12).fun for start in starts]
    assert max(found) == pytest.approx(worst_overshoot(50.0), rel=1e-6)
    assert max(found) <= worst_overshoot(50.0) * (1 + 1e-12)
    assert min(overshoot(eigenvalues, starts)) > least_overshoot()


def test_random_starts_lie_between_the_bounds(data):
    ratio = data["overshoot"].values
    assert (ratio >= 0.5 - 1e-12).all()
    assert (ratio <= data["worst"].values * (1 + 1e-12)).all()


def test_the_lines_touch_and_have_their_minimum_where_it_is_said_to_be(data):
    step = data["step"].values
    for case, to_minimum in (("parabola", 2.0), ("valley", 1 / worst_overshoot(30.0))):
        cut = data.sel(case=case)
        assert float(cut["to_minimum"]) == pytest.approx(to_minimum, rel=1e-12)
        assert abs(step[cut["loss"].values.argmin()] - to_minimum) < step[1] - step[0]
        near = np.abs(step) < 0.03
        np.testing.assert_allclose(cut["loss"].values[near], cut["linearised"].values[near], atol=0.002)
        assert np.interp(1.0, step, cut["linearised"].values) == pytest.approx(float(cut["attainable"]), abs=1e-12)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"alpha": 1.5}, r"α in \(0, 1\]"),
        ({"valley": 1.0}, "a condition number above 1"),
        ({"directions": 4}, "directions = 4"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("l4.1", **parameters)
