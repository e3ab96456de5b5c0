"""The page of a reproduction: all papers at a glance, then a section for each, with its figures beside its claims."""

import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import Template
from typing import NamedTuple

from optdyn.articles import article, chip, escaped, fact_list, label
from optdyn.console import VERDICT_STYLES
from optdyn.parts import FORMULAS, Part, Result, formula_file
from optdyn.provenance import source_hash, versions
from optdyn.reproduction import summary
from optdyn.writing import write_files
from theory.claims.formulas import svg

__all__ = ["write_report"]

LABELS = ("figure", *VERDICT_STYLES, "pending")
SLOW = 3  # parts that are named on top
COUNTED = {"figure": ("figure", "figures"), "claim": ("claim", "claims")}


class Section(NamedTuple):
    """A paper, or what stands in its place, with its parts."""

    id: str
    source: str
    parts: tuple[Part, ...]


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
    formulas = _formulas([part for part in parts if part.kind == "claim"], results, folder)
    labels = {part.key: label(part, results[part.key]) for part in parts}
    found = sections(parts)
    titles = {part.key: part.about["title"] for part in parts}
    home = resources.files("optdyn").joinpath("report-page")
    page, style, script = (
        home.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js")
    )
    text = Template(page).substitute(
        style=style,
        script=script,
        summary=escaped(summary(parts, results)),
        trouble=_trouble(parts, results, command) + _time(parts, results),
        overview=_overview(found, labels),
        papers="".join(f'<option value="{escaped(one.id)}">{escaped(one.id)}</option>' for one in found),
        buttons="".join(_button(name, count) for name, count in _counts(parts, labels).items()),
        sections="\n".join(_section(one, results, folder, formulas, titles) for one in found) or "<p>None.</p>",
        provenance=_provenance(parts, results, command),
    )
    return write_files(folder, {"index.html": text.encode()})[0]


def _formulas(claims: Sequence[Part], results: Mapping[str, Result], folder: Path) -> dict[str, str | None]:
    """The picture's path of each statement that can be typeset; those that came with no result are made now."""
    paths: dict[str, str | None] = {part.id: formula_file(part.id) for part in claims}
    missing = [part for part in claims if paths[part.id] not in results[part.key].files]
    pictures = {part.id: svg(part.about["statement_latex"]) for part in missing}
    drawn = {Path(formula_file(id)).name: picture for id, picture in pictures.items() if picture is not None}
    if drawn:
        write_files(folder / FORMULAS, drawn)
    return paths | {id: None for id, picture in pictures.items() if picture is None}


def sections(parts: Iterable[Part]) -> list[Section]:
    """The parts by paper, in the papers' order; what no paper announces stands by its source, after them.

    Examples
    --------
    >>> def work(id, request, folder): ...
    >>> mine = Part("claim", "mine.angle", {}, {"paper": "Doe, Mine"}, "", work)
    >>> [(one.id, one.source[:8], len(one.parts)) for one in sections([mine, mine._replace(id="l4.angle")])]
    [('l4', 'Rolínek ', 1), ('mine', 'Doe, Min', 1)]
    """
    from dynamics.papers import owner, papers

    found: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        id = owner(part.id)
        source = papers()[id].source if id else part.about.get("of", part.about["paper"])
        found.setdefault((id or part.id.partition(".")[0], source), []).append(part)
    order = list(papers())
    groups = sorted(found.items(), key=lambda item: order.index(item[0][0]) if item[0][0] in order else len(order))
    return [Section(id, source, tuple(group)) for (id, source), group in groups]


def _counts(parts: Iterable[Part], labels: Mapping[str, str]) -> dict[str, int]:
    """How many parts go by each label, in the order of the labels."""
    given = [labels[part.key] for part in parts]
    return {name: given.count(name) for name in LABELS if name in given}


def _overview(found: Sequence[Section], labels: Mapping[str, str]) -> str:
    """A row for each paper; each count shows the parts that it counts."""
    totals = _counts([part for one in found for part in one.parts], labels)
    head = "".join(f'<th class="number">{chip(name) if name != "figure" else "figures"}</th>' for name in totals)
    rows = "".join(
        f'<tr><th scope="row"><a href="#paper-{escaped(one.id)}">{escaped(one.source)}</a></th>'
        f"{_cells(_counts(one.parts, labels), totals, f'paper={one.id}&')}</tr>"
        for one in found
    )
    foot = f'<tr><th scope="row">all</th>{_cells(totals, totals, "")}</tr>' if len(found) > 1 else ""
    return (
        f'<div class="wide"><table class="overview"><thead><tr><th>paper</th>{head}</tr></thead>'
        f"<tbody>{rows}{foot}</tbody></table></div>"
    )


