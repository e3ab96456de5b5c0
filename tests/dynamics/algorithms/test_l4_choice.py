"""L4 with each estimate of the gradient and each direction: the twin, the named cases, and Polyak's step."""

from itertools import product

import numpy as np
import pytest

from dynamics import L4Adam, L4Mom, Polyak, simulate
from dynamics.algorithms.l4_choice import L4
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import interpolated, quadratic
from tests.dynamics.twins import corrected

STEPS = 50
X0 = np.zeros(6)
CHOICES = ["gradient", "momentum", "adam"]
NUMBERS = {"alpha": 0.2, "gamma": 0.8, "gamma0": 0.5, "tau": 20.0, "regularizer": 1e-3, "tau_m": 4.0}


def pick(choice, seen, tau_m, tau_s, eps):
    """An estimate or a direction from all gradients so far."""
    if choice == "gradient":
        return seen[-1]
    mean = corrected(seen, 1 - 1 / tau_m)
    if choice == "momentum":
        return mean
    scale = np.sqrt(corrected([g**2 for g in seen], 1 - 1 / tau_s)) + eps
    return np.divide(mean, scale, out=np.zeros_like(mean), where=scale > 0)


def l4(formulas, estimator, direction, *, alpha, gamma, gamma0, tau, regularizer, tau_m, tau_s, eps):
    """L_min as a minimum over the history; the step is 0 where the linearised loss would not fall."""
    xs, steps, losses, seen, growth = [X0], [], [], [], 1 + 1 / tau
    for k in range(STEPS):
        losses.append(formulas.loss(k, xs[k]))
        seen.append(formulas.gradient(k, xs[k]))
        after = [value * growth ** (k - i) for i, value in enumerate(losses) if i > 0]
        lowest = min([gamma0 * losses[0] * growth**k, *after])
        g, v = pick(estimator, seen, tau_m, tau_s, eps), pick(direction, seen, tau_m, tau_s, eps)
        bottom = g @ v + regularizer
        steps.append(alpha * (losses[-1] - gamma * lowest) / bottom if bottom > 0 else 0.0)
        xs.append(xs[k] - steps[k] * v)
    return np.array(xs), np.array(steps)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(("tau_s", "eps"), [(30.0, 0.0), (1000.0, 1e-2)])
@pytest.mark.parametrize(("estimator", "direction"), list(product(CHOICES, CHOICES)))
def test_twin(estimator, direction, tau_s, eps, batch):
    problem, numbers = interpolated(batch=batch), {**NUMBERS, "tau_s": tau_s, "eps": eps}
    twin = l4(formulas_of(problem, STEPS), estimator, direction, **numbers)
    assert_same_run(run_of(L4(estimator, direction, **numbers), problem, STEPS), twin, tolerance=1e-10)


@pytest.mark.parametrize("batch", [0, 5])
def test_the_named_cases(batch):
    """To the last bit in plain Python; sums of compiled kernels may be taken in another order."""
    problem = interpolated(batch=batch)
    for general, named in (
        (L4("momentum", "momentum", **NUMBERS), L4Mom(**NUMBERS)),
        (L4("momentum", "adam", **NUMBERS, tau_s=30.0, eps=1e-3), L4Adam(**NUMBERS, tau_s=30.0, eps=1e-3)),
    ):
        ours, theirs = run_of(general, problem, STEPS), run_of(named, problem, STEPS)
        np.testing.assert_allclose(ours.iterates, theirs.iterates, rtol=0, atol=1e-13)
        np.testing.assert_allclose(ours.step_size, theirs.step_size, rtol=1e-11)


def test_the_plain_gradient_for_both_is_polyaks_step():
    problem = interpolated(batch=5)
    ours = run_of(L4("gradient", "gradient", alpha=1.0, gamma=0.0, regularizer=0.0), problem, STEPS)
    np.testing.assert_allclose(ours.iterates, run_of(Polyak(), problem, STEPS).iterates, rtol=0, atol=1e-12)


def test_the_length_of_the_direction_is_nothing():
    """On a loss ½λ‖x‖² Adam's direction with τ_s → ∞ is one multiple of momentum's for all coordinates alike.

    All coordinates are equal, so that the scale is a number: the direction of unit root mean square against the plain
    average, some tens of times as long. The iterates agree while g·v is far above the regularizer.
    """
    problem = quadratic([50.0] * 4, [0.0] * 4)
    unit, plain = (run_of(L4("momentum", v), problem, 30, x0=[2.0] * 4) for v in ("adam", "momentum"))
    assert unit.step_size[0] > 50 * plain.step_size[0]
    np.testing.assert_allclose(unit.iterates, plain.iterates, rtol=1e-11)
    coarse = [run_of(L4("momentum", v, regularizer=1e3), problem, 30, x0=[2.0] * 4) for v in ("adam", "momentum")]
    assert np.abs(coarse[0].iterates - coarse[1].iterates).max() > 0.1


def test_an_estimate_against_the_direction_gives_a_step_of_zero():
    """After an overshoot the newest gradient points against a long average of those before."""
    method = L4("gradient", "momentum", alpha=2.5, gamma=0.0, tau_m=50.0)
    run = run_of(method, quadratic([1.0], [0.0]), 40, x0=[1.0])
    assert (run.step_size[:-1] >= 0).all()
    still = run.step_size[:-1] == 0
    assert still.tolist()[:3] == [False, True, True]
    assert not still[:10].all()
    assert np.array_equal(run.iterates[1:][still], run.iterates[:-1][still])


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (L4(alpha=0.0), "alpha = 0.0 must be positive"),
        (L4(gamma=1.5), r"gamma = 1.5 must lie in \[0, 1\] .*try 0.9"),
        (L4(tau_s=0.5), "tau_s = 0.5 must be at least 1"),
        (L4(eps=-1.0), "eps = -1.0 must be at least 0"),
        (L4("mean"), "unknown L4.estimator 'mean'"),
        (L4(direction="nadam"), "unknown L4.direction 'nadam'; did you mean 'adam'"),
    ],
)
def test_bad_input_is_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, interpolated(), steps=1)


def test_a_negative_loss_is_refused_at_the_start():
    with pytest.raises(ValueError, match="L4 needs a loss that is never negative"):
        simulate(L4(), interpolated()._replace(offset=-50.0), steps=5)
