"""The numbers of figure step_tuned.1: the loss of the regression, and the steps that the methods take."""

import numpy as np
import pytest

import plots
from dynamics import BarzilaiBorwein, GradientDescent, simulate
from plots.gallery.step_tuned_1 import curvature, loss, slope, step_factor
from synthetic import carmon, gradient, hessian, value


@pytest.fixture(scope="module")
def data():
    return plots.compute("step_tuned.1")


@pytest.mark.parametrize("theta", [-1.3, 0.32, 1.9])
def test_loss_and_derivatives_are_those_of_the_regression(theta):
    problem = carmon(samples=1, dimension=1, batch_size=1, rng=0)
    a, b = problem.A[0, 0], problem.b[0]
    x = [(theta + b) / a]
    assert loss(theta) == pytest.approx(value(problem, x), rel=1e-12)
    assert a * slope(theta) == pytest.approx(gradient(problem, x)[0], rel=1e-12)
    assert a**2 * curvature(theta) == pytest.approx(hessian(problem, x)[0, 0], rel=1e-12)


@pytest.mark.parametrize(("rule", "negative"), [("Algorithm 1", "large"), ("|BB|", "absolute")])
@pytest.mark.parametrize("theta", [0.32, 1.9])
def test_the_factor_is_what_the_method_measures_along_a_short_step(rule, negative, theta):
    problem = carmon(samples=1, dimension=1, batch_size=1, rng=0)
    a, b = problem.A[0, 0], problem.b[0]
    short = simulate(GradientDescent(1e-5), problem, steps=1, x0=[(theta + b) / a], record_iterates=True)
    method = BarzilaiBorwein([1e-5, 1.0], nu=2.0 / a**2, negative=negative)
    run = simulate(method, problem, steps=2, x0=short.iterates[0])
    # curvature in x is a² that in θ, so a factor in x is 1/a² that in θ
    assert run.step_size[1] * a**2 == pytest.approx(step_factor(rule, theta, nu=2.0, m=0.5, M=2.0), rel=1e-3)


def test_the_model_touches_the_loss_and_has_its_minimum_where_algorithm_1_lands(data):
    convex, concave = data.sel(case="convex"), data.sel(case="concave")
    theta = data["theta"].values
    for cut in (convex, concave):
        near = np.abs(theta - float(cut["at"])) < 0.05
        np.testing.assert_allclose(cut["model"].values[near], data["loss"].values[near], atol=2e-4)
    best = theta[convex["model"].values.argmin()]
    assert float(convex["landing"].sel(rule="Algorithm 1")) == pytest.approx(best, abs=theta[1] - theta[0])
    assert concave["model"].values.argmin() in (0, theta.size - 1)


def test_no_method_that_takes_the_absolute_value_steps_less_than_two_where_the_loss_is_concave(data):
    concave = data["curvature"].values < 0
    factor = data["step_factor"].sel(rule="|BB|").values[concave]
    assert factor.min() == pytest.approx(2.0, rel=1e-3)
    assert (data["step_factor"].sel(rule="Algorithm 1").values[concave] == 2.0).all()
    assert data["step_factor"].sel(rule="Algorithm 2").values.max() == 2.0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"convex_at": 0.6}, "convex_at is 0.6; the loss is convex between 0"),
        ({"concave_at": 0.5}, "concave_at is 0.5; the loss is concave beyond"),
        ({"m": 3.0}, "0 < m ≤ M"),
        ({"points": 21}, "points is 21; give an even number"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("step_tuned.1", **parameters)
