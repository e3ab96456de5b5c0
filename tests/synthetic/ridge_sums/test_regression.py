"""Carmon's regression: data law, constants, starts. Each statistical test rejects the truth with probability 10⁻⁶."""

import numba
import numpy as np
import pytest
from scipy.stats import binomtest, chi2, kstest

import synthetic
from dynamics import SGD, initial_point, kernel, simulate
from dynamics.kernels.cache import compiled
from dynamics.protocol import oracle
from dynamics.protocol.scratch import own_work
from synthetic import carmon, gradient, info
from synthetic.parts.streams import streams
from synthetic.ridge_sums.ridge_data import ridge_data
from synthetic.ridge_sums.ridge_sums import _by_panels, _by_strips

LEVEL = 1e-6


def regressions():
    """For 40 seeds: the estimate of z, the residuals and the degrees of freedom left, intercept included."""
    for seed in range(40):
        problem = carmon(samples=500, dimension=4, rng=seed)
        design = np.column_stack([problem.A, np.ones(500)])
        estimate = np.linalg.lstsq(design, problem.b, rcond=None)[0]
        yield problem.A, estimate, problem.b - design @ estimate


def test_rows_are_standard_normal():
    assert kstest(np.concatenate([A.ravel() for A, _, _ in regressions()]), "norm").pvalue > LEVEL


def test_targets_have_the_stated_law():
    found = list(regressions())
    variance = 9 + 0.3 * 0.7  # of 3ν₁ + ν₂
    residuals = np.concatenate([r for _, _, r in found])
    # the variance of a mean of squares of 3ν₁ + ν₂ follows from its fourth cumulant, that of ν₂
    freedom = 40 * (500 - 5)
    fourth = 0.3 * 0.7 * (1 - 6 * 0.3 * 0.7)
    deviation = np.sqrt((2 * variance**2 + fourth) / freedom)
    assert abs(np.sum(residuals**2) / freedom - variance) < 4.9 * deviation
    intercepts = np.array([estimate[-1] for _, estimate, _ in found])
    assert abs(intercepts.mean() - 0.3) < 4.9 * np.sqrt(variance / 500 / 40) * 1.01
    # z and the error of its estimate, of variance about 9.21/495, add up
    total = np.sum([estimate[:-1] @ estimate[:-1] for _, estimate, _ in found]) / (4 + variance / 495)
    assert LEVEL / 2 < chi2.cdf(total, 160) < 1 - LEVEL / 2


def test_targets_are_whole_bernoulli_shifts():
    # With the normal parts drawn again and taken away, what is left of b is 0 or 1.
    ones = 0
    for seed in range(40):
        rows, truth, noise = streams(seed, 3)
        A, z, normal = rows.standard_normal((300, 4)), truth.standard_normal(4), noise.standard_normal(300)
        left = carmon(samples=300, dimension=4, rng=seed).b - 2 * A @ z - 3 * normal
        assert np.minimum(np.abs(left), np.abs(left - 1)).max() < 1e-13
        ones += round(left.sum())
    assert binomtest(ones, 40 * 300, 0.3).pvalue > LEVEL


def test_runs_start_at_zero():
    np.testing.assert_array_equal(initial_point(carmon(rng=0)), np.zeros(30))


@pytest.mark.parametrize("seed", range(3))
def test_info(seed):
    problem = carmon(samples=60, dimension=3, batch_size=5, rng=seed)
    known = info(problem)
    assert (known.dimension, known.samples) == (3, 60)
    assert known.minimiser is None
    assert known.lipschitz_constant == pytest.approx(
        2 * np.linalg.eigvalsh(problem.A.T @ problem.A / 60)[-1], rel=1e-13
    )
    points = np.random.default_rng(seed).standard_normal((500, 3)) * 5
    curvatures = np.abs(np.linalg.eigvalsh(synthetic.hessian(problem, points)))
    assert not known.lipschitz_is_exact
    assert 0.01 * known.lipschitz_constant < curvatures.max() < known.lipschitz_constant


