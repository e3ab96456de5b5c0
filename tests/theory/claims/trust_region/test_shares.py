"""Propositions 1 and 2 and the finite laws: exact laws, wrong constants, void laws."""

import math
from fractions import Fraction

import numpy as np
import pytest

from dynamics.checks import Refusal
from theory.claims import Verdict
from theory.claims.trust_region import finite_shares, shares
from theory.diagonal_share import ols_share, simulate_share


def test_proposition_2_with_a_wrong_constant_is_refuted():
    for constant in (1.0, 2 / math.pi):
        evidence = shares.least_squares_share(
            shares.LAWS[:1], level="quick", rng=np.random.default_rng(0), constant=constant
        )
        assert evidence.verdict is Verdict.REFUTED
        assert evidence.counterexample["n"] in (25, 100, 400)


def test_laws_that_break_a_hypothesis_are_void():
    shifted = shares.Law("uniform on [0, 1]", lambda rng, shape: rng.random(shape), 0.5, 1 / 12)
    cauchy = shares.Law("Cauchy", lambda rng, shape: rng.standard_cauchy(shape), 0.0, math.inf)
    evidence = shares.least_squares_share((shifted, cauchy), level="quick", rng=np.random.default_rng(0))
    assert evidence.verdict is Verdict.UNDECIDED
    assert evidence.trials == 0
    assert evidence.void_trials == 2 * 6 * 1500


def test_laws_have_the_moments_they_state():
    rng = np.random.default_rng(0)
    for law in shares.LAWS:
        if not math.isfinite(law.variance):
            continue
        sample = law.draw(rng, (200_000,))
        assert sample.mean() == pytest.approx(law.mean, abs=5 * math.sqrt(law.variance / sample.size))
        assert sample.var() == pytest.approx(law.variance, rel=0.05)


def test_simulated_masses_have_the_exact_gaussian_ratio():
    off, on = shares.masses(shares.LAWS[0], 6, 3, 4000, np.random.default_rng(0))
    exact = ols_share(6, 3, data="gaussian")
    assert on.mean() / (on.mean() + off.mean()) == pytest.approx(float(exact), rel=0.02)
    limit = ols_share(6, 3)
    assert abs(float(exact) / float(limit) - 1) > 0.03  # at n = 3 the limit is visibly off


@pytest.mark.parametrize("law", shares.LAWS, ids=lambda law: law.name)
def test_blocks_are_independent_draws(law):
    off, _ = shares.masses(law, 2, 4, 2 * shares.BLOCK + 3, np.random.default_rng(1))
    assert off.shape == (2 * shares.BLOCK + 3,)
    assert not np.array_equal(off[: shares.BLOCK], off[shares.BLOCK : 2 * shares.BLOCK])


def test_enumerated_sign_sums_tell_a_wrong_form():
    assert [finite_shares.mean_absolute_sum(n) for n in (1, 2, 3, 4)] == [1, 1, Fraction(3, 2), Fraction(3, 2)]
    assert finite_shares.mean_absolute_sum(6) == finite_shares.closed_mean(6)
    assert finite_shares.mean_absolute_sum(6) != finite_shares.closed_mean(8)  # one step of m too far


def test_enumerated_shares_agree_with_simulation():
    mean_share, share_of_mean = finite_shares.rademacher_shares(2, 3)
    found = simulate_share("ols", dimension=2, samples=3, trials=20_000, rng=0, data="rademacher", level=0.999)
    assert found.expected_share_interval[0] < mean_share < found.expected_share_interval[1]
    assert found.share_of_expectation_interval[0] < share_of_mean < found.share_of_expectation_interval[1]
    assert share_of_mean == 1 / (1 + finite_shares.closed_mean(3) / 3)


def test_with_one_row_there_is_nothing_to_tell_apart():
    assert finite_shares.rademacher_shares(1, 2) == (1, 1)


def test_the_average_of_the_example_is_dominated_row_by_row(quick):
    case = quick("trust_region.average_dominance").counterexample
    for name, dominated in (("first", False), ("second", False), ("sum", True)):
        matrix = np.array(case[name])
        assert bool(np.all(2 * np.diag(matrix) >= matrix.sum(axis=1))) is dominated


def test_an_interval_that_cannot_be_computed_leaves_the_claim_undecided(monkeypatch):
    def refuse(*_, **__):
        raise Refusal("the denominator's mean cannot be told from zero")

    monkeypatch.setattr(shares.statistical, "ratio_interval", refuse)
    evidence = shares.least_squares_share(shares.LAWS[:1], level="quick", rng=np.random.default_rng(0))
    assert evidence.verdict is Verdict.UNDECIDED
    assert "cannot be told from zero" in evidence.text
