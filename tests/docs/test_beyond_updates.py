"""The page's examples run, in their order, and print what they promise."""

import os
import re
import subprocess
import sys
from pathlib import Path

import dynamics

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "beyond_updates.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_run(tmp_path):
    (tmp_path / "page.py").write_text("\n".join(EXAMPLES), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "gradients of schedule-free SGD: 100.0" in ended.stdout
    assert "unstable beyond: [2/3]" in ended.stdout
    assert r"\left[\begin{matrix}0 & \tau\\1 & 1 - 2 \tau\end{matrix}\right]" in ended.stdout
    assert ended.stdout.count("MAX_ITERATIONS") == 2
    assert "[  0  50 100] [4. 4. 4.] [2 2 2] 0.0" in ended.stdout


def test_the_page_names_what_exists():
    for name in re.findall(r"`([A-Z]\w+)`", PAGE):
        assert name == "NAME_iteration" or hasattr(dynamics, name), name
