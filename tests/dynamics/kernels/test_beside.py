"""LLVM in a second thread: in order, with its errors, and gone when the kernel is there."""

import os
import subprocess
import sys
import threading
from typing import NamedTuple

import numba
import pytest
from llvmlite import ir
from numba.core.registry import cpu_target

from dynamics.kernels.beside import TURN, beside, second_thread
from dynamics.kernels.cache import compiled
from dynamics.kernels.generic import generic, implements
from dynamics.kernels.pipeline import _DriverCode, _InlinedCode

jit = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")


def fails():
    raise ZeroDivisionError


def test_what_is_put_beside_is_done_in_order_in_one_thread_that_ends():
    done, turn, before = [], sys.getswitchinterval(), threading.active_count()
    opened = threading.Event()
    with second_thread():
        assert sys.getswitchinterval() == pytest.approx(TURN)
        waits = [beside(opened.wait)]
        waits += [beside(lambda number=number: done.append((number, threading.get_ident()))) for number in range(20)]
        early = list(done)
        opened.set()
        waits[7]()
        some = list(done)
    assert not early
    assert len(some) >= 7
    assert [number for number, _ in done] == list(range(20))
    (thread,) = {thread for _, thread in done}
    assert thread != threading.get_ident()
    assert (sys.getswitchinterval(), threading.active_count()) == (turn, before)


def test_an_error_reaches_who_waits_and_what_comes_after_is_done():
    done = []
    with second_thread():
        waits = beside(fails)
        beside(lambda: done.append(1))
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                waits()
    assert done == [1]


def interrupted(done):
    with second_thread():
        beside(lambda: done.append(1))
        raise KeyboardInterrupt


def test_what_was_begun_is_done_though_its_giver_fails():
    done, turn, before = [], sys.getswitchinterval(), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        interrupted(done)
    assert (done, sys.getswitchinterval(), threading.active_count()) == ([1], turn, before)
    with pytest.raises(ZeroDivisionError):  # no thread any more: at once
        beside(fails)


def test_there_is_a_thread_for_the_thread_that_compiles_alone():
    found = []
    with second_thread():
        other = threading.Thread(target=lambda: beside(lambda: found.append(threading.get_ident()))())
        other.start()
        other.join()
        assert found == [other.ident]


class Weight(NamedTuple):
    mass: float


@generic()
def pull(thing):
    """Return what pulls at a thing."""


@generic()
def fall(thing, steps):
    """Return how far a thing has fallen."""


@implements(pull, Weight)
def _(thing):
    return thing.mass * 9.81


@implements(fall, Weight)
def _(thing, steps):
    far = 0.0
    for _ in range(steps):
        far = 0.5 * far + pull(thing)
    return far


def falling(thing, steps):
    """A kernel that Python calls."""
    return fall(thing, steps) + pull(thing)


@jit
def test_llvm_works_at_what_is_inlined_in_the_second_thread(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    threads, before = {}, threading.active_count()
    for code, name in ((_InlinedCode, "_prepare"), (_DriverCode, "_finalize_specific")):
        whole = getattr(code, name)

        def noting(self, whole=whole, kind=code):
            threads.setdefault(kind, set()).add(threading.get_ident())
            return whole(self)

        monkeypatch.setattr(code, name, noting)
    arguments = (Weight(2.0), 2)
    assert compiled(falling, arguments)(*arguments) == pytest.approx(2.5 * 19.62)
    (second,), (first,) = threads[_InlinedCode], threads[_DriverCode]
    assert first == threading.get_ident() != second
    assert threading.active_count() == before


class Heavy(NamedTuple):
    mass: float


implements(pull, Heavy)(pull.table[Weight])


def pulling(thing):
    """A kernel that Python calls."""
    return pull(thing) + 1.0


@jit
def test_an_error_of_llvms_stops_the_compilation(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    before = threading.active_count()
    monkeypatch.setattr(_InlinedCode, "_prepare", lambda self: fails())
    with pytest.raises(ZeroDivisionError):
        compiled(pulling, (Heavy(2.0),))
    assert threading.active_count() == before


def six(code):
    """A module with a function that returns six, and its steps."""
    module = code.create_ir_module("six")
    word = ir.IntType(64)
    builder = ir.IRBuilder(ir.Function(module, ir.FunctionType(word, []), "six").append_basic_block())
    number = builder.add(word(1), word(2))
    builder.ret(builder.add(word(3), number))
    return module, builder.block.instructions


@jit
def test_what_is_done_when_a_kernel_is_loaded_is_known_before_llvm_has_done_its_work():
    codegen = cpu_target.target_context.codegen()
    inner, outer = (_InlinedCode(codegen, name) for name in ("inner", "outer"))
    if not hasattr(inner, "_reload_init"):
        pytest.skip("numba before 0.63 does nothing then")
    inner._reload_init.add(fails)
    opened = threading.Event()
    with second_thread():
        beside(opened.wait)
        outer.add_linking_library(inner)
        known = set(outer._reload_init)
        opened.set()
    assert known == {fails}


@jit
def test_who_takes_code_in_waits_for_it():
    code, opened = _InlinedCode(cpu_target.target_context.codegen(), "six"), threading.Event()
    code.add_ir_module(six(code)[0])
    with second_thread():
        beside(opened.wait)
        code.finalize()
        waiting = list(code._written)
        opened.set()
        taken = str(code.taken_in())
    assert len(waiting) == 1
    assert "ret i64 6" in taken
    assert not code._written


@jit
def test_code_that_is_none_is_refused():
    code = _InlinedCode(cpu_target.target_context.codegen(), "none")
    module, steps = six(code)
    steps[0], steps[1] = steps[1], steps[0]
    code.add_ir_module(module)
    with pytest.raises(RuntimeError, match="does not dominate"):
        code.finalize()


AT_THE_END = """
import atexit
from dynamics import SGD, simulate
from synthetic import quadratic
atexit.register(lambda: print(simulate(SGD(0.5), quadratic(eigenvalues=[1.0]), steps=2, x0=[16.0]).x))
"""


@jit
def test_a_kernel_is_compiled_while_python_ends(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", AT_THE_END], env=environment, capture_output=True, text=True, check=True
    )
    assert (run.stdout, run.stderr) == ("[4.]\n", "")


def test_all_is_done_at_once_where_python_starts_no_thread(monkeypatch):
    def start(thread):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", start)
    done = []
    with second_thread():
        waits = beside(lambda: done.append(threading.get_ident()))
        assert done == [threading.get_ident()]
        waits()
