"""Stochastic-GV: against its twin, the Barzilai–Borwein step that it is on exact gradients, and its laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import BarzilaiBorwein, inverse_power, simulate
from dynamics.algorithms.gradient_variation import StochasticGV
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import FULL, SAMPLED, carmon_like, interpolated
from tests.dynamics.twins import Gradient, Run

STEPS = 40
X0 = np.zeros(6)
LOW = {"nu": 0.08, "m": 0.01, "M": 0.1, "delta": 0.2}  # where mini-batches, which differ more than they curve, put γ


def stochastic_gv(
    gradient: Gradient,
    x0: np.ndarray,
    updates: int,
    alpha: float,
    *,
    nu: float = 2.0,
    m: float = 0.5,
    M: float = 2.0,
    delta: float = 0.001,
    period: int = 1,
) -> Run:
    """Section 3.3 of Castera et al.: gradient(k, ·) is that of the mini-batch k."""
    xs, steps = [x0], []
    for k in range(updates):
        gamma = 1.0
        if k:
            change = gradient(k, xs[k]) - gradient(k - 1, xs[k - 1])
            inner, length = change @ (xs[k] - xs[k - 1]), np.linalg.norm(xs[k] - xs[k - 1])
            gamma = float(np.clip(length / inner * length if inner > 0 else nu, m, M))
        steps.append(alpha * gamma / (int(k / period) + 1) ** (0.5 + delta))
        xs.append(xs[k] - steps[k] * gradient(k, xs[k]))
    return np.array(xs), np.array(steps)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(("alpha", "numbers"), [(0.2, {}), (2.0, LOW), (0.2, {"nu": 0.7, "delta": 0.1, "period": 8})])
def test_twin(batch, alpha, numbers):
    problem = carmon_like(batch=batch)
    twin = stochastic_gv(formulas_of(problem, STEPS).gradient, X0, STEPS, alpha, **numbers)
    assert_same_run(run_of(StochasticGV(alpha, **numbers), problem, STEPS), twin)


def test_the_twins_meet_every_case():
    """Negative curvature, both bounds, and measured values between them."""
    run = run_of(StochasticGV(2.0, **LOW), carmon_like(batch=5), STEPS)
    gamma = run.step_size[1:-1] / 2.0 * np.arange(2, STEPS + 1) ** 0.7
    cases = np.isclose(gamma[:, None], [LOW["nu"], LOW["m"], LOW["M"]])
    assert cases.any(axis=0).all()
    assert (~cases).all(axis=1).sum() > 3


def test_on_exact_gradients_without_bounds_it_is_barzilai_borwein():
    ours = run_of(StochasticGV(0.3, nu=2.0, m=1e-9, M=1e9, delta=0.1), carmon_like(), 20)
    theirs = run_of(BarzilaiBorwein(inverse_power(0.3, power=0.6), nu=2.0, negative="large"), carmon_like(), 20)
    np.testing.assert_allclose(ours.iterates, theirs.iterates, rtol=0, atol=1e-11)


@pytest.mark.parametrize("batch", [0, 5])
def test_one_gradient_a_step_and_nothing_uncounted(batch):
    problem = carmon_like(samples=40, batch=batch)._replace(tally=np.zeros(3, dtype=np.int64))
    run = simulate(StochasticGV(0.2), problem, steps=12, rng=0, record_every=4)
    assert np.array_equal(run.gradients, np.arange(0, 13, 4) * (batch or 40) / 40)
    assert not run.values.any()
    assert problem.tally[SAMPLED] == (12 if batch else 0)
    assert problem.tally[FULL] == (4 if batch else 12 + 1)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_a_turned_problem_gives_the_turned_run(seed):
    rng = np.random.default_rng(seed)
    problem, x0 = interpolated(seed=seed), 2 * rng.standard_normal(6)
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    plain = run_of(StochasticGV(0.2), problem, 15, x0=x0).iterates
    turned = run_of(StochasticGV(0.2), problem._replace(rows=problem.rows @ turn.T), 15, x0=turn @ x0).iterates
    assert np.abs(turned @ turn - plain).max() < 1e-9 * np.abs(plain).max()


def test_a_run_cut_and_resumed_gives_the_same_bytes():
    method, problem = StochasticGV(0.2), carmon_like(batch=5)
    whole, half = (simulate(method, problem, steps=steps, rng=1) for steps in (20, 7))
    assert simulate(method, problem, steps=13, resume=half).x.tobytes() == whole.x.tobytes()


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (StochasticGV(0.0), "step_size = 0.0 must be positive"),
        (StochasticGV(0.1, nu=0.0), "nu = 0.0 must be positive"),
        (StochasticGV(0.1, m=0.0), "m = 0.0 must be positive"),
        (StochasticGV(0.1, M=0.25), "M = 0.25 must be at least 0.5"),
        (StochasticGV(0.1, delta=-0.6), "delta = -0.6 must be at least -0.5"),
        (StochasticGV(0.1, period=0), "period = 0 must be at least 1"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
