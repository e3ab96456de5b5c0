"""Where the loss is proved to fall at every step, and by how much; what small steps on two linear layers conserve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import Armijo, BarzilaiBorwein, GradientDescent, HeavyBall, TrustRegion, simulate
from synthetic import linear_net
from tests.dynamics.algorithms.comparison import run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic

STEPS = 30
ROUNDING = 1e-14
DENT_SLOPE = 2.0  # the largest |φ''| of φ(t) = t²/(1 + t²), at t = 0


def lipschitz_constant(problem):
    """A Lipschitz constant of the gradient of a regression without a bowl."""
    return DENT_SLOPE * np.linalg.eigvalsh(problem.rows.T @ problem.rows / len(problem.rows))[-1]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), part=st.floats(0.05, 1.95))
def test_gradient_descent_falls_as_the_descent_lemma_says(seed, part):
    """f(x') ≤ f(x) − α(1 − αL/2)‖∇f(x)‖² for every step α < 2/L, convex or not."""
    problem = carmon_like(seed=seed)
    L = lipschitz_constant(problem)
    alpha = part / L
    run = run_of(GradientDescent(alpha), problem, STEPS, x0=np.random.default_rng(seed).standard_normal(6))
    assert (run.loss[1:] <= run.loss[:-1] - alpha * (1 - alpha * L / 2) * run.gradient_norm[:-1] ** 2 + ROUNDING).all()


def test_beyond_two_over_the_lipschitz_constant_it_need_not_fall():
    """The bound is sharp on a quadratic of curvature L."""
    below, beyond = (run_of(GradientDescent(part / 4.0), quadratic([4.0]), STEPS, x0=[3.0]) for part in (1.99, 2.01))
    assert (np.diff(below.loss) < 0).all()
    assert (np.diff(beyond.loss) > 0).all()


@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_armijo_falls_by_its_share(seed):
    run = run_of(Armijo(8.0, sufficient_decrease=0.1), carmon_like(seed=seed), STEPS)
    promised = 0.1 * run.step_size[:-1] * run.gradient_norm[:-1] ** 2
    assert (run.loss[1:] <= run.loss[:-1] - promised + ROUNDING).all()


@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), radius=st.floats(0.05, 5.0))
def test_a_trust_region_never_rises(seed, radius):
    run = run_of(TrustRegion(radius=radius), carmon_like(seed=seed), STEPS)
    assert (np.diff(run.loss) <= ROUNDING).all()
    assert run.loss[-1] < run.loss[0]


@pytest.mark.parametrize("method", [BarzilaiBorwein(1.0), HeavyBall(1.5, beta=0.9)])
def test_others_rise_on_the_way(method):
    run = run_of(method, quadratic([1.0, 3.0, 10.0], [0.0] * 3), 3 * STEPS, x0=[3.0, 1.0, 1.0])
    assert (np.diff(run.loss) > 0).any()
    assert run.loss[-1] < 1e-2 * run.loss[0]


def imbalance(x, rows, columns):
    """W1ᵀW1 − W2W2ᵀ of the layers that a vector holds."""
    W1, W2 = x[: rows * columns].reshape(rows, columns), x[rows * columns :].reshape(columns, columns)
    return W1.T @ W1 - W2 @ W2.T


def test_small_steps_on_two_linear_layers_conserve_their_imbalance():
    """The gradient flow keeps W1ᵀW1 − W2W2ᵀ; a step α moves it by α²(∂₁ᵀ∂₁ − ∂₂∂₂ᵀ), the ∂ being the layers' gradients.

    Over a fixed time the drift is then linear in the step, so that half the step halves it.
    """
    net = linear_net(condition_number=10.0, maker="svd", samples=40, rng=0)
    rows, columns = net.A.shape
    time, drifts = 0.002, []
    for steps in (50, 100, 200):
        alpha = time / steps
        run = simulate(GradientDescent(alpha), net, steps=steps, record_every=1, record_iterates=True)
        gradients = (run.iterates[:-1] - run.iterates[1:]) / alpha
        kept = np.array([imbalance(x, rows, columns) for x in run.iterates])
        for k in range(0, steps, 10):
            np.testing.assert_allclose(
                kept[k + 1] - kept[k], alpha**2 * imbalance(gradients[k], rows, columns), rtol=1e-6, atol=1e-12
            )
        assert run.loss[-1] < 0.9 * run.loss[0]
        moved = np.abs(run.iterates[-1] - run.iterates[0]).max()
        drifts.append(np.abs(kept[-1] - kept[0]).max())
        assert drifts[-1] < 0.1 * moved
    np.testing.assert_allclose(np.array(drifts[:-1]) / drifts[1:], 2.0, rtol=0.1)
