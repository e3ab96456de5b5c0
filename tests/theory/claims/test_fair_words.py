"""The rule of docs/verdicts.md: what may be called refuted or conditional, and whose statement it is."""

import pytest

from theory.claims import Evidence, Verdict, claim, claims, recorded_verdicts
from theory.claims.shown import worded

CONDITIONAL = [entry.id for entry in claims() if recorded_verdicts()[entry.id] is Verdict.CONDITIONAL]


def test_a_paper_is_refuted_by_its_own_words_only():
    refuted = [entry for entry in claims() if recorded_verdicts()[entry.id] is Verdict.REFUTED]
    assert {entry.origin for entry in refuted} <= {"paper", "ours", "slip"}
    assert [entry.id for entry in refuted if entry.origin == "paper" and not entry.quote] == []
    assert all(entry.number for entry in refuted)


def test_quotes_are_short():
    assert all(len(entry.quote.split()) <= 25 for entry in claims())


@pytest.mark.parametrize("claim_id", CONDITIONAL)
def test_the_positive_half_of_a_condition_is_known(claim_id, quick):
    evidence = quick(claim_id)
    assert evidence.positive_half in (Verdict.PROVED, Verdict.SUPPORTED)
    assert worded("conditional", evidence.to_json()) == f"conditional ({evidence.positive_half})"


def test_a_positive_half_is_proved_or_supported():
    with pytest.raises(ValueError, match="proved or supported"):
        Evidence(
            verdict=Verdict.CONDITIONAL,
            hypothesis="x > 0",
            counterexample={"x": 0},
            positive_half=Verdict.UNDECIDED,
            text="an example",
        )


def test_what_is_ours_is_told_apart():
    ours = {entry.id for entry in claims() if entry.origin == "ours"}
    assert {"sigma_nice.threshold_sharp", "trust_region.expected_share", "arsg.theorem3_defaults"} <= ours
    assert {entry.id for entry in claims() if entry.origin == "slip"} == {
        f"arsg.{name}" for name in ("eigen_dynamics", "deviation", "printed_division", "solution")
    }
    with pytest.raises(ValueError, match="origin"):
        claim("l4.angle").__class__(**{**vars(claim("l4.angle")), "origin": "theirs"})
