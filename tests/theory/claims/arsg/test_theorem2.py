"""Theorem 2's claims: the runs are the kernel's, the counterexample is computed again, false bounds are refuted."""

import numpy as np
import pytest

import dynamics
from dynamics import simulate
from synthetic import quadratic
from theory import arsg
from theory.claims import claim, unmet
from theory.claims.arsg import theorem2
from theory.claims.arsg.runs import run_arsg


def test_runs_are_those_of_the_kernel():
    curvatures = np.array([0.3, 2.0])
    settings = {"beta1": 0.8, "beta2": 0.9, "mu": 0.2, "eps": 1e-3}
    kernel = simulate(
        dynamics.ARSG(0.1, **settings, constraint=dynamics.box(-1.0, 1.0)),
        quadratic(eigenvalues=curvatures),
        steps=20,
        x0=np.ones(2),
        record_every=1,
        record_iterates=True,
    ).iterates
    own = run_arsg(
        lambda t, x: curvatures * x,
        np.ones(2),
        steps=21,
        step_sizes=lambda t: 0.1,
        beta1=lambda t: 0.8,
        beta2=0.9,
        mu=0.2,
        eps=1e-3,
        box=1.0,
    )
    np.testing.assert_allclose(own.iterates, kernel, rtol=1e-11)
    assert own.accumulator.shape == (22, 2)
    assert (np.diff(own.accumulator, axis=0) >= 0).all()


def test_tiny_gradients_break_the_printed_bound_by_the_kernels_own_run(quick):
    """The run of the counterexample on a second implementation, one number at a time, and its broken hypothesis."""
    case = quick("arsg.theorem2_printed").counterexample
    scale, eps, steps = case["G_2 = L"], case["eps"], case["steps"]
    x, m, least = case["x_1"], 0.0, np.inf
    for _ in range(steps):
        g = scale * x / np.sqrt(1 + x * x)
        least = min(least, g * g)
        m = case["beta"] * m + (1 - case["beta"]) * g
        # the accumulator never leaves eps: gradients squared are 1e-12
        x -= case["step_size"] / np.sqrt(steps) * ((1 - case["mu"]) * m + case["mu"] * g) / np.sqrt(eps)
    assert least == pytest.approx(case["least squared gradient"], rel=1e-10)
    assert least > 5 * case["printed bound"]
    assert unmet((theorem2.ABOVE_THE_START,), gradient_bound=scale, eps=eps) == ["G₂ ≥ √ε"]
    with pytest.raises(ValueError, match="raise gradient_bound"):
        arsg.theorem2_bound(
            steps,
            step_size=1.0,
            beta=0.999,
            mu=0.1,
            eps=eps,
            smoothness=scale,
            gradient_bound=scale,
            initial_gap=1e-5,
            dimension=1,
        )
    mended = arsg.theorem2_bound(
        steps,
        step_size=1.0,
        beta=0.999,
        mu=0.1,
        eps=eps,
        smoothness=scale,
        gradient_bound=eps**0.5,
        initial_gap=scale * (np.sqrt(101) - 1),
        dimension=1,
    )
    assert least < mended


def test_a_bound_too_small_is_refuted(monkeypatch):
    true_bound = theorem2.bound

    def smaller(steps, **arguments):
        return true_bound(steps, **arguments) / 4

    monkeypatch.setattr(theorem2, "bound", smaller)
    assert claim("arsg.theorem2").check().verdict == "refuted"


def test_gradients_and_curvatures_are_what_the_trials_say():
    weights, x = np.array([0.5, 2.0]), np.linspace(-30, 30, 2001)[:, None]
    gradient = theorem2.slopes(x, weights)
    assert (np.abs(gradient) < weights).all()
    slope = np.diff(gradient, axis=0) / np.diff(x, axis=0)
    assert slope.max() <= 2.0
    gap = theorem2.initial_gap(weights[None], x)
    numerical = np.cumsum(gradient[1000:].sum(axis=1)) * 0.03
    assert gap[-1] - gap[1000] == pytest.approx(numerical[-1], rel=2e-3)
