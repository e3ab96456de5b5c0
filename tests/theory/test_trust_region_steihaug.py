"""The reference for conjugate gradients against the kernel's twin, the minimiser and its own laws."""

import numpy as np
import pytest

from dynamics.algorithms.trust_region.second_order import TrustRegion
from tests.dynamics.algorithms.trust_region.trust_region_twin import solve
from theory.claims.trust_region.problems import random_metric, symmetric
from theory.trust_region import model_minimiser, steihaug


@pytest.mark.parametrize("seed", range(40))
def test_reference_agrees_with_the_twin_that_the_kernel_is_held_against(seed):
    rng = np.random.default_rng(seed)
    dimension = int(rng.integers(1, 6))
    metric, form = np.exp(rng.uniform(-2, 2, dimension)), symmetric(dimension, rng)
    slope, radius = rng.normal(size=dimension), 10 ** rng.uniform(-1, 1)
    rule = TrustRegion(kappa=0.1, theta=0.5, max_inner=2 * dimension)
    step, products = solve(slope, form, metric, radius, rule)
    run = steihaug(np.diag(metric), slope, form, radius)
    np.testing.assert_allclose(run.step, step, rtol=1e-7, atol=1e-9)
    assert len(run.iterates) - 1 == products


def test_a_change_of_variables_leaves_the_iterates_alone():
    # With A = LL' and y = L's the ellipsoid is a ball, and conjugate gradients need no preconditioner.
    rng = np.random.default_rng(1)
    metric, form = random_metric(4, rng), symmetric(4, rng) + 3 * np.eye(4)
    slope, factor = rng.normal(size=4), np.linalg.cholesky(metric)
    scaled = np.linalg.solve(factor, np.linalg.solve(factor, form).T)
    round_run = steihaug(
        np.eye(4), np.linalg.solve(factor, slope), (scaled + scaled.T) / 2, 0.8, kappa=0.0, max_inner=3
    )
    run = steihaug(metric, slope, form, 0.8, kappa=0.0, max_inner=3)
    np.testing.assert_allclose(run.iterates @ factor, round_run.iterates, rtol=1e-9, atol=1e-12)


def test_with_no_tolerance_a_convex_model_is_minimised():
    rng = np.random.default_rng(2)
    form, slope = random_metric(5, rng), rng.normal(size=5)
    run = steihaug(random_metric(5, rng), slope, form, 1e6, kappa=0.0)
    np.testing.assert_allclose(run.step, -np.linalg.solve(form, slope), rtol=1e-8)
    np.testing.assert_allclose(run.step, model_minimiser(np.eye(5), slope, form, 1e6), rtol=1e-8)
    assert run.reason == "residual"


def test_a_zero_gradient_stays_and_bad_tolerances_are_refused():
    run = steihaug(np.eye(2), [0.0, 0.0], -np.eye(2), 1.0)
    assert run.reason == "residual"
    assert not run.step.any()
    with pytest.raises(ValueError, match="kappa"):
        steihaug(np.eye(2), [1.0, 0.0], np.eye(2), 1.0, kappa=1.0)
