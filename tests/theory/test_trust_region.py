"""Steps, norms and decreases of trust regions by other routes: generic solvers, KKT conditions, brute force."""

import numpy as np
import pytest
from scipy import optimize

from theory.claims.trust_region.problems import random_metric, symmetric
from theory.trust_region import (
    cauchy_decrease,
    cauchy_point,
    eigen_point,
    eigenpoint_decrease,
    ellipsoid_step,
    equivalence_constant,
    model_decrease,
    model_minimiser,
    uniform_equivalence_epsilon,
)


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_ellipsoid_step_agrees_with_a_generic_solver(dimension):
    rng = np.random.default_rng(dimension)
    metric, slope, radius = random_metric(dimension, rng, zeta=4.0), rng.normal(size=dimension), 0.7
    found = optimize.minimize(
        lambda s: slope @ s,
        np.zeros(dimension),
        jac=lambda s: slope,
        constraints=[
            {"type": "ineq", "fun": lambda s: radius**2 - s @ metric @ s, "jac": lambda s: -2 * metric @ s},
        ],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(found.x, ellipsoid_step(metric, slope, radius), rtol=1e-4, atol=1e-6)


def test_ellipsoid_step_broadcasts():
    rng = np.random.default_rng(0)
    metrics = np.stack([random_metric(3, rng) for _ in range(4)])
    slopes, radii = rng.normal(size=(4, 3)), np.array([0.1, 1.0, 2.0, 5.0])
    together = ellipsoid_step(metrics, slopes, radii)
    for metric, slope, radius, step in zip(metrics, slopes, radii, together, strict=True):
        np.testing.assert_allclose(step, ellipsoid_step(metric, slope, radius), rtol=1e-12)
        assert step @ metric @ step == pytest.approx(radius**2)


def test_epsilon_solves_its_quadratic_and_keeps_its_digits():
    for bound in (0.0, 0.3, 1.0, 17.0, 1e4):
        eps = float(uniform_equivalence_epsilon(bound))
        assert eps**2 + bound**2 * eps == pytest.approx(1, rel=1e-14)
        if bound < 100:
            assert eps == pytest.approx((np.sqrt(bound**4 + 4) - bound**2) / 2, rel=1e-9)
        assert equivalence_constant(bound, eps=eps) == pytest.approx(1 / eps, rel=1e-12)
        assert equivalence_constant(bound, eps=1.5 * eps) > 1 / (1.5 * eps)


@pytest.mark.parametrize("seed", range(60))
def test_model_minimiser_meets_the_conditions_of_a_global_minimum(seed):
    rng = np.random.default_rng(seed)
    dimension = int(rng.integers(1, 6))
    metric, form = random_metric(dimension, rng), symmetric(dimension, rng)
    slope, radius = rng.normal(size=dimension) * (seed % 7 > 0), 10 ** rng.uniform(-2, 1.5)
    step = model_minimiser(metric, slope, form, radius)
    length = np.sqrt(step @ metric @ step)
    assert length <= radius * (1 + 1e-9)
    multiplier = -(step @ (form @ step + slope)) / length**2 if length > 0 else 0.0
    scale = np.linalg.norm(slope) + np.linalg.norm(form @ step) + 1e-300
    assert np.linalg.norm(form @ step + multiplier * metric @ step + slope) <= 1e-8 * scale
    assert np.linalg.eigvalsh(form + multiplier * metric)[0] >= -1e-8
    assert abs(multiplier) * (radius - length) <= 1e-8 * radius


def test_model_minimiser_in_the_hard_case():
    # g has no part along the lowest eigenvector, and the step of the rest is short.
    step = model_minimiser(np.eye(2), [1.0, 0.0], np.diag([1.0, -1.0]), 3.0)
    np.testing.assert_allclose(np.abs(step), [0.5, np.sqrt(9 - 0.25)], rtol=1e-12)
    assert step[0] < 0
    # Here it is not: lambda > 1 solves the secular equation.
    step = model_minimiser(np.eye(2), [1.0, 0.0], np.diag([1.0, -1.0]), 0.25)
    np.testing.assert_allclose(step, [-0.25, 0.0], atol=1e-12)


def test_cauchy_and_eigen_points_are_best_on_their_rays():
    rng = np.random.default_rng(3)
    for _ in range(40):
        dimension = int(rng.integers(1, 5))
        metric, form = random_metric(dimension, rng), symmetric(dimension, rng)
        slope, radius = rng.normal(size=dimension), 10 ** rng.uniform(-1, 1)
        rays = [(cauchy_point, -slope)]
        values, vectors = np.linalg.eigh(form)
        if values[0] < 0:
            lowest = vectors[:, 0]
            rays.append((eigen_point, -lowest if slope @ lowest > 0 else lowest))
        for solve, direction in rays:
            lengths = np.linspace(0, radius / np.sqrt(direction @ metric @ direction), 4001)
            tried = model_decrease(slope, form, lengths[:, None] * direction)
            found = float(model_decrease(slope, form, solve(metric, slope, form, radius)))
            assert found >= tried.max() * (1 - 1e-12)
            # The parabola's lowest point is at most half a spacing away from a point tried.
            between = abs(direction @ form @ direction) * lengths[1] ** 2 / 8
            assert found <= tried.max() + between * (1 + 1e-9) + 1e-12


def test_bounds_are_attained():
    # On the boundary, with g'Bg t = |g|^2: half of the linear decrease is left.
    assert cauchy_decrease([[1.0]], [2.0], [[4.0]], 0.3) == pytest.approx(0.3)
    exact = float(model_decrease([2.0], [[4.0]], cauchy_point([[1.0]], [2.0], [[4.0]], 0.5)))
    assert exact == pytest.approx(0.5 * 2.0 * 0.5)
    metric, form = np.diag([4.0, 1.0]), np.diag([-2.0, 1.0])
    point = eigen_point(metric, [0.0, 1.0], form, 3.0)
    assert float(model_decrease([0.0, 1.0], form, point)) == pytest.approx(
        eigenpoint_decrease(metric, form, [1.0, 0.0], 3.0)
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ellipsoid_step(np.diag([1.0, -1.0]), [1.0, 0.0], 1.0), "positive definite"),
        (lambda: ellipsoid_step([[1.0, 2.0], [0.0, 1.0]], [1.0, 0.0], 1.0), "not symmetric"),
        (lambda: ellipsoid_step([1.0], [1.0], 1.0), "square"),
        (lambda: ellipsoid_step(np.eye(2), [0.0, 0.0], 1.0), "g is zero"),
        (lambda: ellipsoid_step(np.eye(2), [1.0, 0.0], -1.0), "above 0"),
        (lambda: ellipsoid_step(np.eye(2), [1.0], 1.0), "2 entries"),
        (lambda: cauchy_point(np.eye(1), [np.nan], [[1.0]], 1.0), "NaN"),
        (lambda: cauchy_point(np.eye(1), [1.0], np.eye(2), 1.0), "1 by 1"),
        (lambda: cauchy_point(np.eye(2), [1.0, 1.0], [[0.0, 1.0], [0.0, 0.0]], 1.0), "B is not symmetric"),
        (lambda: eigen_point(np.eye(1), [1.0], [[1.0]], 1.0), "negative"),
        (lambda: eigenpoint_decrease(np.eye(1), [[1.0]], [1.0], 1.0), "least eigenvalue"),
        (lambda: eigenpoint_decrease(np.eye(1), [[-1.0]], [1.0], 1.0, share=2.0), "share"),
        (lambda: uniform_equivalence_epsilon(-1.0), "at least 0"),
        (lambda: equivalence_constant(1.0, eps=0.0), "eps"),
        (lambda: equivalence_constant(-1.0, eps=1.0), "at least 0"),
    ],
)
def test_what_is_no_subproblem_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
