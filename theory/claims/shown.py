"""A claim and its evidence as people read them: facts in their order, verdicts in words, and HTML for notebooks."""

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["as_text", "claim_card", "evidence_card", "evidence_facts", "worded"]

_EVIDENCE = {
    "margin": "margin",
    "tightness": "tightness",
    "trials": "trials",
    "void_trials": "void trials",
    "error_level": "error level",
    "hypothesis": "extra hypothesis",
    "positive_half": "under it",
    "power": "power",
    "unbroken": "nothing tried it",
    "accepted_by": "certificates accepted by",
}

# Text and ground of a verdict, as on the page of a reproduction.
_COLOURS = {
    "proved": ("#0b5d2a", "#e6f4ea"),
    "supported": ("#2f6b12", "#f0f7e6"),
    "conditional": ("#7a5200", "#fdf3dc"),
    "refuted": ("#9a1c1c", "#fdecea"),
}
_UNDECIDED = ("#555b63", "#f0f1f3")


def evidence_facts(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What a check rests on; what does not apply is left out.

    Parameters
    ----------
    evidence : mapping
        As `Evidence.to_json` gives it.

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
    """A verdict as people read it: a proof says how many of its steps are argued in words, where they are listed, and
    a condition what is known of the statement under it.

    Parameters
    ----------
    verdict : str
    evidence : mapping
        As `Evidence.to_json` gives it.

    Examples
    --------
    >>> worded("proved", {"steps": [{"kind": "machine", "text": "1"}, {"kind": "argument", "text": "2"}]})
    'proved, with 1 argued step'
    >>> worded("proved", {"steps": [{"kind": "machine", "text": "1"}]}), worded("proved", {})
    ('proved', 'proved')
    >>> worded("conditional", {"positive_half": "supported"})
    'conditional (supported)'
    """
    if verdict == "conditional" and evidence.get("positive_half"):
        return f"conditional ({evidence['positive_half']})"
    argued = sum(step["kind"] == "argument" for step in evidence.get("steps", ()))
    return f"{verdict}, with {argued} argued step{'s' * (argued > 1)}" if verdict == "proved" and argued else verdict


def as_text(value: Any, *, exact: bool = False) -> str:
    """A value of JSON's types as people read it.

    Parameters
    ----------
    value : object
    exact : bool
        Whether numbers keep all their digits, as those of a counterexample do: with fewer it may be none.

    Examples
    --------
    >>> as_text(1.0000923953656464, exact=True)
    '1.0000923953656464'
    >>> as_text(1 / 3), as_text({"x": [1, 0.5]}), as_text(["a > 0", "b > 0"])
    ('0.333333', '{"x": [1, 0.5]}', 'a > 0; b > 0')
    """
    if isinstance(value, float):
        return repr(value) if exact else f"{value:.6g}"
    if isinstance(value, list) and value and all(isinstance(entry, str) for entry in value):
        return "; ".join(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def claim_card(about: Mapping[str, Any], verdict: str | None) -> str:
    """A claim as a card in HTML: title and verdict, source, formula, sentence, hypotheses, symbols, how to check it.

    Parameters
    ----------
    about : mapping
        The claim's texts by the names of its fields, the names of its `hypotheses`, and its `symbols`.
    verdict : str or None
        The one on file.
    """
    given = "".join(f"<li>{html.escape(name)}</li>" for name in about["hypotheses"])
    letters = "".join(_fact(letter, meaning) for letter, meaning in about.get("symbols", {}).items())
    source = f"{about['paper']}, {about['number']}"
    call = f"claim({about['id']!r}).check()"
    return _card(
        f'<div style="font-size:1.15em;font-weight:600">{html.escape(about["title"])} {_chip(verdict or "unchecked")}'
        "</div>",
        f'<div style="opacity:.7">{html.escape(source)}</div>',
        f'<div style="margin:.8em 0">{_formula(about["statement_latex"])}</div>',
        f"<div>{html.escape(about['statement_words'])}</div>",
        f'<div style="margin-top:.6em">Where<ul style="margin:.2em 0 0">{given}</ul></div>' if given else "",
        f'<table style="margin:.6em 0 0;border-collapse:collapse">{letters}</table>' if letters else "",
        f'<div style="margin-top:.6em;opacity:.7">Check it: <code>{html.escape(call)}</code></div>',
    )


def evidence_card(evidence: Mapping[str, Any]) -> str:
    """Evidence as a card in HTML: the verdict, the finding, and what it rests on.

    Parameters
    ----------
    evidence : mapping
        As `Evidence.to_json` gives it.
    """
    verdict = evidence["verdict"]
    facts = evidence_facts(evidence)
    counterexample = evidence.get("counterexample") or {}
    facts |= {f"counterexample: {name}": value for name, value in counterexample.items()}
    rows = "".join(_fact(label, value) for label, value in facts.items())
    return _card(
        f"<div>{_chip(verdict, worded(verdict, evidence))}</div>",
        f'<div style="margin:.5em 0">{html.escape(evidence["text"])}</div>',
        f'<table style="margin:0;border-collapse:collapse">{rows}</table>' if rows else "",
    )


def _card(*parts: str) -> str:
    return f'<div style="max-width:46em;text-align:left;line-height:1.45">{"".join(parts)}</div>'


def _chip(verdict: str, words: str = "") -> str:
    ink, ground = _COLOURS.get(verdict, _UNDECIDED)
    return (
        f'<span style="display:inline-block;padding:0 .6em;border:1px solid;border-radius:1em;font-size:.85rem;'
        f'font-weight:400;color:{ink};background:{ground}">{html.escape(words or verdict)}</span>'
    )


def _fact(label: str, value: Any) -> str:
    style = "text-align:left;vertical-align:top;padding:.15em .9em .15em 0"
    exact = label.startswith("counterexample")
    listed = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    return (
        f'<tr><td style="{style};opacity:.7;white-space:nowrap">{html.escape(label)}</td>'
        f'<td style="{style}">{_items(value) if listed else html.escape(as_text(value, exact=exact))}</td></tr>'
    )


def _items(texts: Iterable[str]) -> str:
    return "<br>".join(map(html.escape, texts))


def _formula(latex: str) -> str:
    """The formula as a picture in the colour of the text around it; as TeX, which notebooks typeset, where it can't."""
    from theory.claims.formulas import INK, svg

    picture = svg(latex)
    if picture is None:
        return html.escape(f"$${latex}$$")
    inline = picture.decode()[picture.index(b"<svg") :].replace(INK, "currentColor")
    # The style sheet inside would hold for the whole page.
    inline = re.sub(r"<(metadata|style)\b.*?</\1>", "", inline, flags=re.DOTALL)
    return inline.replace("<svg", '<svg style="max-width:100%;height:auto"', 1)
