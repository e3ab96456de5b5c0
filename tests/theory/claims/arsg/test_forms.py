"""The forms of RSG run side by side, and the counterexamples computed again."""

from fractions import Fraction

import numpy as np
import pytest

from theory.claims.arsg import forms


def test_fast_form_differs_by_the_stated_gap(quick):
    counterexample = quick("arsg.fast_form_varying").counterexample
    betas, momentum, fast = [0.5, 0.75], 0.0, 0.0
    for beta in betas:
        momentum, fast = beta * momentum + (1 - beta), beta * fast + 1
    assert momentum == float(Fraction(counterexample["second step of (3)"]))
    assert (1 - betas[-1]) * fast == float(Fraction(counterexample["second step of (4)"]))


def original(gradients, step_sizes, betas, etas):
    """Observation points of (2) under given gradients."""
    momentum, position, points = 0.0, 0.0, [0.0]
    for g, a, b, eta in zip(gradients, step_sizes, betas, etas, strict=True):
        momentum = b * momentum + (1 - b) * g
        points.append(position - (1 + eta) * a * momentum)
        position -= a * momentum
    return np.array(points)


def concise(gradients, step_sizes, betas, etas):
    """Iterates of (3)."""
    momentum, points = 0.0, [0.0]
    for g, a, b, eta in zip(gradients, step_sizes, betas, etas, strict=True):
        mu = eta * (1 - b) / b
        momentum = b * momentum + (1 - b) * g
        points.append(points[-1] - a * ((1 - mu) * momentum + mu * g))
    return np.array(points)


@pytest.mark.parametrize("product", ["constant", "varying"])
def test_what_must_stay_constant_is_the_product(quick, product):
    rng = np.random.default_rng(1)
    step_sizes, betas = rng.uniform(0.1, 1, 30), rng.uniform(0.3, 0.95, 30)
    etas = 0.2 / step_sizes if product == "constant" else np.full(30, 0.2)
    gradients = rng.normal(size=30)
    gap = np.abs(original(gradients, step_sizes, betas, etas) - concise(gradients, step_sizes, betas, etas)).max()
    assert quick("arsg.original_form_varying").verdict == "proved"
    assert (gap < 1e-13) == (product == "constant")


def test_counting_counts():
    assert forms.operations(lambda x, m, g: 2.0 * x + g) == (1, 1)
    assert forms.operations(forms.fast_step) == (3, 3)
    assert forms.operations(forms.asgd_step) == (6, 4)


def test_counted_steps_are_the_methods():
    """The steps that are counted have the form of (4) and of ASGD: linear, with a fixed point at any iterate."""
    x, m = forms.fast_step(3.0, 0.0, 0.0)
    assert (x, m) == (3.0, 0.0)
    x, mean = forms.asgd_step(3.0, 3.0, 0.0)
    assert (x, mean) == pytest.approx((3.0, 3.0))
