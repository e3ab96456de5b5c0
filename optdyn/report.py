"""The page of a reproduction: pictures, verdicts with their evidence, provenance, and how to run each again."""

import html
import platform
from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

from optdyn.parts import Part, Result
from optdyn.provenance import source_hash, versions
from optdyn.reproduction import shown_verdict, summary, verdict_counts
from optdyn.story import as_text, evidence_facts
from optdyn.writing import write_files
from theory.claims.formulas import svg

__all__ = ["write_report"]

FILE_WORDS = {"nc": "NetCDF", "json": "sidecar (JSON)"}
FORMULAS = "formulas"  # folder of the statements' pictures, below that of the report


def write_report(parts: Sequence[Part], results: Mapping[str, Result], folder: Path, *, command: str) -> Path:
    """Write `index.html` and the pictures of the formulas in it.

    Parameters
    ----------
    parts : sequence of Part
    results : mapping of str to Result
        By key of the part.
    folder : Path
        Where the parts have put their files; the page refers to them by relative names.
    command : str
        What makes the page again.

    Returns
    -------
    Path
        Of the page.
    """
    figures = [part for part in parts if part.kind == "figure"]
    claims = [part for part in parts if part.kind == "claim"]
    formulas = _formulas(claims, folder)
    page = Template(resources.files("optdyn").joinpath("report.html").read_text(encoding="utf-8")).substitute(
        summary=_text(summary(parts, results)),
        counts="".join(
            f'<li class="count">{_chip(verdict)} {count}</li>'
            for verdict, count in verdict_counts(parts, results).items()
        ),
        trouble=_trouble(parts, results, command),
        figures="\n".join(
            f"<h3>{_text(paper)}</h3>\n" + "\n".join(_figure(part, results[part.key]) for part in group)
            for paper, group in groupby(figures, key=lambda part: part.about.get("of", part.about["paper"]))
        )
        or "<p>None.</p>",
        claims=_overview(claims, results)
        + "\n".join(
            f"<h3>{_text(paper)}</h3>\n"
            + "\n".join(_claim(part, results[part.key], formulas[part.id]) for part in group)
            for paper, group in groupby(claims, key=lambda part: part.about["paper"])
        )
        if claims
        else "<p>None.</p>",
        provenance=_provenance(parts, results, command),
    )
    return write_files(folder, {"index.html": page.encode()})[0]


def _formulas(claims: Sequence[Part], folder: Path) -> dict[str, str | None]:
    """The picture's path of each statement that could be typeset."""
    pictures = {part.id: svg(part.about["statement_latex"]) for part in claims}
    drawn = {f"{id}.svg": picture for id, picture in pictures.items() if picture is not None}
    if drawn:
        write_files(folder / FORMULAS, drawn)
    return {id: None if picture is None else f"{FORMULAS}/{id}.svg" for id, picture in pictures.items()}


def _overview(claims: Sequence[Part], results: Mapping[str, Result]) -> str:
    """All verdicts at a glance."""
    lines = "".join(
        f"<li>{_chip(shown_verdict(results[part.key]))} "
        f'<a href="#{_text(part.key)}">{_text(part.about["title"])}</a></li>'
        for part in claims
    )
    return f'<ul class="overview">{lines}</ul>\n'


def _chip(verdict: str, word: str = "") -> str:
    return f'<span class="chip {_text(verdict)}">{_text(word or verdict)}</span>'


def _trouble(parts: Sequence[Part], results: Mapping[str, Result], command: str) -> str:
    wrong = [part for part in parts if results[part.key].outcome == "failed" or results[part.key].is_wrong]
    pending = sum(results[part.key].outcome == "pending" for part in parts)
    said = ""
    if wrong:
        links = ", ".join(f'<a href="#{_text(part.key)}">{_text(part.id)}</a>' for part in wrong)
        said += f'<p class="trouble"><strong>{len(wrong)} of {len(parts)} parts failed:</strong> {links}</p>'
    if pending:
        said += (
            f'<p class="unfinished"><strong>{pending} of {len(parts)} parts are still to be done:</strong> '
            f"<code>{_text(command)}</code> goes on where it stopped.</p>"
        )
    return said


def _figure(part: Part, result: Result) -> str:
    return _article(part, result, _picture(result) if result.outcome == "done" else "")


