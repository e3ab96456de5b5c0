"""Lessons as marimo notebooks: the parts that a page has, as elements of a notebook that runs the library itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from dynamics.sweeps.extras import needs
from optdyn.lessons import check, lesson
from optdyn.lessons.definition import Choice, Control
from optdyn.lessons.exercises import Exercise, numbers_of, shown, value_of
from optdyn.lessons.page import claim_of, typeset
from optdyn.lessons.programs import Program

__all__ = ["Notebook", "Prediction"]

COMMIT = "I commit to this"
COVERED = "Commit to the first prediction; then the picture opens."
PREDICT = re.compile(r'<section class="predict".*?</section>', re.DOTALL)
STEP = re.compile(r'<details class="step"><summary>(.*?)</summary>(.*?)</details>', re.DOTALL)
CLAIM = re.compile(r'<lesson-claim id="([\w.]+)">')


class Prediction(NamedTuple):
    """What a reader commits to before the answer shows."""

    question: str
    options: tuple[str, ...]
    right: str
    answer: str


class Notebook:
    """A lesson's parts as marimo elements.

    Parameters
    ----------
    name : str
        A lesson of ``optdyn lessons --list``.

    Raises
    ------
    ValueError
        If there is no such lesson, or marimo is not installed (extra ``lessons``).

    Examples
    --------
    >>> lesson = Notebook("momentum")
    >>> lesson.predictions[0].right
    '38, nineteen times as large'
    """

    def __init__(self, name: str) -> None:
        self.lesson = lesson(name)
        self.prose = (self.lesson.folder / "prose.html").read_text(encoding="utf-8")

    @property
    def mo(self) -> ModuleType:
        """marimo, or a sentence that names the extra."""
        return needs("marimo", "lessons")

    def html(self, text: str) -> Any:
        """HTML with formulas in LaTeX, as an element; the page's buttons are words here."""
        text = typeset(re.sub(r"</?button[^>]*>", "", text))
        return self.mo.Html(f'<div class="markdown prose dark:prose-invert">{text}</div>')

    @property
    def opening(self) -> Any:
        """The title, the question, and what comes before the first prediction."""
        found = PREDICT.search(self.prose)
        before = self.prose[: found.start()] if found else ""
        return self.html(f"<h1>{self.lesson.title}</h1><p><em>{self.lesson.question}</em></p>{before}")

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        """The questions of the lesson's text."""
        return tuple(_prediction(section) for section in PREDICT.findall(self.prose))

    def predict(self, k: int) -> Any:
        """The k-th prediction as a form; its value is None until the reader commits."""
        ask = self.predictions[k]
        return self.mo.ui.radio(list(ask.options), label=_label(ask.question)).form(submit_button_label=COMMIT)

    def answer(self, k: int, chosen: str | None) -> Any:
        """The answer to the k-th prediction, once there is one."""
        ask = self.predictions[k]
        if chosen is None:
            return self.html("<p>Choose, and commit to it.</p>")
        told = "You were right." if chosen == ask.right else f"Not so: <strong>{ask.right}</strong>."
        return self.mo.callout(
            self.html(f"<p>{told}</p>{ask.answer}"), kind="success" if chosen == ask.right else "warn"
        )

    def controls(self, *names: str, **changed: float | str) -> Any:
        """The lesson's sliders and choices, all or those that are named; what is given replaces where they begin."""
        state = {**{control.name: control.value for control in self.lesson.controls}, **self.lesson.state, **changed}
        parts = {entry.name: self._control(entry, state[entry.name]) for entry in self.lesson.controls}
        parts |= {entry.name: self._choice(entry, str(state[entry.name])) for entry in self.lesson.choices}
        return self.mo.ui.dictionary({name: parts[name] for name in names or parts})

    def _control(self, entry: Control, value: Any) -> Any:
        count = 101 if entry.scale == "log" else round((entry.high - entry.low) / entry.step) + 1
        spaced = np.geomspace if entry.scale == "log" else np.linspace
        # Four digits, as they are shown; the value that is begun with is among them.
        steps = sorted({*(float(f"{number:.4g}") for number in spaced(entry.low, entry.high, count)), float(value)})
        return self.mo.ui.slider(steps=steps, value=float(value), label=_label(entry.label), show_value=True)

    def _choice(self, entry: Choice, value: str) -> Any:
        words = {said: key for key, said in entry.options}
        said = next(said for said, key in words.items() if key == value)
        return self.mo.ui.dropdown(words, value=said, label=_label(entry.label))

    def desk(self, controls: Any) -> Any:
        """The controls in a column, without their names in code."""
        return self.mo.vstack(list(controls.elements.values()))

    def covered(self, chosen: str | None) -> None:
        """Stop the cell until the reader has committed to the first prediction."""
        self.mo.stop(chosen is None, self.mo.callout(COVERED))

    @property
    def derivation(self) -> Any:
        """The derivation, whose steps open one by one."""
        steps = STEP.findall(self.prose)
        return self.mo.accordion({f"{title}": self.html(text) for title, text in steps}, multiple=True)

    @property
    def claims(self) -> Any:
        """The lesson's claims with their verdicts on file."""
        return self.html("".join(claim_of(id) for id in CLAIM.findall(self.prose)))

    def exercise(self, id: str, student: str) -> Any:
        """A form for an exercise of numbers and formulas, with the numbers of the student of that name."""
        entry = self._entry(id)
        given = self._filled(entry, entry.ask, student)
        fields = {
            key: self.mo.ui.text(label=_label(f"{key}) {self._filled(entry, part.ask, student)}"), full_width=True)
            for key, part in zip(entry.keys, entry.parts, strict=True)
        }
        places = " ".join(f"<p>{{{key}}}</p>" for key in entry.keys)
        text = self.html(f"<h3>{entry.title}</h3>{given}").text.replace("{", "{{").replace("}", "}}")
        form = self.mo.Html(f"{text}{places}").batch(**fields)
        return form.form(submit_button_label="check")

    def judged(self, id: str, answers: Mapping[str, str] | None, student: str) -> Any:
        """What there is to say about the answers, part by part; a hint, and the solution to open."""
        entry = self._entry(id)
        found = "Not answered yet." if answers is None else str(check(id, answers, student))
        more = {
            "A hint": self.html(self._filled(entry, entry.hint, student)),
            "The solution": self.html(self._filled(entry, entry.solution, student)),
        }
        return self.mo.vstack([self.mo.md(found), self.mo.accordion(more)])

    def program(self, id: str) -> Any:
        """What a programming exercise asks for."""
        entry = self._entry(id)
        return self.html(f"<h3>{entry.title}</h3>{entry.ask}<p><code>{entry.signature}</code></p>")

    def _entry(self, id: str) -> Any:
        return next(entry for entry in self.lesson.exercises if entry.id == id)

    def _filled(self, entry: Exercise | Program, text: str, student: str) -> str:
        """A text of an exercise with the student's numbers, and with our answers, in their places."""
        numbers = numbers_of(entry, student)
        values: dict[str, float] = dict(numbers)
        if isinstance(entry, Exercise):
            for key, part in zip(entry.keys, entry.parts, strict=True):
                if part.answer is not None:
                    values[key] = float(value_of(part.answer, numbers))
        return re.sub(r"\[\[(\w+)\]\]", lambda found: shown(values[found[1]]), text)


def _label(text: str) -> str:
    """Words and formulas beside an element, in one line."""
    return f"<span>{typeset(text)}</span>"


def _prediction(section: str) -> Prediction:
    legend = re.search(r"<legend>(.*?)</legend>", section, re.DOTALL)
    answer = re.search(r'<div class="answer" hidden>(.*?)</div>', section, re.DOTALL)
    assert legend is not None, section
    assert answer is not None, section
    options = re.findall(r'<label><input type="radio"( data-right)?>\s*(.*?)</label>', section, re.DOTALL)
    (right,) = (words for mark, words in options if mark)
    return Prediction(" ".join(legend[1].split()), tuple(words for _, words in options), right, answer[1])
