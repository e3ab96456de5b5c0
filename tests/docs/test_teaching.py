"""The teacher's page names what exists, and its lesson of one's own can be built and opened."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from optdyn.cli import app
from optdyn.lessons import NAMES, exercise, from_folder, lesson
from optdyn.lessons.page import formulas_of
from plots.registry import FIGURES
from tests.optdyn.lessons.javascript import in_python
from theory.claims import claims

GUIDE = (Path(__file__).parents[2] / "docs" / "teaching.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in GUIDE.splitlines() if line.startswith("| `")]


def test_each_lesson_has_a_plan_of_things_that_exist() -> None:
    known = {entry.id for entry in claims()}
    assert [row[0].strip(" `") for row in ROWS] == list(NAMES)
    for name, _, figures, checked, in_class, at_home in ROWS:
        assert set(re.findall(r"`([\w.]+)`", figures)) <= set(FIGURES)
        assert set(re.findall(r"`([\w.]+)`", checked)) <= known
        given = re.findall(r"\w+\.\d+", in_class + at_home)
        assert sorted(given) == [entry.id for entry in lesson(name.strip(" `")).exercises]
        assert all(exercise(id).id == id for id in given)


def test_the_program_on_the_page_is_right() -> None:
    (block,) = [text for text in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "optdyn.check" in text]
    space: dict[str, Any] = {}
    exec(block.replace("print(", "found = ("), space)
    assert space["found"]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The guide's lesson in a folder."""
    folder = tmp_path / "halving"
    folder.mkdir()
    for name, kind in (("lesson.py", "python"), ("prose.html", "html"), ("picture.js", "javascript")):
        (folder / name).write_text(re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)[-1], encoding="utf-8")
    return folder


def written(own: Path, out: Path) -> Path:
    result = CliRunner().invoke(app, ["lessons", str(own), "--out", str(out)], prog_name="optdyn")
    assert result.exit_code == 0, result.output
    return out / "halving.html"


def test_a_lesson_of_ones_own_is_written(own: Path, tmp_path: Path) -> None:
    page = written(own, tmp_path / "course").read_text(encoding="utf-8")
    assert "Which step size halves the distance?" in page
    assert "function parabola(x, lam)" in page
    assert in_python(formulas_of(from_folder(own))["parabola"])(3.0, 2.0) == [9.0, 6.0]


def test_a_lesson_of_ones_own_opens(own: Path, tmp_path: Path, browser: Any) -> None:
    path = written(own, tmp_path / "course")
    trouble: list[str] = []
    tab = browser.new_page()
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.goto(path.as_uri())
    tab.query_selector_all(".predict input")[0].check()
    tab.click(".commit")
    assert tab.query_selector(".panel canvas").is_visible()
    assert tab.inner_text(".phase") == "It converges."
    assert tab.evaluate("model.paths[0].xs[1]") == 0
    assert not trouble


@pytest.mark.parametrize(("spoil", "words"), [(None, "holds no lesson.py"), ("x = 1\n", "has no LESSON")])
def test_a_folder_without_a_lesson_is_refused(spoil: str | None, words: str, tmp_path: Path) -> None:
    if spoil is not None:
        (tmp_path / "lesson.py").write_text(spoil, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        from_folder(tmp_path)
