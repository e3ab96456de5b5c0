"""The exact solver: the conditions of a global minimiser, the hard case, and whole runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from dynamics import Status, Stop, simulate
from dynamics.algorithms.trust_region.exact import exact_step
from dynamics.algorithms.trust_region.second_order import TrustRegion
from tests.dynamics.algorithms.curved import PRODUCTS, Valley, diagonal_norm, valley_formulas
from tests.dynamics.algorithms.trust_region.trust_region_twin import solve, trust_region

STEPS = 25
START = np.tile([-1.2, 1.0], 3)
METHODS = [
    TrustRegion(solver="exact", radius=1.0),
    TrustRegion("adagrad", "exact", radius=8.0),
    TrustRegion("rmsprop", "exact", radius=9.0, eps=2.0, accumulate="successful"),
]


def solved(g, B, m, radius):
    """The step and the fall of the model by its own account."""
    step = np.full(len(g), np.nan)
    norm, scratch = diagonal_norm(m), (np.empty((len(g), len(g))), np.empty(len(g)), np.empty(len(g)))
    decrease = exact_step(np.asarray(g, dtype=float), norm, radius, np.asarray(B, dtype=float), step, *scratch)
    return step, decrease


def model_fall(g, B, s):
    return -(g @ s + s @ B @ s / 2)


def random_case(seed, dimension, kind):
    """A gradient and a Hessian in the coordinates of the ball, with eigenvalues that may be equal, 0 or missed by g."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.standard_normal((dimension, dimension)))[0]
    eigenvalues = np.sort(rng.uniform(-3, 3, dimension))
    gamma = rng.standard_normal(dimension)
    if kind == "convex":
        eigenvalues = np.abs(eigenvalues) + 0.1
    if kind == "hard":
        eigenvalues[0] = -3.5
        gamma[0] = 0.0
    if kind == "nearly hard":
        eigenvalues[0] = -3.5
        gamma[0] = 1e-9
    if kind == "hard twice":
        eigenvalues[: min(2, dimension)] = -3.5
        gamma[: min(2, dimension)] = 0.0
    m = np.exp(rng.uniform(-2, 2, dimension))
    root = np.sqrt(m)
    B = np.outer(root, root) * (axes @ np.diag(eigenvalues) @ axes.T)
    return root * (axes @ gamma), (B + B.T) / 2, m


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    dimension=st.integers(1, 7),
    kind=st.sampled_from(["any", "convex", "hard", "nearly hard", "hard twice"]),
    radius=st.floats(1e-3, 30),
)
def test_the_step_is_a_global_minimiser(seed, dimension, kind, radius):
    g, B, m = random_case(seed, dimension, kind)
    s, decrease = solved(g, B, m, radius)
    np.testing.assert_allclose(decrease, model_fall(g, B, s), rtol=1e-8, atol=1e-12)
    length = np.sqrt(m @ s**2)
    assert length <= radius * (1 + 1e-10)
    # The multiplier, from the step alone: −s·(g + Bs) = ν‖s‖², in the norm of M.
    nu = -s @ (g + B @ s) / max(length**2, 1e-300)
    scale = 3.5 + np.sqrt(g @ (g / m)) / radius
    residual = (g + B @ s + nu * m * s) / np.sqrt(m)
    assert np.linalg.norm(residual) <= 1e-7 * scale * max(length, 1e-9)
    lowest = np.linalg.eigvalsh(B / np.sqrt(np.outer(m, m)))[0]
    assert nu >= -1e-8 * scale
    assert lowest + nu >= -1e-8 * scale
    if nu > 1e-7 * scale:
        np.testing.assert_allclose(length, radius, rtol=1e-7)
    # Nothing else in the ball is better: not conjugate gradients, not points at random.
    if g.any():
        other, _ = solve(g, B, m, radius, TrustRegion(kappa=1e-6))
        assert decrease >= model_fall(g, B, other) * (1 - 1e-9)
    directions = np.random.default_rng(seed).standard_normal((50, dimension)) / np.sqrt(m)
    for direction in directions:
        p = radius * direction / np.sqrt(m @ direction**2)
        assert decrease >= model_fall(g, B, p) - 1e-9 * (1 + decrease)


