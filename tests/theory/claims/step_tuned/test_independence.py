"""Unbiasedness, the swap of a mini-batch, and bounds of the step: other routes, and false variants."""

import numpy as np
import pytest

from theory.claims.step_tuned import independence


def test_half_step_bias_is_the_variance_of_the_curvatures(quick):
    # J_n = a_n theta^2/2: the two expectations differ by step * Var(a_B) * theta
    assert quick("step_tuned.unbiased").margin == pytest.approx(0.5 * np.array([0.0, 2.0]).var())


def test_the_swap_reaches_the_iterate(quick):
    evidence = quick("step_tuned.independent_step")
    assert evidence.data["Stochastic-GV"] > 0.01
    assert all(evidence.data[name] == 0 for name in ("Algorithm 2", "Exact-GV", "Expected-GV"))


def test_a_method_whose_step_reads_the_mini_batch_is_refuted(monkeypatch):
    from dynamics import StochasticGV

    culprit = StochasticGV(1.0, m=1e-3, M=1e3)
    monkeypatch.setattr(independence, "_methods", lambda: {"Algorithm 2": culprit, "Stochastic-GV": culprit})
    evidence = independence.independent_step.check("quick", np.random.default_rng(0))
    assert evidence.verdict == "refuted"
    assert np.ptp(evidence.counterexample["steps for five choices of B_k"]) > 0


def test_outside_finds_the_indices():
    assert independence.outside([1.0, 2.0, 3.0, 2.5], 2.0, 2.5).tolist() == [0, 2]


def test_gamma_zero_is_what_breaks_the_bounds(quick):
    assert quick("step_tuned.bounds").counterexample["gamma_0"] == pytest.approx(1.0)
