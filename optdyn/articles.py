"""A part of a reproduction as HTML: what it says first, then how that was made, folded up."""

import html
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optdyn.films import FILMS
from optdyn.parts import Part, Result
from optdyn.reproduction import shown_verdict
from optdyn.story import as_text, evidence_facts, source_facts, worded
from optdyn.tables import number_tables

__all__ = ["article", "chip", "escaped", "fact_list", "label"]

FILE_WORDS = {"nc": "NetCDF", "json": "sidecar (JSON)", "gif": "film (GIF)", "mp4": "film (MP4)"}
PROTOCOL = ("parameters", "seeds", "command", "data_hash")


def label(part: Part, result: Result) -> str:
    """Under what a part is counted and filtered: a figure that is there, or the verdict.

    Examples
    --------
    >>> def work(id, request, folder): ...
    >>> label(Part("figure", "l4.1", {}, {}, "", work), Result("done"))
    'figure'
    >>> label(Part("claim", "l4.angle", {}, {}, "", work), Result("done", verdict="proved"))
    'proved'
    """
    return "figure" if part.kind == "figure" and result.outcome == "done" else shown_verdict(result)


def article(
    part: Part, result: Result, folder: Path, *, paper: str, formula: str | None, titles: Mapping[str, str]
) -> str:
    """A figure or a claim, with the attributes that filters go by.

    Parameters
    ----------
    part : Part
    result : Result
    folder : Path
        Of the report.
    paper : str
        Id of the section that it stands in.
    formula : str or None
        Path of the picture of a claim's statement, if it could be typeset.
    titles : mapping of str to str
        Of all parts of the page by their keys, which links can lead to.
    """
    said = _label(part, result)
    if part.kind == "figure":
        body = _figure(part, result, folder, said) + _links("Claims that it shows", "claim", part, titles)
    else:
        body = _claim(part, result, formula, said, _links("Shown in", "figure", part, titles))
    return (
        f'<article id="{escaped(part.key)}" data-paper="{escaped(paper)}" data-label="{escaped(label(part, result))}">'
        f"\n{body}\n</article>"
    )


def _label(part: Part, result: Result) -> str:
    """The chip with the verdict; a figure has one only where there is trouble."""
    verdict = label(part, result)
    if verdict == "figure":
        return ""
    if part.kind == "figure" and verdict == "crashed":
        return chip(verdict, "failed")
    return chip(verdict)


def _figure(part: Part, result: Result, folder: Path, said: str) -> str:
    head = f'<div class="head"><h4>{escaped(part.about["title"])}</h4>{said}</div>\n{_source(part)}'
    shown = _picture(part, result, folder) if result.outcome == "done" else f"{_trouble(result)}\n{_again(part)}"
    return f"{head}\n{shown}"


def _picture(part: Part, result: Result, folder: Path) -> str:
    files = {Path(name).suffix.lstrip("."): name for name in result.files}
    content = result.content
    message, caption = content.get("message", ""), content.get("caption", "")
    protocol = caption.removeprefix(message).strip()
    links = " · ".join(
        f'<a href="{escaped(name)}">{FILE_WORDS.get(kind, kind.upper())}</a>' for kind, name in files.items()
    )
    shown, seen = files.get("png") or files.get("svg"), escaped(message or part.about["title"])
    image = (
        f'<figure><a href="{escaped(shown)}"><img src="{escaped(shown)}" alt="{seen}" loading="lazy"'
        f"{_extent(folder / shown)}></a></figure>\n"
        if shown
        else ""
    )
    made_of = {name.replace("_", " "): content[name] for name in PROTOCOL if content.get(name)}
    return (
        (f'<p class="message">{escaped(message)}</p>\n' if message else "")
        + image
        + _film(files)
        + f"<details><summary>How it was made</summary><p>{escaped(protocol)}</p>\n{fact_list(made_of)}\n"
        f'<p class="again">Files: {links}</p>\n{_again(part)}</details>'
    )


def _film(files: Mapping[str, str]) -> str:
    """A button that plays the film in the place of its picture; without scripts, a link."""
    name = next((files[kind] for kind in FILMS if kind in files), None)
    if name is None or name.endswith("mp4"):
        return ""
    return (
        f'<p class="film"><button type="button" data-film="{escaped(name)}" aria-pressed="false" hidden>Play the film'
        f'</button> <a href="{escaped(name)}">The film as a file</a></p>\n'
    )


def _extent(path: Path) -> str:
    """Width and height of a PNG file, so that nothing jumps when it is loaded; nothing for other files."""
    head = path.read_bytes()[:24]
    if head[:8] != b"\x89PNG\r\n\x1a\n":
        return ""
    width, height = struct.unpack(">II", head[16:24])
    return f' width="{width}" height="{height}"'