def test_the_lipschitz_bound_is_attained_where_all_residuals_vanish():
    problem = carmon(samples=60, dimension=3, rng=0)
    problem = problem._replace(data=ridge_data(problem.A, problem.A @ np.ones(3)))
    curvature = np.linalg.eigvalsh(synthetic.hessian(problem, np.ones(3)))[-1]
    assert curvature == pytest.approx(info(problem).lipschitz_constant, rel=1e-12)


@pytest.mark.parametrize("dimension", [1, 70, 300])
def test_gradients_at_every_width(dimension):
    problem = carmon(samples=70, dimension=dimension, batch_size=11, rng=dimension)
    x = np.random.default_rng(dimension).standard_normal(dimension)
    t = problem.A @ x - problem.b
    slopes = 2 * t / (1 + t * t) ** 2
    np.testing.assert_allclose(gradient(problem, x), problem.A.T @ slopes / 70, rtol=1e-12, atol=1e-14)
    run = simulate(SGD(0.5), problem, steps=1, x0=x, rng=5)
    batch = run.state.sample.indices[:11]
    expected = x - 0.5 * problem.A[batch].T @ slopes[batch] / 11
    np.testing.assert_allclose(run.x, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("size", [1, 7, 8, 9])
def test_what_lies_behind_a_batch_is_not_in_it(size):
    problem = own_work(carmon(samples=70, dimension=5, batch_size=size, rng=0))
    sample, x, out = oracle.new_sample(problem), np.ones(5), np.empty(5)
    found = []
    for behind in (0, 69):
        sample.indices[:] = behind
        sample.indices[:size] = np.arange(size)
        found.append((oracle.sampled_value_and_gradient(problem, x, sample, out), out.tobytes()))
    assert found[0] == found[1]
    t = problem.A[:size] @ x - problem.b[:size]
    assert found[0][0] == pytest.approx((t * t / (1 + t * t)).mean(), rel=1e-13)
    np.testing.assert_allclose(out, problem.A[:size].T @ (2 * t / (1 + t * t) ** 2) / size, rtol=1e-12)


def test_what_a_value_leaves_behind_serves_at_its_own_point_alone():
    problem = own_work(carmon(samples=70, dimension=3, batch_size=11, rng=0))
    x, y, out, product = np.zeros(3), np.full(3, 0.5), np.empty(3), np.empty(3)
    for known in (None, y, x, y):
        if known is not None:
            oracle.value(problem, known)
        for point in (x, y, x):
            oracle.gradient(problem, point, out)
            np.testing.assert_allclose(out, gradient(problem, point), rtol=1e-13)
            oracle.prepare_products(problem, point)
            oracle.prepared_product(problem, point, y, product)
            np.testing.assert_allclose(product, synthetic.hessian_product(problem, point, y), rtol=1e-13)
    x[:] = 0.25  # the same array at another point
    oracle.gradient(problem, x, out)
    np.testing.assert_allclose(out, gradient(problem, x), rtol=1e-13)


strips, panels = kernel(_by_strips), kernel(_by_panels)


def two_ways(problem, x, by_strips, by_panels):
    rows = problem.data.rows
    return strips(rows, problem, x, by_strips), panels(rows, problem, x, by_panels)


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="NumPy sums a strip in an order of its own")
def test_strips_and_whole_panels_have_the_same_sums():
    problem = own_work(carmon(samples=333, dimension=37, rng=0))
    for x in np.random.default_rng(1).standard_normal((20, 37)):  # in another order some last bit would differ
        arguments = (problem, x, *(sums := (np.empty(37), np.empty(37))))
        values = compiled(two_ways, arguments)(*arguments)
        assert len(set(values)) == 1
        assert len({gradient.tobytes() for gradient in sums}) == 1
