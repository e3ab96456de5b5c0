"""Ctrl-C waits for the end of a block."""

import signal
import subprocess
import sys
import threading

import numba
import pytest

from dynamics.kernels.uninterrupted import uninterrupted


def pressed_twice(done):
    with uninterrupted():
        signal.raise_signal(signal.SIGINT)
        done.append(1)
        signal.raise_signal(signal.SIGINT)
        done.append(2)


def test_control_c_comes_at_the_end_and_once_to_whoever_handled_it_before():
    heard, done, former = [], [], signal.signal(signal.SIGINT, lambda number, frame: heard.append(list(done)))
    try:
        pressed_twice(done)
        assert heard == [[1, 2]]
        signal.raise_signal(signal.SIGINT)
        assert len(heard) == 2
    finally:
        signal.signal(signal.SIGINT, former)


def test_an_error_in_the_block_gives_the_handler_back():
    former = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), uninterrupted():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is former


def test_other_threads_hear_no_signals():
    done = []

    def work():
        with uninterrupted():
            done.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.getsignal(signal.SIGINT)]


# Twice, since a run takes the first Ctrl-C as the wish to end after the steps under way. Waiting, two are one.
INTERRUPTED = """
import signal
from numba.core.base import RegistryLoader
from dynamics import GradientDescent, simulate
from synthetic import rosenbrock

whole, taken = RegistryLoader.new_registrations, []

def new_registrations(self, name):
    for item in whole(self, name):
        taken.append(item)
        if len(taken) == 300:
            for _ in range(2):
                signal.raise_signal(signal.SIGINT)
        yield item

RegistryLoader.new_registrations = new_registrations
signal.signal(signal.SIGINT, signal.default_int_handler)  # which may be off where nobody sits at a terminal
for _ in range(2):
    run = simulate(GradientDescent(step_size=1e-3), rosenbrock(2), x0=[0.0, 0.5], steps=3)
    print(run.status.name, run.loss.tolist())
assert len(taken) > 300
"""


@pytest.mark.compiles
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_a_run_that_is_interrupted_while_numba_looks_at_what_is_registered_does_not_spoil_the_next(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=True)
    first, then = done.stdout.splitlines()
    assert first == then == "MAX_ITERATIONS [26.0, 16.9956840016, 11.230245684995356, 7.537741894463649]"
