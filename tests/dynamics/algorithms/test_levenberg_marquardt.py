"""Levenberg and Marquardt's method: the twin, SciPy's least squares, exact counts, refusals."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import least_squares

from dynamics import (
    MissingImplementation,
    Status,
    Stop,
    gauss_newton_product,
    implements,
    simulate,
    value_and_gradient,
)
from dynamics.algorithms.levenberg_marquardt import LevenbergMarquardt, damped_step
from dynamics.algorithms.parts.eigenvalues import Hessian, decompose, new_spectrum
from dynamics.protocol.canonical import canonical
from dynamics.protocol.compatibility import check_pair
from synthetic import monkey_saddle
from tests.dynamics.algorithms.curved import (
    BOTH,
    GRADIENTS,
    PRODUCTS,
    VALUES,
    Form,
    Valley,
    valley_formulas,
    valley_jacobian,
    valley_residuals,
)
from tests.dynamics.algorithms.newton_twins import controlled, krylov, model
from tests.dynamics.algorithms.newton_twins import damped_step as slow_damped_step

START = np.tile([-1.2, 1.0], 3)
STEPS = 12  # none of the runs has converged by then, so that rounding decides nothing
METHODS = [
    LevenbergMarquardt(damping=1e-3),
    LevenbergMarquardt(damping=30.0, increase=3.0, decrease=2.0, eta1=0.2, eta2=0.6),
    LevenbergMarquardt("hessian", damping=1e-3, increase=4.0),
]


def gauss_newton_matrix(x):
    return 2 * valley_jacobian(x).T @ valley_jacobian(x)


def matrix_of(method):
    return valley_formulas().hessian if method.curvature == "hessian" else gauss_newton_matrix


def tallied():
    return Valley(tally=np.zeros(4, dtype=np.int64))


def run_of(method, problem, x0=START, steps=STEPS, **kwargs):
    return simulate(method, problem, steps=steps, x0=x0, record_every=1, record_iterates=True, **kwargs)


@pytest.mark.parametrize("method", METHODS)
def test_twin_and_exact_calls(method):
    problem = tallied()
    run = run_of(method, problem)
    twin = controlled(valley_formulas(), matrix_of(method), START, STEPS, method, cubic=False)
    assert True in twin.accepted
    assert False in twin.accepted
    np.testing.assert_allclose(run.iterates, twin.iterates, rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.state.memory.damping[0], twin.damping[-1], rtol=1e-12)
    fresh = np.append(True, twin.accepted[:-1])  # a rejected step leaves the matrix as it is
    assert np.array_equal(run.hessian_products, np.append(0, np.cumsum(6 * fresh)))
    assert np.array_equal(run.values, np.append(0, 1 + np.arange(1, STEPS + 1)))
    assert np.array_equal(run.gradients, np.append(0, 1 + np.cumsum(twin.accepted)))
    assert problem.tally[BOTH] == 1
    assert problem.tally[[VALUES, GRADIENTS, PRODUCTS]].tolist() == [STEPS, sum(twin.accepted), 6 * sum(fresh)]
    assert np.isnan(run.step_size).all()


def test_a_step_is_a_linear_least_squares_problem():
    """min ‖Js + r‖² + (ν/2)‖s‖²: the loss is the sum of squares, so that its damping is half of ours."""
    damping = 50.0
    run = run_of(LevenbergMarquardt(damping=damping), Valley(), steps=1)
    J, r = valley_jacobian(START), valley_residuals(START)
    stacked = np.vstack([J, np.sqrt(damping / 2) * np.eye(6)])
    step = np.linalg.lstsq(stacked, np.append(-r, np.zeros(6)), rcond=None)[0]
    np.testing.assert_allclose(run.x, START + step, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_fall_of_the_model_is_what_the_step_makes_of_it(seed):
    rng = np.random.default_rng(seed)
    raw = rng.standard_normal((5, 5))
    B, g = raw + raw.T, rng.standard_normal(5)
    damping = 0.5 - np.linalg.eigvalsh(B)[0]
    spectrum = new_spectrum(canonical(LevenbergMarquardt()), 5, Hessian())
    assert decompose(spectrum, canonical(Form(B, np.zeros(5))), np.zeros(5), g)
    decrease = damped_step(spectrum, damping)
    s = spectrum.vectors.T @ spectrum.step
    np.testing.assert_allclose(s, slow_damped_step(g, B, damping), rtol=1e-10)
    np.testing.assert_allclose(decrease, model(g, B, s), rtol=1e-10)


def test_the_minimiser_is_the_one_of_scipys_levenberg_marquardt():
    run = run_of(METHODS[0], Valley(), steps=500, stop=Stop(gradient_norm=1e-10))
    assert run.status == Status.CONVERGED
    there = least_squares(valley_residuals, run.x + 0.01, valley_jacobian, method="lm", xtol=1e-14, ftol=1e-14)
    np.testing.assert_allclose(run.x, there.x, rtol=0, atol=1e-7)


@pytest.mark.parametrize("size", [2, 4])
def test_a_step_on_a_krylov_space_is_the_damped_minimiser_there(size):
    run = run_of(LevenbergMarquardt(damping=5.0, solver="krylov", max_inner=size), Valley(), steps=1)
    g, G = valley_formulas().gradient(START), gauss_newton_matrix(START)
    Q = krylov(g, G, size)
    step = -Q @ np.linalg.solve(Q.T @ G @ Q + 5.0 * np.eye(size), Q.T @ g)
    np.testing.assert_allclose(run.x, START + step, rtol=0, atol=1e-10)
    assert run.hessian_products[-1] == size


def test_with_a_krylov_space_of_all_dimensions_the_run_is_the_dense_one():
    dense = run_of(LevenbergMarquardt(damping=1.0), Valley(), steps=10)
    krylov_run = run_of(LevenbergMarquardt(damping=1.0, solver="krylov"), Valley(), steps=10)
    np.testing.assert_allclose(krylov_run.iterates, dense.iterates, rtol=0, atol=1e-8)


def test_a_run_can_be_cut_in_two_and_a_minimiser_is_left_alone():
    whole, half = (run_of(METHODS[1], Valley(), steps=steps) for steps in (14, 5))
    assert np.array_equal(simulate(METHODS[1], half.problem, steps=9, resume=half).iterates, whole.iterates)
    still = run_of(METHODS[0], Valley(), x0=np.ones(6), steps=3)
    assert np.array_equal(still.iterates, np.ones((4, 6)))
    assert still.hessian_products[-1] == 6
    assert still.values[-1] == 1


def test_a_problem_that_is_no_sum_of_squares_is_refused():
    with pytest.raises(MissingImplementation, match="needs gauss_newton_product of MonkeySaddle, which is not there"):
        simulate(LevenbergMarquardt(), monkey_saddle(), steps=1)
    check_pair(canonical(LevenbergMarquardt("hessian")), monkey_saddle(), sampled=False)  # it has a Hessian


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (LevenbergMarquardt(min_damping=0.0), "min_damping = 0.0 must be positive"),
        (LevenbergMarquardt(damping=1e-13), "damping = 1e-13 must be at least 1e-12"),
        (LevenbergMarquardt(eta1=0.9), "must satisfy 0 < eta1 <= eta2 < 1"),
        (LevenbergMarquardt(increase=1.0), "increase = 1.0 must be above 1"),
        (LevenbergMarquardt(decrease=0.5), "decrease = 0.5 must be at least 1"),
        (LevenbergMarquardt(max_inner=0), "max_inner = 0 must be at least 1"),
        (LevenbergMarquardt("fisher"), "unknown LevenbergMarquardt.curvature 'fisher'"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        canonical(method)


class FreudensteinRoth(NamedTuple):
    raised: float


@implements(value_and_gradient, FreudensteinRoth)
def _(problem, x, out):
    y = x[1]
    a, b = x[0] - 13 + ((5 - y) * y - 2) * y, x[0] - 29 + ((y + 1) * y - 14) * y
    out[0] = 2 * (a + b)
    out[1] = 2 * (a * (10 * y - 3 * y * y - 2) + b * (3 * y * y + 2 * y - 14))
    return a * a + b * b + problem.raised


@implements(gauss_newton_product, FreudensteinRoth)
def _(problem, x, v, out):
    y = x[1]
    c, d = 10 * y - 3 * y * y - 2, 3 * y * y + 2 * y - 14
    s, t = v[0] + c * v[1], v[0] + d * v[1]
    out[0] = 2 * (s + t)
    out[1] = 2 * (c * s + d * t)


def test_at_large_residuals_no_step_goes_uphill_and_the_run_comes_to_rest():
    """More, Garbow, Hillstrom, problem 2: the local minimum 48.9842 at (11.41, -0.8968)."""
    for start in ([0.5, -2.0], [5.0, -1.0], [11.0, -0.5]):
        run = simulate(LevenbergMarquardt(), FreudensteinRoth(0.0), steps=1000, x0=start, stop=Stop(1e-8))
        assert run.status.name in ("CONVERGED", "LINE_SEARCH_FAILED")
        assert run.loss[-1] == pytest.approx(48.98425367924, abs=1e-9)
        assert run.gradient_norm[-1] < 1e-5
        assert not (np.diff(run.loss) > 0.0).any()


def test_where_rounding_hides_the_loss_gradients_lead_to_the_minimum():
    """Without them the last steps to (5, 4), below 1e-8 of a loss of 1e8, would be refused."""
    plain, raised = (
        simulate(LevenbergMarquardt(), FreudensteinRoth(height), steps=30, x0=[5.01, 3.99], stop=Stop(1e-9))
        for height in (0.0, 1e8)
    )
    assert plain.status.name == raised.status.name == "CONVERGED"
    np.testing.assert_allclose(raised.x, [5.0, 4.0], rtol=0, atol=1e-9)
    assert raised.gradient_norm[-2] < 1e-2


def test_where_cancellation_hides_the_loss_the_run_comes_to_rest_too():
    """A loss of about 0, which is a difference of large numbers, has more rounding than its size tells."""
    for start in ([0.5, -2.0], [5.0, -1.0], [11.0, -0.5]):
        run = simulate(LevenbergMarquardt(), FreudensteinRoth(-48.98425367924), steps=1000, x0=start, stop=Stop(1e-8))
        assert run.status.name in ("CONVERGED", "LINE_SEARCH_FAILED")
        assert run.gradient_norm[-1] < 1e-4
