"""Gauss-Newton matrices against Jacobians by differences, and Hessian products on mini-batches."""

import numpy as np
import pytest

from dynamics import draw, hessian_product, new_sample
from dynamics.protocol import oracle
from dynamics.protocol.canonical import canonical
from dynamics.protocol.oracle import gauss_newton_product, sampled_hessian_product
from synthetic import (
    beale,
    carmon,
    himmelblau,
    linear_net,
    monkey_saddle,
    quadratic,
    rosenbrock,
    smoothed,
)
from synthetic.classifiers.penalised_means import Labelled
from synthetic.classifiers.scores import scores
from synthetic.classifiers.softmax_regression import SoftmaxRegression, SoftmaxWork
from synthetic.classifiers.tanh_net import TanhNet, TanhWork
from synthetic.wrappers.raised import Raised

STEP = 1e-6
RNG = np.random.default_rng(0)
DATA = Labelled(
    np.column_stack([RNG.standard_normal((7, 2)), np.ones(7)]), RNG.integers(0, 3, 7), np.zeros((0, 3)),
    np.zeros(0, dtype=np.int64), 3,
)  # fmt: skip
PENALTY = 0.3
SOFTMAX = SoftmaxRegression(DATA, PENALTY, 3, 0, RNG.standard_normal(9), SoftmaxWork(np.zeros(3), np.zeros(3)))
TANH = TanhNet(
    DATA, 2, PENALTY, 3, 0, RNG.standard_normal(15), TanhWork(np.zeros(2), np.zeros(2), np.zeros(3), np.zeros(3))
)
CARMON = carmon(samples=20, dimension=4, batch_size=5, rng=1)
SQUARES = quadratic(eigenvalues=[1.0, 3.0], noise="samples", samples=20, batch_size=4, residual=0.5, rng=2)
NETS = {form: linear_net(samples=9, form=form, reduction="mean", rng=3) for form in ("reduced", "samples")}


def matrix_of(product, problem, x, *more):
    """The matrix whose products with unit vectors a kernel gives."""
    problem = canonical(problem)
    columns = np.full((len(x), len(x)), np.nan)
    for j, unit in enumerate(np.eye(len(x))):
        product(problem, x, unit, *more, columns[j])
    return columns.T


def jacobian(residuals, x):
    """By central differences."""
    return np.array(
        [(residuals(x + STEP * e) - residuals(x - STEP * e)).ravel() / (2 * STEP) for e in np.eye(len(x))]
    ).T


def net_residuals(x):
    net = NETS["samples"]
    W1, W2 = x[:60].reshape(10, 6), x[60:].reshape(6, 6)
    return (net.X @ (W1 @ W2).T - net.Y) / np.sqrt(len(net.X))


def carmon_residuals(x):
    t = CARMON.A @ x - CARMON.b
    return t / np.sqrt(1 + t**2) / np.sqrt(20)


def beale_residuals(x):
    return np.array([1.5, 2.25, 2.625]) - x[0] + x[0] * x[1] ** np.arange(1, 4)


SUMS_OF_SQUARES = [
    (CARMON, carmon_residuals),
    (SQUARES, lambda x: (SQUARES.A @ x - SQUARES.b) / np.sqrt(2 * 20)),
    (NETS["reduced"], net_residuals),
    (NETS["samples"], net_residuals),
    (rosenbrock(5), lambda x: np.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])),
    (himmelblau(), lambda x: np.array([x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7])),
    (beale(), beale_residuals),
]


@pytest.mark.parametrize(("problem", "residuals"), SUMS_OF_SQUARES)
def test_sums_of_squares(problem, residuals):
    """The residuals are those of the loss, and the matrix is 2JᵀJ."""
    start = oracle.initial_point(problem)
    x = start + 0.1 * np.random.default_rng(4).standard_normal(len(start))
    np.testing.assert_allclose(oracle.value(problem, x), np.sum(residuals(x) ** 2), rtol=1e-10)
    J = jacobian(residuals, x)
    G = matrix_of(gauss_newton_product, problem, x)
    np.testing.assert_allclose(G, 2 * J.T @ J, rtol=0, atol=1e-7 * np.abs(G).max())


@pytest.mark.parametrize("problem", [SOFTMAX, TANH])
def test_classifiers(problem):
    """The scores' Jacobian on both sides of diag p − ppᵀ, and the penalty."""
    x = np.random.default_rng(5).standard_normal(problem.start.size)
    G = PENALTY * np.eye(len(x))
    for n in range(7):
        a = DATA.inputs[n : n + 1]
        J = jacobian(lambda x, a=a: scores(problem, x, a), x)
        z = scores(problem, x, a)[0]
        p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        G += J.T @ (np.diag(p) - np.outer(p, p)) @ J / 7
    np.testing.assert_allclose(matrix_of(gauss_newton_product, problem, x), G, rtol=0, atol=1e-8)
    difference = matrix_of(hessian_product, problem, x) - G
    assert (np.abs(difference).max() < 1e-8) == isinstance(problem, SoftmaxRegression)


