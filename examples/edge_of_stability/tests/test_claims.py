"""Claims reach the verdicts on file, and false variants do not."""

import json
from importlib import resources

import pytest
import sympy as sp
from edge_of_stability import claims, thresholds

from theory.claims import Claim, Verdict

LEDGER = {entry.id: entry for entry in vars(claims).values() if isinstance(entry, Claim)}
RECORDED = json.loads(resources.files("edge_of_stability").joinpath("verdicts.json").read_text())


def test_every_claim_is_on_file():
    assert set(RECORDED) == set(LEDGER)
    assert {"refuted", "conditional", "proved", "supported"} == set(RECORDED.values())


# The reproduction tries those on the network, and ends with status 1 where a verdict is another one.
QUICK = [claim_id for claim_id in RECORDED if claim_id.split("_")[-1] not in ("hovers", "turns", "explains")]


@pytest.mark.parametrize("claim_id", QUICK)
def test_verdicts(claim_id):
    assert str(LEDGER[claim_id].check("quick", 0).verdict) == RECORDED[claim_id]


@pytest.mark.parametrize("name", list(thresholds.METHODS))
def test_a_wrong_threshold_is_noticed(monkeypatch, name):
    wrong = thresholds.METHODS[name]._replace(printed=thresholds.METHODS[name].printed * sp.Rational(99, 100))
    monkeypatch.setitem(thresholds.METHODS, name, wrong)
    assert LEDGER["edge_of_stability.momentum_thresholds"].check().verdict is not Verdict.PROVED


def test_a_wrong_edge_is_noticed_by_measuring(monkeypatch):
    wrong = thresholds.METHODS["gradient descent"]._replace(printed=sp.Rational(21, 10))
    monkeypatch.setitem(thresholds.METHODS, "gradient descent", wrong)
    assert LEDGER["edge_of_stability.measured_thresholds"].check().verdict is Verdict.UNDECIDED
