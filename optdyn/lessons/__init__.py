"""Lessons for the lecture: one self-contained page each, whose numbers come from ``theory``, and exercises.

A lesson is a folder of three files: ``lesson.py`` (its formulas, sliders and exercises), ``prose.html`` (its text, with
formulas in LaTeX) and ``picture.js`` (what is drawn). The rest of a page is the `shell`, which all lessons share.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from optdyn.refusals import BadInput

if TYPE_CHECKING:
    from optdyn.lessons.definition import Lesson
    from optdyn.lessons.exercises import Exercise
    from optdyn.lessons.programs import Program, Verdict

__all__ = ["NAMES", "check", "exercise", "lesson"]

NAMES = ("momentum", "curvature", "zero", "noise", "trust", "edge")


def lesson(name: str) -> Lesson:
    """The lesson of a name.

    Examples
    --------
    >>> lesson("momentum").title
    'Momentum in one 2×2 matrix'
    """
    from optdyn.names import resolve

    found: Lesson = importlib.import_module(f"optdyn.lessons.{resolve('lesson', name, NAMES)}.lesson").LESSON
    return found


def from_folder(folder: Path) -> Lesson:
    """The lesson of a folder of one's own, by the `LESSON` in its ``lesson.py``.

    Raises
    ------
    ValueError
        If there is no such file, or it holds no lesson.
    """
    from optdyn.lessons.definition import Lesson

    file = folder / "lesson.py"
    if not file.is_file():
        raise BadInput(f"{folder} holds no lesson.py: a lesson is a folder of lesson.py, prose.html and picture.js.")
    found = getattr(import_file(file), "LESSON", None)
    if not isinstance(found, Lesson):
        raise BadInput(f"{file} has no LESSON, a Lesson of optdyn.lessons.definition: give it this name.")
    return found


def import_file(file: Path) -> ModuleType:
    """The module of a file that is not on the path."""
    spec = importlib.util.spec_from_file_location(f"optdyn_lesson_{file.parent.name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exercise(id: str) -> Exercise | Program:
    """The exercise of a name such as ``momentum.1``.

    Raises
    ------
    ValueError
        If there is none; the message says which there are.

    Examples
    --------
    >>> exercise("momentum.1").id
    'momentum.1'
    """
    from optdyn.names import resolve

    name, _, number = id.strip().partition(".")
    if not number:
        raise BadInput(f"{id!r} names no exercise: give the lesson and a number, such as 'momentum.3'.")
    exercises = {entry.id: entry for entry in lesson(name).exercises}
    return exercises[resolve("exercise", f"{name.strip()}.{number}", exercises)]


def check(exercise: str, answer: Any, student: str = "") -> Verdict:
    """Hold an answer to an exercise of a lesson against ours.

    Parameters
    ----------
    exercise : str
        Its name on the page, such as ``"momentum.1"``.
    answer : str, number, sequence, mapping or callable
        A number or formula as typed on the page; for several parts a sequence, or a mapping by the parts' letters;
        for a programming exercise the step, a plain Python function.
    student : str
        The name that decides on the numbers, as typed on the page.

    Returns
    -------
    Verdict
        True where everything is right; `message` says what isn't.

    Raises
    ------
    ValueError
        If there is no such exercise, or the answer is of another kind than the exercise.

    Examples
    --------
    >>> import optdyn
    >>> optdyn.check("momentum.3", lambda m, x, gradient, alpha, beta: (m, x - alpha * gradient))
    not yet: m differs first at iterate 1: you 0, expected 0.74.
    """
    from optdyn.lessons.exercises import judge
    from optdyn.lessons.programs import Program, Verdict, compare

    entry = find(exercise)
    if isinstance(entry, Program):
        if not callable(answer):
            raise BadInput(f"{entry.id} asks for a program: give the function {entry.signature} itself.")
        return compare(entry, answer, student)
    found = judge(entry, _by_part(entry, answer), student)
    single = len(found) == 1
    return Verdict(
        all(part.kind == "right" for part in found.values()),
        " ".join(part.message if single else f"{key}) {part.message}" for key, part in found.items()),
    )


find = exercise


def _by_part(entry: Exercise, answer: Any) -> dict[str, str]:
    if callable(answer):
        raise BadInput(f"{entry.id} asks for {len(entry.parts)} answers, not for a program: give numbers or formulas.")
    if not isinstance(answer, Mapping):
        given = list(answer) if isinstance(answer, list | tuple) else [answer]
        if len(given) > len(entry.keys):
            raise BadInput(f"{entry.id} has {len(entry.keys)} parts, and {len(given)} answers were given.")
        answer = dict(zip(entry.keys, given, strict=False))
    if strange := set(answer) - set(entry.keys):
        raise BadInput(f"{entry.id} has no part {', '.join(map(str, strange))}: its parts are {', '.join(entry.keys)}.")
    return {key: "" if value is None else str(value) for key, value in answer.items()}
