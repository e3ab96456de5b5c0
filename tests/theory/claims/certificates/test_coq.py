"""Lemmas for Coq: what they state, and that Coq proves them, where it is installed."""

import re
import shutil
import subprocess

import pytest

from theory.claims.certificates import coq

FALL = ["+", "y", ["*", -1, "x"]]
RISE = ["+", "z", ["*", -1, "y"]]
PARTS = [
    {"kind": "identity", "left": ["/", "x", "y"], "right": ["/", ["*", 2, "x"], ["*", 2, "y"]]},
    {"kind": "positive", "expression": ["+", 1, ["/", "x", "y"]], "numerator": ["+", "y", "x"], "denominator": "y",
     "closed": False},
    {"kind": "multipliers", "target": ["*", "w", ["+", "z", ["*", -1, "x"]]],
     "terms": [{"multiplier": "w", "premise": FALL}, {"multiplier": "w", "premise": RISE}]},
]  # fmt: skip


def entry(*parts):
    return {"claim": "tests.example", "sentence": "A (* remark *).", "steps": [{"certificate": list(parts)}]}


def test_a_lemma_says_what_the_certificate_says():
    lines = [line for line in coq.source(entry(*PARTS)).splitlines() if line.startswith("Lemma")]
    assert lines == [
        "Lemma step_1_1 : forall v0 v1 : R, (v0 * (2 * v1)) = ((2 * v0) * v1).",
        "Lemma step_1_2_is : forall v0 v1 : R, ((v1 + v0) * v1) = ((v1 + v0) * v1).",
        "Lemma step_1_2_sign : forall v0 v1 : R, 0 < v0 -> 0 < v1 -> 0 < (v0 + v1) /\\ 0 < v0.",
        "Lemma step_1_3 : forall v0 v1 v2 v3 : R, 0 < v0 -> 0 <= (v1 + ((-1) * v2)) -> 0 <= (v3 + ((-1) * v1)) -> "
        "0 <= (v0 * (v3 + ((-1) * v2))).",
    ]
    assert coq.source(entry(*PARTS)).startswith("(* tests.example: A ( * remark * ). *)")


def test_what_has_no_form_in_coq_is_left_out():
    assert coq.source(entry(PARTS[0], {"kind": "worst_case"})) is None
    assert coq.source(entry({"kind": "identity", "left": ["sqrt", "x"], "right": "x"})) is None
    assert coq.source(entry()) is None


@pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed")
def test_coq_proves_what_is_true_and_nothing_else(tmp_path):
    text = coq.source(entry(*PARTS))
    assert proves(text, tmp_path)
    assert not proves(re.sub(r"2 \* v1", "3 * v1", text), tmp_path)
    assert not proves(text.replace("0 < v0 -> 0 < v1", "0 < v1"), tmp_path)
    assert not proves(text.replace("0 <= (v0 * (v3", "0 <= ((-1) * v0 * (v3"), tmp_path)


def proves(text, folder):
    (folder / "lemmas.v").write_text(text)
    return subprocess.run(["coqc", "-q", "lemmas.v"], cwd=folder, capture_output=True).returncode == 0
