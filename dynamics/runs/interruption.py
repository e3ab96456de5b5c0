"""Between chunks: Ctrl-C, signals that ask a process to end, and the progress bar."""

import _signal  # type: ignore[import-not-found]
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dynamics.checks import require_truth

# `signal` makes names of numbers and back at each call, which is a tenth of a short run: here the functions behind it.
_ENDING = [int(getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_DEFAULT = int(signal.SIG_DFL)


@contextmanager
def interruption() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a flag to be read between chunks; the second one raises KeyboardInterrupt.

    SIGTERM and SIGHUP do the same, where nobody else handles or ignores them. Only the main thread hears signals;
    elsewhere the flag stays down.
    """
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return

    def press(number: int, frame: Any) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = {number: _signal.getsignal(number) for number in _ENDING}
    heard = [n for n, handler in before.items() if n == _ENDING[0] or handler == _DEFAULT]
    for number in heard:
        _signal.signal(number, press)
    try:
        yield lambda: bool(pressed)
    finally:
        for number in heard:
            _signal.signal(number, before[number])


@contextmanager
def bar(shown: bool | Callable[[int], None], total: int, label: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, or nothing; yields a function that takes what is done so far."""
    if callable(shown):
        yield shown
        return
    if not require_truth("progress", shown):
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.update(task, completed=done)
