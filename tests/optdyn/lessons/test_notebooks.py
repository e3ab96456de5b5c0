"""Each lesson as a marimo notebook: covered until the reader commits, then run by the library itself."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from optdyn.lessons import NAMES, lesson
from optdyn.lessons.exercises import Exercise, numbers_of, value_of
from optdyn.lessons.notebooks import COVERED, Notebook

ROOT = Path(__file__).parents[3]
SCRIPT = """
import importlib, json, sys
from types import SimpleNamespace
from optdyn.lessons.notebooks import Notebook
from optdyn.lessons.programs import Verdict

found = {}
for name in sys.argv[1:]:
    app = importlib.import_module(f"optdyn.lessons.{name}.notebook").app
    committed = SimpleNamespace(value=Notebook(name).predictions[0].right)
    outputs, _ = app.run(defs={"first": committed})
    found[name] = {
        "lines": [len(axes.lines) for output in outputs if hasattr(output, "axes") for axes in output.axes],
        "verdicts": [str(output.verdict) for output in outputs if hasattr(output, "verdict")],
        "checks": [output.message for output in outputs if isinstance(output, Verdict)],
        "words": " ".join(output.text for output in outputs if isinstance(getattr(output, "text", 0), str)),
    }
print(json.dumps(found))
"""


@pytest.mark.parametrize("name", NAMES)
def test_the_predictions_of_the_text_are_read_whole(name: str) -> None:
    notebook = Notebook(name)
    assert len(notebook.predictions) == notebook.prose.count('class="predict"') >= 2
    for ask in notebook.predictions:
        assert len(ask.options) >= 3
        assert ask.right in ask.options
        assert ask.answer.strip()


@pytest.fixture(scope="module")
def ran() -> dict:
    """All six, with the first prediction committed to; plain Python, since the kernels are the same."""
    pytest.importorskip("marimo", reason="notebooks need marimo, of the group dev")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *NAMES], capture_output=True, text=True, cwd=ROOT, timeout=300,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "MPLBACKEND": "agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_the_library(name: str, ran: dict) -> None:
    found = ran[name]
    assert len(found["lines"]) >= 2
    assert all(found["lines"])
    assert found["verdicts"] == ["proved"] or (name, found["verdicts"]) == ("noise", ["conditional"])
    assert len(found["checks"]) == 1  # the step that is still to be written
    assert "iterate 1" in found["checks"][0]
    assert "You were right." in found["words"]
    assert COVERED not in found["words"]


def test_the_picture_stays_covered_until_the_reader_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("marimo", reason="notebooks need marimo, of the group dev")
    import plots

    monkeypatch.setattr(plots, "compare", lambda *a, **k: pytest.fail("the picture was drawn"))
    outputs, _ = importlib.import_module("optdyn.lessons.momentum.notebook").app.run()
    assert sum(COVERED in str(getattr(output, "text", "")) for output in outputs) == 1
    assert not any(hasattr(output, "axes") for output in outputs)


def test_right_answers_are_right_and_wrong_ones_say_why() -> None:
    pytest.importorskip("marimo", reason="notebooks need marimo, of the group dev")
    notebook, student = Notebook("momentum"), "Ada Lovelace"
    entry = next(e for e in lesson("momentum").exercises if isinstance(e, Exercise))
    numbers = numbers_of(entry, student)
    right = {key: repr(value_of(part.answer, numbers)) for key, part in zip(entry.keys, entry.parts, strict=True)}
    assert "right: a) right" in notebook.judged(entry.id, right, student).text
    wrong = right | {"a": repr(value_of(entry.parts[0].slips[0].answer, numbers))}
    assert "gradient descent&#x27;s limit" in notebook.judged(entry.id, wrong, student).text.replace("'", "&#x27;")
    assert "Not answered yet" in notebook.judged(entry.id, None, student).text


def test_the_command_writes_notebooks(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from optdyn.cli import app

    done = CliRunner().invoke(app, ["lessons", "zero", "--notebooks", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "zero.py").read_text().startswith('"""How far is zero?')
    assert "marimo edit" in done.output
