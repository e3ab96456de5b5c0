"""Batch echoing: against twins that are handed each mini-batch again, and the methods inside."""

import numpy as np
import pytest

from dynamics import SGD, Adam, Armijo, L4Mom, Status, StepTunedSGD, TrustRegion, simulate
from dynamics.algorithms.echo import Echo
from tests.dynamics import twins
from tests.dynamics.algorithms.comparison import formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic

STEPS = 20
X0 = np.linspace(-1, 1, 6)


def echoed(gradient, repeats):
    """The gradient that step j of the method inside sees: that of mini-batch ⌊j / repeats⌋."""
    return lambda j, x: gradient(j // repeats, x)


@pytest.mark.parametrize("repeats", [1, 2, 3])
def test_twin_of_adam(repeats):
    problem, inner = carmon_like(batch=5), np.full(STEPS * repeats, 0.05)
    twin, _ = twins.adam(echoed(formulas_of(problem, STEPS).gradient, repeats), X0, inner, 0.9, 0.99, 1e-3)
    run = run_of(Echo(Adam(0.05, beta2=0.99, eps=1e-3), repeats), problem, STEPS, x0=X0)
    np.testing.assert_allclose(run.iterates, twin[::repeats], rtol=0, atol=1e-11)


def test_twin_of_plain_steps_whose_schedule_counts_the_steps_inside():
    problem, steps = carmon_like(batch=5), 0.5 / np.sqrt(1 + np.arange(2 * STEPS))
    twin, _ = twins.gradient_descent(echoed(formulas_of(problem, STEPS).gradient, 2), X0, steps)
    run = run_of(Echo(SGD(steps)), problem, STEPS, x0=X0)
    np.testing.assert_allclose(run.iterates, twin[::2], rtol=0, atol=1e-11)
    np.testing.assert_array_equal(run.step_size[:-1], steps[1::2])


def test_plain_steps_echoed_are_step_tuned_sgd_that_tunes_nothing():
    problem = carmon_like(batch=5)
    untuned = StepTunedSGD(0.3, m=1.0, M=1.0, delta=-0.5)
    echo, tuned = (run_of(method, problem, STEPS, x0=X0) for method in (Echo(SGD(0.3)), untuned))
    np.testing.assert_allclose(echo.iterates, tuned.iterates, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(echo.gradients, tuned.gradients)


@pytest.mark.parametrize("inner", [L4Mom(), Armijo(1.0)], ids=lambda inner: type(inner).__name__)
def test_of_exact_gradients_an_echo_is_more_steps_at_the_same_price(inner):
    problem = carmon_like()
    echo, alone = run_of(Echo(inner, 3), problem, 5, x0=X0), run_of(inner, problem, 15, x0=X0)
    np.testing.assert_allclose(echo.iterates, alone.iterates[::3], rtol=0, atol=1e-13)
    np.testing.assert_array_equal(echo.gradients, alone.gradients[::3])
    np.testing.assert_array_equal(echo.values, alone.values[::3])


def test_a_run_that_the_method_inside_ends_takes_no_further_step():
    inner = L4Mom(alpha=1.02, gamma=0.0, tau_m=1.0)
    problem = quadratic([1.0], [0.0])._replace(offset=-1.0)
    alone, run = (run_of(method, problem, 500, x0=[3.0]) for method in (inner, Echo(inner)))
    assert alone.status == run.status == Status.NEGATIVE_LOSS
    assert (alone.stopped_at, run.stopped_at) == (3, 1)  # between the two steps on one mini-batch
    assert np.array_equal(run.x, alone.x)


def test_a_run_that_was_cut_gives_the_same_bytes():
    problem, method = carmon_like(batch=5), Echo(Adam(0.05))
    whole, half = (simulate(method, problem, steps=steps, rng=1) for steps in (20, 8))
    assert simulate(method, problem, steps=12, resume=half).x.tobytes() == whole.x.tobytes()


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (Echo(0.1), "inner = 0.1 is no method"),
        (Echo(SGD(0.1), 0), "repeats = 0 must be at least 1"),
        (Echo(SGD(-0.1)), "step_size = -0.1 must be positive"),
        (Echo(TrustRegion()), "inner = TrustRegion reads hessian_product"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
