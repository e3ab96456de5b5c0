"""RMSprop, Adagrad and AMSGrad: against their twins, what their scales undo, and what they ask for."""

import numpy as np
import pytest

from dynamics import simulate
from dynamics.algorithms.adagrad import Adagrad
from dynamics.algorithms.amsgrad import AMSGrad
from dynamics.algorithms.rmsprop import RMSprop
from dynamics.protocol.schedules import cosine
from tests.dynamics.algorithms import adaptive_twins as twins
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic

STEPS = 60
X0 = np.zeros(6)
WITHOUT_EPS = [RMSprop(0.05, eps=0.0), Adagrad(0.5, eps=0.0), AMSGrad(0.1, eps=0.0)]


def assert_twin(method, direction, batch, step=0.1):
    problem = carmon_like(batch=batch)
    twin = twins.along(direction, formulas_of(problem, STEPS).gradient, X0, np.full(STEPS, step))
    assert_same_run(run_of(method, problem, STEPS), twin)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize("placement", ["outside", "inside"])
@pytest.mark.parametrize(("beta", "eps"), [(0.99, 1e-8), (0.7, 1e-2), (0.0, 0.1), (0.9, 0.0)])
def test_twin_of_rmsprop(batch, placement, beta, eps):
    """With steps ten times as long the runs are chaotic, and rounding errors grow beyond the tolerance."""
    direction = twins.rmsprop(beta=beta, eps=eps, placement=placement)
    assert_twin(RMSprop(0.01, beta, eps, placement), direction, batch, step=0.01)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(("eps", "initial_sum"), [(1e-10, 0.0), (0.0, 0.1), (0.3, 0.0)])
def test_twin_of_adagrad(batch, eps, initial_sum):
    assert_twin(Adagrad(0.1, eps, initial_sum), twins.adagrad(eps=eps, initial_sum=initial_sum), batch)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize("bias_correction", [False, True])
@pytest.mark.parametrize(("beta1", "beta2", "eps"), [(0.9, 0.999, 1e-8), (0.5, 0.7, 1e-2), (0.0, 0.9, 0.0)])
def test_twin_of_amsgrad(batch, bias_correction, beta1, beta2, eps):
    numbers = {"beta1": beta1, "beta2": beta2, "eps": eps, "bias_correction": bias_correction}
    assert_twin(AMSGrad(0.1, **numbers), twins.amsgrad(**numbers), batch)


def test_twin_with_a_falling_step():
    problem, falling = carmon_like(), 0.02 * (1 + np.cos(np.pi * np.arange(STEPS) / STEPS)) / 2
    direction = twins.rmsprop(beta=0.99, eps=1e-8, placement="outside")
    twin = twins.along(direction, formulas_of(problem, STEPS).gradient, X0, falling)
    assert_same_run(run_of(RMSprop(cosine(0.02, horizon=STEPS)), problem, STEPS), twin)


@pytest.mark.parametrize("method", WITHOUT_EPS, ids=lambda method: type(method).__name__)
def test_without_eps_the_scale_of_the_loss_is_nothing(method):
    once, thousandfold = (run_of(method, carmon_like()._replace(dent=a), STEPS).iterates for a in (1.0, 1024.0))
    np.testing.assert_allclose(thousandfold, once, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", WITHOUT_EPS, ids=lambda method: type(method).__name__)
def test_without_eps_a_coordinate_without_gradient_stays(method):
    run = run_of(method, quadratic([1.0, 0.0, 0.0], [0.0] * 3), 5, x0=[1.0, 2.0, -3.0])
    assert np.array_equal(run.iterates[:, 1:], np.tile([2.0, -3.0], (6, 1)))
    assert run.iterates[-1, 0] < 1.0


def test_the_scale_of_amsgrad_never_shrinks_and_that_of_adam_does():
    problem, method = carmon_like(batch=5), AMSGrad(0.1, beta2=0.5)
    states = [simulate(method, problem, steps=k, rng=1).state.memory for k in range(2, 12)]
    peaks, means = (np.array([getattr(state, name) for state in states]) for name in ("peak", "mean_square"))
    assert (np.diff(peaks, axis=0) >= 0).all()
    assert (np.diff(means, axis=0) < 0).any()


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (RMSprop(-1.0), "step_size = -1.0 must be positive"),
        (RMSprop(0.1, beta=1.0), r"beta = 1.0 must lie in \[0, 1\)"),
        (RMSprop(0.1, eps=-1e-8), "eps = -1e-08 must be at least 0"),
        (RMSprop(0.1, eps_placement="under"), "(?s)unknown RMSprop.eps_placement 'under'.*inside, outside"),
        (Adagrad(0.0), "step_size = 0.0 must be positive"),
        (Adagrad(0.1, eps=float("nan")), "eps = nan must be at least 0"),
        (Adagrad(0.1, initial_sum=-0.1), "initial_sum = -0.1 must be at least 0"),
        (AMSGrad(0.1, beta1=1.0), r"beta1 = 1.0 must lie in \[0, 1\)"),
        (AMSGrad(0.1, beta2=-0.5), r"beta2 = -0.5 must lie in \[0, 1\)"),
        (AMSGrad(0.1, eps=-1.0), "eps = -1.0 must be at least 0"),
        (AMSGrad(0.1, maximum="corrected"), "needs bias_correction=True"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
