"""A lesson as one page: prose, picture, generated formulas and exercises in one HTML file that needs no network."""

from __future__ import annotations

import html
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

from optdyn.lessons.definition import Lesson
from optdyn.lessons.exercises import Exercise, Part, points_of, value_of
from optdyn.lessons.javascript import in_javascript
from optdyn.lessons.mathml import mathml
from optdyn.lessons.programs import Program

__all__ = ["claim_of", "formulas_of", "page", "typeset"]

SHELL = Path(__file__).parent / "page-shell"
SCRIPTS = ("answers.js", "plot.js", "charts.js", "exercises.js")
LINKS = {  # where a paper is read
    "arsg": "https://arxiv.org/abs/1905.01422",
    "step_tuned": "https://arxiv.org/abs/2103.03570",
    "sigma_nice": "https://arxiv.org/abs/2311.08745",
    "trust_region": "https://arxiv.org/abs/1905.09201",
    "l4": "https://arxiv.org/abs/1802.05074",
}
FIGURE = """<section class="figure covered" id="figure" aria-label="Figure">
<div class="stage">
<div class="cover"><p>Commit to a prediction first.<br>Then the picture opens.</p></div>
<div class="panels"></div>
<div class="desk">
<p class="phase" role="status" aria-live="polite"></p>
<div class="controls"></div>
<div class="steps" role="group" aria-label="Steps"><button class="first" aria-label="to the start">|‹</button><button
class="back" aria-label="one step back">‹</button><button class="play">play</button><button
class="forward" aria-label="one step forward">›</button><button class="last" aria-label="to the end">›|</button>
<output></output></div>
<ul class="legend"></ul>
</div>
<div class="values"></div>
</div>
<p class="help">Drag the start in the picture, or focus the picture and use the arrow keys (with Shift: farther). The
address of this page holds the setting.</p>
</section>"""


def page(lesson: Lesson) -> str:
    """The whole page; the same lesson gives the same bytes."""
    from optdyn.provenance import versions

    folder = lesson.folder
    formulas = formulas_of(lesson)
    scripts = [(SHELL / name).read_text(encoding="utf-8") for name in SCRIPTS]
    scripts += [(folder / "picture.js").read_text(encoding="utf-8"), (SHELL / "shell.js").read_text(encoding="utf-8")]
    texts = {
        "title": html.escape(lesson.title),
        "question": typeset(lesson.question),
        "style": (SHELL / "shell.css").read_text(encoding="utf-8"),
        "prose": _prose((folder / "prose.html").read_text(encoding="utf-8")),
        "made": f"Made by optdyn {versions()['optdyn']} with <code>optdyn lessons {html.escape(lesson.name)}</code>. "
        "The formulas that run here are those of its theory, printed as JavaScript; nothing is loaded from a network.",
        "lesson": _json(about(lesson)),
        "formulas": "\n".join(formulas.values()),
        "names": ", ".join(formulas),
        "script": "\n".join(scripts),
    }
    template = (SHELL / "shell.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: texts[found[1]], template)


def formulas_of(lesson: Lesson) -> dict[str, str]:
    """The JavaScript functions of a page by name: the lesson's formulas, and its exercises' answers and slips."""
    printed = {name: in_javascript(name, *formula) for name, formula in lesson.formulas.items()}
    for exercise in lesson.exercises:
        if isinstance(exercise, Exercise):
            names = tuple(draw.name for draw in exercise.numbers)
            for key, part in zip(exercise.keys, exercise.parts, strict=True):
                for name, function in _functions(exercise, key, part).items():
                    printed[name] = in_javascript(name, partial(_by_place, function, names), names)
    return printed


def about(lesson: Lesson) -> dict[str, Any]:
    """What the page's scripts know of the lesson."""
    return {
        "name": lesson.name,
        "controls": [
            control._asdict() | {"label": typeset(control.label), "plain": re.sub(r"[\\()<>/i]", "", control.label)}
            for control in lesson.controls
        ],
        "choices": [choice._asdict() | {"label": typeset(choice.label)} for choice in lesson.choices],
        "state": dict(lesson.state),
        "data": None if lesson.data is None else lesson.data(),
        "exercises": [_told(exercise) for exercise in lesson.exercises],
    }


def _told(exercise: Exercise | Program) -> dict[str, Any]:
    texts = {name: typeset(getattr(exercise, name)) for name in ("ask", "hint", "solution")}
    common = {"id": exercise.id, "title": exercise.title, **texts}
    if isinstance(exercise, Program):
        return common | {"signature": exercise.signature, "names": exercise.names}
    return common | {
        "numbers": exercise.numbers,
        "parts": [_part(exercise, key, part) for key, part in zip(exercise.keys, exercise.parts, strict=True)],
    }


def _part(exercise: Exercise, key: str, part: Part) -> dict[str, Any]:
    told: dict[str, Any] = {"key": key, "ask": typeset(part.ask)}
    if part.formula:
        return told | {"formula": part.formula, "variables": list(part.variables or {}), "points": points_of(part)}
    answer, *slips = _functions(exercise, key, part)
    words = [slip.words for slip in part.slips]
    return told | {"answer": answer, "within": part.within, "slips": list(zip(slips, words, strict=True))}


def _by_place(function: Any, names: tuple[str, ...], *values: Any) -> Any:
    return value_of(function, dict(zip(names, values, strict=True)))


def _functions(exercise: Exercise, key: str, part: Part) -> dict[str, Any]:
    """Answer and slips of a part by the names of their JavaScript functions."""
    if part.answer is None:
        return {}
    stem = f"answer_{exercise.id.replace('.', '_')}_{key}"
    return {stem: part.answer} | {f"{stem}_slip_{k}": slip.answer for k, slip in enumerate(part.slips)}


def typeset(text: str) -> str:
    r"""HTML with the formulas between \( \) and \[ \] as MathML."""
    text = re.sub(r"\\\[(.*?)\\\]", lambda found: mathml(found[1], block=True), text, flags=re.DOTALL)
    return re.sub(r"\\\((.*?)\\\)", lambda found: mathml(found[1]), text, flags=re.DOTALL)


def _prose(text: str) -> str:
    text = text.replace("<lesson-figure></lesson-figure>", FIGURE)
    claims = r'<lesson-claim id="([\w.]+)">(.*?)</lesson-claim>'
    text = re.sub(claims, lambda found: claim_of(found[1], found[2].strip()), text, flags=re.DOTALL)
    return typeset(text)


def claim_of(id: str, words: str = "") -> str:
    """A claim of the ledger with its verdict on file and how to check it; the lesson's own words below it."""
    from theory.claims import claim
    from theory.claims.recorded import recorded_verdicts

    entry = claim(id)
    verdict = str(recorded_verdicts().get(entry.id, "undecided"))
    link = LINKS.get(entry.id.partition(".")[0])
    source = html.escape(f"{entry.paper}, {entry.number}")
    linked = f'<a href="{link}">{source}</a>' if link else source
    words = f"<p>{words}</p>" if words else ""
    return (
        f'<article class="claim" id="claim-{entry.id}"><h3>{html.escape(entry.title)} '
        f'<span class="chip {verdict}">{verdict}</span></h3>\n<p class="from">{linked}</p>\n'
        f"<p>{html.escape(entry.statement_words)}</p>{mathml(entry.statement_latex, block=True)}{words}\n"
        f'<p class="help">Check it: <code>optdyn verify {entry.id}</code></p></article>'
    )


def _json(value: Any) -> str:
    """JSON that may stand inside a script."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
