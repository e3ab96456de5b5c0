"""The ledger: statements of the papers as claims, each with a check that anyone can run again."""

from __future__ import annotations

import difflib

from theory.claims import arsg, l4, problems, sigma_nice, step_tuned, trust_region, worst_case
from theory.claims.ledger import LEVELS, Claim, Evidence, Hypothesis, Level, Seed, Verdict, unmet
from theory.claims.recorded import contradicts, recorded_verdicts

__all__ = [
    "LEVELS",
    "Claim",
    "Evidence",
    "Hypothesis",
    "Level",
    "Seed",
    "Verdict",
    "claim",
    "claims",
    "contradicts",
    "recorded_verdicts",
    "unmet",
]

_PAPERS = (step_tuned, sigma_nice, trust_region, arsg, l4, problems, worst_case)
_CLAIMS: dict[str, Claim] = {entry.id: entry for paper in _PAPERS for entry in paper.CLAIMS}


def claims() -> tuple[Claim, ...]:
    """Return every claim of the ledger, paper by paper.

    Returns
    -------
    tuple of Claim

    Examples
    --------
    >>> sorted({entry.id.split(".")[0] for entry in claims()})
    ['arsg', 'l4', 'problems', 'sigma_nice', 'step_tuned', 'trust_region', 'worst_case']
    """
    return tuple(_CLAIMS.values())


def claim(claim_id: str) -> Claim:
    """Return the claim of that id.

    Parameters
    ----------
    claim_id : str
        `paper.name`, as `claims` lists them.

    Returns
    -------
    Claim

    Raises
    ------
    ValueError
        If there is none; the message names the closest id.

    Examples
    --------
    >>> claim("arsg.variance_limit").number
    '(15)'
    """
    if claim_id not in _CLAIMS:
        closest = difflib.get_close_matches(claim_id, _CLAIMS, n=1, cutoff=0.0)[0]
        raise ValueError(f"no claim {claim_id!r} in the ledger of {len(_CLAIMS)} claims; did you mean {closest!r}?")
    return _CLAIMS[claim_id]
