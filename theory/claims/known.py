"""What checks have found already, for those who need no more of it than how tight a bound was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from theory.claims.ledger import Claim, Level

__all__ = ["Found", "found_by", "known_from"]


class Found(NamedTuple):
    """Of a check's evidence: the verdict, bound over value at the tightest case, and how many were tried."""

    verdict: str
    tightness: float | None
    trials: int


Look = Callable[[str, str, int], Found | None]
_LOOK: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def known_from(look: Look) -> Iterator[None]:
    """Let `found_by` ask `look(claim id, level, seed)` first, which answers None for what it does not know.

    Examples
    --------
    >>> from theory.claims import claim
    >>> with known_from(lambda id, level, seed: None):
    ...     found_by(claim("l4.angle"), "quick", 0).verdict
    'proved'
    """
    token = _LOOK.set(look)
    try:
        yield
    finally:
        _LOOK.reset(token)


def found_by(claim: Claim, level: Level, rng: int) -> Found:
    """What a claim's check finds: what is known of it, or else it is checked.

    Examples
    --------
    >>> from theory.claims import claim
    >>> found_by(claim("l4.angle"), "quick", 0).verdict
    'proved'
    >>> with known_from(lambda id, level, seed: Found("refuted", 2.0, 3)):
    ...     found_by(claim("l4.angle"), "quick", 0).trials
    3
    """
    look = _LOOK.get()
    known = None if look is None else look(claim.id, level, rng)
    if known is not None:
        return known
    evidence = claim.check(level, rng)
    return Found(str(evidence.verdict), evidence.tightness, evidence.trials)
