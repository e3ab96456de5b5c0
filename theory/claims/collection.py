"""All claims by id: those that papers announce, and those of a user's own module or file, once it is named."""

from __future__ import annotations

import functools
from pathlib import Path
from types import ModuleType
from typing import Any

from dynamics.checks import Refusal, unknown
from dynamics.papers import Paper, is_ours, left_out, owner, papers
from dynamics.references import is_reference, load, load_module, why_not
from theory.claims.ledger import Claim, claims_in
from theory.claims.recorded import adopt_verdicts

__all__ = ["adopt_claims", "claim", "claims", "place_of"]


def claims() -> tuple[Claim, ...]:
    """Return every claim of the ledger, paper by paper: optdyn's own, and those of installed papers.

    Returns
    -------
    tuple of Claim

    Examples
    --------
    >>> sorted({entry.id.split(".")[0] for entry in claims()})
    ['arsg', 'high_dimension', 'l4', 'problems', 'sigma_nice', 'step_tuned', 'trust_region', 'worst_case']
    """
    return tuple(_ledger().values())


def claim(claim_id: str) -> Claim:
    """Return the claim of that id.

    Parameters
    ----------
    claim_id : str
        `paper.name`, as `claims` lists them; or `package.module:Name` or `path/to/file.py:Name`.

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
    >>> claim("theory.claims.problems:condition_number").id
    'problems.condition_number'
    """
    if is_reference(claim_id):
        found = adopt_claims(claim_id)
        if len(found) > 1:
            raise Refusal(f"{claim_id} has {len(found)} claims: {', '.join(entry.id for entry in found)}; name one.")
        return found[0]
    known = {**_adopted, **_ledger()}
    if not isinstance(claim_id, str) or claim_id not in known:
        raise Refusal(unknown("claim", claim_id, known))
    return known[claim_id]


def adopt_claims(reference: str) -> tuple[Claim, ...]:
    """Return the claims that a module, a file or a name in one has, and know them by their ids from now on.

    Parameters
    ----------
    reference : str
        `package.module:Name` or `path/to/file.py:Name`, of a claim or a tuple of claims; or a whole module or file,
        with all claims in it, and those of a `Paper` in it.

    Raises
    ------
    ValueError
        If there is no such thing, it has no claim, or an id is another paper's.

    Examples
    --------
    >>> [entry.id for entry in adopt_claims("theory.claims.l4.polyak")]
    ['l4.polyak', 'l4.polyak_run', 'l4.polyak_rate']
    """
    if ":" in reference and not reference.endswith(".py"):
        found = _as_tuple(load(reference, "claim", _holds_claims)[1])
    else:
        found = _of_module(load_module(reference))
        if not found:
            raise Refusal(f"{reference} states no claim: write one below theory.claims.statement, or name it.")
    for entry in found:
        known = _ledger().get(entry.id)
        whose = owner(entry.id)
        if (whose or known) and known is not entry:
            raise Refusal(
                f"claim {entry.id} of {reference} has an id of paper {whose or 'another package'}: begin it with the "
                f"name of your own paper."
            )
    doubled = {entry.id for entry in found if sum(other.id == entry.id for other in found) > 1}
    if doubled:
        raise Refusal(f"{reference} has two claims with the id {min(doubled)}: give one of them another.")
    for entry in found:
        if entry.id not in _ledger():
            _adopted[entry.id] = entry
            _places[entry.id] = _place(entry, reference)
            adopt_verdicts(_folder(entry), [entry.id])
    return found


_adopted: dict[str, Claim] = {}
_places: dict[str, str] = {}


def place_of(claim_id: str) -> str:
    """Return how a claim that no paper announces was named: `package.module:NAME`, or `path/to/file.py:NAME`.

    Returns
    -------
    str
        "" for a claim that a paper announces.

    Examples
    --------
    >>> place_of("arsg.variance_limit")
    ''
    """
    return _places.get(claim_id, "")


def _place(entry: Claim, reference: str) -> str:
    """The module or file of a reference and the claim's own name there; the reference, where it has none."""
    if ":" in reference and not reference.endswith(".py"):
        return reference
    named = [name for name, thing in vars(load_module(reference)).items() if thing is entry]
    return f"{reference}:{named[0]}" if named else reference


@functools.cache
def _ledger() -> dict[str, Claim]:
    found: dict[str, Claim] = {}
    for paper in papers().values():
        for entry in _of_paper(paper):
            if found.get(entry.id) is entry:
                continue  # imported from the module of another paper
            if entry.id in found and owner(entry.id) == paper.id:
                left_out(paper, f"two claims have the id {entry.id}: give one of them another")
            elif not entry.id.startswith(f"{paper.id}."):
                whose = owner(entry.id)
                belongs = f"an id of paper {whose}" if whose else "the id of no paper"
                left_out(paper, f"its claim {entry.id} has {belongs}: begin it with {paper.id}.")
            else:
                found[entry.id] = entry
    return found


def _of_paper(paper: Paper) -> tuple[Claim, ...]:
    """The claims of a paper; another package's that can't be imported are left out, with one line about it."""
    found: list[Claim] = []
    for place in paper.claims:
        try:
            found += _at(place)
        except (Exception, SystemExit) as error:
            if is_ours(paper):
                raise
            why = " ".join(str(error).split()) if isinstance(error, Refusal) else why_not(error)
            left_out(paper, f"its claims in {place} can't be read ({why.rstrip('.')})")
    return tuple(found)


def _of_module(module: ModuleType) -> tuple[Claim, ...]:
    announced = [paper for paper in vars(module).values() if isinstance(paper, Paper)]
    stated = (*claims_in(module), *(entry for paper in announced for place in paper.claims for entry in _at(place)))
    return tuple({id(entry): entry for entry in stated}.values())


def _at(place: str) -> tuple[Claim, ...]:
    return _as_tuple(load(place, "claim", _holds_claims)[1]) if ":" in place else claims_in(load_module(place))


def _holds_claims(thing: Any) -> bool:
    entries = _as_tuple(thing)
    return bool(entries) and all(isinstance(entry, Claim) for entry in entries)


def _as_tuple(thing: Any) -> tuple[Any, ...]:
    return thing if isinstance(thing, tuple) else (thing,)


def _folder(entry: Claim) -> Path | None:
    """Where the module of a claim lies."""
    import sys

    file = getattr(sys.modules.get(entry.decide.__module__), "__file__", None)
    return Path(file).parent if file else None