def _cells(counts: Mapping[str, int], names: Iterable[str], asked: str) -> str:
    """Counts as links to what they count; `asked` is what they ask for beside the label."""
    links = {name: f'<a href="#?{escaped(f"{asked}show={name}")}">{count}</a>' for name, count in counts.items()}
    return "".join(
        f'<td class="number" data-label="{_words(name)}">{links[name]}</td>' if name in links else "<td></td>"
        for name in names
    )


def _button(name: str, count: int) -> str:
    about = f'class="{name}" data-label="{name}" aria-pressed="false"'
    return f'<button type="button" {about}>{_words(name)} <b>{count}</b></button>'


def _words(name: str) -> str:
    return "figures" if name == "figure" else name


def _section(
    one: Section,
    results: Mapping[str, Result],
    folder: Path,
    formulas: Mapping[str, str | None],
    titles: Mapping[str, str],
) -> str:
    columns, counted = "", []
    for kind, words in COUNTED.items():
        group = [part for part in one.parts if part.kind == kind]
        if group:
            counted.append(f"{len(group)} {words[len(group) != 1]}")
            made = "\n".join(
                article(part, results[part.key], folder, paper=one.id, formula=formulas.get(part.id), titles=titles)
                for part in group
            )
            columns += f'<div class="{words[1]}">\n<h3>{words[1]}</h3>\n{made}\n</div>\n'
    return (
        f'<section class="paper" id="paper-{escaped(one.id)}">\n<h2>{escaped(one.source)}</h2>\n'
        f'<p class="counts">{", ".join(counted)}</p>\n<div class="columns">\n{columns}</div>\n</section>'
    )


def _trouble(parts: Sequence[Part], results: Mapping[str, Result], command: str) -> str:
    """What failed and why, and what is still to be done."""
    wrong = [part for part in parts if results[part.key].outcome == "failed" or results[part.key].is_wrong]
    pending = sum(results[part.key].outcome == "pending" for part in parts)
    said = ""
    if wrong:
        lines = "".join(
            f'<li><a href="#{escaped(part.key)}">{escaped(part.id)}</a>: {escaped(_why(results[part.key]))}</li>'
            for part in wrong
        )
        said += (
            f'<div class="trouble"><strong>{len(wrong)} of {len(parts)} parts failed.</strong><ul>{lines}</ul></div>'
        )
    if pending:
        said += (
            f'<p class="unfinished"><strong>{pending} of {len(parts)} parts are still to be done:</strong> '
            f"<code>{escaped(command)}</code> goes on where it stopped.</p>"
        )
    return said


def _why(result: Result) -> str:
    if result.outcome == "failed":
        return result.traceback.strip().splitlines()[-1]  # a traceback ends with what went wrong
    return f"{result.verdict}, where {result.content['recorded']} is on file"


def _time(parts: Sequence[Part], results: Mapping[str, Result]) -> str:
    """How much work it was, and what took longest."""
    done = sorted((part for part in parts if results[part.key].seconds), key=lambda part: -results[part.key].seconds)
    if not done:
        return ""
    total = sum(results[part.key].seconds for part in done)
    slowest = ", ".join(
        f'<a href="#{escaped(part.key)}">{escaped(part.id)}</a> ({_duration(results[part.key].seconds)})'
        for part in done[:SLOW]
    )
    return f'<p class="time">{_duration(total)} of work; what took longest: {slowest}.</p>'


def _duration(seconds: float) -> str:
    """Seconds as people say them.

    Examples
    --------
    >>> _duration(0.04), _duration(12.3), _duration(200.0)
    ('0.0 s', '12.3 s', '3 min 20 s')
    """
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _provenance(parts: Sequence[Part], results: Mapping[str, Result], command: str) -> str:
    facts = {"command": command, "source hash": source_hash(), "platform": platform.platform(), **versions()}
    rows = "".join(
        f'<tr><td><a href="#{escaped(part.key)}">{escaped(part.id)}</a></td><td>{part.kind}</td>'
        f'<td>{escaped(results[part.key].outcome)}</td><td class="number">{results[part.key].seconds:.1f}</td></tr>'
        for part in parts
    )
    return (
        f"{fact_list(facts)}\n<details><summary>Seconds for each part</summary>"
        f'<div class="wide"><table><thead><tr><th>part</th><th>kind</th><th>outcome</th><th class="number">seconds</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )
