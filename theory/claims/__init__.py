"""The ledger: statements of the papers as claims, each with a check that anyone can run again."""

from theory.claims.collection import claim, claims
from theory.claims.evidence import NOT_RUN
from theory.claims.ledger import (
    LEVELS,
    Claim,
    Evidence,
    Hypothesis,
    Level,
    Seed,
    Step,
    Verdict,
    argument,
    claims_in,
    machine,
    statement,
    unmet,
)
from theory.claims.recorded import contradicts, recorded_verdicts

__all__ = [
    "LEVELS",
    "NOT_RUN",
    "Claim",
    "Evidence",
    "Hypothesis",
    "Level",
    "Seed",
    "Step",
    "Verdict",
    "argument",
    "claim",
    "claims",
    "claims_in",
    "contradicts",
    "machine",
    "recorded_verdicts",
    "statement",
    "unmet",
]
