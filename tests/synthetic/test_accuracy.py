"""How far the vector kernels are from exact numbers: within the classical bounds, component by component.

With unit roundoff u a sum of n rounded products, in any order, is within n·u of the sum of their absolute values (to
first order; Higham, Accuracy and Stability of Numerical Algorithms, section 3.1). The bounds below follow from that
alone, and the exact numbers are computed in extended precision.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import kernel, new_sample, sampled_value_and_gradient, value_and_gradient
from dynamics.protocol.scratch import own_work
from dynamics.vectors.lanes import Lanes
from synthetic import carmon, linear_net

u = np.finfo(float).eps / 2
SECOND_ORDER = 1.01  # for what the bounds leave out, terms in u²
GREATEST_SLOPE, GREATEST_CURVATURE = 0.65, 2.0  # of φ(t) = t²/(1 + t²)

exact = np.longdouble
pytestmark = pytest.mark.skipif(np.finfo(exact).eps > 2e-19, reason="no extended precision here to compare with")


@kernel
def whole(problem, x, out):
    return value_and_gradient(problem, x, out)


@kernel
def sampled(problem, x, sample, out):
    return sampled_value_and_gradient(problem, x, sample, out)


def exact_mean(A, b, x):
    """Value and gradient of Carmon's mean over the rows, and bounds for the errors of both."""
    samples, dimension = A.shape
    A, b, x = (np.asarray(part, dtype=exact) for part in (A, b, x))
    t = A @ x - b
    off = (dimension + 1) * u * (abs(A) @ abs(x) + abs(b))
    w = 1 / (1 + t * t)
    heights, slopes = t * t * w, 2 * t * w * w
    height_off = GREATEST_SLOPE * off + (5 + samples) * u * heights
    slope_off = GREATEST_CURVATURE * off + (8 + samples) * u * abs(slopes)
    bounds = SECOND_ORDER * height_off.mean(), SECOND_ORDER * abs(A).T @ slope_off / samples
    return (heights.mean(), A.T @ slopes / samples), bounds


def within(found, wanted, bounds):
    """Whether a value and a gradient are as exact as they must be, and the bounds tight enough to say something."""
    for number, true, bound in zip(found, wanted, bounds, strict=True):
        assert np.all(abs(number - true) <= bound)
        assert np.all(bound < 1e-10)
    return True


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    samples=st.integers(1, 200), dimension=st.integers(1, 40), scale=st.floats(0.01, 10.0), seed=st.integers(0, 2**32)
)
def test_full_batches_are_exact_to_the_bound_of_their_sums(samples, dimension, scale, seed):
    problem = own_work(carmon(samples=samples, dimension=dimension, batch_size=1, rng=seed))
    x, out = scale * np.random.default_rng(seed).standard_normal(dimension), np.empty(dimension)
    assert within((whole(problem, x, out), out), *exact_mean(problem.A, problem.b, x))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(scale=st.floats(0.01, 10.0), seed=st.integers(0, 2**32))
def test_runs_on_lanes_are_as_exact(scale, seed):
    problem = carmon(samples=70, dimension=5, batch_size=1, rng=seed)
    points = scale * np.random.default_rng(seed).standard_normal((8, 5))
    out = Lanes.empty(5)
    values = whole(problem, Lanes.of(points), out)
    for run, x in enumerate(points):
        assert within((values[run], out.lane(run)), *exact_mean(problem.A, problem.b, x))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(size=st.integers(1, 69), scale=st.floats(0.01, 10.0), seed=st.integers(0, 2**32))
def test_mini_batches_are_as_exact(size, scale, seed):
    problem = own_work(carmon(samples=70, dimension=5, batch_size=size, rng=seed))
    rng = np.random.default_rng(seed)
    x, out, sample = scale * rng.standard_normal(5), np.empty(5), new_sample(problem)
    rows = rng.permutation(70)[:size]
    sample.indices[:size] = rows
    found = sampled(problem, x, sample, out)
    assert within((found, out), *exact_mean(problem.A[rows], problem.b[rows], x))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(scale=st.floats(0.01, 10.0), seed=st.integers(0, 2**32))
def test_the_linear_net_is_exact_to_the_bound_of_its_products(scale, seed):
    problem = linear_net(maker="svd", condition_number=10.0, reduction="mean", form="reduced", rng=seed)
    x = scale * np.random.default_rng(seed).standard_normal(96)
    A, S, W1, W2 = (np.asarray(part, dtype=exact) for part in (problem.A, problem.S, x[:60], x[60:]))
    W1, W2 = W1.reshape(10, 6), W2.reshape(6, 6)
    E = W1 @ W2 - A
    E_off = 7 * u * (abs(W1) @ abs(W2) + abs(A))
    G = 2 * exact(problem.weight) * E @ S
    G_off = 2 * problem.weight * (E_off + 9 * u * abs(E)) @ abs(S)
    wanted = np.concatenate([(G @ W2.T).ravel(), (W1.T @ G).ravel()])
    first_off = (G_off + 6 * u * abs(G)) @ abs(W2).T
    second_off = abs(W1).T @ (G_off + 10 * u * abs(G))
    loss_off = ((abs(E) * G_off + abs(G) * E_off) / 2 + 31 * u * abs(E * G)).sum()
    work, out = own_work(problem), np.empty(96)
    found = whole(work, x, out)
    assert abs(found - (E * G).sum() / 2) <= SECOND_ORDER * loss_off
    assert np.all(abs(out - wanted) <= SECOND_ORDER * np.concatenate([first_off.ravel(), second_off.ravel()]))
    assert loss_off < 1e-10 * max(found, 1.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@np.errstate(invalid="ignore")  # NumPy's word for inf / inf, where the kernels run as plain Python
def test_nan_and_infinity_keep_their_meaning(bad):
    # t² / (1 + t²) is inf / inf at infinity, and says so.
    regression = own_work(carmon(samples=70, dimension=5, batch_size=9, rng=0))
    x, out = np.array([0.0, bad, 1.0, 2.0, 3.0]), np.empty(5)
    assert np.isnan(whole(regression, x, out))
    points, many = np.zeros((8, 5)), Lanes.empty(5)
    points[3] = x
    values = whole(regression, Lanes.of(points), many)
    np.testing.assert_array_equal(np.isnan(values), np.arange(8) == 3)
    net = own_work(linear_net(maker="svd", condition_number=10.0, reduction="mean", form="reduced", rng=0))
    y, slopes = net.start.copy(), np.empty(96)
    y[7] = bad
    assert not np.isfinite(whole(net, y, slopes))
    assert not np.isfinite(slopes).all()
