"""First-order trust regions: the twin, and the methods that they are when each step is taken."""

import numpy as np
import pytest

from dynamics import Status, Stop, simulate
from dynamics.algorithms.trust_region.first_order import FirstOrderTrustRegion
from dynamics.algorithms.trust_region.second_order import TrustRegion
from dynamics.protocol.canonical import canonical
from tests.dynamics.algorithms.curved import (
    BOTH,
    GRADIENTS,
    PRODUCTS,
    VALUES,
    Form,
    Valley,
    valley_formulas,
)
from tests.dynamics.algorithms.regression import carmon_like
from tests.dynamics.algorithms.trust_region.trust_region_twin import trust_region

STEPS = 40
START = np.tile([-1.2, 1.0], 3)
METHODS = [
    FirstOrderTrustRegion(radius=1.0),
    FirstOrderTrustRegion(radius=1.0, increase=3.0, decrease=2.0, eta1=0.1, eta2=0.5, max_radius=1.5),
    FirstOrderTrustRegion("adagrad", radius=9.0),
    FirstOrderTrustRegion("adagrad", radius=9.0, eps=3.0, accumulate="successful"),
    FirstOrderTrustRegion("rmsprop", radius=9.0),
    FirstOrderTrustRegion("rmsprop", radius=9.0, eps=3.0, eps_mode="initial", beta=0.5),
    FirstOrderTrustRegion("rmsprop", radius=9.0, accumulate="successful", beta=0.5),
]
NORMS = ["sphere", "adagrad", "rmsprop"]


def run_of(method, problem, x0=START, steps=STEPS, **kwargs):
    return simulate(method, problem, steps=steps, x0=x0, record_every=1, record_iterates=True, **kwargs)


def tallied():
    return Valley(tally=np.zeros(4, dtype=np.int64))


def roots(norm, gradients, beta, eps, eps_mode="every_step"):
    """The diagonal of M at each step, from the definitions."""
    if norm == "sphere":
        return np.ones_like(gradients)
    squares = gradients**2
    steps = np.arange(len(squares))
    if norm == "adagrad":
        return np.sqrt(np.cumsum(squares, axis=0) + eps)
    ages = steps[:, None] - steps
    weights = np.where(ages >= 0, (1 - beta) * beta ** np.maximum(ages, 0), 0)
    fading = beta ** steps[:, None] if eps_mode == "initial" else 1
    return np.sqrt(weights @ squares + eps * fading)


@pytest.mark.parametrize("method", METHODS)
def test_twin_and_exact_calls(method):
    problem = tallied()
    run, twin = run_of(method, problem), trust_region(valley_formulas(), START, STEPS, method, first_order=True)
    assert True in twin.accepted
    assert False in twin.accepted
    np.testing.assert_allclose(run.iterates, twin.iterates, rtol=0, atol=1e-10)
    assert np.array_equal(run.step_size[:-1] == 0, ~np.array(twin.accepted))
    assert np.array_equal(run.values, np.append(0, 1 + np.arange(1, STEPS + 1)))
    assert np.array_equal(run.gradients, np.append(0, 1 + np.cumsum(twin.accepted)))
    assert problem.tally[[BOTH, VALUES, GRADIENTS, PRODUCTS]].tolist() == [
        1,
        STEPS,
        sum(twin.accepted),
        0,
    ]


