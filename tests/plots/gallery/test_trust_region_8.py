"""The numbers of figure trust_region.8: derivatives, steps, and what the saddle's theory foretells."""

import numpy as np
import pytest

import plots
from plots.gallery.trust_region_8 import METHODS, curvature, loss, slope
from synthetic import gradient, hessian, linear_net, value


@pytest.fixture(scope="module")
def small():
    return plots.compute("trust_region.8", offsets=[1e-10, 1e-7, 1e-4], iterations=130)


def test_loss_and_derivatives_are_those_of_the_linear_net():
    net = linear_net(maker="given", matrix=[[1.0]], samples=1, rng=0)._replace(S=np.ones((1, 1)))
    w = np.array([0.7, -0.3])
    assert loss(w) == pytest.approx(value(net, w), rel=1e-14)
    np.testing.assert_allclose(slope(w), gradient(net, w), rtol=1e-13)
    np.testing.assert_allclose(curvature(w), hessian(net, w), rtol=1e-13)


def test_gauss_newton_is_what_the_outer_square_leaves():
    w, eps = np.array([0.7, -0.3]), 1e-6
    jacobian = np.array([((w + e).prod() - (w - e).prod()) / (2 * eps) for e in eps * np.eye(2)])
    np.testing.assert_allclose(curvature(w, gauss_newton=True), 2 * np.outer(jacobian, jacobian), rtol=1e-8)


def test_newton_is_drawn_into_the_saddle(small):
    newton = small.sel({"method": "Newton"})
    assert np.isnan(newton["iterations_to_leave"]).all()
    np.testing.assert_allclose(newton["iterates"][-1], 0, atol=1e-12)
    assert float(newton["loss"][-1]) == 1


def test_gradient_descent_needs_a_number_that_grows_with_the_logarithm(small):
    # Near the saddle the offset grows by 1 + 2 · 0.1 a step: three decades take log(1000)/log(1.2) = 37.9 steps.
    counts = small["iterations_to_leave"].sel({"method": "gradient descent"}).values
    np.testing.assert_allclose(-np.diff(counts), np.log(1000) / np.log(1.2), atol=1.5)


def test_saddle_free_newton_grows_by_its_own_factor(small):
    # Its step along the curvature -2 with damping 1 multiplies the offset by 1 + 2/3.
    counts = small["iterations_to_leave"].sel({"method": "saddle-free Newton"}).values
    np.testing.assert_allclose(-np.diff(counts), np.log(1000) / np.log(5 / 3), atol=1.5)


def test_the_trust_region_needs_a_number_that_does_not_grow(small):
    counts = small["iterations_to_leave"].sel({"method": "trust region"}).values
    assert np.all(counts == counts[0])
    assert counts[0] < 15


def test_gauss_newton_leaves_and_slows(small):
    counts = small["iterations_to_leave"].sel({"method": "Gauss–Newton, damped"}).values
    assert np.isfinite(counts).all()
    assert counts[0] > counts[1] > counts[2]


def test_judged_steps_never_climb(small):
    for name in ("Gauss–Newton, damped", "trust region"):
        assert np.all(np.diff(small["loss"].sel({"method": name})) <= 1e-14)
    assert list(small["method"].values) == list(METHODS)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"start": 0.0}, "start is 0.0"),
        ({"offset": 0.3}, "offset 0.3"),
        ({"offsets": [1e-3, 1e-4, 1e-5]}, "offsets is"),
        ({"iterations": 10}, "iterations is 10"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("trust_region.8", **parameters)
