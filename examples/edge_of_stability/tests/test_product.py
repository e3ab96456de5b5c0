"""The model in two parameters against differences, and its flow against the conserved quantity."""

import numpy as np
import pytest
from edge_of_stability.central_flow import Flow, central_flow, top_eigenpair
from edge_of_stability.explained import Explained
from edge_of_stability.product import Product, gradient_flow_end, sharpness, sharpness_gradient

from dynamics import GradientDescent, TopEigenvalue, simulate, value_and_gradient
from synthetic import hessian_product, value

POINT = np.array([1.7, 0.4])


def test_derivatives():
    problem, out, h = Product(), np.empty(2), 1e-6
    assert value_and_gradient(problem, POINT, out) == pytest.approx(value(problem, POINT), rel=1e-14)
    for j, step in enumerate(h * np.eye(2)):
        slope = (value(problem, POINT + step) - value(problem, POINT - step)) / (2 * h)
        assert out[j] == pytest.approx(slope, rel=1e-8)
        ahead, behind = np.empty(2), np.empty(2)
        value_and_gradient(problem, POINT + step, ahead)
        value_and_gradient(problem, POINT - step, behind)
        column = hessian_product(problem, POINT, np.eye(2)[j])
        np.testing.assert_allclose(column, (ahead - behind) / (2 * h), rtol=1e-7)


def test_sharpness_is_the_probe_s_and_its_gradient_a_difference():
    run = simulate(GradientDescent(0.1), Product(), steps=1, x0=POINT, probes={"top": TopEigenvalue()})
    assert run.probes["top"].values[0] == pytest.approx(float(sharpness(*POINT)), rel=1e-9)
    assert top_eigenpair(Product(), POINT, np.ones(2))[0] == pytest.approx(float(sharpness(*POINT)), rel=1e-12)
    h = 1e-6
    expected = [(sharpness(*(POINT + step)) - sharpness(*(POINT - step))) / (2 * h) for step in h * np.eye(2)]
    np.testing.assert_allclose(sharpness_gradient(*POINT), expected, rtol=1e-8)


def test_gradient_flow_conserves_the_imbalance_and_ends_as_said():
    flow = central_flow(Product(), 0.1, POINT, 200, oscillates=False)
    imbalance = flow.w[:, 0] ** 2 - flow.w[:, 1] ** 2
    np.testing.assert_allclose(imbalance, imbalance[0], rtol=1e-5)
    assert flow.sharpness[-1] == pytest.approx(gradient_flow_end(*POINT), rel=1e-5)


def test_central_flow_stays_at_the_edge_where_gradient_flow_passes_it():
    step, start = 0.9, np.array([1.4, 0.1])
    central = central_flow(Product(), step, start, 30)
    free = central_flow(Product(), step, start, 30, oscillates=False)
    assert free.sharpness[-1] > 2.7 > 2 / step
    assert central.sharpness[-1] == pytest.approx(2 / step, rel=0.02)
    assert central.variance.max() > 0 == free.variance.max()


def test_descent_ends_below_the_edge():
    run = simulate(GradientDescent(0.3), Product(), steps=400, x0=[2.6, 0.2])
    assert run.loss[-1] < 1e-20
    assert sharpness(*run.x) < 2 / 0.3 < gradient_flow_end(2.6, 0.2)


def test_the_share_is_one_minus_the_distance_by_the_loss():
    loss, told = np.array([4.0, 2.0, 2.0, 1.0]), np.array([4.0, 2.0, 1.5, 1.0])
    run = Explained(loss, told, loss, np.ones(1), np.ones((2, 4)), onset=2)
    np.testing.assert_allclose(run.shares(), [[1.0, 1 - 0.5 / 3.0], [1.0, 1.0]])
    twice = Explained(loss, 2 * loss, 0 * loss, np.ones(1), np.ones((2, 4)), onset=2)
    np.testing.assert_allclose(twice.shares(), np.zeros((2, 2)), atol=1e-15)


def test_the_expected_loss_is_the_mean_over_both_sides_of_the_flow():
    w, u, deviation = np.array([2.0, 0.5]), np.array([1.0, 0.0]), 0.3  # along an axis the loss is a parabola
    curvature = float(u @ hessian_product(Product(), w, u))
    flow = Flow(w[np.newaxis], np.array([value(Product(), w)]), np.array([curvature]), np.array([deviation**2]))
    sides = [value(Product(), w + sign * deviation * u) for sign in (1, -1)]
    np.testing.assert_allclose(flow.expected_loss, [np.mean(sides)], rtol=1e-12)
