"""The README keeps its promises: its examples run, its commands exist, its links lead somewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


SET_UP = (
    'python -m pip install ".[digits,sdp]" && optdyn reproduce',
    'python -m pip install ".[test]" && python -m pytest -n auto --dist loadfile',
)


@pytest.mark.parametrize("set_up", SET_UP)
def test_each_set_up_is_one_line(set_up: str) -> None:
    assert f"```\n{set_up}\n```" in README


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_examples_run(block: str, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(block)
    ended = subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True, timeout=120, cwd=ROOT, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "MAX_ITERATIONS" in ended.stdout


def test_an_own_problem_takes_fifteen_lines() -> None:
    (own,) = (block for block in BLOCKS if "class LogCosh" in block)
    assert sum(bool(line.strip()) for line in own.splitlines()) <= 15


def test_the_command_line_example_runs(optdyn: Callable[..., Any], folder: Path) -> None:
    (example,) = re.findall(r"```\n(optdyn run .*?)```", README, re.DOTALL)
    result = optdyn(*example.replace("\\\n", " ").split()[1:])
    assert result.exit_code == 0
    assert "MAX_ITERATIONS at iterate 20000" in result.output
    assert {path.name for path in folder.iterdir()} == {"loss.png", "run.npz"}


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert all((ROOT / target).exists() for target in targets)


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/adding_a_method.md", "docs/beyond_updates.md", "docs/kernels.md"]
)
def test_files_that_a_page_names_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    made = {"dynamics/algorithms/sign_descent.py", "tests/dynamics/algorithms/test_sign_descent.py"}  # by the reader
    named = set(re.findall(r"`((?:dynamics|synthetic|theory|plots|optdyn|tests|docs)/[\w./]+)`", text)) - made
    absent = {path for path in named if not (ROOT / path).exists()}
    assert absent <= {"plots/gallery/paper_figure.py"}
