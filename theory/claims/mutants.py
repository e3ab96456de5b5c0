"""Variants of claims: every constant turned, every hypothesis dropped, and what becomes of the verdict.

`python -m theory.claims.mutants [PATTERN]...` prints what docs/mutants.md has.
"""

from __future__ import annotations

import fnmatch
import functools
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Literal, NamedTuple

from theory.claims.constants import turned
from theory.claims.evidence import HOLDS, Verdict
from theory.claims.ledger import Claim, Level

__all__ = ["Outcome", "mutants", "outcomes", "report"]

UNTRIED = "not tried at this level"


def mutants(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """Go through the variants of a claim: each with one constant turned, or without one hypothesis that its check
    uses or that is known to be needless.

    Examples
    --------
    >>> from theory.claims import claim
    >>> [name for name, _ in mutants(claim("problems.carmon_curvature"))][:2]
    ['least * 2', 'least / 2']
    """
    if claim.vary is None:
        return
    for name, constant in claim.constants.items():
        for told, other in turned(name, constant).items():
            yield told, claim.vary({**claim.constants, name: other}, claim.hypotheses)
    for left_out in claim.hypotheses:
        if f"without {left_out.name}" in claim.variants:
            kept = tuple(each for each in claim.hypotheses if each is not left_out)
            yield f"without {left_out.name}", claim.vary(claim.constants, kept)


class Outcome(NamedTuple):
    """What became of a variant."""

    claim: str
    variant: str
    verdict: Verdict
    expected: Literal["false", "true as well", "not told apart"]
    why: str = ""
    is_open: bool = False  # whether the check leaves the statement itself undecided at this level

    @property
    def is_as_expected(self) -> bool:
        """Whether a false variant lost the verdict, and another one kept it, where there is one to keep."""
        if self.is_open and self.verdict is Verdict.UNDECIDED:
            return True
        return (self.verdict in HOLDS) == (self.expected != "false")


def outcomes(claim: Claim, *, level: Level = "quick", seed: int = 0) -> Iterator[Outcome]:
    """Check every variant of a claim.

    Examples
    --------
    >>> from theory.claims import claim
    >>> found = list(outcomes(claim("problems.carmon_curvature")))
    >>> all(each.is_as_expected for each in found), sum(each.verdict == "refuted" for each in found) >= 4
    (True, True)
    """
    itself = functools.cache(lambda: claim.check(level, seed).verdict)
    for name, variant in mutants(claim):
        verdict = variant.check(level, seed).verdict
        is_open = verdict is Verdict.UNDECIDED and itself() is Verdict.UNDECIDED
        if name in claim.also_true:
            yield Outcome(claim.id, name, verdict, "true as well", claim.also_true[name], is_open)
        elif name in claim.not_told_apart:
            yield Outcome(claim.id, name, verdict, "not told apart", claim.not_told_apart[name])
        else:
            yield Outcome(claim.id, name, verdict, "false", is_open=is_open)


def _outcomes_of(id: str) -> list[Outcome]:
    """In a process of its own: the outcomes of a claim that is announced."""
    from theory.claims import claim

    return list(outcomes(claim(id)))


def report(chosen: Sequence[Claim], *, jobs: int = 1) -> Iterator[str]:
    """Check every variant of these claims, in so many processes, and write docs/mutants.md, line by line.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory.claims import claim
    >>> bare = replace(claim("problems.condition_number"), constants={}, vary=None)
    >>> lines = list(report([claim("problems.carmon_curvature"), bare]))
    >>> lines[2].startswith("1 of 2 claims have no constants that could be turned"), lines[4]
    (True, 'Without constants: `problems.condition_number`.')
    """
    turned_ones = [entry for entry in chosen if any(mutants(entry))]
    others = [entry for entry in chosen if entry not in turned_ones]
    bare = [entry.id for entry in others if not entry.nothing_to_turn]
    if jobs == 1:
        found = [each for entry in turned_ones for each in outcomes(entry)]
    else:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
            found = [each for part in pool.map(_outcomes_of, [entry.id for entry in turned_ones]) for each in part]
    counts = Counter(UNTRIED if each.is_open else each.expected for each in found)
    wrong = sum(not each.is_as_expected for each in found)
    yield "# Variants of claims"
    yield ""
    yield (
        f"{len(bare)} of {len(chosen)} claims have no constants that could be turned: whether their checks can fail is "
        f"for their tests to say; {len(others) - len(bare)} have nothing to turn, and say why. Of the other "
        f"{len(turned_ones)}, `python -m theory.claims.mutants` made "
        f"{len(found)} variants at the quick level with the seed 0: {counts['false']} are false, "
        f"{counts['true as well']} are true as well and say why, and {counts['not told apart']} are not told apart "
        f"from the statement, so that what they leave out is not supported by the check. "
        f"{counts[UNTRIED]} say nothing: this level leaves their claim itself undecided, and only the full one can "
        f"try them. "
        f"{wrong or 'None'} came out otherwise."
    )
    yield ""
    yield f"Without constants: {', '.join(f'`{name}`' for name in bare) or 'none'}."
    yield ""
    for entry in others:
        if entry.nothing_to_turn:
            yield f"- Nothing to turn in `{entry.id}`: {entry.nothing_to_turn}"
            yield ""
    yield "| claim | variant | it is | verdict | why |"
    yield "|---|---|---|---|---|"
    for each in found:
        mark = "" if each.is_as_expected else " **unexpected**"
        variant = each.variant.replace("|", "\\|")
        verdict = UNTRIED if each.is_open else f"{each.verdict}{mark}"
        yield f"| {each.claim} | {variant} | {each.expected} | {verdict} | {each.why} |"


def main(patterns: Sequence[str]) -> int:
    """Print the report; return 1 if a variant is not as expected."""
    from theory.claims import claims

    chosen = [each for each in claims() if not patterns or any(fnmatch.fnmatch(each.id, p) for p in patterns)]
    wrong = 0
    for line in report(chosen, jobs=os.cpu_count() or 1):
        wrong += "**unexpected**" in line
        print(line, flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
