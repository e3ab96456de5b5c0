"""The generalised Lanczos method: the best step of its Krylov space, against Steihaug's, the global one and SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orth
from scipy.optimize import minimize

from dynamics import Status, Stop, simulate
from dynamics.algorithms.trust_region.exact import exact_step
from dynamics.algorithms.trust_region.gltr import gltr, new_lanczos
from dynamics.algorithms.trust_region.second_order import TrustRegion
from dynamics.algorithms.trust_region.subproblem import new_steihaug, steihaug
from dynamics.protocol.canonical import canonical
from synthetic import quadratic
from tests.dynamics.algorithms.curved import PRODUCTS, Form, Valley, diagonal_norm, valley_formulas
from tests.dynamics.algorithms.trust_region.test_trust_region_subproblem import (
    cauchy_fall,
    model_fall,
    random_subproblem,
    subproblems,
)

START = np.tile([-1.2, 1.0], 3)


def solved(kernel, new, g, B, m, radius, *room, **settings_):
    """The step of one of the iterative kernels, the fall of the model by its own account, and what else it returns."""
    step = np.full(len(g), np.nan)
    method = canonical(TrustRegion(**settings_))
    problem = canonical(Form(B, np.zeros(len(g))))
    x, norm, scratch = np.zeros(len(g)), diagonal_norm(m), new(len(g), *room)
    decrease, more = kernel(problem, x, g, norm, radius, method, step, scratch)
    return step, decrease, more


def by_gltr(g, B, m, radius, max_inner=50, **settings_):
    return solved(gltr, new_lanczos, g, B, m, radius, max_inner, max_inner=max_inner, **settings_)


def by_steihaug(g, B, m, radius, **settings_):
    return solved(steihaug, new_steihaug, g, B, m, radius, **settings_)


def globally(g, B, m, radius):
    """The largest fall of the model in the ball."""
    d = len(g)
    scratch = np.empty((d, d)), np.empty(d), np.empty(d)
    return exact_step(g, diagonal_norm(m), radius, B, np.empty(d), *scratch)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    **subproblems, kappa=st.floats(1e-6, 0.9), max_inner=st.integers(1, 8), stop=st.sampled_from(["residual", "model"])
)
def test_at_least_steihaugs_fall_and_at_most_the_global_one(seed, dimension, shift, radius, kappa, max_inner, stop):
    g, B, m = random_subproblem(seed, dimension, shift)
    choice = {"kappa": kappa, "max_inner": max_inner, "stop": stop}
    s, decrease, size = by_gltr(g, B, m, radius, **choice)
    np.testing.assert_allclose(decrease, model_fall(g, B, s), rtol=1e-8)
    assert np.sqrt(s @ (m * s)) <= radius * (1 + 1e-8)
    # By the other rule it may take one more to see that the last one brought all there was.
    assert 1 <= size <= min(max_inner, dimension + (stop == "model"))
    assert decrease >= cauchy_fall(g, B, m, radius) * (1 - 1e-10)
    assert decrease <= globally(g, B, m, radius) * (1 + 1e-9)
    if stop == "residual":  # by the other rule, the two may stop at different dimensions
        assert decrease >= by_steihaug(g, B, m, radius, **choice)[1] * (1 - 1e-10)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(**subproblems, size=st.integers(1, 4))
def test_the_step_is_the_best_of_the_krylov_space(seed, dimension, shift, radius, size):
    """Against the global minimiser on an orthonormal basis of {g, Bg, ...}, in the coordinates of the ball."""
    g, B, m = random_subproblem(seed, dimension, shift)
    root = np.sqrt(m)
    curved, slope = B / np.outer(root, root), g / root
    vectors = [slope]
    for _ in range(min(size, dimension) - 1):
        vectors.append(curved @ vectors[-1] / np.linalg.norm(curved @ vectors[-1]))
    Q = orth(np.array(vectors).T)
    best = globally(Q.T @ slope, Q.T @ curved @ Q, np.ones(Q.shape[1]), radius)
    _, decrease, _ = by_gltr(g, B, m, radius, kappa=1e-12, theta=0.0, max_inner=size)
    np.testing.assert_allclose(decrease, best, rtol=1e-7)


def test_the_space_grows_past_negative_curvature():
    """Steihaug's iteration ends in its first direction, from where the fall is 5 % of the global one; this goes on."""
    g, B = np.array([1.0, 1e-3]), np.diag([-0.1, -50.0])
    first = by_steihaug(g, B, np.ones(2), 1.0)[1]
    s, decrease, size = by_gltr(g, B, np.ones(2), 1.0, kappa=1e-3)
    np.testing.assert_allclose(decrease, globally(g, B, np.ones(2), 1.0), rtol=1e-10)
    assert size == 2
    assert first < 0.05 * decrease
    np.testing.assert_allclose(np.linalg.norm(s), 1.0)


