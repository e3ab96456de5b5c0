"""Every method against a second implementation, on whole trajectories."""

import numpy as np
import pytest
import twins
from landscape import START, Landscape, gradient_at, loss_at
from modern_methods.adamw import AdamW
from modern_methods.averaging import Averaged
from modern_methods.clipped import ClippedGradient, NormalizedGradient
from modern_methods.conjugate_gradients import ConjugateGradients
from modern_methods.d_adaptation import DAdaptAdam, DAdaptSGD
from modern_methods.dog import DoG
from modern_methods.lbfgs import LBFGS
from modern_methods.momo import MoMo
from modern_methods.muon import Muon
from modern_methods.prodigy import Prodigy
from modern_methods.schedule_free import ScheduleFreeAdamW, ScheduleFreeSGD
from modern_methods.shampoo import Shampoo
from modern_methods.signs import Lion, SignDescent
from modern_methods.soap import SOAP

from dynamics import GradientDescent, simulate

pytestmark = pytest.mark.usefixtures("plainly")
STEPS = 14
FALLING = 0.1 / np.sqrt(1 + np.arange(STEPS))
WARM = np.minimum(np.arange(STEPS), 4) / 20  # from a step of 0 on


def test_the_landscape_is_the_one_of_the_twins():
    run = simulate(GradientDescent(FALLING), Landscape(), steps=STEPS, x0=START, record_iterates=True)
    expected = twins.walk(gradient_at, START, STEPS, lambda k, gs, xs: -FALLING[k] * gs[-1])
    np.testing.assert_allclose(run.iterates, expected, rtol=1e-12)
    np.testing.assert_allclose(run.loss, [loss_at(x) for x in expected], rtol=1e-12)


CASES = [
    (SignDescent, twins.sign_descent, {}),
    (SignDescent, twins.sign_descent, {"beta": 0.8}),
    (Lion, twins.lion, {"beta1": 0.7, "beta2": 0.9, "decay": 0.3}),
    (Lion, twins.lion, {"beta1": 1.0, "beta2": 0.5}),
    (AdamW, twins.adamw, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "decay": 0.3}),
    (Muon, twins.muon, {"decay": 0.3, "scale": "rms"}),
    (Muon, twins.muon, {"momentum": "average", "factor": "cubic", "iterations": 3, "scale": "shape"}),
    (Muon, twins.muon, {"nesterov": False, "factor": "exact", "beta": 0.8}),
    (Shampoo, twins.shampoo, {"eps": 1e-2}),
    (Shampoo, twins.shampoo, {"beta": 0.9, "power": 0.5, "eps": 0.1, "period": 3}),
    (SOAP, twins.soap, {"period": 3, "decay": 0.3, "eps": 1e-3}),
    (SOAP, twins.soap, {"beta1": 0.5, "beta2": 0.8, "rho": 0.7, "eps": 1e-3, "period": 1}),
    (ScheduleFreeSGD, twins.schedule_free, {"decay": 0.3}),
    (ScheduleFreeSGD, twins.schedule_free, {"beta": 0.5, "growth": 1.0, "power": 0.0}),
    (ScheduleFreeAdamW, twins.schedule_free_adamw, {"beta2": 0.9, "eps": 1e-2, "decay": 0.3}),
    (DAdaptSGD, twins.d_adapt_sgd, {"d0": 0.1}),
    (DAdaptSGD, twins.d_adapt_sgd, {"d0": 0.1, "beta": 0.8, "factor": 2.0}),
    (DAdaptAdam, twins.d_adapt_adam, {"d0": 0.05, "beta1": 0.7, "beta2": 0.9, "eps": 1e-2, "decay": 0.3}),
    (Prodigy, twins.prodigy, {"d0": 0.05, "beta1": 0.7, "beta2": 0.9, "eps": 1e-2, "decay": 0.3}),
    (Prodigy, twins.prodigy, {"d0": 0.01, "coefficient": 2.0, "bias_correction": True, "safeguard": True}),
    (DoG, twins.dog, {"initial": 0.1}),
    (DoG, twins.dog, {"initial": 0.2, "relative": False, "eps": 1.0}),
    (MoMo, twins.momo, {"lower_bound": 2.0}),
    (NormalizedGradient, twins.normalized_gradient, {"beta": 0.7}),
    (ClippedGradient, twins.clipped_gradient, {"threshold": 2.0, "beta": 0.7}),
    (ClippedGradient, twins.clipped_gradient, {"threshold": 0.6, "by": "entry"}),
]


