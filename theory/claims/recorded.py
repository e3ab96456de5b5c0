"""The verdicts on file, against which a fresh check is held."""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Iterable
from pathlib import Path

from dynamics.checks import KindRefusal, Refusal, shown
from dynamics.papers import left_out, papers
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
    """Read the verdict on file of every claim: of a paper's claims from `verdicts.json` beside their modules.

    Returns
    -------
    dict
        Claim id to verdict.

    Examples
    --------
    >>> str(recorded_verdicts()["problems.condition_number"])
    'refuted'
    """
    found = dict(_adopted)
    for paper in papers().values():
        for folder in dict.fromkeys(map(_folder, paper.claims)):
            try:
                found |= verdicts_in(folder, f"{paper.id}.")
            except Refusal as error:
                left_out(paper, str(error).rstrip("."))
    return found


def adopt_verdicts(folder: Path | None, ids: Iterable[str]) -> None:
    """Hold claims that no paper announces against the verdicts in a folder."""
    for claim_id in ids:
        _adopted.update(verdicts_in(folder, claim_id))


_adopted: dict[str, Verdict] = {}


def verdicts_in(folder: Path | None, prefix: str) -> dict[str, Verdict]:
    """The verdicts in a folder's `verdicts.json` of claims whose ids begin so; none without such a file.

    Raises
    ------
    ValueError
        If the file is no table of verdicts.
    """
    file = folder / "verdicts.json" if folder else None
    if file is None or not file.is_file():
        return {}
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
        return {claim_id: Verdict(word) for claim_id, word in table.items() if claim_id.startswith(prefix)}
    except (OSError, ValueError, AttributeError) as error:
        words = ", ".join(Verdict)
        raise Refusal(
            f'{file} is no table of verdicts ({" ".join(str(error).split())}): write {{"paper.claim": "proved"}}, '
            f"with one of {words}."
        ) from error


@functools.cache
def _folder(place: str) -> Path | None:
    """Where the module of a paper's claims lies; None where it can't be found, which the ledger tells."""
    try:
        found = importlib.util.find_spec(place.partition(":")[0])
    except Exception:
        return None
    return Path(found.origin).parent if found and found.origin else None


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
