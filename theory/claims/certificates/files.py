"""A folder of certificates: one file for each proved claim, and an index of what they state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from theory.claims.certificates import check, coq, solvers
from theory.claims.ledger import Claim, Evidence, Verdict
from theory.claims.recorded import recorded_verdicts


def contents(claim: Claim, evidence: Evidence) -> dict[str, Any]:
    """Return what a claim's file holds: what it states, the steps of its proof, and their certificates.

    Examples
    --------
    >>> from theory.claims import claim
    >>> known = claim("arsg.fast_form")
    >>> file = contents(known, known.check())
    >>> [len(step["certificate"]) for step in file["steps"]]
    [1, 1]
    """
    entry: dict[str, Any] = {
        "claim": claim.id,
        "formula": claim.statement_latex,
        "sentence": claim.statement_words,
        "hypotheses": [hypothesis.name for hypothesis in claim.hypotheses],
        "steps": [
            {"kind": step.kind, "text": step.text}
            | ({"certificate": parts} if step.certificate is not None and (parts := step.certificate()) else {})
            for step in evidence.steps
        ],
    }
    return entry | {"sha256": check.digest(entry)}


def written(entry: Mapping[str, Any]) -> str:
    """Return the text of a file: the same bytes for the same contents."""
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def accepted_by(entry: Mapping[str, Any]) -> list[str]:
    """Name who accepts the certificates of a file: the page of standard Python, and Z3 where it is installed.

    Raises
    ------
    Refused
        If the page does not: what was just decided is not what was written.
    """
    certified, _, _ = check.checked(written(entry), entry["sha256"])
    if not certified:
        return []
    return ["check.py", *([solvers.name()] if solvers.available() and solvers.confirms(entry) else [])]


def write_claim(claim: Claim, evidence: Evidence, *, folder: Path) -> dict[str, Any]:
    """Write the file of a claim that is proved, a name of its own until it is whole, and its lemmas for Coq.

    Parameters
    ----------
    claim : Claim
    evidence : Evidence
        Of its check.
    folder : Path
        Made where it is missing.

    Returns
    -------
    dict
        Under `"accepted_by"` who accepts it; empty where there is no proof.
    """
    if evidence.verdict is not Verdict.PROVED:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    begun = folder / f".{claim.id}.begun"
    entry = contents(claim, evidence)
    begun.write_text(written(entry), encoding="utf-8")
    begun.replace(folder / f"{claim.id}.json")
    if (lemmas := coq.source(entry)) is not None:
        (folder / "coq").mkdir(exist_ok=True)
        (folder / "coq" / f"{claim.id.replace('.', '_')}.v").write_text(lemmas, encoding="utf-8")
    return {"accepted_by": accepted_by(entry)}


def write_index(folder: Path) -> None:
    """Write the index of a folder, with the hash of what each file states, and put the checker beside it.

    Parameters
    ----------
    folder : Path
        Where `write_claim` has written; other files in it are left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [file for name in sorted(recorded_verdicts()) if (file := folder / f"{name}.json").is_file()]
    index = {file.stem: json.loads(file.read_text(encoding="utf-8"))["sha256"] for file in files}
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
    (folder / "check.py").write_text(Path(check.__file__).read_text(encoding="utf-8"), encoding="utf-8")
