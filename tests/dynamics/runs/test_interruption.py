"""Ctrl-C, and the signals that end a process: first the run ends, then the process."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dynamics.runs.interruption import _come, ends_put_off, interruption


def test_a_second_control_c_raises():
    with interruption() as pressed:
        signal.raise_signal(signal.SIGINT)
        assert pressed()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_handler_that_is_not_python_s_stays(monkeypatch):
    taken = []
    foreign = SimpleNamespace(getsignal=lambda number: None, signal=lambda number, handler: taken.append(number))
    monkeypatch.setattr("dynamics.runs.interruption._signal", foreign)
    with interruption() as pressed:
        assert not pressed()
    assert taken == []


@pytest.fixture
def ends(monkeypatch):
    """What would end the process, by number; nothing does."""
    heard, plain = [], signal.raise_signal
    monkeypatch.setattr(signal, "raise_signal", heard.append)
    before = [(number, signal.signal(number, signal.SIG_DFL)) for number in (signal.SIGTERM, signal.SIGHUP)]
    yield heard, plain
    _come.clear()
    for number, handler in before:
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_ends_a_process_ends_the_run_first_and_then_the_process(number, ends):
    heard, send = ends
    with interruption() as inner:
        assert not inner()
        send(number)
        assert inner()
        assert not heard
    assert heard == [number]
    assert signal.getsignal(number) == signal.SIG_DFL
    with interruption() as inner:
        assert not inner()


@pytest.mark.parametrize("outer", [interruption, ends_put_off])
def test_the_outer_block_is_the_one_at_whose_end_a_process_ends(outer, ends):
    heard, send = ends
    with outer():
        with interruption() as inner:
            send(signal.SIGTERM)
            assert inner()
        assert not heard
        with interruption() as second:
            assert second()  # no other run is begun in vain
    assert heard == [signal.SIGTERM]


def test_a_second_signal_that_ends_a_process_does_not_wait(ends):
    heard, send = ends
    with ends_put_off():
        send(signal.SIGTERM)
        send(signal.SIGTERM)
        assert heard == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_somebody_elses_handler_is_left_alone(ends):
    heard, send = ends
    signal.signal(signal.SIGTERM, lambda number, frame: heard.append("theirs"))
    with interruption() as inner:
        send(signal.SIGTERM)
        assert heard == ["theirs"]
        assert not inner()
    assert heard == ["theirs"]


def test_a_script_that_is_asked_to_end_goes_no_further():
    code = (
        "import os, signal, sys\n"
        "from dynamics import GradientDescent, simulate\n"
        "from synthetic import quadratic\n"
        "def told(done):\n"
        "    print('told', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "simulate(GradientDescent(0.1), quadratic(eigenvalues=[1.0]), steps=10**9, record_every=10**6, progress=told)\n"
        "print('went on', flush=True)\n"
    )
    folder = str(Path(__file__).parents[3])
    plain = {**os.environ, "PYTHONPATH": folder, "NUMBA_DISABLE_JIT": "1"}
    ended = subprocess.run([sys.executable, "-c", code], env=plain, capture_output=True, timeout=60)
    assert ended.returncode == -signal.SIGTERM, ended.stderr
    assert ended.stdout == b"told\n"
