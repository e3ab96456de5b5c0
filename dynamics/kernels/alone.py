"""One process compiles a kernel, and the others that want the same one wait for its file."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # where there is none, each process compiles for itself
    fcntl = None  # type: ignore[assignment]

PATIENCE = 60.0  # seconds: whoever holds the lock may have been stopped by a debugger
PAUSE = 0.02


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold what is done here until no other process does the same to make `file`; nothing is held once it is there."""
    lock = file.with_name(f"{file.name}.lock")
    handle = None if fcntl is None or file.exists() else _opened(lock)
    if handle is None:
        yield
        return
    try:
        _wait(handle)
        yield
    finally:
        # Unlocked by name: a process that was forked meanwhile has the handle, too, and would keep the lock.
        with suppress(OSError):
            lock.unlink(missing_ok=True)
            fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _opened(lock: Path) -> int | None:
    try:
        return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:  # the store says why nothing can be kept there
        return None


def _wait(handle: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(PAUSE)
        except OSError:  # a file system without locks
            return
