"""The command line in this process, and small parts in place of figures and claims."""

import importlib
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from optdyn.cli import app

PARTS = """
import os
import time
from pathlib import Path

from optdyn.parts import Part, Product

FIGURE = {"title": "A <square>", "paper": "Nobody, A Paper"}
CLAIM = {"title": "Two & two", "paper": "Nobody, A Paper", "number": "(1)",
         "statement_latex": "2+2=4", "statement_words": "Two and two make four.", "hypotheses": ["2 > 0"]}
EVIDENCE = {"verdict": "proved", "margin": 0.5, "tightness": None, "trials": 3, "counterexample": None,
            "text": "Counted on <fingers>.", "error_level": None, "void_trials": 0, "hypothesis": None,
            "data": {"fingers": [1, 2]}}

def log(folder, id):
    Path(folder).mkdir(parents=True, exist_ok=True)
    with open(Path(folder, "log.txt"), "a") as lines:
        lines.write(id + "\\n")

def draw(id, request, folder):
    log(folder, id)
    (folder / "square.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    content = {**FIGURE, "caption": "Drawn & done.", "parameters": dict(request), "seeds": []}
    return Product(content, ("square.svg",))

def check(id, request, folder):
    log(folder, id)
    return Product({"evidence": EVIDENCE, "recorded": "proved"}, verdict="proved")

def check_and_draw(id, request, folder):
    (folder / "pictures").mkdir()
    (folder / "pictures" / f"{id}.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return check(id, request, folder)._replace(files=(f"pictures/{id}.svg",))

def contradict(id, request, folder):
    return Product({"evidence": EVIDENCE, "recorded": "refuted"}, verdict="proved", is_wrong=True)

def crash(id, request, folder):
    log(folder, id)
    raise RuntimeError("the pencil <broke>")

def die(id, request, folder):
    os._exit(9)

def wait(id, request, folder):
    log(folder, id)
    while not (folder / "gate").exists():
        time.sleep(0.02)
    return check(id, request, folder)

def figure(id, work=draw, **request):
    return Part("figure", id, request, FIGURE, f"optdyn figure {id}", work)

def claim(id, work=check, **request):
    return Part("claim", id, request, CLAIM, f"optdyn verify {id}", work)
"""


@pytest.fixture
def optdyn() -> Callable[..., Any]:
    """Run a command in this process: `optdyn("run", "quadratic", "rsg")`; the result has exit_code and output."""

    def call(*arguments: Any) -> Any:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="optdyn")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture(autouse=True)
def no_times_on_record(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the times of earlier checks out of the tests, and those of the tests out of the user's cache."""
    record = tmp_path_factory.mktemp("record") / "seconds.json"
    monkeypatch.setattr("optdyn.durations._record", lambda: record)
    return record


@pytest.fixture
def fake(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of small parts that worker processes can import; `fake.__file__` says where it is."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "optdyn_fake_parts.py").write_text(textwrap.dedent(PARTS))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "optdyn_fake_parts", raising=False)
    return importlib.import_module("optdyn_fake_parts")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
