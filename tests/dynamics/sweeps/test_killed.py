"""A sweep that is killed at any touch of its files goes on, and ends as one that was never disturbed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def kills(folder: Path, *touches: int) -> int:
    """How many kills a sweep has survived."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.dynamics.sweeps.killed", folder, *map(str, touches)],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=1800,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_a_sweep_survives_kills(tmp_path):
    assert kills(tmp_path, 20, 420, 80) >= 8


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_a_sweep_survives_kills_at_many_touches_of_its_files(tmp_path):
    assert kills(tmp_path, 1, 420, 12) > 30
