"""Sweeps on ridge sums: eight runs that read the data together are the single runs to rounding."""

import numpy as np
import pytest

from dynamics import (
    SGD,
    BarzilaiBorwein,
    GradientDescent,
    Stop,
    ensemble,
    kernel,
    simulate,
    value_and_gradient,
)
from dynamics.runs.setup import begun
from dynamics.sweeps.execution import Asked, shares
from dynamics.vectors.lanes import Lanes
from synthetic import carmon, gradient, quadratic, value

PROBLEM = carmon(samples=70, dimension=5, batch_size=9, rng=0)
GRID = [GradientDescent(a) for a in np.geomspace(0.05, 1.0, 11)]


def whole(problem, x, out):
    return value_and_gradient(problem, x, out)


@pytest.mark.parametrize("width", [8, 32])
def test_each_lane_has_the_value_and_the_gradient_at_its_point(width):
    points = np.random.default_rng(0).standard_normal((width, 5))
    out = Lanes.empty(5, width)
    values = kernel(whole)(PROBLEM, Lanes.of(points), out)  # a dispatcher for each width: to it the types are the same
    for run, x in enumerate(points):
        assert values[run] == pytest.approx(value(PROBLEM, x), rel=1e-14)
        np.testing.assert_allclose(out.lane(run), gradient(PROBLEM, x), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("noise", ["own", "common"])
def test_runs_that_share_the_data_are_the_single_runs_to_rounding(noise):
    sweep = ensemble(GRID, PROBLEM, steps=40, seeds=1, noise=noise)
    for i, method in enumerate(GRID):
        single = simulate(method, PROBLEM, steps=40)
        np.testing.assert_allclose(sweep.loss[i, 0], single.loss, rtol=1e-12)
        np.testing.assert_allclose(sweep.gradient_norm[i, 0], single.gradient_norm, rtol=1e-9)
        np.testing.assert_array_equal(sweep.gradients[i, 0], single.gradients)


@pytest.mark.parametrize("negative", ["large", "absolute"])
@pytest.mark.parametrize("rule", ["bb1", "bb2", "abb"])
def test_steps_by_curvature_are_the_same_on_lanes(rule, negative):
    # Few steps: these runs are chaotic, and rounding grows.
    grid = [BarzilaiBorwein(a, nu=0.7, negative=negative, rule=rule) for a in np.geomspace(0.3, 1.0, 8)]
    sweep = ensemble(grid, PROBLEM, steps=8, seeds=1)
    for i, method in enumerate(grid):
        single = simulate(method, PROBLEM, steps=8)
        np.testing.assert_allclose(sweep.step_size[i, 0], single.step_size, rtol=1e-6)
        np.testing.assert_allclose(sweep.loss[i, 0], single.loss, rtol=1e-8)


def test_a_run_that_diverges_leaves_the_others_alone():
    problem = quadratic(eigenvalues=[1.0, 0.5, 0.2], noise="samples", samples=70, batch_size=7, rng=0)
    grid, stop = [GradientDescent(a) for a in (0.1, 0.2, 0.3, 9.0, 0.4, 0.5, 90.0, 0.6)], Stop(loss_bound=1e6)
    sweep = ensemble(grid, problem, steps=60, seeds=1, stop=stop)
    assert len(set(sweep.status[:, 0])) == 2
    for i, method in enumerate(grid):
        single = simulate(method, problem, steps=60, stop=stop)
        assert (sweep.status[i, 0], sweep.stopped_at[i, 0]) == (single.status, single.stopped_at)


def groups_of(grid):
    """The groups in which the runs of a sweep go, and whether on lanes."""
    fresh = {"x0": None, "record_every": 1, "record_iterates": False, "stop": None}
    settings = {}
    for i, method in enumerate(grid):
        settings[i] = begun(method, PROBLEM, rng=0, **fresh, like=settings.get(0))
    runs = np.arange(len(grid))
    asked = Asked(settings, runs, np.zeros_like(runs), (0,), [None], 3, common_noise=False, with_problem=False)
    return [(group[group >= 0].tolist(), share.family.on_lanes) for share in shares(asked) for group in share.members]


def test_what_is_left_over_goes_on_lanes_too():
    assert groups_of(GRID) == [(list(range(8)), True), ([8, 9, 10], True)]


def test_mini_batches_go_run_by_run():
    assert groups_of([SGD(0.1)] * 8) == [([i], False) for i in range(8)]
