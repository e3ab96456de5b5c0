"""Gauss-Newton and saddle-free Newton: steps that are all taken, against full matrices."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.linalg import sqrtm

from dynamics import MissingImplementation, gauss_newton_product, implements, simulate, value_and_gradient
from dynamics.algorithms.gauss_newton import GaussNewton
from dynamics.algorithms.saddle_free_newton import SaddleFreeNewton
from dynamics.protocol.canonical import canonical
from synthetic import linear_net, monkey_saddle
from tests.dynamics.algorithms.curved import (
    BOTH,
    PRODUCTS,
    Form,
    Valley,
    valley_formulas,
    valley_jacobian,
    valley_residuals,
)
from tests.dynamics.algorithms.newton_twins import absolute, krylov, uncontrolled

START = np.array([-0.5, 0.6, 0.2, 1.0])
STEPS = 6
METHODS = [
    GaussNewton(step_size=0.7),
    GaussNewton(step_size=0.5, damping=3.0),
    SaddleFreeNewton(step_size=0.7),
    SaddleFreeNewton(step_size=0.5, damping=3.0),
]


def matrix_of(method):
    if isinstance(method, GaussNewton):
        return lambda x: 2 * valley_jacobian(x).T @ valley_jacobian(x)
    return lambda x: absolute(valley_formulas().hessian(x))


def run_of(method, problem, x0=START, steps=STEPS):
    return simulate(method, problem, steps=steps, x0=x0, record_every=1, record_iterates=True)


@pytest.mark.parametrize("method", METHODS)
def test_twin_and_exact_calls(method):
    problem = Valley(tally=np.zeros(4, dtype=np.int64))
    run = run_of(method, problem)
    expected = uncontrolled(valley_formulas(), matrix_of(method), START, STEPS, method)
    np.testing.assert_allclose(run.iterates, expected, rtol=0, atol=1e-8)
    assert np.array_equal(run.gradients, np.arange(STEPS + 1))
    assert np.array_equal(run.hessian_products, 4 * np.arange(STEPS + 1))
    assert not run.values.any()
    assert problem.tally[PRODUCTS] == 4 * STEPS
    assert problem.tally[BOTH] == STEPS + 1  # the last look is not counted
    assert (run.step_size[:-1] == method.step_size).all()


def test_a_gauss_newton_step_solves_the_linear_least_squares_problem():
    run = run_of(GaussNewton(), Valley(), steps=1)
    step = np.linalg.lstsq(valley_jacobian(START), -valley_residuals(START), rcond=None)[0]
    np.testing.assert_allclose(run.x, START + step, rtol=0, atol=1e-10)


def test_directions_without_curvature_are_left_alone():
    """The net's Gauss-Newton matrix is singular everywhere, along W1·M and M⁻¹·W2."""
    net = linear_net(samples=20, reduction="mean", maker="given", matrix=np.array([[2.0, 0.0], [0.5, 1.0]]), rng=1)
    run = run_of(GaussNewton(), net, x0=net.start, steps=1)
    step = run.x - net.start
    W1, W2 = net.start[:4].reshape(2, 2), net.start[4:].reshape(2, 2)
    for M in (np.eye(2), np.array([[0.0, 1.0], [0.0, 0.0]])):
        flat = np.concatenate([(W1 @ M).ravel(), (-M @ W2).ravel()])
        assert abs(step @ flat) < 1e-8 * np.linalg.norm(step) * np.linalg.norm(flat)
    assert run.loss[1] < run.loss[0]


def test_the_absolute_hessian_is_the_root_of_its_square():
    rng = np.random.default_rng(2)
    raw, b = rng.standard_normal((5, 5)), rng.standard_normal(5)
    B = raw + raw.T
    run = run_of(SaddleFreeNewton(), Form(B, b), x0=np.zeros(5), steps=1)
    np.testing.assert_allclose(run.x, -np.linalg.solve(np.real(sqrtm(B @ B)), b), rtol=1e-8)
    assert np.linalg.eigvalsh(B)[0] < 0
    assert b @ run.x < 0  # downhill, as Newton's step need not be