def _picture(result: Result) -> str:
    by_ending = {Path(name).suffix.lstrip("."): name for name in result.files}
    shown = by_ending.get("png") or by_ending.get("svg")
    content = result.content
    links = " · ".join(
        f'<a href="{_text(name)}">{FILE_WORDS.get(ending, ending.upper())}</a>' for ending, name in by_ending.items()
    )
    image = (
        f'<a href="{_text(shown)}"><img src="{_text(shown)}" alt="{_text(content.get("title", ""))}"></a>'
        if shown
        else ""
    )
    caption = _text(content.get("caption", ""))
    made_of = {name: content[name] for name in ("parameters", "seeds", "command", "data_hash") if content.get(name)}
    return (
        f"<figure>{image}<figcaption>{caption}</figcaption></figure>\n"
        f'<p class="rerun">Files: {links}</p>\n'
        f"<details><summary>Parameters and data hash</summary>{_facts(made_of)}</details>"
    )


def _claim(part: Part, result: Result, formula: str | None) -> str:
    about = part.about
    latex = about["statement_latex"]
    shown = (
        f'<div class="formula"><img src="{_text(formula)}" alt="{_text(latex)}"></div>'
        if formula
        else f'<div class="formula"><code>{_text(latex)}</code></div>'
    )
    hypotheses = _facts({"hypotheses": about["hypotheses"]}) if about.get("hypotheses") else ""
    evidence = _evidence(result) if result.outcome == "done" else ""
    return _article(part, result, f"<p>{_text(about['statement_words'])}</p>\n{shown}\n{hypotheses}\n{evidence}")


def _evidence(result: Result) -> str:
    evidence, recorded = result.content["evidence"], result.content["recorded"]
    facts = evidence_facts(evidence) | {
        "verdict on file": None if recorded == result.verdict else recorded or "none yet",
        "seconds": f"{result.seconds:.2f}",
    }
    pictures = "".join(
        f'<figure><img class="small" src="{_text(name)}" alt="The numbers below, drawn."></figure>\n'
        for name in result.files
    )
    said = f"<p>{_text(evidence['text'])}</p>\n{pictures}{_facts(facts)}"
    if result.is_wrong:
        said = f'<p class="trouble">This contradicts the verdict on file.</p>\n{said}'
    for title, values in (("Counterexample", evidence["counterexample"]), ("Numbers", evidence["data"])):
        if values:
            said += f"\n<details><summary>{title}</summary>{_facts(values, exact=title == 'Counterexample')}</details>"
    return said


def _article(part: Part, result: Result, body: str) -> str:
    """A part with its head, what goes with any outcome, and how it is run again."""
    about = part.about
    verdict = shown_verdict(result) if part.kind == "claim" or result.outcome != "done" else ""
    word = "failed" if part.kind == "figure" and verdict == "crashed" else ""
    chip = _chip(verdict, word) if verdict else ""
    source = " · ".join([part.id, *(about[name] for name in ("number",) if about.get(name))])
    paper = f"<br>{_text(about['paper'])}" if part.kind == "figure" else ""
    if result.outcome == "failed":
        last = _text(result.traceback.strip().splitlines()[-1])
        body += (
            f'\n<p class="trouble">{last}</p>\n<details><summary>Traceback</summary>'
            f"<pre>{_text(result.traceback)}</pre></details>"
        )
    return (
        f'<article id="{_text(part.key)}">\n<div class="head"><h4>{_text(about["title"])}</h4>{chip}</div>\n'
        f'<p class="from"><code>{_text(source)}</code>{paper}</p>\n{body}\n'
        f'<p class="rerun">Again: <code>{_text(part.command)}</code></p>\n</article>'
    )


def _provenance(parts: Sequence[Part], results: Mapping[str, Result], command: str) -> str:
    facts = {
        "command": command,
        "source hash": source_hash(),
        "platform": platform.platform(),
        **versions(),
    }
    rows = "".join(
        f'<tr><td><a href="#{_text(part.key)}">{_text(part.id)}</a></td><td>{part.kind}</td>'
        f'<td>{_text(results[part.key].outcome)}</td><td class="number">{results[part.key].seconds:.1f}</td></tr>'
        for part in parts
    )
    return (
        f"{_facts(facts)}\n<details><summary>Seconds for each part</summary>"
        f'<div class="wide"><table><thead><tr><th>part</th><th>kind</th><th>outcome</th><th class="number">seconds</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _facts(values: Mapping[str, Any], *, exact: bool = False) -> str:
    """A definition list of what is known; None is left out."""
    rows = "".join(
        f"<dt>{_text(name)}</dt><dd>{_value(value, exact)}</dd>" for name, value in values.items() if value is not None
    )
    return f'<dl class="facts">{rows}</dl>' if rows else ""


def _value(value: Any, exact: bool = False) -> str:
    text = _text(as_text(value, exact=exact))
    return f"<code>{text}</code>" if isinstance(value, dict | list) else text


def _text(text: str) -> str:
    return html.escape(text, quote=True)