def _links(words: str, kind: str, part: Part, titles: Mapping[str, str]) -> str:
    """Where a claim's figures are on the page, or a figure's claims; those of another page are left out."""
    there = [f"{kind}-{id}" for id in part.about.get(f"{kind}s", ()) if f"{kind}-{id}" in titles]
    links = "; ".join(f'<a href="#{escaped(key)}">{escaped(titles[key])}</a>' for key in there)
    return f'<p class="links">{words}: {links}.</p>\n' if links else ""


def _claim(part: Part, result: Result, formula: str | None, said: str, links: str) -> str:
    about = part.about
    latex = escaped(about["statement_latex"])
    picture = f'<img src="{escaped(formula)}" alt="{latex}" loading="lazy">' if formula else f"<code>{latex}</code>"
    known = source_facts(about)
    facts: dict[str, Any] = {name: known[name] for name in ("paper", "whose", "quoted", "hypotheses") if name in known}
    found = _evidence(result) if result.outcome == "done" else _trouble(result)
    drawn = _drawn(result)
    is_open = " open" if result.is_wrong or result.outcome == "failed" else ""
    return (
        f"<details{is_open}><summary>{said}<h4>{escaped(about['title'])}</h4></summary>\n"
        f'<div class="body">{_source(part)}\n<p>{escaped(about["statement_words"])}</p>\n'
        f'<div class="formula">{picture}</div>\n{drawn}{_symbols(about)}{fact_list(facts)}\n{found}\n{links}'
        f"{_again(part)}</div></details>"
    )


def _symbols(about: Mapping[str, Any]) -> str:
    """What the letters of the formula stand for."""
    letters = about.get("symbols") or {}
    return f"<details><summary>Symbols</summary>{fact_list(letters)}</details>\n" if letters else ""


def _drawn(result: Result) -> str:
    """The claim's picture, and what to see in it."""
    seen = escaped(result.content.get("caption") or "The numbers below, drawn.")
    return "".join(
        f'<figure><img class="small" src="{escaped(name)}" alt="{seen}" loading="lazy">'
        f"<figcaption>{seen}</figcaption></figure>\n"
        for name in result.files
    )


def _evidence(result: Result) -> str:
    evidence, recorded = result.content["evidence"], result.content["recorded"]
    whole = worded(result.verdict, evidence)
    facts = {"verdict": None if whole == result.verdict else whole} | evidence_facts(evidence)
    facts |= {
        "verdict on file": None if recorded == result.verdict else recorded or "none yet",
        "seconds": f"{result.seconds:.2f}",
    }
    wrong = '<p class="trouble">This contradicts the verdict on file.</p>\n' if result.is_wrong else ""
    said = f"{wrong}<p>{escaped(evidence['text'])}</p>\n"
    if evidence["counterexample"]:
        shown = fact_list(evidence["counterexample"], exact=True)
        said += f"<details open><summary>Counterexample</summary>{shown}</details>\n"
    said += fact_list(facts)
    if evidence["data"]:
        said += f"\n<details><summary>Numbers</summary>{number_tables(evidence['data'])}</details>"
    return said


def _source(part: Part) -> str:
    """Where it is from; its id is the link to it."""
    about = part.about
    place = about.get("number") or about["paper"].removeprefix(about.get("of", about["paper"])).lstrip(", ")
    return (
        f'<p class="from"><a href="#{escaped(part.key)}"><code>{escaped(part.id)}</code></a>'
        f"{f' · {escaped(place)}' if place else ''}</p>"
    )


def _trouble(result: Result) -> str:
    if result.outcome != "failed":
        return ""
    last = escaped(result.traceback.strip().splitlines()[-1])
    return (
        f'<p class="trouble">{last}</p>\n<details><summary>Traceback</summary>'
        f"<pre>{escaped(result.traceback)}</pre></details>"
    )


def _again(part: Part) -> str:
    return f'<p class="again">Again: <code>{escaped(part.command)}</code></p>'


def chip(verdict: str, word: str = "") -> str:
    """A verdict in its colour, with its word in it."""
    return f'<span class="chip {escaped(verdict)}">{escaped(word or verdict)}</span>'


def fact_list(values: Mapping[str, Any], *, exact: bool = False) -> str:
    """A definition list of what is known; None is left out."""
    rows = "".join(
        f"<dt>{escaped(name)}</dt><dd>{_value(value, exact)}</dd>"
        for name, value in values.items()
        if value is not None
    )
    return f'<dl class="facts">{rows}</dl>' if rows else ""


def _value(value: Any, exact: bool = False) -> str:
    text = escaped(as_text(value, exact=exact))
    return f"<code>{text}</code>" if isinstance(value, dict | list) else text


def escaped(text: str) -> str:
    """Text that is safe in HTML and in its attributes."""
    return html.escape(text, quote=True)
