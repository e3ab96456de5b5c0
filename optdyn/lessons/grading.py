"""Files of answers, as the pages save them, checked again by the same definitions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from optdyn.lessons import NAMES, lesson
from optdyn.lessons.exercises import Exercise, judge

__all__ = ["FORMAT", "as_csv", "graded"]

FORMAT = "optdyn answers 1"
COLUMNS = ("file", "student", "lesson", "exercise", "part", "answer", "verdict", "message")


class Unread(Exception):
    """A file that holds no answers; the sentence says why."""


def graded(files: Iterable[Path]) -> tuple[list[dict[str, str]], list[str]]:
    """Rows for every part of every exercise, and a sentence for each file that could not be read."""
    rows: list[dict[str, str]] = []
    unread: list[str] = []
    for file in files:
        try:
            rows += _rows(file)
        except Unread as reason:
            unread.append(f"{file.name}: {reason}")
    return rows, unread


def _rows(file: Path) -> list[dict[str, str]]:
    record = _record(file)
    student, answers = record["student"], record["answers"]
    rows = []
    for exercise in lesson(record["lesson"]).exercises:
        if isinstance(exercise, Exercise):
            given = _texts(answers.get(exercise.id, {}))
            for part, found in judge(exercise, given, student).items():
                values = (file.name, student, record["lesson"], exercise.id, part, given.get(part, ""), *found)
                rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def _record(file: Path) -> Mapping[str, Any]:
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Unread("this is no JSON file that can be read.") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise Unread("this is no file of answers; students save theirs by the button below the exercises.")
    if record.get("lesson") not in NAMES:
        raise Unread(f"its lesson {record.get('lesson')!r} is none of {', '.join(NAMES)}.")
    if not isinstance(record.get("student"), str) or not isinstance(record.get("answers"), dict):
        raise Unread("it lacks the student's name or the answers.")
    return record


def _texts(given: Any) -> dict[str, str]:
    return {str(part): str(text) for part, text in given.items()} if isinstance(given, dict) else {}


def as_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """The rows as a table; what a spreadsheet would take for a formula is kept from being one.

    Examples
    --------
    >>> row = dict.fromkeys(COLUMNS, "") | {"answer": "=1+1", "verdict": "right"}
    >>> print(as_csv([row]).splitlines()[1])
    ,,,,,'=1+1,right,
    """
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows({name: _plain(text) for name, text in row.items()} for row in rows)
    return buffer.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