@pytest.mark.parametrize("eps_mode", ["every_step", "initial"])
@pytest.mark.parametrize("norm", NORMS)
def test_with_every_step_taken_each_is_the_preconditioned_gradient_of_length_delta(norm, eps_mode):
    """The direction is −M⁻¹g, on a sphere the normalised gradient; the length in the norm is Δ at every step."""
    method = FirstOrderTrustRegion(norm, radius=0.3, acceptance="every", beta=0.7, eps=0.5, eps_mode=eps_mode)
    problem = tallied()
    run = run_of(method, problem)
    gradients = np.array([valley_formulas().gradient(x) for x in run.iterates[:-1]])
    m = roots(norm, gradients, 0.7, 0.5, eps_mode)
    dual = np.sqrt(np.sum(gradients**2 / m, axis=1))
    moves = np.diff(run.iterates, axis=0)
    np.testing.assert_allclose(moves, -0.3 * gradients / m / dual[:, None], atol=1e-12)
    np.testing.assert_allclose(np.sqrt(np.sum(m * moves**2, axis=1)), 0.3, rtol=1e-10)
    np.testing.assert_allclose(run.step_size[:-1], 0.3 / dual, rtol=1e-10)
    assert np.array_equal(run.gradients, np.arange(STEPS + 1))
    assert not run.values.any()
    assert problem.tally.tolist() == [0, 0, 0, STEPS + 1]  # the last look is not counted


@pytest.mark.parametrize("norm", NORMS)
def test_the_second_order_method_without_curvature_takes_the_same_steps(norm):
    """On a linear loss B = 0: every step is accepted, and with a radius that may not grow both are the same."""
    form = Form(np.zeros((4, 4)), np.array([3.0, -1.0, 0.2, 5.0]))
    first = FirstOrderTrustRegion(norm, radius=0.3, acceptance="every")
    second = TrustRegion(norm, radius=0.3, max_radius=0.3)
    expected = run_of(first, form, x0=np.ones(4), steps=20).iterates
    assert np.abs(expected[-1] - expected[0]).max() > 1
    np.testing.assert_allclose(run_of(second, form, x0=np.ones(4), steps=20).iterates, expected, rtol=0, atol=1e-11)
    tested = first._replace(acceptance="ratio", max_radius=0.3)
    np.testing.assert_allclose(run_of(tested, form, x0=np.ones(4), steps=20).iterates, expected, rtol=0, atol=1e-11)


def test_the_loss_falls_and_the_run_converges():
    """The radius follows the steps down to the minimiser, where a fixed radius goes on at its length."""
    form = Form(np.diag([1.0, 3.0]), np.array([1.0, -2.0]))
    run = run_of(FirstOrderTrustRegion(radius=1.0), form, x0=np.ones(2), steps=500, stop=Stop(gradient_norm=1e-6))
    assert run.status == Status.CONVERGED
    assert (np.diff(run.loss) <= 1e-15).all()
    np.testing.assert_allclose(run.x, [-1.0, 2 / 3], atol=1e-6)
    fixed = run_of(FirstOrderTrustRegion(radius=0.3, acceptance="every"), form, x0=np.ones(2), steps=500)
    assert fixed.gradient_norm[-100:].min() > 1e-2


def test_a_stationary_point_is_left_alone():
    for acceptance in ("ratio", "every"):
        method = FirstOrderTrustRegion("adagrad", acceptance=acceptance)
        run = run_of(method, tallied(), x0=np.ones(6), steps=3)
        assert np.array_equal(run.iterates, np.ones((4, 6)))
        assert (run.step_size[:-1] == 0).all()


def test_sampling_is_ignored():
    """On a problem with mini-batches the method takes exact gradients, whatever the generator."""
    problem = carmon_like(batch=5)
    runs = [simulate(METHODS[0], problem, steps=10, rng=seed, record_iterates=True) for seed in (0, 1)]
    assert np.array_equal(runs[0].iterates, runs[1].iterates)
    assert runs[0].values[-1] == 1 + 10


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (FirstOrderTrustRegion(radius=-1.0), "radius = -1.0 must be positive"),
        (FirstOrderTrustRegion(radius=20.0), "radius = 20.0 must be at most max_radius"),
        (FirstOrderTrustRegion(eta2=1.0), "must satisfy 0 < eta1 <= eta2 < 1"),
        (FirstOrderTrustRegion(eps=-1.0), "eps = -1.0 must be positive"),
        (FirstOrderTrustRegion(acceptance="some"), "unknown FirstOrderTrustRegion.acceptance 'some'"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        canonical(method)