@pytest.mark.parametrize("steps", [FALLING, WARM], ids=["falling", "warm-up from 0"])
@pytest.mark.parametrize(("kind", "twin", "numbers"), CASES)
def test_twin(kind, twin, numbers, steps):
    factor = 10.0 if kind in (Prodigy, DAdaptSGD, DAdaptAdam, DoG) else 1.0
    run = simulate(kind(factor * steps, **numbers), Landscape(), steps=STEPS, x0=START, record_iterates=True)
    named = {"power_" if name == "power" else name: number for name, number in numbers.items()}
    extra = {"loss": loss_at} if kind is MoMo else {}
    expected = twin(gradient_at, START, STEPS, step_size=factor * steps, **named, **extra)
    np.testing.assert_allclose(run.iterates, expected, rtol=1e-8, atol=1e-10)
    assert np.ptp(expected, axis=0).max() > 0.03  # it goes somewhere
    assert run.gradients[-1] == STEPS  # and pays once a step
    assert run.values[-1] == (STEPS if kind is MoMo else 0)


@pytest.mark.parametrize("numbers", [{"begin": 3}, {"weights": "exponential", "beta": 0.7}])
def test_averages(numbers):
    method = Averaged(GradientDescent(FALLING), **numbers)
    run = simulate(method, Landscape(), steps=STEPS, x0=START, record_iterates=True)
    np.testing.assert_allclose(
        run.iterates, twins.averaged_gd(gradient_at, START, STEPS, step_size=FALLING, **numbers), rtol=1e-10
    )
    assert run.gradients[-1] == STEPS


@pytest.mark.parametrize("pairs", [1, 3, 20])
def test_directions_of_lbfgs(pairs):
    run = simulate(LBFGS(pairs), Landscape(), steps=10, x0=START, record_iterates=True)
    expected = twins.lbfgs(gradient_at, START, run.step_size[:-1], pairs=pairs)
    np.testing.assert_allclose(run.iterates, expected, rtol=1e-6, atol=1e-8)
    assert len(run.iterates) == 11
    assert_wolfe(run, 1e-4, 0.9)
    if pairs == 20:  # each step of 1 passes at once, and hands its evaluation on
        assert (run.step_size[1:-1] == 1).all()
        assert run.gradients[-1] == 11


@pytest.mark.parametrize("rule", ["polak-ribiere", "fletcher-reeves", "hestenes-stiefel", "dai-yuan"])
def test_directions_of_conjugate_gradients(rule):
    run = simulate(ConjugateGradients(rule), Landscape(), steps=8, x0=START, record_iterates=True)
    expected = twins.conjugate_gradients(gradient_at, START, run.step_size[:-1], rule=rule)
    np.testing.assert_allclose(run.iterates, expected, rtol=1e-6, atol=1e-8)
    assert len(run.iterates) == 9
    assert_wolfe(run, 1e-4, 0.1)


def assert_wolfe(run, decrease, curvature):
    """Both strong conditions at each step whose loss is not at rounding, and no trial that nobody paid."""
    assert (run.step_size[:-1] > 0).all()
    for before, after in zip(run.iterates, run.iterates[1:], strict=False):
        moved = after - before
        slope = gradient_at(before) @ moved
        if loss_at(before) - loss_at(after) > 1e-12:
            assert loss_at(after) <= loss_at(before) + decrease * slope
            assert abs(gradient_at(after) @ moved) <= -curvature * slope * (1 + 1e-6)
    assert run.gradients[-1] == run.values[-1] > len(run.iterates) - 1
