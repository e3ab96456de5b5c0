"""Closed forms of Step-Tuned SGD against brute force, and what they refuse."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from theory.step_tuned import (
    curvature_step,
    expected_gradient_variation,
    gradient_bound_of_theorem1,
    rate_exponent,
    recursion_constant,
)

NUMBERS = {"step_size": 0.1, "delta": 0.25, "lipschitz": 2.0, "squared_gradient": 0.5, "gap": 1.0}


def test_curvature_step_minimises_the_model():
    rng = np.random.default_rng(0)
    for _ in range(10):
        root = rng.normal(size=(3, 3))
        hessian, gradient, along = root @ root.T, rng.normal(size=3), rng.normal(size=3)
        model = minimize_scalar(lambda t, g=gradient, h=hessian, d=along: t * g @ d + t * t / 2 * d @ h @ d)
        assert curvature_step(gradient, hessian, along) == pytest.approx(model.x, abs=1e-6)
        assert curvature_step(gradient, hessian) == curvature_step(gradient, hessian, -gradient)


def test_curvature_step_where_there_is_no_minimiser():
    assert curvature_step([1.0, 0.0], np.diag([-1.0, 5.0])) == np.inf
    assert curvature_step([1.0, 0.0], np.diag([0.0, 5.0])) == np.inf
    assert np.isnan(curvature_step([0.0, 0.0], np.eye(2)))
    assert np.isnan(curvature_step([1.0], [[-1.0]], [1.0]))


def test_curvature_step_broadcasts():
    steps = curvature_step(np.ones((4, 2)), np.diag([1.0, 3.0]))
    np.testing.assert_allclose(steps, np.full(4, 0.5))


@pytest.mark.parametrize("sampling", ["subset", "replacement"])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_expected_variation_by_going_through_all_batches(sampling, size):
    rng = np.random.default_rng(size)
    hessians, gradients = rng.normal(size=(4, 2, 2)), rng.normal(size=(4, 2))
    every = itertools.combinations(range(4), size) if sampling == "subset" else itertools.product(range(4), repeat=size)
    mean = np.mean([hessians[list(b)].mean(axis=0) @ gradients[list(b)].mean(axis=0) for b in every], axis=0)
    stated = expected_gradient_variation(hessians, gradients, batch_size=size, sampling=sampling)
    np.testing.assert_allclose(stated, mean, rtol=1e-12)


def test_one_sample_is_its_own_mean():
    assert expected_gradient_variation([[[3.0]]], [[2.0]], batch_size=1) == 6.0


def test_bound_is_the_sum_of_the_recursion():
    k = np.arange(1.0, 51)
    upper = 1.0 + recursion_constant(lipschitz=2.0, squared_gradient=0.5) * 0.1**2 * 4 * (k**-1.5).sum()
    expected = upper / (2 * 0.1 * 0.5 * (k**-0.75).sum())
    assert gradient_bound_of_theorem1(50, **NUMBERS) == pytest.approx(expected, rel=1e-12)
    both = gradient_bound_of_theorem1([50, 7], **NUMBERS)
    assert both[0] == pytest.approx(expected)
    assert both[1] == gradient_bound_of_theorem1(7, **NUMBERS)


@pytest.mark.parametrize("delta", [0.05, 0.25, 0.4])
def test_bound_has_the_promised_exponent(delta):
    """The weights sum to k^p/p + zeta(1 - p) with p = 1/2 - delta, which is what a plain slope would miss."""
    from scipy.special import zeta

    p, steps = float(rate_exponent(delta)), np.array([10_000, 40_000])
    bounds = gradient_bound_of_theorem1(steps, **NUMBERS | {"delta": delta, "squared_gradient": 1e-12})
    weights = steps**p / p + _zeta_below_one(1 - p, zeta)
    assert bounds[0] / bounds[1] == pytest.approx(weights[1] / weights[0], rel=1e-3)


def _zeta_below_one(s, zeta):
    """Continue the zeta function to 0 < s < 1 by the alternating series, summed in pairs by Euler's means."""
    terms = np.cumsum((-1.0) ** np.arange(2000) * np.arange(1.0, 2001) ** -s)
    for _ in range(20):
        terms = (terms[1:] + terms[:-1]) / 2
    return terms[-1] / (1 - 2 ** (1 - s))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: curvature_step(1.0, [[1.0]]), r"give \[1.0\]"),
        (lambda: curvature_step([1.0, 2.0], np.eye(3)), "must be"),
        (lambda: expected_gradient_variation(np.eye(2), np.ones((2, 2)), batch_size=1), "one pair for each sample"),
        (lambda: expected_gradient_variation(np.ones((2, 1, 1)), np.ones((2, 1)), batch_size=3), "try 2"),
        (
            lambda: expected_gradient_variation(np.ones((2, 1, 1)), np.ones((2, 1)), batch_size=1, sampling="x"),
            "subset",
        ),
        (lambda: rate_exponent(0.5), "0 < δ < 1/2"),
        (lambda: recursion_constant(lipschitz=0.0, squared_gradient=1.0), "lipschitz = 0.0"),
        (lambda: gradient_bound_of_theorem1(0, **NUMBERS), "whole numbers of at least 1"),
        (lambda: gradient_bound_of_theorem1(1.5, **NUMBERS), "whole numbers"),
        (lambda: gradient_bound_of_theorem1(5, **NUMBERS, m=1.5), "m ≤ 1 ≤ M"),
        (lambda: gradient_bound_of_theorem1(5, **NUMBERS | {"gap": -1.0}), "gap = -1.0"),
        (lambda: gradient_bound_of_theorem1(5, **NUMBERS | {"delta": 0.0}), "0 < δ < 1/2"),
    ],
)
def test_bad_numbers_are_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
