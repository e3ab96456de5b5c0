"""Linear methods' matrices against the kernels, SciPy, the closed forms of RSG, and long simulation."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import solve_discrete_lyapunov

import dynamics
from dynamics import simulate
from synthetic import quadratic
from theory import linear
from theory.arsg import gain_factor, variance_limit
from theory.claims.routes.performance_estimation import available, worst_case
from theory.derivations import arsg as derived
from theory.linear.growth import BLOCK, largest_power_norm

STEP, STEPS = 0.3, 25
CURVATURES = np.array([0.05, 0.4, 1.0, 3.0, -0.2])
METHODS = [
    linear.GradientDescent(),
    linear.HeavyBall(beta=0.8),
    linear.TwoStepHeavyBall(beta=0.6),
    linear.Nesterov(beta=0.7),
    linear.RSG(beta=0.9, mu=0.3),
    linear.ASGD(long_step=50.0, advantage=4.0),
]
# What starts each method at rest at s = 1; a moving average of gradients starts at zero.
REST = {
    linear.GradientDescent: (1,), linear.HeavyBall: (0, 1), linear.TwoStepHeavyBall: (1, 1), linear.Nesterov: (1, 1),
    linear.RSG: (0, 1), linear.ASGD: (1, 1),
}  # fmt: skip


def kernel(method):
    """The runtime's method of the same name; its Nesterov counts the step size without the weight 1 - beta."""
    if isinstance(method, linear.GradientDescent):
        return dynamics.GradientDescent(STEP)
    if isinstance(method, linear.Nesterov):
        return dynamics.Nesterov(STEP / (1 - method.beta), method.beta)
    if isinstance(method, linear.TwoStepHeavyBall):
        return dynamics.HeavyBall(STEP / (1 - method.beta), method.beta)
    return getattr(dynamics, type(method).__name__)(STEP, **method.parameters)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_matrices_make_the_steps_of_the_kernels(method):
    problem = quadratic(eigenvalues=CURVATURES)
    iterates = simulate(
        kernel(method), problem, steps=STEPS, x0=np.ones(5), record_every=1, record_iterates=True
    ).iterates
    A = method.A(STEP * CURVATURES)
    state = np.tile(np.array(REST[type(method)], dtype=float), (5, 1))
    for recorded in iterates:
        np.testing.assert_allclose(state[:, -1], recorded, rtol=1e-11, atol=1e-13)
        state = np.einsum("nij,nj->ni", A, state)


def test_noise_enters_along_b_as_in_the_kernel():
    """One noisy step of the kernel from the same start, minus the exact one, is τδ times the last entry of b."""
    sigma, curvature = 0.5, 2.0
    settings = {"beta": 0.8, "mu": 0.25}
    noisy = quadratic(eigenvalues=[curvature] * 3, noise=sigma)
    step = simulate(dynamics.RSG(STEP, **settings), noisy, steps=1, x0=np.ones(3), rng=4).x
    exact = simulate(dynamics.RSG(STEP, **settings), quadratic(eigenvalues=[curvature] * 3), steps=1, x0=np.ones(3)).x
    tau = STEP * curvature
    delta = (step - exact) / (tau * linear.RSG(**settings).b(tau)[-1])  # in units of the noise over the curvature
    method = linear.RSG(**settings)
    state = method.A(tau) @ [0.0, 1.0]
    np.testing.assert_allclose(step, state[-1] + tau * delta * method.b(tau)[-1], rtol=1e-14)
    assert (np.abs(delta) < 6 * sigma / curvature).all()
    assert np.ptp(delta) > 0


