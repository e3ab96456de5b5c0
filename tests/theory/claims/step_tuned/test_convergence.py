"""Theorem 1's bound and the lemma by other routes, and false variants."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory.claims.routes import symbolic
from theory.claims.step_tuned import convergence
from theory.claims.step_tuned.convergence import Comparison


def test_the_one_sided_example_breaks_the_conclusion_only():
    total, largest = convergence.one_sided_example(30)
    assert total == 1 - Fraction(1, 2**30)
    assert largest == 1


def test_a_lemma_with_half_the_constant_is_not_certified():
    eps, K, u = sp.symbols("eps K u")
    v = sp.symbols("v0:2")
    weight = eps / (2 * K)
    terms = [(u, v[0] - eps / 2), (weight, K * u - (v[0] - v[1])), (weight, v[0] - v[1] - eps / 2)]
    assert symbolic.certifies(u * v[0] - eps**2 / (4 * K), terms)
    assert not symbolic.certifies(u * v[0] - eps**2 / (2 * K), terms)


def test_a_bound_far_too_small_is_refuted():
    found = convergence.comparisons(convergence.receding_setting(), (0.25,), steps=100, seeds=40, bound_factor=0.01)
    evidence = convergence.judged(found, trials=40, seeds=40, text="holds", data={})
    assert evidence.verdict == "refuted"
    assert evidence.counterexample["mean over seeds"] > evidence.counterexample["bound"]


def test_an_interval_that_reaches_the_bound_decides_nothing():
    found = [Comparison(0.1, "k = 10", upper=1.1, mean=0.5, bound=1.0)]
    assert convergence.judged(found, trials=1, seeds=1, text="holds", data={}).verdict == "undecided"


def test_beyond_one_half_the_steps_are_summable_and_the_gradient_stays():
    """x^2/2 with delta = 1: each half step takes at most the share alpha_k M of x, and the rest does not vanish."""
    from dynamics import StepTunedSGD, simulate
    from synthetic import quadratic

    method, problem = StepTunedSGD(0.1, delta=1.0), quadratic(eigenvalues=[1.0])
    left = np.prod(1 - 0.1 * 2.0 * np.arange(1.0, 1e5) ** -1.5) ** 2
    assert left > 0.3
    assert simulate(method, problem, steps=3000, x0=[1.0], record_every=3000).gradient_norm[-1] > left


def test_best_step_size_minimises_the_bound():
    from theory.step_tuned import gradient_bound_of_theorem1

    setting = convergence.Setting(None, 2.0, 0.5, 0.7)
    best = convergence.best_step_size(setting, 0.1, 500, M=2.0)

    def bound(step_size):
        return gradient_bound_of_theorem1(
            500, step_size=step_size, delta=0.1, lipschitz=2.0, squared_gradient=0.5, gap=0.7
        )

    assert bound(best) < min(bound(0.99 * best), bound(1.01 * best))


def test_constants_of_the_receding_loss():
    from synthetic import gradient, value

    setting = convergence.receding_setting()
    x = np.linspace(-30, 30, 4001)[:, None]
    slopes = gradient(setting.problem, x)[:, 0]
    numeric = np.gradient(value(setting.problem, x), x[:, 0])
    np.testing.assert_allclose(slopes[1:-1], numeric[1:-1], atol=1e-3)
    assert (slopes < 0).all()
    assert slopes.min() ** 2 <= setting.C1
    assert np.abs(np.gradient(slopes, x[:, 0])).max() <= setting.L
    assert value(setting.problem, [0.0]) == pytest.approx(setting.gap)
    assert 0 < value(setting.problem, [1e6]) < 1e-5