def test_what_the_krylov_space_lacks_is_never_found():
    """In the hard case g has no part along the lowest eigenvector, and no Krylov space has."""
    s, decrease, size = by_gltr(np.array([0.0, 1.0]), np.diag([-2.0, 1.0]), np.ones(2), 5 / 3)
    np.testing.assert_allclose(s, [0.0, -1.0])
    assert size == 1
    assert decrease < globally(np.array([0.0, 1.0]), np.diag([-2.0, 1.0]), np.ones(2), 5 / 3)


@pytest.mark.parametrize(
    ("solver", "name"), [("steihaug", "trust-ncg"), ("gltr", "trust-krylov"), ("exact", "trust-exact")]
)
@pytest.mark.parametrize("radius", [0.3, 2.0, 50.0])
@pytest.mark.parametrize("shift", [-1.0, 0.5, 6.0])
def test_the_step_is_scipys(solver, name, radius, shift):
    """One step on a quadratic, whose model is exact, with SciPy's tolerance: ‖r‖ ≤ ‖g‖ min(1/2, √‖g‖)."""
    b, B, _ = random_subproblem(int(10 * radius), 6, shift)
    options = {"initial_trust_radius": radius, "max_trust_radius": 100.0, "maxiter": 1}
    theirs = minimize(
        lambda x: b @ x + x @ B @ x / 2,
        np.zeros(6),
        jac=lambda x: b + B @ x,
        hess=lambda x: B,
        method=name,
        options=options | ({"inexact": False} if solver == "gltr" else {}),
    )
    if solver == "exact":  # SciPy's stops within a tenth of the radius, and with most of the fall in the hard case
        radius = np.linalg.norm(theirs.x)
    exactness = 1e-12 if solver == "gltr" else 0.5
    method = TrustRegion(
        solver=solver, radius=radius, max_radius=100.0, kappa=exactness, theta=0.5 if solver == "steihaug" else 0.0
    )
    run = simulate(method, Form(B, b), steps=1, x0=np.zeros(6))
    if solver == "exact":
        ours, other = model_fall(b, B, run.x), model_fall(b, B, theirs.x)
        assert ours * (1 + 1e-10) >= other >= 0.75 * ours
    else:
        np.testing.assert_allclose(run.x, theirs.x, rtol=0, atol=1e-6 * np.linalg.norm(theirs.x))


def test_a_whole_run_and_its_calls():
    problem = Valley(tally=np.zeros(4, dtype=np.int64))
    run = simulate(TrustRegion(solver="gltr", radius=1.0), problem, steps=300, x0=START, stop=Stop(gradient_norm=1e-9))
    assert run.status == Status.CONVERGED
    assert run.hessian_products[-1] == problem.tally[PRODUCTS]
    f = valley_formulas()
    there = minimize(
        f.loss, run.x + 1e-3, jac=f.gradient, hess=f.hessian, method="trust-exact", options={"gtol": 1e-11}
    )
    np.testing.assert_allclose(run.x, there.x, rtol=0, atol=1e-8)


def test_a_gradient_of_zero_and_a_hessian_that_is_not_finite_give_no_step():
    s, decrease, size = by_gltr(np.zeros(2), -np.eye(2), np.ones(2), 1.0)
    assert (s == 0).all()
    assert decrease == size == 0
    with np.errstate(all="ignore"):
        s, decrease, _ = by_gltr(np.ones(2), np.full((2, 2), 1e308), np.ones(2), 1.0)
    assert np.isnan(decrease)
    assert (s == 0).all()


def test_the_tolerance_is_met_though_the_vectors_lose_their_orthogonality():
    """Eigenvalues over six decades: in exact arithmetic 40 vectors are enough, and by machine they are not."""
    problem, x0 = quadratic(eigenvalues=np.geomspace(1e-6, 1, 40), rotation="haar", rng=1), np.linspace(-2.0, 1.0, 40)
    for kappa in (1e-3, 1e-6):
        seen = {}
        for solver in ("steihaug", "gltr"):
            wide = {"radius": 1e9, "max_radius": 1e9, "kappa": kappa, "theta": 0.0, "max_inner": 500}
            run = simulate(TrustRegion(solver=solver, **wide), problem, steps=1, x0=x0)
            seen[solver] = run.hessian_products[-1]
            assert run.gradient_norm[1] <= 1.01 * kappa * run.gradient_norm[0]
        assert seen["gltr"] <= 1.1 * seen["steihaug"]
