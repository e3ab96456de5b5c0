"""A claim checked: the evidence beside the verdict on file, or the traceback of a check that crashed."""

import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["CRASHED", "Finding", "about", "command_for", "crashed", "examine"]

CRASHED = "crashed"
Keep = Callable[[Any, Any], Mapping[str, Any]]


class Finding(NamedTuple):
    """What one check said, as JSON's own types."""

    id: str
    verdict: str  # of `theory.claims.Verdict`, or CRASHED
    recorded: str | None  # the verdict on file
    contradicts: bool
    evidence: dict[str, Any]  # empty where the check crashed
    seconds: float
    traceback: str = ""
    about: Mapping[str, Any] = {}  # what is known of the claim before it is checked
    command: str = ""  # checks it again

    @property
    def is_wrong(self) -> bool:
        """Whether the check crashed or stands against the verdict on file."""
        return self.contradicts or self.verdict == CRASHED


def about(claim: Any) -> dict[str, Any]:
    """What is known of a claim before it is checked."""
    fields = ("title", "paper", "number", "statement_latex", "statement_words", "origin", "quote")
    from plots.registry import showing

    hypotheses = [hypothesis.name for hypothesis in claim.hypotheses]
    return {name: getattr(claim, name) for name in fields} | {
        "hypotheses": hypotheses,
        "symbols": claim.symbols,
        "figures": list(showing(claim.id)),
        "brings_picture": claim.picture is not None,
    }


def command_for(id: str, *, level: str, seed: int = 0) -> str:
    """What is typed to check a claim again.

    Examples
    --------
    >>> command_for("l4.angle", level="quick")
    'optdyn verify l4.angle --level quick --explain'
    """
    return f"optdyn verify {id} --level {level}{f' --seed {seed}' if seed else ''} --explain"


def examine(claim: Any, *, level: str, seed: int, keep: Keep | None = None) -> Finding:
    """Check a claim; an exception of the check becomes a finding too.

    Parameters
    ----------
    claim : theory.claims.Claim
    level : {"quick", "full"}
    seed : int
        Source of every random draw of the check.
    keep : callable, optional
        Gets the claim and its `theory.claims.Evidence`, of which a finding holds the part that JSON can carry, and
        returns what the finding is to say besides.

    Examples
    --------
    >>> from theory.claims import claim
    >>> examine(claim("l4.angle"), level="quick", seed=0).verdict
    'proved'
    """
    from theory.claims import contradicts
    from theory.claims.collection import place_of

    began = time.perf_counter()
    try:
        evidence = claim.check(level=level, rng=seed)
        content = evidence.to_json()
        if keep is not None:
            content |= keep(claim, evidence)
    except Exception:
        seconds = time.perf_counter() - began
        return crashed(claim, traceback.format_exc(), level=level, seed=seed, seconds=seconds)
    return Finding(
        claim.id,
        content["verdict"],
        _on_file(claim.id, level),
        contradicts(claim.id, evidence, level),
        content,
        time.perf_counter() - began,
        about=about(claim),
        command=command_for(place_of(claim.id) or claim.id, level=level, seed=seed),
    )


def crashed(claim: Any, reason: str, *, level: str, seed: int, seconds: float = 0.0) -> Finding:
    """The finding of a check that came to no evidence; `reason` ends with the line that says why."""
    from theory.claims.collection import place_of

    command = command_for(place_of(claim.id) or claim.id, level=level, seed=seed)
    return Finding(claim.id, CRASHED, _on_file(claim.id, level), False, {}, seconds, reason, about(claim), command)


def _on_file(id: str, level: str) -> str | None:
    from theory.claims import recorded_verdicts

    recorded = recorded_verdicts(level).get(id)
    return None if recorded is None else str(recorded)
