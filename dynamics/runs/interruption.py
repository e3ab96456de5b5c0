"""Between chunks: Ctrl-C, signals that ask a process to end, and the progress bar."""

import _signal  # type: ignore[import-not-found]
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
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
    return _Hearing()


@contextmanager
def ends_put_off() -> Iterator[None]:
    """Let SIGTERM and SIGHUP wait for the end of the block, in which runs are told of them; a second one doesn't wait.

    Of several blocks, one inside another, it is the end of the outer one.
    """
    before: dict[int, Any] = {}
    try:
        with suppress(ValueError):  # in a thread that hears no signals
            _put_off_ends(before)
        yield
    finally:
        _give_back(before)


class _Hearing:
    """The block of `interruption`."""

    pressed = False
    control_c: Any = None

    def __enter__(self) -> Callable[[], bool]:
        self.before: dict[int, Any] = {}
        try:
            _put_off_ends(self.before)
            control_c = _signal.getsignal(_CONTROL_C)
            if control_c is not None:  # None is somebody's who is not Python, and could not be given back
                _signal.signal(_CONTROL_C, self.press)
                self.control_c = control_c
        except ValueError:  # in a thread that hears no signals
            return _never
        return self.interrupted

    def __exit__(self, *error: object) -> None:
        if self.control_c is not None:
            _signal.signal(_CONTROL_C, self.control_c)
        if self.before:
            _give_back(self.before)

    def press(self, number: int, frame: Any) -> None:
        """Note the first Ctrl-C."""
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def interrupted(self) -> bool:
        """Whether a signal has come."""
        return self.pressed or bool(_come)


def _put_off_ends(before: dict[int, Any]) -> None:
    """Take over what would end the process, and note the handlers that were there; a ValueError in another thread."""
    for number in _ENDING:
        if _signal.getsignal(number) == _DEFAULT:
            before[number] = _signal.signal(number, _put_it_off)


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
    if shown is False:
        return _UNTOLD
    if callable(shown):
        return nullcontext(shown)
    return _drawn(total, label) if require_truth("progress", shown) else _UNTOLD


def untold(done: int) -> None:
    """Nobody wants to know how far the run is."""


_UNTOLD = nullcontext(untold)


@contextmanager
def _drawn(total: int, label: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.update(task, completed=done)
