"""No garbage is collected while modules are imported and kernels compiled; afterwards it is as before."""

import gc
import subprocess
import sys

import pytest

from dynamics import collection
from dynamics.collection import uncollected
from dynamics.kernels.while_compiling import brief


@pytest.fixture
def moves(monkeypatch):
    done = []
    monkeypatch.setattr(gc, "freeze", lambda: done.append("aside"))
    monkeypatch.setattr(gc, "unfreeze", lambda: done.append("with the oldest"))
    monkeypatch.setattr(collection, "_put_off", set())
    return done


@pytest.mark.parametrize("within", [brief, lambda: uncollected("importing")])
@pytest.mark.parametrize(("frozen", "moved"), [(0, True), (3, False)])
def test_what_was_made_the_first_time_is_collected_with_all_the_rest(monkeypatch, moves, within, frozen, moved):
    monkeypatch.setattr(gc, "get_freeze_count", lambda: frozen)  # what somebody froze stays frozen
    for _ in range(2):
        with within():
            assert not gc.isenabled()
        assert gc.isenabled()
    assert moves == (["aside", "with the oldest"] if moved else [])


def test_each_occasion_has_a_first_time(moves):
    for occasion in ("importing", "compiling", "importing"):
        with uncollected(occasion):
            pass
    assert moves == ["aside", "with the oldest"] * 2


def test_who_collects_nothing_is_left_alone(moves):
    gc.disable()
    try:
        with uncollected("importing"):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert moves == []


IMPORTING = """
import gc, sys
looked = []
gc.callbacks.append(lambda phase, told: looked.append("numba" in sys.modules))
from dynamics import simulate
assert gc.isenabled()
print(sum(looked) // 2)  # a look begins and ends
"""


def test_nobody_looks_through_what_is_being_imported():
    looks = int(subprocess.check_output([sys.executable, "-c", IMPORTING], text=True))
    assert looks <= 3  # of some hundred, once it is over
