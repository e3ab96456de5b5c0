"""The guide's method and its tests are what it says: they run, and a flipped sign fails."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
METHOD, TESTS = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "adding_a_method.md").read_text(encoding="utf-8"), re.DOTALL
)


def ran(folder: Path, method: str) -> subprocess.CompletedProcess[str]:
    """The guide's tests on a method, in a folder of their own."""
    (folder / "sign_descent.py").write_text(method, encoding="utf-8")
    (folder / "test_sign_descent.py").write_text(TESTS, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, folder],
        cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip


def test_the_worked_example_passes_its_tests(tmp_path: Path) -> None:
    ended = ran(tmp_path, METHOD)
    assert ended.returncode == 0, ended.stdout
    assert "4 passed" in ended.stdout


@pytest.mark.parametrize(("line", "wrong"), [("x[j] -= step", "x[j] += step"), ("m[j] + (1.0", "m[j] - (1.0")])
def test_a_flipped_sign_fails_them(line: str, wrong: str, tmp_path: Path) -> None:
    assert METHOD.count(line) == 1
    assert ran(tmp_path, METHOD.replace(line, wrong)).returncode == 1


def test_the_guide_names_what_exists() -> None:
    import dynamics

    guide = (ROOT / "docs" / "adding_a_method.md").read_text(encoding="utf-8")
    for name in re.findall(r"^\| `(\w+)", guide, re.MULTILINE):
        assert hasattr(dynamics, name), name
    for path in re.findall(r"`((?:dynamics|tests)/[\w/]+\.py)`", guide):
        assert (ROOT / path).exists() or "sign_descent" in path, path
