"""Compiled kernels on disk: one dispatcher and one folder for each tuple of argument types.

A folder of its own keeps pairs of types apart: none is lost because the module of another is gone, and none is served
stale, because the folder's name hashes every source that its machine code was made of.
"""

import gc
import os
import tempfile
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np

from dynamics.kernels.fingerprint import NotOnDisk, fingerprint
from dynamics.kernels.policy import KERNEL_OPTIONS

_dispatchers: dict[tuple[Any, ...], Callable[..., Any]] = {}
_entries: dict[tuple[Any, ...], Callable[..., Any]] = {}
_making = threading.Lock()
_PLAIN = frozenset({float, int, bool})


def compiled(template: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """A function that runs `template` on arguments of these types as machine code, loaded from disk where it is there.

    Parameters
    ----------
    template
        The kernel as plain Python; generic functions that it calls pick their implementation by type.
    arguments
        The arguments of the call at hand; only their types matter.

    Notes
    -----
    With `NUMBA_DISABLE_JIT=1` the template itself is returned. Kernels from `__main__`, a notebook or a source that is
    not on disk are compiled anew in each process.
    """
    if numba.config.DISABLE_JIT:
        return template
    key = _key(template, arguments)
    with _making:
        if key not in _dispatchers:
            signature = tuple(numba.typeof(argument) for argument in arguments)
            _dispatchers[key] = _dispatcher(template, signature, _classes(arguments))
    return _dispatchers[key]


def entry_point(template: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """The machine code of `compiled` itself, without the look at the types that a dispatcher takes at each call.

    Only for arguments in canonical form, whose arrays lie by rows and are writeable: nothing checks that again.
    """
    if numba.config.DISABLE_JIT:
        return template
    key = _key(template, arguments)
    entry = _entries.get(key)
    if entry is None:
        made: Any = compiled(template, arguments)
        with _without_collector():
            entry = _entries[key] = made.compile(tuple(numba.typeof(argument) for argument in arguments))
    return entry


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let the garbage collector rest: numba makes very many objects that stay, and to look at them takes a tenth."""
    resting = not gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not resting:
            gc.enable()


def cache_folder() -> Path:
    """Where compiled kernels are kept: below `NUMBA_CACHE_DIR` where it is set, else below the user's cache folder.

    A folder that can't be written is replaced, with one warning, by a temporary one that goes with the process.
    """
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return _writable(Path(base) / "optdyn")


@cache
def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        warnings.warn(
            f"compiled kernels can't be kept in {folder} ({error.strerror}), so each process compiles anew; "
            f"set NUMBA_CACHE_DIR to a folder that can be written.",
            stacklevel=4,
        )
        temporary = tempfile.TemporaryDirectory(prefix="optdyn-kernels-")
        _kept_until_exit.append(temporary)
        return Path(temporary.name)


_kept_until_exit: list[tempfile.TemporaryDirectory] = []


def _dispatcher(template, signature, classes):
    # A copy of the template, so that its dispatcher has a cache of its own.
    twin = types.FunctionType(template.__code__, template.__globals__, template.__name__, template.__defaults__)
    twin.__qualname__, twin.__module__ = template.__qualname__, template.__module__
    try:
        folder = cache_folder() / fingerprint(template, classes, signature)
    except NotOnDisk:
        return numba.njit(**KERNEL_OPTIONS)(twin)
    before = numba.config.CACHE_DIR
    try:
        # numba reads the folder when a dispatcher is made, and keeps it.
        numba.config.CACHE_DIR = str(folder)
        return numba.njit(cache=True, **KERNEL_OPTIONS)(twin)
    finally:
        numba.config.CACHE_DIR = before


def _key(template: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """What decides about the types of canonical arguments; numba's own answer takes ten times as long."""
    kinds = [template]
    _add_kinds(arguments, kinds)
    return tuple(kinds)


def _add_kinds(values: tuple[Any, ...], kinds: list[Any]) -> None:
    for value in values:
        kind = type(value)
        if kind is np.ndarray:
            kinds += (value.dtype.char, value.ndim)
        elif kind in _PLAIN:
            kinds.append(kind)
        elif isinstance(value, tuple):
            kinds += (kind, len(value))
            _add_kinds(value, kinds)
        elif isinstance(value, np.ndarray):
            kinds += (kind, value.ndim, value.shape[-1])
        else:
            kinds.append(kind)


def _classes(value: Any) -> set[type]:
    """The classes in a value, at any depth, by which generic functions pick their implementation."""
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        return {type(value)}
    if not isinstance(value, tuple):
        return set()
    found = {type(value)} if hasattr(type(value), "_fields") else set()
    return found.union(*(_classes(part) for part in value))
