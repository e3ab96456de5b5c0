"""Every problem's value, gradient, Hessian and Hessian products against formulas written once more, for complex x."""

from itertools import combinations

import numpy as np
import pytest

import synthetic
from dynamics import draw, new_sample, sampled_gradient, sampled_value_and_gradient, summands, value_and_gradient
from synthetic import carmon, linear_net, quadratic


def carmon_formula(problem, x, rows=slice(None)):
    t = problem.A[rows] @ x - problem.b[rows]
    return np.mean(t**2 / (1 + t**2))


def least_squares_formula(problem, x, rows=slice(None)):
    return np.mean((problem.A[rows] @ x - problem.b[rows]) ** 2) / 2


def diagonal_formula(problem, x):
    return np.sum(problem.eigenvalues * (x - problem.minimiser) ** 2) / 2


def dense_formula(problem, x):
    return (x - problem.minimiser) @ problem.matrix @ (x - problem.minimiser) / 2


def noisy_formula(problem, x):
    return dense_formula(problem.problem, x)


def net_product(problem, x):
    rows, columns = problem.A.shape
    return x[: rows * columns].reshape(rows, columns) @ x[rows * columns :].reshape(columns, columns)


def samples_formula(problem, x, rows=slice(None)):
    error = problem.X[rows] @ net_product(problem, x).T - problem.Y[rows]
    drawn = len(problem.X[rows])
    return problem.weight * len(problem.X) / drawn * np.sum(error**2)


def reduced_formula(problem, x):
    # Over the columns of a square root of S instead of over samples.
    root = np.linalg.cholesky(problem.S)
    return problem.weight * np.sum(((net_product(problem, x) - problem.A) @ root) ** 2)


MATRIX = [[1.0, 0.2, -0.3], [0.1, 0.5, 0.4], [0.3, -0.2, 0.9], [0.0, 0.7, 0.2]]
CENTRE = [0.3, -0.2, 0.5]
EIGENVALUES = [-0.5, 1.0, 4.0]
CASES = {
    "carmon": (carmon(samples=5, dimension=3, batch_size=2, rng=0), carmon_formula),
    "least squares": (
        quadratic(
            eigenvalues=[0.1, 1.0, 4.0], noise="samples", samples=5, batch_size=2, residual=0.7, minimiser=CENTRE,
            rotation="haar", rng=1,
        ),
        least_squares_formula,
    ),
    "diagonal": (quadratic(eigenvalues=EIGENVALUES, minimiser=CENTRE), diagonal_formula),
    "dense": (quadratic(eigenvalues=EIGENVALUES, minimiser=CENTRE, rotation="haar", rng=2), dense_formula),
    "noisy": (quadratic(eigenvalues=EIGENVALUES, minimiser=CENTRE, rotation="haar", noise=0.3, rng=3), noisy_formula),
    "net, reduced": (linear_net(maker="given", matrix=MATRIX, samples=5, reduction="mean", rng=4), reduced_formula),
    "net, samples": (
        linear_net(maker="given", matrix=MATRIX, samples=5, form="samples", batch_size=2, rng=4), samples_formula,
    ),
}  # fmt: skip
SUMS = ["carmon", "least squares", "net, samples"]


def by_complex_step(function, x):
    steps = 1e-30j * np.eye(len(x))
    return np.array([function(x + step).imag for step in steps]) / 1e-30


def by_differences(function, x):
    steps = 1e-5 * np.eye(len(x))
    return np.array([(function(x + step) - function(x - step)) / 2e-5 for step in steps])


@pytest.fixture(params=list(CASES))
def case(request):
    problem, formula = CASES[request.param]
    rng = np.random.default_rng(7)
    dimension = synthetic.info(problem).dimension
    return problem, formula, rng.standard_normal((2, dimension)), rng.standard_normal((2, dimension))


def test_value_is_the_formula(case):
    problem, formula, points, _ = case
    np.testing.assert_allclose(synthetic.value(problem, points), [formula(problem, x) for x in points], rtol=1e-13)


def test_gradient_is_the_complex_step_derivative(case):
    problem, formula, points, _ = case
    expected = [by_complex_step(lambda x: formula(problem, x), x) for x in points]
    np.testing.assert_allclose(synthetic.gradient(problem, points), expected, rtol=1e-12, atol=1e-13)


def test_hessian_is_the_derivative_of_the_complex_step_gradient(case):
    problem, formula, points, _ = case
    for x, found in zip(points, synthetic.hessian(problem, points), strict=True):
        expected = by_differences(lambda y: by_complex_step(lambda z: formula(problem, z), y), x)
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())


def test_hessian_product_is_the_product_with_the_hessian(case):
    problem, _, points, vectors = case
    expected = np.einsum("pij,pj->pi", synthetic.hessian(problem, points), vectors)
    np.testing.assert_allclose(synthetic.hessian_product(problem, points, vectors), expected, rtol=1e-12, atol=1e-12)


def test_value_with_gradient_is_the_value(case):
    problem, _, points, _ = case
    out = np.empty(points.shape[1])
    for x in points:
        assert value_and_gradient(problem, x, out) == pytest.approx(synthetic.value(problem, x), rel=1e-13)
        np.testing.assert_allclose(out, synthetic.gradient(problem, x), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", SUMS)
def test_sampled_gradients_average_to_the_gradient_over_all_subsets(name):
    problem, formula = CASES[name]
    sample = new_sample(problem)
    x = np.random.default_rng(8).standard_normal(synthetic.info(problem).dimension)
    values, gradients = [], []
    for subset in combinations(range(summands(problem)), 2):
        sample.indices[:2] = subset
        out = np.empty_like(x)
        values.append(sampled_value_and_gradient(problem, x, sample, out))
        assert values[-1] == pytest.approx(formula(problem, x, list(subset)), rel=1e-12)
        expected = by_complex_step(lambda y, rows=list(subset): formula(problem, y, rows), x)
        np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-13)
        again = np.empty_like(x)
        sampled_gradient(problem, x, sample, again)
        np.testing.assert_array_equal(again, out)
        gradients.append(out)
    assert len(values) == 10
    assert np.mean(values) == pytest.approx(synthetic.value(problem, x), rel=1e-12)
    np.testing.assert_allclose(np.mean(gradients, axis=0), synthetic.gradient(problem, x), rtol=1e-11, atol=1e-13)


def test_a_noise_vector_shifts_gradient_and_value_consistently():
    problem, formula = CASES["noisy"]
    sample = new_sample(problem)
    draw(problem, np.random.default_rng(9), sample)
    x = np.array([0.1, 0.2, -0.4])
    expected = by_complex_step(lambda y: formula(problem, y) + sample.noise @ (y - CENTRE), x)
    for function in (sampled_gradient, sampled_value_and_gradient):
        out = np.empty(3)
        found = function(problem, x, sample, out)
        np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-14)
    assert found == pytest.approx(formula(problem, x) + sample.noise @ (x - CENTRE), rel=1e-13)
    assert np.abs(sample.noise).min() > 0