def test_rsg_is_the_derived_system_and_the_closed_forms():
    symbols = linear.RSG(beta=0.5, mu=0.5).symbols
    rename = {symbols.parameters["beta"]: derived.beta, symbols.parameters["mu"]: derived.mu, symbols.tau: derived.tau}
    matrix, vector = derived.system()
    assert sp.simplify(symbols.A.subs(rename) - matrix) == sp.zeros(2, 2)
    assert sp.simplify(symbols.b.subs(rename) - vector) == sp.zeros(2, 1)
    method = linear.RSG(beta=0.9, mu=0.2)
    tau = np.linspace(-1, 12, 40)
    np.testing.assert_allclose(method.spectral_radius(tau), gain_factor(tau, beta=0.9, mu=0.2), rtol=1e-12)
    np.testing.assert_allclose(
        method.stationary_covariance(tau)[:, 1, 1], variance_limit(tau, beta=0.9, mu=0.2), rtol=1e-10
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_symbols_and_numbers_agree(method):
    symbols = method.symbols
    values = {symbols.parameters[name]: value for name, value in method.parameters.items()} | {symbols.tau: 0.7}
    np.testing.assert_allclose(np.array(symbols.A.subs(values), dtype=float), method.A(0.7), atol=1e-14)
    np.testing.assert_allclose(np.array(symbols.b.subs(values), dtype=float)[:, 0], method.b(0.7), atol=1e-14)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_covariance_is_scipys(method):
    for tau in (0.05, 0.8):
        noise = tau * method.b(tau)
        expected = solve_discrete_lyapunov(method.A(tau), np.outer(noise, noise))
        np.testing.assert_allclose(method.stationary_covariance(tau), expected, rtol=1e-9, atol=1e-14)
    assert np.isnan(method.stationary_covariance([-0.1, 50.0])).all()


def test_covariance_holds_where_the_matrix_is_defective():
    assert linear.RSG(beta=0.5, mu=0.5).stationary_covariance(2 / 9)[1, 1] == pytest.approx(
        float(variance_limit(2 / 9, beta=0.5, mu=0.5)), rel=1e-12
    )
    # beta = 0: A is nilpotent at tau = 1
    assert linear.RSG(beta=0.0, mu=0.1).stationary_covariance(1.0)[1, 1] == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize("tau", [0.003, 0.4, 2.5])
def test_growth_is_the_largest_power(tau):
    method = linear.RSG(beta=0.97, mu=0.05)
    power, largest = np.eye(2), 1.0
    for _ in range(3000):
        power = power @ method.A(tau)
        largest = max(largest, np.linalg.norm(power, ord=2))
    assert method.transient_growth(tau) == pytest.approx(largest, rel=1e-12)
    assert largest > 1.02


def test_growth_beyond_one_block_and_without_end():
    slow = linear.HeavyBall(beta=0.999)
    tau = 1e-3
    power, norms = np.eye(2), []
    for _ in range(5000):
        power = power @ slow.A(tau)
        norms.append(np.linalg.norm(power, ord=2))
    assert np.argmax(norms) > 2 * BLOCK
    assert slow.transient_growth(tau) == pytest.approx(max(norms), rel=1e-12)
    assert np.isinf(slow.transient_growth(-1.0))
    assert slow.transient_growth([[tau, -1.0]]).shape == (1, 2)
    assert np.isnan(largest_power_norm(np.array([[1.0, 1e-9], [0.0, 1.0]])))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: linear.RSG(beta=1.0, mu=0.1), "beta = 1"),
        (lambda: linear.RSG(beta=0.5, mu=-0.1), "mu = -0.1"),
        (lambda: linear.HeavyBall(beta=-0.5), "beta = -0.5"),
        (lambda: linear.ASGD(long_step=0.5, advantage=0.1), "long_step = 0.5"),
        (lambda: linear.ASGD(long_step=2.0, advantage=3.0), "advantage = 3"),
    ],
)
def test_refuses_parameters_outside_their_range(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_import_is_light():
    script = "import sys, theory.linear; print([m for m in ('sympy', 'matplotlib', 'scipy') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_runs_take_the_steps_of_the_matrices(method):
    curvatures, start = np.array([0.1, 0.4, 1.0]), np.array([1.0, -2.0, 3.0])
    end = method.runs(7, step_size=0.3)(start, lambda x: curvatures * x)
    for curvature, first, last in zip(curvatures, start, end, strict=True):
        state = np.linalg.matrix_power(method.A(0.3 * curvature), 7) @ (first * method.at_rest())
        np.testing.assert_allclose(last, state[-1], rtol=1e-12)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_the_state_of_rest_is_found(method):
    assert tuple(method.at_rest()) == REST[type(method)]


def test_a_run_from_rest_stays_where_there_is_no_gradient():
    for method in METHODS:
        assert method.runs(5, step_size=1.0)(2.0, lambda x: 0.0 * x) == 2.0


def test_two_forms_of_heavy_ball_take_the_same_iterates():
    gradient = lambda x: np.array([1.0, 0.1]) * x  # noqa: E731
    start = np.array([1.0, -2.0])
    averaged = linear.HeavyBall(beta=0.5).runs(6, step_size=0.5)
    in_two_steps = linear.TwoStepHeavyBall(beta=0.5).runs(6, step_size=0.25)
    np.testing.assert_allclose(averaged(start, gradient), in_two_steps(start, gradient), rtol=1e-13)


@pytest.mark.skipif(not available(), reason="needs the extra sdp")
def test_the_worst_case_of_a_declared_method_is_the_known_one():
    found = worst_case(linear.GradientDescent().runs(2, step_size=1.0))
    np.testing.assert_allclose(found.value, 1 / 10, rtol=1e-5)  # 1/(4 k + 2), Drori and Teboulle


def test_what_makes_no_run_is_refused():
    @dataclass(frozen=True, kw_only=True)
    class Drifting(linear.LinearMethod):
        states = ("p", "s")

        @staticmethod
        def advance(state, move):
            return state[0] + state[1], state[1] - move

    with pytest.raises(ValueError, match="has no state of rest"):
        Drifting().runs(1, step_size=1.0)
    with pytest.raises(ValueError, match="steps = -1"):
        linear.GradientDescent().runs(-1, step_size=1.0)
    with pytest.raises(ValueError, match=r"step_size = 0\.0 must be positive"):
        linear.GradientDescent().runs(1, step_size=0.0)
