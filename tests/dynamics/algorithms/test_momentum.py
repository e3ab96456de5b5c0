"""Heavy ball, Nesterov, RSG: against the twin, against the classical and the remote forms, and against each other."""

import numpy as np
import pytest

from dynamics import RSG, SGD, HeavyBall, Nesterov, simulate
from dynamics.protocol.schedules import inverse_power
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic
from tests.dynamics.twins import remote

STEPS = 60
X0 = np.zeros(6)
METHODS = {
    "heavy ball": (lambda step: HeavyBall(step, beta=0.8), 0.8, 0.0),
    "nesterov": (lambda step: Nesterov(step, beta=0.8), 0.8, 0.2),
    "rsg": (lambda step: RSG(step, beta=0.95, mu=0.1), 0.95, 0.1),
    "rsg by default": (lambda step: RSG(step), 0.999, 0.1),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("batch", [0, 5])
def test_twin(name, batch):
    make, beta, mu = METHODS[name]
    problem = carmon_like(batch=batch)
    twin = remote(formulas_of(problem, STEPS).gradient, X0, np.full(STEPS, 0.7), beta, mu)
    assert_same_run(run_of(make(0.7), problem, STEPS), twin)


@pytest.mark.parametrize("name", METHODS)
def test_twin_with_a_falling_step(name):
    make, beta, mu = METHODS[name]
    problem = carmon_like()
    falling = 0.9 / np.sqrt(np.arange(STEPS) + 1)
    twin = remote(formulas_of(problem, STEPS).gradient, X0, falling, beta, mu)
    assert_same_run(run_of(make(inverse_power(0.9, power=0.5)), problem, STEPS), twin)


def test_heavy_ball_is_polyaks_two_term_recursion():
    """x_{t+1} = x_t − α(1 − β)∇f(x_t) + β(x_t − x_{t−1})."""
    problem, alpha, beta = carmon_like(), 0.7, 0.8
    gradient, xs = formulas_of(problem, 0).gradient, [X0, X0]
    for k in range(STEPS):
        xs.append(xs[-1] - alpha * (1 - beta) * gradient(k, xs[-1]) + beta * (xs[-1] - xs[-2]))
    assert_same_run(run_of(HeavyBall(alpha, beta), problem, STEPS), (np.array(xs[1:]), np.full(STEPS, alpha)))


def test_nesterov_is_the_classical_two_sequences():
    """y_{t+1} = x_t − a∇f(x_t), x_{t+1} = y_{t+1} + β(y_{t+1} − y_t) with a = α(1 − β), y_0 = x_0."""
    problem, alpha, beta = carmon_like(), 0.7, 0.8
    gradient, xs, y = formulas_of(problem, 0).gradient, [X0], X0
    for k in range(STEPS):
        y, before = xs[-1] - alpha * (1 - beta) * gradient(k, xs[-1]), y
        xs.append(y + beta * (y - before))
    assert_same_run(run_of(Nesterov(alpha, beta), problem, STEPS), (np.array(xs), np.full(STEPS, alpha)))


def test_rsg_is_the_observation_point_of_the_remote_form():
    """Form (2): the gradient is taken at ẋ, where x moves by heavy ball; μ = η(1 − β)/β."""
    problem, alpha, beta, mu = carmon_like(batch=5), 0.7, 0.95, 0.1
    gradient, eta = formulas_of(problem, STEPS).gradient, mu * beta / (1 - beta)
    x, m, observed = X0, np.zeros(6), [X0]
    for k in range(STEPS):
        m = beta * m + (1 - beta) * gradient(k, observed[-1])
        observed.append(x - (1 + eta) * alpha * m)
        x = x - alpha * m
    twin = np.array(observed), np.full(STEPS, alpha)
    assert_same_run(run_of(RSG(alpha, beta, mu), problem, STEPS), twin)


EQUAL = {
    "mu = 0 is heavy ball": (RSG(0.5, 0.9, 0.0), HeavyBall(0.5, 0.9)),
    "mu = 1 - beta is Nesterov's": (RSG(0.5, 0.9, 1 - 0.9), Nesterov(0.5, 0.9)),
    "beta = 0 is SGD": (RSG(0.5, 0.0, 0.3), SGD(0.5)),
}


@pytest.mark.parametrize("name", EQUAL)
@pytest.mark.parametrize("batch", [0, 5])
def test_the_family_is_one_method(name, batch):
    rsg, other = (run_of(method, carmon_like(batch=batch), STEPS).iterates for method in EQUAL[name])
    np.testing.assert_allclose(rsg, other, rtol=0, atol=1e-13)
    assert np.abs(rsg).max() > 0.5


def test_one_eigendirection_follows_the_matrix_of_the_paper():
    """The state (m/λ, x) on ½λx² moves by the matrix A with τ = αλ (section 3 of Chen et al.)."""
    alpha, beta, mu, lam = 0.4, 0.9, 0.15, 1.5
    tau, nu = alpha * lam, beta * (1 - mu)
    matrix = np.array([[beta, (1 - beta) * tau], [-nu, 1 - (1 - nu) * tau]])
    run = run_of(RSG(alpha, beta, mu), quadratic([lam], [0.0]), 30, x0=[1.0])
    states = [np.linalg.matrix_power(matrix, k) @ [0.0, 1.0] for k in range(31)]
    np.testing.assert_allclose(run.iterates[:, 0], np.array(states)[:, 1], rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (HeavyBall(0.1, beta=1.0), r"beta = 1.0 must lie in \[0, 1\)"),
        (Nesterov(0.1, beta=-0.1), r"beta = -0.1 must lie in \[0, 1\)"),
        (RSG(0.1, beta=float("nan")), r"beta = nan must lie in \[0, 1\)"),
        (RSG(0.1, mu=1.0), r"mu = 1.0 must lie in \[0, 1\)"),
        (RSG(0.1, mu=-0.2), r"mu = -0.2 must lie in \[0, 1\)"),
        (RSG(0.0), r"step_size = 0.0 must be positive"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
