"""Steihaug and Toint's conjugate gradients: every way to end against what is proved about it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import simulate
from dynamics.algorithms.trust_region.full_norm import new_norm
from dynamics.algorithms.trust_region.second_order import TrustRegion
from dynamics.algorithms.trust_region.subproblem import (
    BOUNDARY,
    INNER_STEPS,
    NEGATIVE_CURVATURE,
    SETTLED,
    new_steihaug,
    steihaug,
)
from dynamics.protocol.canonical import canonical
from tests.dynamics.algorithms.curved import Form, diagonal_norm
from tests.dynamics.algorithms.trust_region.trust_region_twin import solve


def random_subproblem(seed, dimension, shift):
    """A gradient, a symmetric matrix with eigenvalues around `shift`, and the diagonal of the norm."""
    rng = np.random.default_rng(seed)
    raw = rng.standard_normal((dimension, dimension))
    B = (raw + raw.T) / 2 + shift * np.eye(dimension)
    return rng.standard_normal(dimension), B, np.exp(rng.uniform(-2, 2, dimension))


def solved(g, B, m, radius, kappa=0.1, theta=0.5, max_inner=50):
    """The step, the fall of the model by its own account, and why it ended; m is a diagonal, or None of a sphere."""
    step = np.full(len(g), np.nan)
    problem = canonical(Form(B, np.zeros(len(g))))
    method = canonical(TrustRegion(kappa=kappa, theta=theta, max_inner=max_inner))
    scratch = new_steihaug(len(g))
    norm = new_norm(method, len(g)) if m is None else diagonal_norm(m)
    decrease, reason = steihaug(problem, np.zeros(len(g)), g, norm, radius, method, step, scratch)
    return step, decrease, reason


def model_fall(g, B, s):
    return -(g @ s + s @ B @ s / 2)


def cauchy_fall(g, B, m, radius):
    """The largest fall of the model along −M⁻¹g inside the ball, by its definition."""
    p = -g / m
    longest = radius / np.sqrt(p @ (m * p))
    t = longest if p @ B @ p <= 0 else min(longest, -(g @ p) / (p @ B @ p))
    return model_fall(g, B, t * p)


subproblems = {
    "seed": st.integers(0, 10**6),
    "dimension": st.integers(1, 7),
    "shift": st.floats(-3, 6),
    "radius": st.floats(1e-3, 20),
}


@pytest.mark.parametrize("seed", range(12))
def test_a_sphere_is_a_diagonal_of_ones(seed):
    g, B, m = random_subproblem(seed, 1 + 3 * seed, 4.0)
    for radius, kappa in ((0.1, 0.1), (50.0, 0.5), (50.0, 1e-6)):
        s, decrease, reason = solved(g, B, None, radius, kappa=kappa)
        t, same, ended = solved(g, B, np.ones_like(m), radius, kappa=kappa)
        np.testing.assert_allclose(s, t, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(decrease, same, rtol=1e-12)
        assert reason == ended


@settings(max_examples=150, deadline=None, derandomize=True)
@given(**subproblems, kappa=st.floats(1e-8, 0.9), max_inner=st.integers(1, 10))
def test_every_end_falls_as_far_as_the_cauchy_point_and_stays_in_the_ball(
    seed, dimension, shift, radius, kappa, max_inner
):
    g, B, m = random_subproblem(seed, dimension, shift)
    s, decrease, reason = solved(g, B, m, radius, kappa=kappa, max_inner=max_inner)
    dual = np.sqrt(g @ (g / m))
    curvature = np.abs(np.linalg.eigvalsh(B / np.sqrt(np.outer(m, m)))).max()
    cauchy = cauchy_fall(g, B, m, radius)
    assert cauchy >= 0.5 * dual * min(dual / curvature, radius) * (1 - 1e-12)
    assert decrease >= cauchy * (1 - 1e-12)
    np.testing.assert_allclose(decrease, model_fall(g, B, s), rtol=1e-8)
    length = np.sqrt(s @ (m * s))
    if reason in (BOUNDARY, NEGATIVE_CURVATURE):
        np.testing.assert_allclose(length, radius, rtol=1e-8)
    else:
        assert length < radius
    if reason == SETTLED:
        bound = np.linalg.norm(g) * min(kappa, np.sqrt(np.linalg.norm(g)))
        assert np.linalg.norm(g + B @ s) <= bound * (1 + 1e-6) + 1e-12
    if shift < -2 and dimension == 1:
        assert (reason == NEGATIVE_CURVATURE) == (B[0, 0] <= 0)


def test_the_random_subproblems_end_in_every_way():
    reasons = set()
    for seed in range(60):
        g, B, m = random_subproblem(seed, 5, shift=seed % 7 - 2)
        reasons.add(solved(g, B, m, radius=[0.5, 20.0][seed % 2], kappa=1e-6, max_inner=4)[2])
        reasons.add(solved(g, B, m, radius=20.0, kappa=0.5)[2])
    assert reasons == {SETTLED, BOUNDARY, NEGATIVE_CURVATURE, INNER_STEPS}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(**subproblems)
def test_the_step_is_the_one_in_the_coordinates_of_the_ball(seed, dimension, shift, radius):
    g, B, m = random_subproblem(seed, dimension, shift)
    s, _, _ = solved(g, B, m, radius, max_inner=4)
    expected, _ = solve(g, B, m, radius, TrustRegion(max_inner=4))
    np.testing.assert_allclose(s, expected, rtol=0, atol=1e-7 * np.abs(expected).max())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), dimension=st.integers(1, 7))
def test_with_positive_curvature_and_room_the_step_is_newtons(seed, dimension):
    g, B, m = random_subproblem(seed, dimension, 0.0)
    B = B @ B + np.eye(dimension)
    newton = -np.linalg.solve(B, g)
    for metric in (np.ones(dimension), m):
        for kappa in (1e-3, 1e-9):
            s, _, reason = solved(g, B, metric, 1e6, kappa=kappa)
            assert reason == SETTLED
            # The residual bounds the error, by the smallest eigenvalue, which is at least 1.
            assert np.linalg.norm(s - newton) <= kappa * np.linalg.norm(g) * (1 + 1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_a_step_of_the_method_is_newtons(seed):
    b, B, _ = random_subproblem(seed, 5, 0.0)
    B = B @ B + np.eye(5)
    method = TrustRegion(radius=1e6, max_radius=1e6, kappa=1e-12)
    run = simulate(method, Form(B, b), steps=1, x0=np.ones(5))
    np.testing.assert_allclose(run.x, -np.linalg.solve(B, b), rtol=0, atol=1e-10)


def test_negative_curvature_is_followed_to_the_boundary():
    """From the ridge of a saddle: the first direction is all negative curvature, −Δ sign(g) along the axis."""
    g, B, m = np.array([0.0, 2.0]), np.diag([5.0, -1.0]), np.array([1.0, 4.0])
    s, decrease, reason = solved(g, B, m, radius=6.0)
    assert reason == NEGATIVE_CURVATURE
    np.testing.assert_allclose(s, [0.0, -3.0])  # |s|·√4 = 6
    np.testing.assert_allclose(decrease, 2 * 3 + 9 / 2)


def test_a_gradient_of_zero_gives_no_step():
    s, decrease, reason = solved(np.zeros(2), -np.eye(2), np.ones(2), radius=1.0)
    assert (s == 0).all()
    assert decrease == 0
    assert reason == SETTLED