def test_a_saddle_is_left_exponentially():
    """On ½(a x² − b y²) a step is x → 0 and y → 2y, whatever the curvatures."""
    run = run_of(SaddleFreeNewton(), Form(np.diag([50.0, -0.01]), np.zeros(2)), x0=np.array([1.0, 1e-6]), steps=10)
    np.testing.assert_allclose(run.iterates[1:, 0], 0.0, atol=1e-15)
    np.testing.assert_allclose(run.iterates[:, 1], 1e-6 * 2.0 ** np.arange(11), rtol=1e-9)


@pytest.mark.parametrize("size", [2, 3])
def test_on_a_krylov_space(size):
    method = SaddleFreeNewton(solver="krylov", max_inner=size)
    run = run_of(method, Valley(), steps=1)
    g, H = valley_formulas().gradient(START), valley_formulas().hessian(START)
    Q = krylov(g, H, size)
    np.testing.assert_allclose(run.x, START - Q @ np.linalg.solve(absolute(Q.T @ H @ Q), Q.T @ g), rtol=0, atol=1e-9)
    assert run.hessian_products[-1] == size
    everywhere = run_of(method._replace(max_inner=50), Valley())
    np.testing.assert_allclose(everywhere.iterates, run_of(SaddleFreeNewton(), Valley()).iterates, rtol=0, atol=1e-7)


def test_a_krylov_space_ends_where_it_holds_all():
    """Two eigenvalues make two dimensions, however many are allowed; a gradient of 0 makes none."""
    form = Form(np.diag([2.0, 2.0, -1.0, -1.0]), np.zeros(4))
    run = run_of(SaddleFreeNewton(solver="krylov"), form, x0=np.ones(4), steps=1)
    np.testing.assert_allclose(run.x, [0.0, 0.0, 2.0, 2.0], atol=1e-12)
    assert run.hessian_products[-1] == 2
    still = run_of(SaddleFreeNewton(solver="krylov"), form, x0=np.zeros(4), steps=2)
    assert not still.x.any()
    assert not still.hessian_products.any()


class Indefinite(NamedTuple):
    """Products that are none of a Gauss-Newton matrix: diag(1, −½)."""


@implements(value_and_gradient, Indefinite)
def _(problem, x, out):
    out[0], out[1] = x[0], 1.0
    return 0.5 * x[0] * x[0] + x[1]


@implements(gauss_newton_product, Indefinite)
def _(problem, x, v, out):
    out[0], out[1] = v[0], -0.5 * v[1]


def test_a_negative_eigenvalue_is_none_of_gauss_newtons_and_gives_no_step():
    run = run_of(GaussNewton(), Indefinite(), x0=np.array([2.0, 3.0]), steps=1)
    assert run.x.tolist() == [0.0, 3.0]


def test_step_sizes_may_be_a_schedule():
    form = Form(np.diag([2.0, -1.0, 3.0, 1.0]), np.zeros(4))
    run = run_of(SaddleFreeNewton(step_size=np.array([1.0, 0.5, 0.25])), form, x0=np.ones(4), steps=3)
    assert run.step_size[:3].tolist() == [1.0, 0.5, 0.25]
    np.testing.assert_allclose(run.x, [0.0, 2 * 1.5 * 1.25, 0.0, 0.0], atol=1e-14)


def test_refusals():
    with pytest.raises(MissingImplementation, match="needs gauss_newton_product of MonkeySaddle"):
        simulate(GaussNewton(), monkey_saddle(), steps=1)
    for kind in (GaussNewton, SaddleFreeNewton):
        with pytest.raises(ValueError, match=r"damping = -1.0 must be at least 0"):
            canonical(kind(damping=-1.0))
        with pytest.raises(ValueError, match="max_inner = 0 must be at least 1"):
            canonical(kind(max_inner=0))
        with pytest.raises(ValueError, match=r"unknown .*solver 'lanczos'"):
            canonical(kind(solver="lanczos"))
