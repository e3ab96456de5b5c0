"""All proofs of the ledger as files: how many carry certificates, and that these are accepted, and the same again."""

import json
import subprocess
import sys

import pytest

from theory.claims import claim, recorded_verdicts
from theory.claims.arsg import noise
from theory.claims.certificates import check
from theory.claims.certificates.files import contents, written
from theory.claims.constants import factor
from theory.claims.routes import symbolic

PROVED = [claim_id for claim_id, verdict in recorded_verdicts().items() if verdict == "proved"]


@pytest.mark.parametrize("claim_id", PROVED)
def test_every_certificate_is_accepted(claim_id, quick, certificates):
    entry = certificates(claim_id)
    parts = [part for step in entry["steps"] for part in step.get("certificate", [])]
    # An identity of something with itself would be no certificate.
    assert all(part["left"] != part["right"] for part in parts if part["kind"] == "identity")
    certified, machine, argued = check.checked(written(entry), entry["sha256"])
    assert machine >= max(certified, 1)
    assert argued == sum(step.kind == "argument" for step in quick(claim_id).steps)


def test_most_proofs_carry_one(certificates):
    # What a machine has counted, or reduced by other rules than those of polynomials, has none.
    with_one = [entry for entry in PROVED if any(step.get("certificate") for step in certificates(entry)["steps"])]
    assert len(with_one) >= 70


def test_a_process_of_its_own_writes_the_same_bytes(certificates):
    sample = ["arsg.system_matrix", "sigma_nice.inner_loop", "trust_region.cauchy_decrease"]
    script = (
        "import json, sys; from theory.claims import claim; from theory.claims.certificates.files import *; "
        "print(json.dumps([written(contents(claim(c), claim(c).check())) for c in sys.argv[1:]]))"
    )
    ran = subprocess.run([sys.executable, "-c", script, *sample], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [written(certificates(entry)) for entry in sample]


@pytest.mark.parametrize("claim_id", ["arsg.variance_limit", "arsg.variance_increases"])
@pytest.mark.parametrize("turn", [lambda value: 2 * value, lambda value: -value], ids=["twice", "sign"])
def test_a_wrong_formula_is_refused_even_if_the_route_is_fooled(claim_id, turn, monkeypatch):
    right = noise.variance_limit
    monkeypatch.setattr(noise, "variance_limit", lambda *arguments: turn(right(*arguments)))
    monkeypatch.setattr(symbolic, "vanishes", lambda expression: True)
    monkeypatch.setattr(symbolic, "positive_on_orthant", lambda expression, closed=False: True)
    monkeypatch.setattr(noise, "first_failure", lambda *_: None)
    stated = claim(claim_id)
    if claim_id == "arsg.variance_limit":
        turned = {**stated.constants, **{name: factor(turn(1)) for name in ("plain", "mixed")}}
        stated = stated.vary(turned, stated.hypotheses)
    evidence = stated.check()
    assert evidence.verdict == "proved"
    entry = contents(stated, evidence)
    if claim_id == "arsg.variance_increases" and turn(1) > 0:  # twice as large, it rises all the same
        check.checked(written(entry), entry["sha256"])
        return
    with pytest.raises(check.Refused):
        check.checked(written(entry), entry["sha256"])
