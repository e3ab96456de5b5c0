"""The target, its estimator and the remainder by other routes, and false variants."""

from fractions import Fraction

import numpy as np
import pytest

from theory.claims.step_tuned import variation
from theory.claims.step_tuned.paths import Regression
from theory.step_tuned import expected_gradient_variation

EXACT = np.vectorize(Fraction, otypes=[object])


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_finite_population_form_agrees_with_monte_carlo(size):
    rng = np.random.default_rng(size)
    hessians, gradients = rng.integers(-5, 6, size=(4, 2, 2)), rng.integers(-5, 6, size=(4, 2))
    stated = variation.finite_population_form(EXACT(hessians), EXACT(gradients), size).astype(float)
    orders = np.argsort(rng.random((40_000, 4)), axis=1)[:, :size]
    draws = np.einsum("kij,kj->ki", hessians[orders].mean(axis=1), gradients[orders].mean(axis=1))
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - stated) <= 5 * error + 1e-12).all()
    np.testing.assert_allclose(expected_gradient_variation(hessians, gradients, batch_size=size), stated, rtol=1e-12)


def test_the_form_for_sampling_with_replacement_is_not_the_one_for_subsets():
    hessians, gradients = EXACT(np.array([[[1]], [[2]], [[4]]])), EXACT(np.array([[1], [3], [5]]))
    subset = variation.mean_product(hessians, gradients, 2)
    share = Fraction(1, 2)  # 1/b instead of (N - b)/(b (N - 1))
    together = sum(h @ g for h, g in zip(hessians, gradients, strict=True)) / Fraction(3)
    apart = hessians.sum(axis=0) @ gradients.sum(axis=0) / Fraction(9)
    assert (subset == variation.finite_population_form(hessians, gradients, 2)).all()
    assert (subset != share * together + (1 - share) * apart).any()


def test_expected_variation_is_half_the_gradient_of_the_mean_squared_batch_gradient():
    """By central differences of E|grad J_B|^2/2 over all batches of a regression."""
    rng = np.random.default_rng(3)
    samples = Regression(rng.normal(size=(4, 2)), rng.normal(size=4))
    pairs = [(i, j) for i in range(4) for j in range(i)]
    x, width = np.array([0.3, -0.2]), 1e-6

    def mean_square(at):
        gradients = samples.gradients(at)
        return np.mean([np.sum(gradients[list(pair)].mean(axis=0) ** 2) for pair in pairs]) / 2

    numeric = [(mean_square(x + width * e) - mean_square(x - width * e)) / (2 * width) for e in np.eye(2)]
    residual = samples.A @ x - samples.b
    curvature = (2 - 6 * residual**2) / (1 + residual**2) ** 3
    hessians = curvature[:, None, None] * samples.A[:, :, None] * samples.A[:, None, :]
    stated = expected_gradient_variation(hessians, samples.gradients(x), batch_size=2)
    np.testing.assert_allclose(stated, numeric, rtol=1e-7)


def test_remainder_of_a_regression_stays_below_the_bound_and_shrinks_fourfold():
    """phi''' of t^2/(1 + t^2) is at most 5 in size (its maximum is about 4.67)."""
    a, b = 1.3, 0.4

    def slope(x):
        t = a * x - b
        return 2 * t / (1 + t * t) ** 2 * a

    t = a * 0.5 - b
    curvature = (2 - 6 * t * t) / (1 + t * t) ** 3 * a * a
    left = [abs(variation.remainder(slope, curvature, 0.5, step)) for step in (1e-2, 5e-3)]
    assert left[0] <= 5 * a**3 / 2 * (1e-2 * slope(0.5)) ** 2
    assert left[0] / left[1] == pytest.approx(4, rel=0.02)


def test_a_rough_hessian_leaves_a_remainder_that_no_square_bounds():
    ratios = [abs(variation.remainder(variation.rough_slope, 0.0, 0.0, step)) / step**2 for step in (1e-2, 1e-4, 1e-6)]
    assert ratios[0] < ratios[1] / 5 < ratios[2] / 25
