"""Kills at any moment: no broken file is left behind, and the same command comes to its end afterwards."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dynamics import Trajectory

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
COMMANDS = {
    "run": ["run", "himmelblau", "gradient-descent", "--set", "step_size=0.001", "--steps", "1000", "--out", "r.npz"],
    "figure": ["figure", "sigma_nice.5", "--out", "figures"],
    "verify": ["verify", "l4.angle", "l4.core_invariance", "--jobs", "1", "--json", "found.json"],
    "reproduce": ["reproduce", "--quick", "--jobs", "1", "--out", "report"],
}
SIGNALS = ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"]


def begin(name, folder):
    # Ctrl-C is ignored where tests run in the background.
    code = (
        f"import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"sys.argv = {['optdyn', *COMMANDS[name]]}\nfrom optdyn.cli import main; main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def killed(name, folder, number, seconds):
    child = begin(name, folder)
    try:
        time.sleep(seconds)
        child.send_signal(number)
        _, told = child.communicate(timeout=60)
    finally:
        child.kill()
    return told


def whole(folder):
    """Every file that has its own name can be read."""
    for path in folder.rglob("*"):
        if path.name.startswith(".") or not path.is_file():
            continue
        if path.suffix == ".npz":
            Trajectory.load(path)
        elif path.suffix == ".json":
            json.loads(path.read_text())
        else:
            assert path.stat().st_size > 0


def survives(name, folder, how, seconds):
    told = killed(name, folder, getattr(signal, how), seconds)
    whole(folder)
    assert b"please report it" not in told


def ends(name, folder):
    child = begin(name, folder)
    _, told = child.communicate(timeout=300)
    assert child.returncode in (0, 1), told
    whole(folder)
    assert not list(folder.rglob(".*.checked"))


@pytest.mark.slow
def test_a_verification_that_is_killed_goes_on(tmp_path):
    survives("verify", tmp_path, "SIGKILL", 3.0)
    ends("verify", tmp_path)
    assert json.loads((tmp_path / "found.json").read_text())["complete"]


@pytest.mark.slow
@pytest.mark.parametrize("how", SIGNALS)
@pytest.mark.parametrize("name", ["run", "figure", "verify"])
def test_kills_at_random_moments(name, how, tmp_path):
    chance = random.Random(f"{name} {how}")
    for _ in range(5):
        survives(name, tmp_path, how, chance.uniform(0.2, 6.0))
    ends(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("how", SIGNALS)
def test_reports_that_are_killed(how, tmp_path):
    chance = random.Random(how)
    for _ in range(3):
        survives("reproduce", tmp_path, how, chance.uniform(1.0, 40.0))
