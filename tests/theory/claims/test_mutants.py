"""False variants lose their verdict, and what is true as well keeps it."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from theory.claims import Evidence, Hypothesis, Verdict, claim, claims, statement
from theory.claims.constants import exponent, factor, number
from theory.claims.mutants import mutants, outcomes, report
from theory.claims.shown import evidence_facts

TURNED = [entry.id for entry in claims() if any(mutants(entry))]
# Checks of a fraction of a second, without machine code; the others are for `-m slow`.
QUICK = (
    "arsg.best_curvature",
    "arsg.operation_count",
    "arsg.solution",
    "arsg.theorem1_stable",
    "arsg.theorem3_defaults",
    "arsg.turning_curvature",
    "arsg.variance_limit",
    "arsg.worst_at_an_end",
    "l4.factorisation",
    "l4.polyak",
    "problems.carmon_curvature",
    "sigma_nice.argmin_jump",
    "sigma_nice.distance_to_minimiser",
    "sigma_nice.inner_loop",
    "sigma_nice.modulus_at_centre",
    "sigma_nice.noise_cap",
    "sigma_nice.variance_table",
    "step_tuned.barzilai_borwein",
    "step_tuned.lemma3",
    "step_tuned.range_beyond_quadratics",
    "step_tuned.unbiased",
    "trust_region.adagrad_not_equivalent",
    "trust_region.complexity",
    "trust_region.gauss_newton_saddles",
    "trust_region.half_under_early_stop",
    "trust_region.released_accumulator",
    "trust_region.rademacher_share",
    "trust_region.smaller_epsilon",
    "trust_region.usual_epsilon",
)


def test_claims_are_turned():
    assert len(TURNED) >= 120
    assert set(QUICK) <= set(TURNED)


@pytest.mark.parametrize(
    "claim_id", [each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in TURNED]
)
def test_what_is_false_loses_the_verdict(claim_id):
    found = list(outcomes(claim(claim_id)))
    assert [each for each in found if not each.is_as_expected] == []
    assert any(each.expected == "false" for each in found)


@pytest.mark.parametrize("claim_id", TURNED)
def test_each_variant_has_a_sentence_of_its_own(claim_id):
    entry = claim(claim_id)
    for name, other in mutants(entry):
        told = (other.statement_latex, other.statement_words, other.hypotheses)
        assert told != (entry.statement_latex, entry.statement_words, entry.hypotheses), name
    named = {name for name, _ in mutants(entry)}
    assert set(entry.also_true) | set(entry.not_told_apart) <= named
    assert not set(entry.also_true) & set(entry.not_told_apart)


POSITIVE = Hypothesis("x > 0", lambda *, x: x > 0)


@statement(
    id="tests.square",
    paper="tests",
    number="-",
    title="A square",
    statement_latex=r"x^{$power}\ge$share x-$rest",
    statement_words="The power $power of x is at least $share x less $rest.",
    hypotheses=(POSITIVE,),
    constants={"power": exponent(2), "share": factor(2), "rest": number(1)},
    also_true={"rest * 2": "looser"},
    not_told_apart={"power - 1/2": "wrongly: it is false at 2"},
)
def square(level, rng, *, power, share, rest, hypotheses):
    points = [x for x in (-1.0, 0.5, 1.0, 2.0) if all(each.holds(x=x) for each in hypotheses)]
    bad = [
        x
        for x in points
        if complex(x) ** float(power) != abs(x) ** float(power) or x ** float(power) < share * x - rest
    ]
    if bad:
        return Evidence(verdict=Verdict.REFUTED, counterexample={"x": bad[0]}, text="no")
    return Evidence(verdict=Verdict.SUPPORTED, trials=len(points), text="yes")


def test_what_has_nothing_to_turn_says_why():
    assert [entry.id for entry in claims() if entry.nothing_to_turn and any(mutants(entry))] == []
    bare = dataclasses.replace(square, id="tests.bare", constants={}, vary=None)
    said = dataclasses.replace(bare, id="tests.said", nothing_to_turn="a single number")
    told = list(report([bare, said]))
    assert told[2].startswith("1 of 2 claims have no constants that could be turned")
    assert "1 have nothing to turn, and say why" in told[2]
    assert "- Nothing to turn in `tests.said`: a single number" in told
    assert "Without constants: `tests.bare`." in told


def test_constants_stand_in_the_sentence_and_reach_the_check():
    assert square.statement_latex == r"x^{2}\ge2 x-1"
    assert square.check().verdict is Verdict.SUPPORTED
    other = square.vary({**square.constants, "rest": number("1/2")}, square.hypotheses)
    assert other.statement_words == "The power 2 of x is at least 2 x less 1/2."
    assert other.check().counterexample == {"x": 0.5}
    assert other.vary(square.constants, square.hypotheses).check().verdict is Verdict.SUPPORTED


def test_outcomes_tell_what_is_unexpected():
    found = {each.variant: each for each in outcomes(square)}
    assert found["rest / 2"].is_as_expected
    assert found["rest * 2"].is_as_expected
    assert not found["power - 1/2"].is_as_expected  # said to keep the verdict, and loses it
    assert not found["share / 2"].is_as_expected  # true as well, which nobody said
    assert found["share / 2"].expected == "false"


def test_what_is_open_itself_has_no_verdict_to_keep():
    def nothing(level, rng, **_):
        return Evidence(verdict=Verdict.UNDECIDED, text="too few draws")

    open_itself = square.vary(square.constants, square.hypotheses)
    open_itself = dataclasses.replace(
        open_itself, decide=nothing, vary=lambda *_: dataclasses.replace(open_itself, decide=nothing)
    )
    looser = next(each for each in outcomes(open_itself) if each.variant == "rest * 2")
    assert looser.is_as_expected
    decided = dataclasses.replace(open_itself, decide=square.decide)
    assert not next(each for each in outcomes(decided) if each.variant == "rest * 2").is_as_expected


def test_a_constant_is_passed_exactly():
    assert square.constants["rest"].value == Fraction(1)
    assert isinstance(square.check(rng=np.random.default_rng(0)), Evidence)


def test_bounds_with_factors_are_the_printed_ones():
    from theory.arsg import theorem2_bound, theorem3_bound
    from theory.claims.arsg import theorem2, theorem3
    from theory.claims.step_tuned import convergence
    from theory.step_tuned import gradient_bound_of_theorem1

    known = {"step_size": 0.3, "beta": 0.5, "mu": 0.2, "smoothness": 2.0, "gradient_bound": 3.0, "initial_gap": 5.0}
    ours = theorem2.bound(50, eps=0.1, dimension=4, **known)
    assert ours == pytest.approx(theorem2_bound(50, eps=0.1, dimension=4, **known), rel=1e-12)
    trials = theorem3.draw(4, 3, 2, np.random.default_rng(0))
    steep, alpha = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 1.0, 2.0, 4.0])
    ours = theorem3.bound(7, trials, step_size=alpha, gradients=steep, diameter=2.0, factors=theorem3.AS_PRINTED)
    names = ("beta1", "beta2", "mu", "eps")
    printed = theorem3_bound(
        7, step_size=alpha, gradient_bound=steep, diameter=2.0, **{name: getattr(trials, name) for name in names}
    )
    np.testing.assert_allclose(ours, printed, rtol=1e-12)
    setting = convergence.Setting(None, 2.0, 0.5, 0.7)
    settings = {"step_size": 0.1, "delta": 0.1, "m": 0.5, "M": 2.0}
    total, weights = convergence.weighted_bound(9, **settings, setting=setting, numbers=convergence.AS_PROVED)
    expected = gradient_bound_of_theorem1(9, **settings, lipschitz=2.0, squared_gradient=0.5, gap=0.7)
    assert total / weights.sum() == pytest.approx(float(expected), rel=1e-12)


def test_what_nothing_can_break_says_so_and_is_no_support():
    common = {"id": "tests.one", "paper": "tests", "number": "-", "title": "One", "statement_latex": r"1>0"}
    common["statement_words"] = "One is positive."

    def one(level, rng):
        return Evidence(verdict=Verdict.SUPPORTED, trials=1, text="yes")

    bare = statement(**common)(one)
    assert "No number" in bare.check().unbroken
    said = statement(**common, nothing_to_turn="It is a definition.")(one)
    assert said.check().unbroken == "It is a definition."
    shown = evidence_facts(said.check().to_json())
    assert shown["nothing tried it"] == "It is a definition."
    # A variant that has to be refused is what makes evidence of a check; one that is true as well does not.
    assert square.check().unbroken is None
    assert square.false_variants
    looser = dict.fromkeys(square.variants, "looser")
    assert "No number" in dataclasses.replace(square, also_true=looser, not_told_apart={}).check().unbroken
    # Nothing is said of what holds nothing up.
    refuted = dataclasses.replace(bare, decide=lambda level, rng: Evidence(verdict=Verdict.UNDECIDED, text="open"))
    assert refuted.check().unbroken is None


def test_variants_have_their_names_before_they_are_made():
    for entry in claims():
        assert entry.variants == tuple(name for name, _ in mutants(entry)), entry.id
