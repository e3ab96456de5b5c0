"""`optdyn lessons` and `optdyn grade`: what they write, and what they refuse."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optdyn.lessons import NAMES, exercise
from optdyn.lessons.exercises import numbers_of


@pytest.fixture
def command() -> Callable[..., Any]:
    """Run a command in this process."""
    from typer.testing import CliRunner

    from optdyn.cli import app

    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="optdyn")


def test_lessons_are_written_and_need_nothing_else(command: Callable[..., Any], tmp_path: Path) -> None:
    result = command("lessons", "--out", tmp_path / "course")
    assert result.exit_code == 0, result.output
    assert sorted(path.stem for path in (tmp_path / "course").iterdir()) == sorted(NAMES)
    for path in (tmp_path / "course").iterdir():
        text = path.read_text(encoding="utf-8")
        assert path.stat().st_size < 1_500_000
        assert not re.search(r"\{\{|\\\(|\\\[|<lesson-|\[\[\w+\]\](?!.*\"numbers\")", text.split("<script>")[0])
        assert not re.search(r'(?:src|import|url)\s*[=(]\s*["\']?https?:', text)
        assert '<span class="chip' in text


def test_the_same_lesson_has_the_same_bytes(command: Callable[..., Any], tmp_path: Path) -> None:
    for folder in ("one", "two"):
        command("lessons", NAMES[0], "--out", tmp_path / folder)
    one, two = ((tmp_path / folder / f"{NAMES[0]}.html").read_bytes() for folder in ("one", "two"))
    assert one == two


def test_an_unknown_lesson_is_refused_before_work(command: Callable[..., Any], tmp_path: Path) -> None:
    result = command("lessons", "momentun", "--out", tmp_path / "course")
    assert result.exit_code == 2
    assert "did you mean 'momentum'" in result.output
    assert not (tmp_path / "course").exists()


def test_lessons_are_listed(command: Callable[..., Any]) -> None:
    assert [line.split()[0] for line in command("lessons", "--list").output.splitlines()] == list(NAMES)


def saved(folder: Path, name: str, **changes: Any) -> None:
    record = {"format": "optdyn answers 1", "lesson": "momentum", "student": name, "answers": {}, **changes}
    (folder / f"{name or 'nobody'}.json").write_text(json.dumps(record), encoding="utf-8")


def test_files_of_answers_are_graded(command: Callable[..., Any], tmp_path: Path) -> None:
    numbers = numbers_of(exercise("momentum.1"), "Ada")
    right = 2 * (1 + numbers["beta"]) / numbers["lam"]
    saved(
        tmp_path, "Ada", answers={"momentum.1": {"a": "=cmd|' /C calc'!A0", "b": f"{right}"}, "momentum.4": {"c": "h"}}
    )
    saved(tmp_path, "Bob", answers={"momentum.1": {"b": f"{right}"}, "momentum.99": {"a": "1"}, "momentum.2": ["?"]})
    (tmp_path / "notes.json").write_text("{", encoding="utf-8")
    saved(tmp_path, "Eve", lesson="alchemy")
    result = command("grade", tmp_path, "--out", tmp_path / "marks.csv")
    assert result.exit_code == 1
    assert "Eve.json: its lesson 'alchemy' is none of" in result.output
    assert "notes.json: this is no JSON file" in result.output
    assert "2 of 4 files, 1 of" in result.output
    with (tmp_path / "marks.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    found = {(row["student"], row["exercise"], row["part"]): row for row in rows}
    assert found["Ada", "momentum.1", "b"]["verdict"] == "right"
    assert found["Ada", "momentum.1", "a"]["verdict"] == "unreadable"
    assert found["Ada", "momentum.1", "a"]["answer"].startswith("'=")
    assert found["Ada", "momentum.2", "a"]["verdict"] == "unanswered"
    assert found["Bob", "momentum.1", "b"]["verdict"] == "wrong"  # Ada's answer
    assert {row["verdict"] for row in rows} == {"right", "wrong", "unanswered", "unreadable"}


@pytest.mark.parametrize("place", ["empty", "missing"])
def test_a_folder_without_answers_is_refused(place: str, command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = command("grade", tmp_path / place, "--out", tmp_path / "marks.csv")
    assert result.exit_code == 2
    assert not (tmp_path / "marks.csv").exists()


def test_formulas_that_are_not_typeset_are_refused() -> None:
    from optdyn.lessons.mathml import mathml

    assert mathml(r"\frac{a_1^2}{\sqrt x}") == (
        "<math><mfrac><msubsup><mi>a</mi><mn>1</mn><mn>2</mn></msubsup><msqrt><mi>x</mi></msqrt></mfrac></math>"
    )
    assert mathml(r"\frac12x") == "<math><mfrac><mn>1</mn><mn>2</mn></mfrac><mi>x</mi></math>"
    for latex in (r"\nonsense", "{a", "a}", r"\frac{a}"):
        with pytest.raises(ValueError, match="formula"):
            mathml(latex)
