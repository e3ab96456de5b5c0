"""A second thread for LLVM, which works at one function while Python infers the types of the next and lowers it.

LLVM is given the same things in the same order, one after another, so code is the same with the thread and without.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Event, Thread
from typing import Any

# LLVM is called in many small steps. After each the thread waits until Python hands over, at most so many seconds.
TURN = 1e-4

_waiting: ContextVar[Any] = ContextVar("waiting", default=None)  # what the thread still has to do


class _Work:
    """Something to do, and whether it is done."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._done = Event()
        self._error: BaseException | None = None

    def do(self) -> None:
        try:
            self._act()
        except BaseException as error:  # for who waits
            self._error = error
        self._done.set()

    def wait(self) -> None:
        self._done.wait()
        if self._error is not None:
            raise self._error


@contextmanager
def second_thread() -> Iterator[None]:
    """Let what is put `beside` be done in a thread, which has done it all, and is gone, at the end."""
    from queue import SimpleQueue

    waiting: SimpleQueue[_Work | None] = SimpleQueue()
    thread = Thread(target=_do_all, args=(waiting,), name="LLVM")
    former, turn = _waiting.get(), sys.getswitchinterval()
    try:
        with suppress(RuntimeError):  # Python is about to end, and starts none
            thread.start()
        if thread.is_alive():
            _waiting.set(waiting)
            sys.setswitchinterval(min(turn, TURN))
        yield
    finally:
        waiting.put(None)
        _waiting.set(former)
        sys.setswitchinterval(turn)
        if thread.is_alive():
            thread.join()


def _do_all(waiting: Any) -> None:
    for work in iter(waiting.get, None):
        work.do()


def beside(act: Callable[[], None]) -> Callable[[], None]:
    """Do something after what was put here before, or at once where there is no thread; call the result to wait for it.

    Who waits gets the error if there was one.
    """
    waiting = _waiting.get()
    if waiting is None:
        act()
        return lambda: None
    work = _Work(act)
    waiting.put(work)
    return work.wait
