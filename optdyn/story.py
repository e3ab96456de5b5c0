"""What there is to say about a checked claim, in the order in which it is told."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from optdyn.findings import Finding

__all__ = ["as_text", "evidence_facts", "source_facts", "story", "worded"]

_EVIDENCE = {
    "margin": "margin",
    "tightness": "tightness",
    "trials": "trials",
    "void_trials": "void trials",
    "error_level": "error level",
    "hypothesis": "extra hypothesis",
}


def source_facts(about: Mapping[str, Any]) -> dict[str, Any]:
    """Where a claim comes from and what it says; what is empty is left out."""
    facts = {
        "paper": about.get("paper"),
        "number": about.get("number"),
        "statement": about.get("statement_words"),
        "formula": about.get("statement_latex"),
        "hypotheses": list(about.get("hypotheses", ())),
    }
    return {name: value for name, value in facts.items() if value}


def evidence_facts(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What a check rests on; what does not apply is left out.

    Examples
    --------
    >>> evidence_facts({"margin": 0.5, "trials": 3, "void_trials": 0, "hypothesis": None})
    {'margin': 0.5, 'trials': 3}
    """
    values = {label: evidence.get(name) for name, label in _EVIDENCE.items()}
    for kind, label in (("machine", "steps by machine"), ("argument", "argued steps")):
        values[label] = [step["text"] for step in evidence.get("steps", ()) if step["kind"] == kind]
    left_out = ("trials", "void trials", "steps by machine", "argued steps")
    return {label: value for label, value in values.items() if value is not None and (value or label not in left_out)}


def worded(verdict: str, evidence: Mapping[str, Any]) -> str:
    """A verdict as people read it: a proof says how many of its steps are argued in words, where they are listed.

    Examples
    --------
    >>> worded("proved", {"steps": [{"kind": "machine", "text": "1"}, {"kind": "argument", "text": "2"}]})
    'proved, with 1 argued step'
    >>> worded("proved", {"steps": [{"kind": "machine", "text": "1"}]}), worded("proved", {})
    ('proved', 'proved')
    """
    argued = sum(step["kind"] == "argument" for step in evidence.get("steps", ()))
    return f"{verdict}, with {argued} argued step{'s' * (argued > 1)}" if verdict == "proved" and argued else verdict


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
    ('proved, with 2 argued steps', 'proved', 'optdyn verify l4.angle --level quick --explain')
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


def as_text(value: Any) -> str:
    """A value of JSON's types as people read it.

    Examples
    --------
    >>> as_text(1 / 3), as_text({"x": [1, 0.5]}), as_text(["a > 0", "b > 0"])
    ('0.333333', '{"x": [1, 0.5]}', 'a > 0; b > 0')
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list) and value and all(isinstance(entry, str) for entry in value):
        return "; ".join(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