def test_where_residuals_vanish_it_is_the_hessian():
    cases = [(rosenbrock(4), np.ones(4)), (beale(), np.array([3.0, 0.5])), (himmelblau(), np.array([3.0, 2.0]))]
    for problem, x in cases:
        G, H = matrix_of(gauss_newton_product, problem, x), matrix_of(hessian_product, problem, x)
        np.testing.assert_allclose(G, H, atol=1e-10)


def test_no_sum_of_squares_has_none():
    assert not gauss_newton_product.has(type(monkey_saddle()))


@pytest.mark.parametrize("problem", [CARMON, SQUARES, NETS["samples"], SOFTMAX, TANH])
def test_products_on_a_mini_batch_are_differences_of_its_gradients(problem):
    if hasattr(problem, "X"):
        problem = problem._replace(batch_size=4)
    sample, x = new_sample(canonical(problem)), oracle.initial_point(problem)
    draw(problem, np.random.default_rng(6), sample)
    x = x + 0.1 * np.random.default_rng(7).standard_normal(len(x))
    low, high = np.empty_like(x), np.empty_like(x)
    H = matrix_of(lambda p, x, v, out: sampled_hessian_product(p, x, v, sample, out), problem, x)
    for j, unit in enumerate(np.eye(len(x))):
        oracle.sampled_gradient(problem, x - STEP * unit, sample, low)
        oracle.sampled_gradient(problem, x + STEP * unit, sample, high)
        np.testing.assert_allclose(H[:, j], (high - low) / (2 * STEP), rtol=0, atol=3e-7 * max(1.0, np.abs(H).max()))
    full = matrix_of(hessian_product, problem, x)
    assert np.abs(H - full).max() > 1e-3


@pytest.mark.parametrize("problem", [CARMON, SQUARES, rosenbrock(4)])
def test_prepared_products_are_hessian_products(problem):
    """Whatever was prepared before: the weights are those of the last point."""
    problem, x = canonical(problem), oracle.initial_point(problem) + 0.1
    for point in (x + 1.0, x):
        oracle.prepare_products(problem, point)
    prepared = matrix_of(oracle.prepared_product, problem, x)
    np.testing.assert_allclose(prepared, matrix_of(hessian_product, problem, x), rtol=1e-12, atol=1e-14)


def test_wide_rows_give_the_same_products():
    problem = carmon(samples=9, dimension=300, batch_size=4, rng=1)
    sample, rng = new_sample(problem), np.random.default_rng(2)
    draw(problem, rng, sample)
    x, v, out = 0.01 * rng.standard_normal(300), rng.standard_normal(300), np.empty(300)
    sampled_hessian_product(canonical(problem), x, v, sample, out)
    rows = sample.indices[: sample.size[0]]
    square = (problem.A[rows] @ x - problem.b[rows]) ** 2
    weights = (2 - 6 * square) / (1 + square) ** 3 * (problem.A[rows] @ v) / 4
    np.testing.assert_allclose(out, weights @ problem.A[rows], rtol=1e-10, atol=1e-12)


def test_wrappers_hand_on():
    x, v, sample = np.array([0.3, -0.2, 0.5, 0.1]), np.arange(4.0), new_sample(CARMON)
    draw(CARMON, np.random.default_rng(0), sample)
    inner, sampled, out = np.empty(4), np.empty(4), np.empty(4)
    gauss_newton_product(CARMON, x, v, inner)
    sampled_hessian_product(CARMON, x, v, sample, sampled)
    raised = Raised(CARMON, 2.0)
    gauss_newton_product(raised, x, v, out)
    np.testing.assert_array_equal(out, inner)
    sampled_hessian_product(raised, x, v, sample, out)
    np.testing.assert_array_equal(out, sampled)
    averaged = smoothed(CARMON, 0.1, directions=2, rng=0)
    expected = np.zeros(4)
    for shift in averaged.shifts:
        gauss_newton_product(CARMON, x - shift, v, inner)
        expected += inner / 2
    gauss_newton_product(averaged, x, v, out)
    np.testing.assert_allclose(out, expected, rtol=1e-12)
    for shift in averaged.shifts:
        sampled_hessian_product(CARMON, x - shift, v, sample, inner)
        expected += inner / 2
    gauss_newton_product(averaged, x, v, sampled)
    sampled_hessian_product(averaged, x, v, sample, out)
    np.testing.assert_allclose(out + sampled, expected, rtol=1e-12)
