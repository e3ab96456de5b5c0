"""All proofs of the ledger as files: how many carry certificates, and that these are accepted, and the same again."""

import json
import subprocess
import sys

import pytest

from theory.claims import recorded_verdicts
from theory.claims.certificates import check
from theory.claims.certificates.files import written

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
