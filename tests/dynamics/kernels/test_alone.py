"""A lock for each kernel: who waits, who doesn't, and what is left of it."""

import os
import sys
import threading
import time

import pytest

from dynamics.kernels import alone as module
from dynamics.kernels.alone import alone
from tests.dynamics.processes import finish, start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")

HOLDER = """
import sys, time
from pathlib import Path
from dynamics.kernels.alone import alone
with alone(Path("kernel.nbc")):
    Path("held").touch()
    while not Path("let_go").exists():
        time.sleep(0.01)
    Path("kernel.nbc").touch()
"""


def wait_for(path):
    while not path.exists():
        time.sleep(0.01)


def test_a_second_process_waits_and_finds_the_file(tmp_path):
    holder = start(tmp_path, HOLDER)
    wait_for(tmp_path / "held")
    threading.Timer(0.2, (tmp_path / "let_go").touch).start()
    with alone(tmp_path / "kernel.nbc"):
        assert (tmp_path / "kernel.nbc").exists()
    finish(holder)
    assert sorted(os.listdir(tmp_path)) == ["held", "kernel.nbc", "let_go"]


def test_one_that_is_killed_lets_go(tmp_path):
    holder = start(tmp_path, HOLDER)
    wait_for(tmp_path / "held")
    holder.kill()
    holder.communicate()
    with alone(tmp_path / "kernel.nbc"):
        assert not (tmp_path / "kernel.nbc").exists()
    assert os.listdir(tmp_path) == ["held"]


def test_patience_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with alone(tmp_path / "kernel.nbc"), alone(tmp_path / "kernel.nbc"):
        pass
    assert os.listdir(tmp_path) == []


def test_nothing_is_held_once_the_file_is_there_or_where_it_can_not_be(tmp_path, monkeypatch):
    def none(*_):
        raise AssertionError("locked")

    monkeypatch.setattr(module, "_wait", none)
    (tmp_path / "kernel.nbc").touch()
    with alone(tmp_path / "kernel.nbc"), alone(tmp_path / "no folder" / "kernel.nbc"):
        pass
    assert os.listdir(tmp_path) == ["kernel.nbc"]
