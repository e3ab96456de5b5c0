"""Between chunks: Ctrl-C, signals that ask a process to end, and the progress bar."""

import _signal  # type: ignore[import-not-found]
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from dynamics.checks import require_truth

# `signal` makes names of numbers and back at each call, which takes a third of a short run: here the functions behind.
_CONTROL_C = int(signal.SIGINT)
_ENDING = [int(getattr(signal, name)) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_DEFAULT = int(signal.SIG_DFL)

_come: list[int] = []  # SIGTERM and SIGHUP that have come, and have not ended the process yet


def interruption() -> AbstractContextManager[Callable[[], bool]]:
    """Turn the first Ctrl-C into a flag to be read between chunks; the second one raises KeyboardInterrupt.

    SIGTERM and SIGHUP raise the flag too, where nobody else handles or ignores them, and end the process once the block
    is left. Only the main thread hears signals; elsewhere the flag stays down.
    """
    return nullcontext(_never) if _aside() else _Hearing()


@contextmanager
def ends_put_off() -> Iterator[None]:
    """Let SIGTERM and SIGHUP wait for the end of the block, in which runs are told of them; a second one doesn't wait.

    Of several blocks, one inside another, it is the end of the outer one.
    """
    before = {} if _aside() else _put_off_ends()
    try:
        yield
    finally:
        _give_back(before)


class _Hearing:
    """The block of `interruption` in the main thread."""

    def __init__(self) -> None:
        self.pressed: list[int] = []

    def __enter__(self) -> Callable[[], bool]:
        self.before = _put_off_ends()
        self.control_c = _signal.getsignal(_CONTROL_C)
        if self.control_c is not None:  # None is somebody's who is not Python, and could not be given back
            _signal.signal(_CONTROL_C, self.press)
        return self.interrupted

    def __exit__(self, *error: object) -> None:
        if self.control_c is not None:
            _signal.signal(_CONTROL_C, self.control_c)
        _give_back(self.before)

    def press(self, number: int, frame: Any) -> None:
        """Note the first Ctrl-C."""
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed.append(number)

    def interrupted(self) -> bool:
        """Whether a signal has come."""
        return bool(self.pressed or _come)


def _aside() -> bool:
    return threading.current_thread() is not threading.main_thread()


def _put_off_ends() -> dict[int, Any]:
    """Take over what would end the process; the handlers that were there."""
    return {n: _signal.signal(n, _put_it_off) for n in _ENDING if _signal.getsignal(n) == _DEFAULT}


def _give_back(before: dict[int, Any]) -> None:
    for number, handler in before.items():
        _signal.signal(number, handler)
    if before and _come:
        signal.raise_signal(_come.pop())


def _put_it_off(number: int, frame: Any) -> None:
    if _come:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    _come.append(number)


def _never() -> bool:
    return False


def bar(shown: bool | Callable[[int], None], total: int, label: str) -> AbstractContextManager[Callable[[int], None]]:
    """A progress bar on standard error, or nothing; yields a function that takes what is done so far."""
    if callable(shown):
        return nullcontext(shown)
    return _drawn(total, label) if require_truth("progress", shown) else nullcontext(untold)


def untold(done: int) -> None:
    """Nobody wants to know how far the run is."""


@contextmanager
def _drawn(total: int, label: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.update(task, completed=done)
