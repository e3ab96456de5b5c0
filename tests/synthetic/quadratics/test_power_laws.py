"""Power laws: the exponents that spectrum and source promise, for exact gradients and for SGD."""

import numpy as np
import pytest
from scipy.special import gamma

from dynamics import check_problem, initial_point
from synthetic import info, power_law
from theory.streamed_sgd import expected_risk


def test_spectrum_and_source():
    problem = power_law(dimension=50, capacity=1.7, source=0.4)
    places = np.arange(1.0, 51.0)
    np.testing.assert_allclose(problem.eigenvalues, places**-1.7, rtol=1e-14)
    errors = problem.eigenvalues * (initial_point(problem) - problem.minimiser) ** 2
    np.testing.assert_allclose(errors, places ** -(1 + 1.7 * 0.4), rtol=1e-13)
    assert info(problem).minimum == 0.0


def test_nothing_is_wrong_with_the_problem():
    report = check_problem(power_law(dimension=4, residual=0.1, batch_size=2), rng=0)
    assert report, str(report)


@pytest.mark.parametrize(("capacity", "source"), [(1.5, 0.5), (2.0, 1.0), (1.3, 1.5)])
def test_gradient_descent_falls_as_the_closed_form_says(capacity, source):
    problem = power_law(dimension=200_000, capacity=capacity, source=source)
    start = problem.eigenvalues * problem.start**2
    for k in (300, 1000):
        loss = 0.5 * start @ np.exp(-2 * 0.5 * problem.eigenvalues * k)
        assert loss == pytest.approx(gamma(source) / (2 * capacity) * (2 * 0.5 * k) ** -source, rel=0.05)


@pytest.mark.parametrize(("capacity", "source"), [(2.0, 0.5), (2.0, 1.0), (1.5, 3.0), (2.0, 3.0)])
def test_sgd_falls_with_the_smaller_of_two_exponents(capacity, source):
    """By the exact recursion of second moments, between 1,000 and 8,000 steps of a batch of one."""
    problem = power_law(dimension=3000, capacity=capacity, source=source)
    step = 0.5 / problem.eigenvalues.sum()
    risk = expected_risk(problem.eigenvalues, step, 8000, displacement=problem.start)
    slope = np.log(risk[1000] / risk[8000]) / np.log(8.0)
    assert slope == pytest.approx(min(source, 2 - 1 / capacity), abs=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"capacity": 1.0}, "capacity = 1.0 must exceed 1"),
        ({"capacity": -1.0}, "capacity = -1.0 must be positive"),
        ({"source": 0.0}, "source = 0.0 must be positive"),
        ({"dimension": 0}, "dimension = 0 must be at least 1"),
        ({"residual": -1.0}, "residual"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        power_law(**change)
