"""The folder of compiled kernels: one that can be written, and that nobody else can write to."""

import atexit
import os
import shutil
import stat
import tempfile
from functools import cache
from pathlib import Path

from dynamics.kernels.telling import tell


def cache_folder() -> Path:
    """Where compiled kernels are kept: below `NUMBA_CACHE_DIR` where it is set, else below the user's cache folder.

    A folder that can't be written, or that others can write to, is replaced, with one warning, by a temporary one that
    goes with the process: what is in it is executed.
    """
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if base:
        return _usable(Path(base) / "optdyn")
    try:
        return _usable(Path.home() / ".cache" / "optdyn")
    except RuntimeError:
        return _temporary("this user has no home folder")


def keeps() -> bool:
    """Whether the next process finds what is put into the folder."""
    return cache_folder() not in _passing


_passing: set[Path] = set()  # folders that go with this process


@cache
def _usable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        wrong = _open_to_others(folder)
        if not wrong:
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return _temporary(f"compiled kernels can't be kept in {folder} ({error.strerror})")
    return _temporary(wrong) if wrong else folder


def _open_to_others(folder: Path) -> str:
    """Why another user could have put a file into `folder`, or nothing."""
    found = folder.stat()
    if hasattr(os, "getuid") and found.st_uid not in (os.getuid(), 0):
        return f"{folder} belongs to another user, who could put machine code there"
    if os.name == "posix" and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"{folder} can be written by other users, who could put machine code there (chmod go-w {folder})"
    return ""


@cache
def _temporary(why: str) -> Path:
    tell(f"{why}, so each process compiles anew; set NUMBA_CACHE_DIR to a folder of your own that can be written.")
    temporary = tempfile.mkdtemp(prefix="optdyn-kernels-")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    _passing.add(Path(temporary))
    return Path(temporary)
