"""The reduced form on lanes, for factors shorter and longer than what is held in registers, against matrices."""

import numpy as np
import pytest

from dynamics import kernel, runs_as_python, value_and_gradient
from dynamics.runs.lane_runs import with_work_in_lanes
from dynamics.vectors.lanes import WIDTH, Lanes
from synthetic import linear_net


def whole(problem, x, out):
    return value_and_gradient(problem, x, out)


def check(function, rows, columns):
    rng = np.random.default_rng(rows)
    net = linear_net(maker="given", matrix=rng.standard_normal((rows, columns)), samples=20, rng=0)
    points = rng.standard_normal((WIDTH, net.start.size))
    out = Lanes.empty(net.start.size)
    values = function(with_work_in_lanes(net, WIDTH), Lanes.of(points), out)
    for run, x in enumerate(points):
        W1, W2 = x[: rows * columns].reshape(rows, columns), x[rows * columns :].reshape(columns, columns)
        error = W1 @ W2 - net.A
        slope = 2.0 * net.weight * error @ net.S
        expected = np.concatenate([(slope @ W2.T).ravel(), (W1.T @ slope).ravel()])
        assert values[run] == pytest.approx(0.5 * (slope * error).sum(), rel=1e-13)
        np.testing.assert_allclose(out.lane(run), expected, rtol=0, atol=1e-13 * abs(expected).max())


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 2), (4, 5), (7, 6)])
def test_each_lane_has_the_value_and_the_gradient_at_its_point(rows, columns):
    with runs_as_python():
        check(whole, rows, columns)


def test_compiled_lanes_go_past_the_entries_that_are_held():
    check(kernel(whole), 3, 8)
