"""The verdicts on file, against which a fresh check is held."""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from dynamics.checks import KindRefusal, Refusal, require_word, shown
from dynamics.papers import left_out, papers
from theory.claims.evidence import NOT_RUN, Evidence, Verdict


def recorded_verdicts(level: str = "quick") -> dict[str, Verdict]:
    """Read the verdict on file of every claim: of a paper's claims from `verdicts.json` beside their modules.

    Parameters
    ----------
    level : {"quick", "full"}
        A claim that needs the full level has two verdicts on file.

    Returns
    -------
    dict
        Claim id to verdict.

    Examples
    --------
    >>> str(recorded_verdicts()["problems.condition_number"])
    'refuted'
    """
    require_word("level", level, LEVELS)
    found = dict(_adopted[level])
    for paper in papers().values():
        for folder in dict.fromkeys(map(_folder, paper.claims)):
            try:
                found |= verdicts_in(folder, f"{paper.id}.", level)
            except Refusal as error:
                left_out(paper, str(error).rstrip("."))
    return found


def adopt_verdicts(folder: Path | None, ids: Iterable[str]) -> None:
    """Hold claims that no paper announces against the verdicts in a folder."""
    for claim_id in ids:
        for level, found in _adopted.items():
            found.update(verdicts_in(folder, claim_id, level))


LEVELS = ("quick", "full")
_adopted: dict[str, dict[str, Verdict]] = {level: {} for level in LEVELS}


def verdicts_in(folder: Path | None, prefix: str, level: str = "quick") -> dict[str, Verdict]:
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
        return dict(_table(file.read_text(encoding="utf-8"), prefix, level))
    except (OSError, ValueError, AttributeError, KeyError) as error:
        words = ", ".join(Verdict)
        raise Refusal(
            f'{file} is no table of verdicts ({" ".join(str(error).split())}): write {{"paper.claim": "proved"}}, '
            f"with one of {words}."
        ) from error


@functools.lru_cache(64)
def _table(text: str, prefix: str, level: str) -> Mapping[str, Verdict]:
    """The verdicts in the text of a table, which each claim asks for twice."""
    mine = {claim_id: on_file for claim_id, on_file in json.loads(text).items() if claim_id.startswith(prefix)}
    return {
        claim_id: Verdict(on_file[level] if isinstance(on_file, dict) else on_file)
        for claim_id, on_file in mine.items()
    }


@functools.cache
def _folder(place: str) -> Path | None:
    """Where the module of a paper's claims lies; None where it can't be found, which the ledger tells."""
    try:
        found = importlib.util.find_spec(place.partition(":")[0])
    except Exception:
        return None
    return Path(found.origin).parent if found and found.origin else None


def contradicts(claim_id: str, evidence: Evidence, level: str = "quick") -> bool:
    """Say whether fresh evidence comes to another verdict than the one on file, a weaker one too.

    Parameters
    ----------
    claim_id : str
    evidence : Evidence
    level : {"quick", "full"}
        At which the check was made.

    Returns
    -------
    bool
        False also where no verdict is on file, or where a library that the check needs is not installed.

    Examples
    --------
    >>> contradicts("problems.condition_number", Evidence(verdict=Verdict.UNDECIDED, text="an example"))
    True
    """
    if not isinstance(claim_id, str) or not isinstance(evidence, Evidence):
        raise KindRefusal(f"{shown(claim_id)} and {shown(evidence)}: the id of a claim and its Evidence are needed.")
    recorded = recorded_verdicts(level).get(claim_id)
    return recorded is not None and evidence.verdict is not recorded and NOT_RUN not in evidence.data
