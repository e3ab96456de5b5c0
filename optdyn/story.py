"""What there is to say about a checked claim, in the order in which it is told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from optdyn.findings import Finding
from theory.claims.shown import as_text, evidence_facts, worded

__all__ = ["as_text", "evidence_facts", "source_facts", "story", "tally", "worded"]


WHOSE = {"ours": "ours: the paper does not say so", "slip": "a slip of the pen in the paper"}


def source_facts(about: Mapping[str, Any]) -> dict[str, Any]:
    """Where a claim comes from and what it says; what is empty is left out."""
    facts = {
        "paper": about.get("paper"),
        "number": about.get("number"),
        "whose": WHOSE.get(about.get("origin", "paper")),
        "quoted": about.get("quote"),
        "statement": about.get("statement_words"),
        "formula": about.get("statement_latex"),
        "hypotheses": list(about.get("hypotheses", ())),
        "figures": list(about.get("figures", ())),
    }
    return {name: value for name, value in facts.items() if value}


def tally(findings: Iterable[Finding]) -> str:
    """How many statements have which verdict, those of the papers apart from ours and from slips. What nothing can
    break is counted apart from what is supported.

    Examples
    --------
    >>> tally([Finding("a.b", "proved", None, False, {}, 0.0), Finding("a.c", "refuted", None, False, {}, 0.0)])
    "The papers' statements: 1 proved, 1 refuted."
    """
    counts: dict[str, Counter[str]] = {origin: Counter() for origin in TALLIED}
    for finding in findings:
        unbroken = " (with no false variant to refuse)" if finding.evidence.get("unbroken") else ""
        counts[finding.about.get("origin", "paper")][finding.verdict + unbroken] += 1
    told = (
        f"{TALLIED[origin]}: {', '.join(f'{count} {verdict}' for verdict, count in found.most_common())}."
        for origin, found in counts.items()
        if found
    )
    return " ".join(told)


TALLIED = {"paper": "The papers' statements", "ours": "Statements of ours", "slip": "Slips of the pen"}


def story(finding: Finding) -> Iterator[tuple[str, Any]]:
    """All that is known of a finding, as labels and values of JSON's types.

    Parameters
    ----------
    finding : Finding

    Yields
    ------
    str, object

    Examples
    --------
    >>> from optdyn.findings import examine
    >>> from theory.claims import claim
    >>> told = dict(story(examine(claim("l4.angle"), level="quick", seed=0)))
    >>> told["verdict"], told["on file"], told["again"]
    ('proved', 'proved', 'optdyn verify l4.angle --level quick --explain')
    """
    yield from source_facts(finding.about).items()
    yield "verdict", worded(finding.verdict, finding.evidence)
    yield "on file", finding.recorded or "none yet"
    if finding.traceback:
        yield "traceback", finding.traceback
    if finding.evidence:
        yield "found", finding.evidence["text"]
        yield from evidence_facts(finding.evidence).items()
        if finding.evidence.get("counterexample"):
            yield "counterexample", finding.evidence["counterexample"]
        for name, value in finding.evidence.get("data", {}).items():
            yield f"data: {name}", value
    yield "seconds", round(finding.seconds, 3)
    if finding.command:
        yield "again", finding.command
