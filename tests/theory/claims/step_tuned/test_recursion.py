"""The proof's inequalities on a sum where they are tight, and false variants of their constants."""

import numpy as np
import pytest

from theory.claims.step_tuned import paths, recursion
from theory.claims.step_tuned.paths import Regression, conditional_shares, halves, pathwise_shares


class Slopes:
    """J_n = h_n x^2/2 + g_n x in one dimension."""

    def __init__(self, curvatures, slopes):
        self.h, self.g = np.array(curvatures), np.array(slopes)

    def values(self, x):
        return self.h * x**2 / 2 + self.g * x

    def gradients(self, x):
        return (self.h * x + self.g)[..., None]


SINGLES = [[0], [1]]


def test_a_descent_lemma_is_an_equality_where_all_curvatures_are_the_constant():
    samples = Slopes([2.0, 2.0], [0.0, 0.0])
    at = halves(samples, np.array([1.0]), 0.1, SINGLES)
    shares = pathwise_shares(at, step=0.1, L=2.0, C1=4.0)
    for name in ("(26)", "(28)-(30)", "(31)", "(32)"):
        np.testing.assert_allclose(shares[name], 1.0, rtol=1e-9)
    assert max(share.max() for share in shares.values()) <= 1 + 1e-9


@pytest.mark.parametrize(("L", "C1"), [(1.9, 4.0), (2.0, 3.9)])
def test_constants_that_are_too_small_are_refuted(L, C1):
    at = halves(Slopes([2.0, 2.0], [0.0, 0.0]), np.array([1.0]), 0.1, SINGLES)
    assert max(share.max() for share in pathwise_shares(at, step=0.1, L=L, C1=C1).values()) > 1.01


def test_without_the_noise_term_the_recursion_fails():
    """At the minimiser of the mean noise alone moves the iterate: E J rises, and (44) with a small constant fails."""
    samples = Slopes([1.0, 1.0], [1.0, -1.0])
    at = halves(samples, np.array([0.0]), 0.2, SINGLES)
    arguments = {"alpha": 0.2, "gamma": 1.0, "L": 1.0, "m": 0.5, "M": 2.0}
    assert (at.value[2] - at.value[0]).mean() > 0
    assert conditional_shares(at, C1=1.0, **arguments)["(44)"] <= 1
    assert conditional_shares(at, C1=0.05, **arguments)["(44)"] > 1


def test_unbiasedness_turns_one_inequality_into_the_next():
    rng = np.random.default_rng(0)
    samples = Regression(rng.normal(size=(4, 2)), rng.normal(size=4))
    at = halves(samples, rng.normal(size=2), 0.3, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
    shares = conditional_shares(at, alpha=0.3, gamma=1.0, L=10.0, C1=5.0, m=0.5, M=2.0)
    assert shares["(35)"] == pytest.approx(shares["(36)"])
    some = halves(samples, np.zeros(2), 0.3, [[0, 1], [0, 2]])  # not all batches: biased
    shares = conditional_shares(some, alpha=0.3, gamma=1.0, L=10.0, C1=5.0, m=0.5, M=2.0)
    assert abs(shares["(35)"] - shares["(36)"]) > 1e-6


def test_regression_in_numpy_agrees_with_the_kernels():
    from synthetic import carmon, gradient, value

    problem = carmon(samples=8, dimension=2, batch_size=3, rng=1)
    samples, x = Regression(problem.A, problem.b), np.array([0.4, -0.7])
    assert samples.values(x).mean() == pytest.approx(value(problem, x), rel=1e-12)
    np.testing.assert_allclose(samples.gradients(x).mean(axis=0), gradient(problem, x), rtol=1e-12)


def test_constants_of_the_regression_are_attained():
    t = np.linspace(-3, 3, 60_001)
    slope = 2 * t / (1 + t**2) ** 2
    assert (slope**2).max() == pytest.approx(27 / 64, abs=1e-7)
    assert np.abs(np.gradient(slope, t)).max() == pytest.approx(2, abs=1e-6)


def test_too_small_a_constant_is_refuted_along_runs(monkeypatch):
    true_constants = Regression.constants
    monkeypatch.setattr(Regression, "constants", lambda self: tuple(value / 50 for value in true_constants(self)))
    monkeypatch.setattr(recursion, "_void", lambda *_: False)
    for decide in (recursion.pathwise.check, recursion.recursion.check):
        evidence = decide("quick", np.random.default_rng(0))
        assert evidence.verdict == "refuted"
        assert evidence.counterexample["inequality"] in evidence.text


def test_constants_that_do_not_bound_the_problem_make_trials_void(monkeypatch):
    for samples in (Regression, paths.Edge):
        monkeypatch.setattr(samples, "constants", lambda self: (1e-3, 1e-3))
    for decide in (recursion.pathwise.check, recursion.recursion.check):
        evidence = decide("quick", np.random.default_rng(0))
        assert evidence.verdict == "undecided"
        assert evidence.trials == 0 < evidence.void_trials


def test_nothing_allowed_and_nothing_needed_is_no_violation():
    assert paths.used(0.0, 0.0) == 0
    assert paths.used(1.0, 0.0) == np.inf
