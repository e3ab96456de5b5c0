"""Each claim reaches the verdict on file, and the hypothesis tells trials apart."""

import json
from pathlib import Path

import pytest

import mypaper
from mypaper import claims as module
from theory.claims import claims_in, unmet

ON_FILE = json.loads((Path(mypaper.__file__).parent / "verdicts.json").read_text(encoding="utf-8"))
CLAIMS = claims_in(module)


def test_every_claim_is_on_file():
    assert [claim.id for claim in CLAIMS] == list(ON_FILE)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_verdict(claim):
    assert claim.check().verdict == ON_FILE[claim.id]


def test_hypothesis():
    assert unmet((module.CONDITION,), condition_number=2.0) == []
    assert unmet((module.CONDITION,), condition_number=1.0) == ["κ > 1"]


def test_the_counterexample_can_be_computed_again():
    case = module.every_step.check().counterexample
    assert case["start"] == [0.0, 1.0]
    assert case["losses"][1] == pytest.approx(0.5 * (1 - case["long step"] * case["eigenvalues"][1]) ** 2)
    assert case["losses"][1] > case["losses"][0]
