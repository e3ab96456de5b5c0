"""Least squares on a stream: derivatives, and moments of gradients, tested with 10⁻⁶ of rejecting the truth."""

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.stats import norm

import synthetic
from dynamics import SGD, draw, mean_curved_gradient, new_sample, sampled_gradient, sampled_value_and_gradient, simulate
from dynamics.protocol.oracle import sampled_hessian_product
from synthetic import info, streamed_squares

EIGENVALUES, CENTRE = np.array([0.2, 1.0, 3.0]), np.array([0.3, -0.2, 0.5])
X = np.array([1.0, 2.0, -0.4])
LIMIT = norm.isf(0.5e-6 / 14)  # for the fourteen means that are tested together


@pytest.fixture(scope="module")
def problem():
    return streamed_squares(eigenvalues=EIGENVALUES, minimiser=CENTRE, residual=0.7, batch_size=2)


def test_expected_loss_and_derivatives(problem):
    expected = EIGENVALUES @ (X - CENTRE) ** 2 / 2 + 0.245
    assert synthetic.value(problem, X) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(synthetic.gradient(problem, X), EIGENVALUES * (X - CENTRE), rtol=1e-14)
    np.testing.assert_array_equal(synthetic.hessian(problem, X), np.diag(EIGENVALUES))
    np.testing.assert_allclose(synthetic.hessian_product(problem, X, X), EIGENVALUES * X, rtol=1e-14)
    assert (info(problem).minimum, info(problem).lipschitz_constant) == (pytest.approx(0.245), 3.0)


def test_a_sample_is_least_squares_on_its_rows(problem):
    rng, sample, out = np.random.default_rng(1), new_sample(problem), np.empty(3)
    draw(problem, rng, sample)
    errors = sample.rows @ (X - CENTRE) - sample.residuals
    assert sampled_value_and_gradient(problem, X, sample, out) == pytest.approx(np.mean(errors**2) / 2, rel=1e-14)
    np.testing.assert_allclose(out, sample.rows.T @ errors / 2, rtol=1e-13)
    sampled_hessian_product(problem, X, CENTRE, sample, out)
    np.testing.assert_allclose(out, sample.rows.T @ (sample.rows @ CENTRE) / 2, rtol=1e-13)


def test_rows_have_the_covariance_and_gradients_its_moments(problem):
    rng, sample, out = np.random.default_rng(2), new_sample(problem), np.empty(3)
    rows, gradients, residuals = [], [], []
    for _ in range(20_000):
        draw(problem, rng, sample)
        sampled_gradient(problem, X, sample, out)
        rows.append(sample.rows.copy())
        gradients.append(out.copy())
        residuals.append(sample.residuals.copy())
    v, slope = X - CENTRE, EIGENVALUES * (X - CENTRE)
    # A row's squared slope has the mean 2 (λv)² + λ (Σ λv² + σ²); a batch of two halves what exceeds the squared mean.
    second = slope**2 + (slope**2 + EIGENVALUES * (EIGENVALUES @ v**2 + 0.49)) / 2
    stacked = np.concatenate(rows)
    cross = stacked[:, [0, 0, 1]] * stacked[:, [1, 2, 2]]
    moments = (
        (gradients, slope),
        (np.square(gradients), second),
        (stacked**2, EIGENVALUES),
        (cross, 0.0),
        (np.square(residuals), 0.49),
    )
    for found, mean in moments:
        values = np.asarray(found)
        error = values.std(axis=0) / np.sqrt(len(values))
        assert (np.abs(values.mean(axis=0) - mean) < LIMIT * error).all()


def test_mean_curved_gradient_is_the_mean_by_quadrature(problem):
    nodes, weights = hermegauss(4)
    weights, out, mean = weights / weights.sum(), np.empty(3), np.zeros(3)
    for places in np.ndindex(4, 4, 4):
        row = np.sqrt(EIGENVALUES) * nodes[list(places)]
        mean += weights[list(places)].prod() * row * (row @ row) * (row @ (X - CENTRE))
    mean_curved_gradient(problem, X, out)
    np.testing.assert_allclose(out, mean, rtol=1e-12)


def test_a_run_is_its_steps_and_pays_for_its_rows(problem):
    run = simulate(SGD(0.1), problem, steps=3, rng=5)
    assert run.gradients[-1] == 3 * 2
    again = simulate(SGD(0.1), problem, steps=3, rng=5)
    np.testing.assert_array_equal(run.loss, again.loss)
    assert run.loss[0] == synthetic.value(problem, CENTRE + 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eigenvalues": [1.0, -1.0]}, "eigenvalues holds -1: those of a covariance"),
        ({"minimiser": [0.0]}, "all need"),
        ({"start": [0.0]}, "all need"),
        ({"dimension": 3}, "the eigenvalues settle it"),
        ({"residual": -0.1}, "residual"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        streamed_squares(**({"eigenvalues": [1.0, 2.0]} | change))
