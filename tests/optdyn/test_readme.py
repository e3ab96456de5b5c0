"""The README keeps its promises: its example and commands run, its picture is the figure, its links lead somewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plots.registry import FIGURES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
FENCED = re.findall(r"^```(\S*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line for language, block in FENCED if not language for line in block.splitlines()]
INSTALLS = ("python -m pip install .", 'python -m pip install ".[digits,sdp]"')
IN_CI = "optdyn reproduce --quick"  # .ci/run runs it, from the wheel


def test_it_fits_on_a_screen_or_two() -> None:
    assert len(README.splitlines()) < 110


def test_the_example_runs(tmp_path: Path) -> None:
    (block,) = BLOCKS
    assert sum(bool(line.strip()) for line in block.splitlines()) <= 15
    (tmp_path / "mylab.py").write_text(block)
    ended = subprocess.run(
        [sys.executable, "-W", "error", "mylab.py"],
        capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "MAX_ITERATIONS" in ended.stdout


def test_its_method_has_a_name_for_commands(optdyn: Callable[..., Any], folder: Path) -> None:
    (folder / "mylab.py").write_text(BLOCKS[0])
    named = re.findall(r"`(optdyn (?:run|check)[^`]*mylab.py:SignDescent)`", README)
    assert len(named) == 2
    for command in named:
        result = optdyn(*command.split()[1:])
        assert result.exit_code == 0, result.output


def test_the_commands_are_those_known_here() -> None:
    assert [line for line in COMMANDS if line.startswith("python")] == list(INSTALLS)
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert 'optdyn" reproduce --quick' in run
    assert '[digits,sdp]"' in run


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("optdyn") and line != IN_CI])
def test_a_command_runs(command: str, optdyn: Callable[..., Any], folder: Path) -> None:
    result = optdyn(*command.split()[1:])
    assert result.exit_code == 0, result.output
    written = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {
        "figure": {"arsg.1.png", "arsg.1.csv", "arsg.1.json"} <= written,
        "sweep": written == {"heat.png"},
        "verify": "refuted" in result.output,
    }[command.split()[1]]


def test_the_picture_is_small_and_is_the_figure() -> None:
    (path,) = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert (ROOT / path).stat().st_size < 60_000
    with Image.open(ROOT / path) as picture:
        assert picture.info["Title"] == FIGURES["arsg.1"].title


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(((?!https?:)[^)#\s]+)", text)
    made = {"learn/index.rst"}  # as the site is built
    absent = {target for target in targets if not ((ROOT / page).parent / target).exists()} - made
    assert not absent


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/adding_a_method.md", "docs/beyond_updates.md", "docs/kernels.md"]
)
def test_files_that_a_page_names_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    made = {"dynamics/algorithms/sign_descent.py", "tests/dynamics/algorithms/test_sign_descent.py"}  # by the reader
    named = set(re.findall(r"`((?:dynamics|synthetic|theory|plots|optdyn|tests|docs)/[\w./]+)`", text)) - made
    absent = {path for path in named if not (ROOT / path).exists()}
    assert absent <= {"plots/gallery/paper_figure.py"}
