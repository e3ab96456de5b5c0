"""The verdicts on file, against which a fresh check is held."""

from __future__ import annotations

import json
from importlib import resources

from dynamics.checks import KindRefusal, shown
from theory.claims.evidence import Evidence, Verdict

# Two verdicts contradict each other when they stand on different sides; a quick check may well reach
# less than a full one (support instead of proof, or no decision).
_SIDE = {
    Verdict.PROVED: "holds",
    Verdict.SUPPORTED: "holds",
    Verdict.REFUTED: "fails",
    Verdict.CONDITIONAL: "holds under a further hypothesis",
    Verdict.UNDECIDED: None,
}


def recorded_verdicts() -> dict[str, Verdict]:
    """Read the verdict on file of every claim.

    Returns
    -------
    dict
        Claim id to verdict.

    Examples
    --------
    >>> str(recorded_verdicts()["problems.condition_number"])
    'refuted'
    """
    return {claim_id: Verdict(verdict) for text in _files() for claim_id, verdict in json.loads(text).items()}


def _files() -> list[str]:
    """Read the file of the whole ledger and those of its papers."""
    ledger = resources.files("theory.claims")
    papers = sorted((entry for entry in ledger.iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    files = [folder.joinpath("verdicts.json") for folder in (ledger, *papers)]
    return [file.read_text(encoding="utf-8") for file in files if file.is_file()]


def contradicts(claim_id: str, evidence: Evidence) -> bool:
    """Say whether fresh evidence stands against the verdict on file.

    Parameters
    ----------
    claim_id : str
    evidence : Evidence

    Returns
    -------
    bool
        False also where either verdict is `undecided`, or where no verdict is on file.

    Examples
    --------
    >>> contradicts("problems.condition_number", Evidence(verdict=Verdict.PROVED, text="an example"))
    True
    """
    if not isinstance(claim_id, str) or not isinstance(evidence, Evidence):
        raise KindRefusal(f"{shown(claim_id)} and {shown(evidence)}: the id of a claim and its Evidence are needed.")
    recorded = recorded_verdicts().get(claim_id)
    sides = {_SIDE[verdict] for verdict in (recorded, evidence.verdict) if verdict is not None} - {None}
    return len(sides) > 1
