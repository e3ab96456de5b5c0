"""Expected risk of SGD on a stream against other routes to the same numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermegauss

from theory.streamed_sgd import expected_risk, largest_step, moments, risk_flow

EIGENVALUES = np.array([0.1, 0.4, 0.5])
spectra = st.lists(st.floats(1e-3, 10.0), min_size=1, max_size=12).map(np.array)


def matrix_of(eigenvalues, step_size, batch_size):
    decay, spread, weight = moments(eigenvalues, step_size, batch_size=batch_size)
    return np.diag(decay) + weight * np.outer(spread, spread)


def test_one_step_is_the_mean_over_a_gaussian_row_by_quadrature():
    nodes, weights = hermegauss(6)
    weights = weights / weights.sum()
    values, v, step, sigma = np.array([0.3, 0.7]), np.array([1.0, -2.0]), 0.4, 0.5
    mean = 0.0
    for i, j, k in np.ndindex(6, 6, 6):
        row = np.sqrt(values) * nodes[[i, j]]
        moved = v - step * row * (row @ v - sigma * nodes[k])
        mean += weights[i] * weights[j] * weights[k] * (values @ moved**2 + sigma**2) / 2
    found = expected_risk(values, step, 1, residual=sigma, displacement=v)
    assert found[1] == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_risk_is_that_of_powers_of_the_matrix(batch_size):
    matrix = matrix_of(EIGENVALUES, 0.7, batch_size)
    p, sigma, weight = np.ones(3), 0.3, 0.49 / batch_size
    found = expected_risk(EIGENVALUES, 0.7, 20, batch_size=batch_size, residual=sigma)
    for risk in found:
        assert risk == pytest.approx((EIGENVALUES @ p + sigma**2) / 2, rel=1e-12)
        p = matrix @ p + weight * sigma**2 * EIGENVALUES


def test_flow_solves_the_volterra_equation():
    """By the trapezoidal rule, refined until its second-order error is seen and extrapolated."""
    step, sigma, end = 0.8, 0.3, 20.0

    def by_trapezoids(count):
        h = end / count
        times = h * np.arange(count + 1)
        decay = np.exp(-2 * step * np.outer(times, EIGENVALUES))
        forcing, kernel = (sigma**2 + decay @ EIGENVALUES) / 2, step**2 * decay @ EIGENVALUES**2
        risk = np.empty(count + 1)
        risk[0] = forcing[0]
        for n in range(1, count + 1):
            past = kernel[n:0:-1] @ risk[:n] - kernel[n] * risk[0] / 2
            risk[n] = (forcing[n] + h * past) / (1 - h * kernel[0] / 2)
        return risk[-1]

    coarse, fine = by_trapezoids(1000), by_trapezoids(2000)
    found = risk_flow(EIGENVALUES, step, [end], residual=sigma)[0]
    assert found == pytest.approx(fine + (fine - coarse) / 3, rel=1e-7)
    assert abs(fine - coarse) > 1e-6 * fine


@pytest.mark.parametrize(("batch_size", "order"), [(4, 1), (1, 2)])  # with one row D_j is exp(-2γλ) to second order
def test_flow_and_expectation_meet_for_small_steps(batch_size, order):
    gaps = []
    for step in (0.02, 0.01):
        steps = round(2 / step)
        exact = expected_risk(EIGENVALUES, step, steps, batch_size=batch_size)[-1]
        gaps.append(risk_flow(EIGENVALUES, step, [steps], batch_size=batch_size)[0] / exact - 1)
    assert gaps[0] / gaps[1] == pytest.approx(2**order, rel=0.05)


@settings(max_examples=60, deadline=None)
@given(spectra, st.integers(1, 9))
def test_largest_step_is_where_an_eigenvalue_leaves_one(eigenvalues, batch_size):
    largest = largest_step(eigenvalues, batch_size=batch_size)
    below, above = (
        np.linalg.eigvalsh(matrix_of(eigenvalues, factor * largest, batch_size))[-1] for factor in (1 - 1e-6, 1 + 1e-6)
    )
    assert below < 1 < above
    assert largest < 2 * batch_size / eigenvalues.sum()


def test_largest_step_tends_to_its_limit():
    shares = [largest_step(np.ones(d)) * d / 2 for d in (1, 10, 100, 1000)]
    assert shares == pytest.approx([d / (d + 2) for d in (1, 10, 100, 1000)], rel=1e-12)


def test_risk_that_overflows_is_infinite():
    assert expected_risk([1.0], 100.0, 400)[-1] == np.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: moments([-1.0], 1.0), "none|at least 0"),
        (lambda: moments([1.0], 0.0), "step_size"),
        (lambda: largest_step([0.0, 0.0]), "all eigenvalues are 0"),
        (lambda: risk_flow([1.0], 0.1, [1.0, 0.5]), "ascend"),
        (lambda: expected_risk([1.0, 2.0], 0.1, 1, displacement=[1.0, 1.0, 1.0]), "displacement has shape"),
        (lambda: expected_risk([1.0], 0.1, 1, residual=-1.0), "residual"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