def test_the_hard_case_by_hand():
    """B = diag(−2, 1), g = (0, 1): ν = 2 and s₂ = −1/3, and s₁ is what fills the ball up."""
    s, decrease = solved([0.0, 1.0], np.diag([-2.0, 1.0]), np.ones(2), 5 / 3)
    np.testing.assert_allclose(np.abs(s), [np.sqrt(24) / 3, 1 / 3], rtol=1e-12)
    assert s[1] < 0
    np.testing.assert_allclose(decrease, 24 / 9 + 1 / 3 - 1 / 18, rtol=1e-12)
    # In a smaller ball than that the case is not hard: ν = 1/Δ − 1 > 2.
    s, _ = solved([0.0, 1.0], np.diag([-2.0, 1.0]), np.ones(2), 0.25)
    np.testing.assert_allclose(s, [0.0, -0.25], atol=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_flat_directions_are_left_alone(seed):
    """Where B is singular and g has no part in its null space, the step is the shortest minimiser, and not Δ long."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((3, 6))
    B, g = rows.T @ rows, rows.T @ rng.standard_normal(3)
    s, _ = solved(g, B, np.ones(6), 1e3)
    np.testing.assert_allclose(s, -np.linalg.pinv(B) @ g, rtol=0, atol=1e-9)


def test_a_hessian_that_is_not_finite_gives_no_step():
    for bad in (np.nan, np.inf):
        s, decrease = solved([1.0, 1.0], np.diag([bad, 1.0]), np.ones(2), 1.0)
        assert (s == 0).all()
        assert np.isnan(decrease)


@pytest.mark.parametrize("method", METHODS)
def test_twin_and_exact_calls(method):
    problem = Valley(tally=np.zeros(4, dtype=np.int64))
    run = simulate(method, problem, steps=STEPS, x0=START, record_every=1, record_iterates=True)
    twin = trust_region(valley_formulas(), START, STEPS, method)
    np.testing.assert_allclose(run.iterates, twin.iterates, rtol=0, atol=1e-9)
    assert False in twin.accepted
    assert np.array_equal(run.hessian_products, np.append(0, np.cumsum(twin.products)))
    assert np.array_equal(run.gradients, np.append(0, 1 + np.cumsum(twin.accepted)))
    assert problem.tally[PRODUCTS] == sum(twin.products)


def test_the_minimiser_is_the_one_of_scipy():
    f = valley_formulas()
    run = simulate(METHODS[0], Valley(), steps=2000, x0=START, stop=Stop(gradient_norm=1e-10))
    assert run.status == Status.CONVERGED
    start = run.x + 0.01
    there = minimize(f.loss, start, jac=f.gradient, hess=f.hessian, method="trust-exact", options={"gtol": 1e-10})
    np.testing.assert_allclose(run.x, there.x, rtol=0, atol=1e-8)


def test_at_a_minimiser_the_hessian_is_made_once():
    run = simulate(METHODS[0], Valley(), steps=4, x0=np.ones(6))
    assert (run.x == 1).all()
    assert run.hessian_products[-1] == 6
    assert run.values[-1] == run.gradients[-1] == 1


def test_a_saddle_is_left_where_conjugate_gradients_stay():
    """With c = −1, (1, 1) is a saddle, and the gradient exactly 0: the step is Δ along the lowest eigenvector."""
    saddle, x0 = Valley(c=-1.0), np.ones(2)
    eigenvalues, vectors = np.linalg.eigh(valley_formulas(-1.0).hessian(x0))
    assert eigenvalues[0] < 0 < eigenvalues[1]
    exact = simulate(TrustRegion(solver="exact", radius=0.01), saddle, steps=1, x0=x0)
    step = exact.x - x0
    np.testing.assert_allclose(np.abs(vectors.T @ step), [0.01, 0.0], atol=1e-15)
    assert exact.loss[-1] < exact.loss[0] == 0
    steihaug = simulate(TrustRegion(radius=0.01), saddle, steps=1, x0=x0)
    assert (steihaug.x == x0).all()
