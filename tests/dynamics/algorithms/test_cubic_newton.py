"""Adaptive cubic regularisation: the global minimiser of the model, its hard case, and whole runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import Status, Stop, simulate
from dynamics.algorithms.cubic_newton import CubicNewton, cubic_step
from dynamics.protocol.canonical import canonical
from tests.dynamics.algorithms.curved import GRADIENTS, PRODUCTS, VALUES, Valley, valley_formulas
from tests.dynamics.algorithms.newton_twins import controlled, krylov, model
from tests.dynamics.algorithms.newton_twins import cubic_step as slow_cubic_step

START = np.tile([-1.2, 1.0], 3)
STEPS = 20
METHODS = [
    CubicNewton(penalty=100.0),
    CubicNewton(penalty=1.0, increase=5.0, decrease=1.0, eta1=0.3, eta2=0.4),
    CubicNewton(penalty=0.1, increase=10.0, decrease=10.0),
]


def run_of(method, problem, x0=START, steps=STEPS, **kwargs):
    return simulate(method, problem, steps=steps, x0=x0, record_every=1, record_iterates=True, **kwargs)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    dimension=st.integers(1, 7),
    kind=st.sampled_from(["any", "convex", "hard", "nearly hard", "hard twice", "short"]),
    exponent=st.floats(-6, 6),
)
def test_the_step_is_a_global_minimiser(seed, dimension, kind, exponent):
    """Cartis, Gould, Toint, Theorem 3.1: (Λ + νI)y = −γ with ν = σ‖y‖ and Λ + νI positive semi-definite."""
    rng, sigma = np.random.default_rng(seed), 10.0**exponent
    eigenvalues, gamma = np.sort(rng.uniform(-3, 3, dimension)), rng.standard_normal(dimension)
    if kind == "convex":
        eigenvalues = np.abs(np.sort(-np.abs(eigenvalues))[::-1]) + 0.1
    if kind in ("hard", "nearly hard"):
        eigenvalues[0], gamma[0] = -3.5, 0.0 if kind == "hard" else 1e-9
    if kind == "hard twice":
        eigenvalues[: min(2, dimension)], gamma[: min(2, dimension)] = -3.5, 0.0
    if kind == "short":
        eigenvalues, gamma = eigenvalues + 1e6, gamma * 1e-12
    y = np.full(dimension, np.nan)
    decrease = cubic_step(eigenvalues, gamma, dimension, sigma, y)
    B, length = np.diag(eigenvalues), np.linalg.norm(y)
    nu = sigma * length
    scale = np.abs(eigenvalues).max() + nu
    assert np.linalg.norm(gamma + (eigenvalues + nu) * y) <= 1e-9 * (scale * length + np.linalg.norm(gamma))
    assert eigenvalues[0] + nu >= -1e-9 * scale
    np.testing.assert_allclose(decrease, model(gamma, B, y, sigma), rtol=1e-7, atol=1e-300)
    for other in rng.standard_normal((50, dimension)) * max(length, 1e-9):
        assert decrease >= model(gamma, B, other, sigma) * (1 - 1e-12)
    # The best along −γ is the Cauchy point.
    if gamma.any():
        lengths = np.linspace(0.0, 3.0, 200)[:, None] * max(length, 1e-9) / np.linalg.norm(gamma)
        assert decrease >= max(model(gamma, B, -t * gamma, sigma) for t in lengths) * (1 - 1e-12)


def test_one_dimension_and_the_hard_case_by_hand():
    y = np.empty(1)
    # σ s|s| = −g: the step is √(|g|/σ), and the model falls by two thirds of |g| of it.
    assert cubic_step(np.zeros(1), np.array([-8.0]), 1, 2.0, y) == pytest.approx(2 / 3 * 8 * 2)
    assert y[0] == pytest.approx(2.0)
    # diag(−2, 1), γ = (0, 1), σ = 1: ν = 2, y₂ = −1/3, and y₁ makes ‖y‖ = ν/σ.
    y = np.empty(2)
    cubic_step(np.array([-2.0, 1.0]), np.array([0.0, 1.0]), 2, 1.0, y)
    np.testing.assert_allclose(np.abs(y), [np.sqrt(4 - 1 / 9), 1 / 3], rtol=1e-12)
    assert cubic_step(np.array([1.0, 2.0]), np.zeros(2), 2, 1.0, y) == 0
    assert not y.any()


@pytest.mark.parametrize("method", METHODS)
def test_twin_and_exact_calls(method):
    problem = Valley(tally=np.zeros(4, dtype=np.int64))
    run = run_of(method, problem)
    twin = controlled(valley_formulas(), valley_formulas().hessian, START, STEPS, method, cubic=True)
    assert True in twin.accepted
    assert False in twin.accepted
    np.testing.assert_allclose(run.iterates, twin.iterates, rtol=0, atol=1e-8)
    np.testing.assert_allclose(run.state.memory.damping[0], twin.damping[-1], rtol=1e-12)
    fresh = np.append(True, twin.accepted[:-1])  # a rejected step leaves the Hessian as it is
    assert np.array_equal(run.hessian_products, np.append(0, np.cumsum(6 * fresh)))
    assert problem.tally[[VALUES, GRADIENTS, PRODUCTS]].tolist() == [STEPS, sum(twin.accepted), 6 * sum(fresh)]
    moved = np.array(twin.accepted)
    assert (np.diff(run.loss)[moved] < 0).all()
    assert (np.diff(run.loss)[~moved] == 0).all()


def test_a_large_penalty_accepts_each_step():
    """Nesterov, Polyak, Lemma 4: with σ at least half the Lipschitz constant of the Hessian, the model is no less."""
    run = run_of(CubicNewton(penalty=2500.0, decrease=1.0), Valley(), steps=15)
    # The third derivative along a unit v is Σ 24c xᵢvᵢ³ − 12c vᵢ²vᵢ₊₁, and both sums of products of v are at most 1.
    lipschitz = 24 * 100.0 * np.abs(run.iterates[:, :-1]).max() + 12 * 100.0
    assert lipschitz / 2 < 2500.0
    assert run.gradients[-1] == 1 + 15


@pytest.mark.parametrize("solver", ["dense", "krylov"])
def test_a_run_converges_superlinearly(solver):
    run = run_of(CubicNewton(solver=solver), Valley(), steps=300, stop=Stop(gradient_norm=1e-10))
    assert run.status == Status.CONVERGED
    eigenvalues = np.linalg.eigvalsh(valley_formulas().hessian(run.x))
    assert eigenvalues[0] > 0
    gained = -np.diff(np.log10(run.gradient_norm[-4:]))
    assert gained[-1] > gained[0]


@pytest.mark.parametrize("size", [1, 3])
def test_a_step_on_a_krylov_space_is_the_minimiser_there(size):
    method = CubicNewton(penalty=500.0, solver="krylov", max_inner=size)
    run = run_of(method, Valley(), steps=1)
    g, H = valley_formulas().gradient(START), valley_formulas().hessian(START)
    Q = krylov(g, H, size)
    np.testing.assert_allclose(run.x, START + Q @ slow_cubic_step(Q.T @ g, Q.T @ H @ Q, 500.0), rtol=0, atol=1e-9)
    assert run.hessian_products[-1] == size


def test_a_saddle_is_left_by_the_dense_solver_alone():
    """At the saddle the fall is that of the lowest eigenvector with ‖s‖ = −λ₁/σ."""
    saddle, x0 = Valley(c=-1.0), np.ones(2)
    lowest = np.linalg.eigvalsh(valley_formulas(-1.0).hessian(x0))[0]
    run = run_of(CubicNewton(penalty=100.0), saddle, x0=x0, steps=1)
    np.testing.assert_allclose(np.linalg.norm(run.x - x0), -lowest / 100.0, rtol=1e-9)
    assert run.loss[-1] < run.loss[0]
    still = run_of(CubicNewton(penalty=100.0, solver="krylov"), saddle, x0=x0, steps=1)
    assert (still.x == x0).all()


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (CubicNewton(min_penalty=-1.0), "min_penalty = -1.0 must be positive"),
        (CubicNewton(penalty=0.0), "penalty = 0.0 must be at least 1e-12"),
        (CubicNewton(eta2=1.0), "must satisfy 0 < eta1 <= eta2 < 1"),
        (CubicNewton(increase=1.0), "increase = 1.0 must be above 1"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        canonical(method)
