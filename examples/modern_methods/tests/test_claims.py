"""Claims reach the verdicts on file, and false variants do not."""

import json
from dataclasses import replace
from fractions import Fraction
from importlib import import_module, resources

import numpy as np
import pytest
from modern_methods.muon import Muon, polar_factor
from modern_methods.problems import AbsoluteValues

from dynamics import check_problem, simulate
from synthetic import as_matrices, quadratic
from theory.claims import Claim, Verdict

MODULES = [import_module(f"modern_methods.claims.{name}") for name in ("matrices", "signs", "distances", "noise")]
LEDGER = {entry.id: entry for module in MODULES for entry in vars(module).values() if isinstance(entry, Claim)}
RECORDED = json.loads(resources.files("modern_methods.claims").joinpath("verdicts.json").read_text())

# `optdyn reproduce` tries these, which compile much, and ends with status 1 where a verdict is another one.
COSTLY = {"clipping", "power_law_rate", "schedule_free_average", "lion_two_averages"}
QUICK = [claim_id for claim_id in RECORDED if claim_id.partition(".")[2] not in COSTLY]

# A statement with a false number: twice, half or the other sign of the true one.
FALSE = [
    ("muon_steepest", "c", "2"),
    ("muon_steepest", "c", "1/2"),
    ("cubic_iterations", "half", "1"),
    ("quintic_iterations", "least", "1000"),
    ("quintic_iterations", "times", "4"),
    ("muon_on_a_quadratic", "c", "2"),
    ("muon_on_a_quadratic", "c", "1/2"),
    ("sign_descent_axes", "c", "1/2"),
    ("lion_two_averages", "lag", "2"),
    ("lion_two_averages", "lag", "0"),
    ("lion_box", "c", "2"),
    ("lion_box", "c", "0"),
    ("d_adaptation_below", "c", "2"),
    ("prodigy_below", "c", "2"),
    ("dog_bound", "a", "1"),
    ("l4_ancestor", "c", "1/2"),
    ("schedule_free_bound", "c", "1/2"),
    ("power_law_rate", "top", "1"),
    ("power_law_rate", "top", "4"),
]


def test_every_claim_is_on_file():
    assert set(RECORDED) == set(LEDGER)
    assert {"refuted", "conditional", "proved", "supported"} == set(RECORDED.values())


def test_what_is_supported_says_what_it_would_have_refused():
    """For claims that take no chances and no runs; the costly ones say it as well."""
    for claim_id in ("dog_bound", "muon_on_a_quadratic"):
        evidence = LEDGER[f"modern_methods.{claim_id}"].check()
        assert evidence.power
        assert evidence.trials >= 20


@pytest.mark.parametrize("claim_id", QUICK)
def test_verdicts(claim_id):
    assert str(LEDGER[claim_id].check("quick", 0).verdict) == RECORDED[claim_id]


@pytest.mark.parametrize(("name", "constant", "value"), FALSE)
def test_false_variants_lose_the_verdict(name, constant, value, monkeypatch):
    claim = LEDGER[f"modern_methods.{name}"]
    if name == "power_law_rate":  # the exponents alone; its runs take no part in this
        monkeypatch.setattr("modern_methods.claims.noise._runs_follow", lambda *_: _Everything())
    constants = dict(claim.constants)
    constants[constant] = replace(constants[constant], value=Fraction(value))
    other = claim.vary(constants, claim.hypotheses)
    assert other.check("quick", 0).verdict in (Verdict.UNDECIDED, Verdict.REFUTED)


class _Everything:
    low, high = -np.inf, np.inf

    def contains(self, _):
        return True


def test_without_its_hypothesis_muon_on_a_quadratic_loses_the_verdict():
    claim = LEDGER["modern_methods.muon_on_a_quadratic"]
    assert claim.vary(claim.constants, ()).check().verdict is Verdict.UNDECIDED


@pytest.mark.slow
def test_muon_takes_the_steps_of_the_claim():
    start = np.random.default_rng(0).standard_normal((4, 3))
    problem = as_matrices(quadratic(eigenvalues=np.ones(12)), (4, 3))
    method = Muon(0.25, beta=0.0, nesterov=False, factor="exact")
    run = simulate(method, problem, steps=1, x0=start.ravel())
    np.testing.assert_allclose(run.x.reshape(4, 3), start - 0.25 * polar_factor(start), rtol=1e-12)


def test_nothing_is_wrong_with_absolute_values():
    problem = AbsoluteValues(np.array([1.0, 3.0]), np.array([0.2, -0.4]), np.array([1.0, 2.0]))
    report = check_problem(problem, rng=0)
    assert report, str(report)
