"""The ledger: statements of the papers as claims, each with a check that anyone can run again."""

from __future__ import annotations

from dynamics.checks import Refusal, unknown
from theory.claims import arsg, high_dimension, l4, problems, sigma_nice, step_tuned, trust_region, worst_case
from theory.claims.ledger import (
    LEVELS,
    Claim,
    Evidence,
    Hypothesis,
    Level,
    Seed,
    Step,
    Verdict,
    claims_in,
    statement,
    unmet,
)
from theory.claims.recorded import contradicts, recorded_verdicts

__all__ = [
    "LEVELS",
    "Claim",
    "Evidence",
    "Hypothesis",
    "Level",
    "Seed",
    "Step",
    "Verdict",
    "claim",
    "claims",
    "contradicts",
    "recorded_verdicts",
    "statement",
    "unmet",
]

_LEDGER = (
    *step_tuned.CLAIMS,
    *sigma_nice.CLAIMS,
    *trust_region.CLAIMS,
    *arsg.CLAIMS,
    *l4.CLAIMS,
    *claims_in(problems, high_dimension),
    *worst_case.CLAIMS,
)
_CLAIMS: dict[str, Claim] = {entry.id: entry for entry in _LEDGER}


def claims() -> tuple[Claim, ...]:
    """Return every claim of the ledger, paper by paper.

    Returns
    -------
    tuple of Claim

    Examples
    --------
    >>> sorted({entry.id.split(".")[0] for entry in claims()})
    ['arsg', 'high_dimension', 'l4', 'problems', 'sigma_nice', 'step_tuned', 'trust_region', 'worst_case']
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
    if not isinstance(claim_id, str) or claim_id not in _CLAIMS:
        raise Refusal(unknown("claim", claim_id, _CLAIMS))
    return _CLAIMS[claim_id]
