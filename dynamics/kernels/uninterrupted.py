"""A block for whose end Ctrl-C waits, since what it leaves half done could not be done again."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C come at the end of the block; only the main thread hears of it, and where Python handles it.

    Examples
    --------
    >>> with uninterrupted():
    ...     print("Ctrl-C waits.")
    Ctrl-C waits.
    """
    come: list[int] = []
    former = signal.getsignal(signal.SIGINT)
    try:
        if former is not None:
            signal.signal(signal.SIGINT, lambda number, frame: come.append(number))
    except ValueError:  # in another thread
        former = None
    try:
        yield
    finally:
        if former is not None:
            signal.signal(signal.SIGINT, former)
        if come:
            signal.raise_signal(signal.SIGINT)
