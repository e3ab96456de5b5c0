"""Compiled kernels, in the process and on disk: one dispatcher for each tuple of argument types, and one file.

A file of its own keeps pairs of types apart: none is lost because the module of another is gone, and none is served
stale, because the file's name hashes all that its machine code was made of.
"""

import itertools
import os
import secrets
import threading
import types
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.core.bytecode import FunctionIdentity

from dynamics.kernels.alone import alone
from dynamics.kernels.fingerprint import fingerprint
from dynamics.kernels.folder import cache_folder
from dynamics.kernels.generic import Generic
from dynamics.kernels.pipeline import DriverPipeline
from dynamics.kernels.policy import KERNEL_OPTIONS, compiles
from dynamics.kernels.reach import Reach, reach
from dynamics.kernels.renewal import Renewal
from dynamics.kernels.store import Store
from dynamics.kernels.watch import Watch
from dynamics.kernels.while_compiling import brief

__all__ = ["cache_folder", "compiled", "entry_point"]


class _Made(NamedTuple):
    """A dispatcher, its machine code once there is some, and what says that it may still be used."""

    dispatcher: Callable[..., Any]
    entries: list[Callable[..., Any]]  # none, or one
    watch: Watch
    registered: int  # implementations of generic functions when it was last looked at


_made: dict[tuple[Any, ...], _Made] = {}
_dispatchers: dict[tuple[Any, ...], Callable[..., Any]] = {}  # by the types and the fingerprint
_renewal = Renewal()
_making = threading.RLock()
_PLAIN = frozenset({float, int, bool})


def compiled(template: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """A function that runs `template` on arguments of these types as machine code, loaded from disk where it is there.

    Parameters
    ----------
    template : callable
        The kernel as plain Python; generic functions that it calls pick their implementation by type.
    arguments : tuple
        The arguments of the call at hand; only their types matter.

    Notes
    -----
    With `NUMBA_DISABLE_JIT=1` the template itself is returned. A function that was edited and reloaded, another value
    of a global and other numbers in a global array are noticed at the next call. Kernels from `__main__` or a notebook,
    and such as reach what a hash can't describe, are compiled anew in each process.
    """
    if not compiles():
        return template
    made = _current(template, arguments, _key(template, arguments))
    if not made.entries:
        _compile(made, arguments)
    return made.dispatcher


def entry_point(
    template: Callable[..., Any], arguments: tuple[Any, ...], found: list[Any] | None = None
) -> Callable[..., Any]:
    """The machine code of `compiled` itself, without the look at the types that a dispatcher takes at each call.

    Only for arguments in canonical form, whose arrays lie by rows and are writeable: nothing checks that again. A list
    `found` keeps what was found, for the next call with arguments of the same kinds.
    """
    if not compiles():
        return template
    if found and _holds(found[0]):
        made = found[0]
    else:
        made = _current(template, arguments, _key(template, arguments))
        if found is not None:
            found[:] = [made]
    return made.entries[0] if made.entries else _compile(made, arguments)


def _holds(made: _Made) -> bool:
    """Whether that was made of the code as it is now."""
    return made.registered == Generic.registered and made.watch.holds()


def _current(template: Callable[..., Any], arguments: tuple[Any, ...], key: tuple[Any, ...]) -> _Made:
    """What was made for arguments of these types of the code as it is now."""
    made = _made.get(key)
    if made is not None and _holds(made):
        return made
    with _making:
        registered = Generic.registered
        signature = tuple(numba.typeof(argument) for argument in arguments)
        reached = reach(template, _classes(arguments))
        name = fingerprint(reached, signature)
        if made is None or _dispatchers.get((*key, name)) is not made.dispatcher:
            dispatcher = _dispatchers.setdefault((*key, name), _dispatcher(template, reached, name))
            made = _Made(dispatcher, [], reached.watch, registered)
        made = _made[key] = made._replace(watch=reached.watch, registered=registered)
        _renewal.look(reached)
        return made


def _compile(made: _Made, arguments: tuple[Any, ...]) -> Callable[..., Any]:
    dispatcher: Any = made.dispatcher
    store = dispatcher._cache
    with _making, alone(store.file) if isinstance(store, Store) else nullcontext():
        if not dispatcher.overloads:
            _renewal.before_compiling(made.watch)
        made.entries[:] = [dispatcher.compile(tuple(numba.typeof(argument) for argument in arguments))]
    return made.entries[0]


def _briefly(compiler: Any, compiles: Callable[[Any, Any], Any], everything: bool, kinds: Any, returned: Any) -> Any:
    """How a dispatcher compiles what is in no file: numba is told to be brief for that, and for nothing before."""
    try:
        with brief(everything):
            return compiles(kinds, returned)
    except Exception:
        if everything:
            raise
    # Another release of numba may keep elsewhere what our kernels need: so once more, with all there is.
    _renewal.forget()
    compiler._failed_cache.clear()
    return _briefly(compiler, compiles, True, kinds, returned)


def _dispatcher(template: Callable[..., Any], reached: Reach, name: str) -> Any:
    # A copy of the template, so that its dispatcher has a cache of its own.
    parts = (template.__code__, template.__globals__, template.__name__, template.__defaults__, template.__closure__)
    twin = types.FunctionType(*parts)
    twin.__qualname__, twin.__module__ = template.__qualname__, template.__module__
    made = numba.njit(**KERNEL_OPTIONS, pipeline_class=DriverPipeline)(twin)
    everything = bool(reached.watch)  # a user's kernel may ask for anything
    compiler = made._compiler
    compiler.compile = partial(_briefly, compiler, compiler.compile, everything)
    if reached.on_disk:
        made._cache = Store(cache_folder() / f"{name}.nbc", everything)
    return made


def _number_functions_anew() -> None:
    """Begin numba's numbers of functions at random.

    They are in the names of machine code's symbols. Two processes that both begin at 1 give one name to two functions,
    and whoever loads both files would call one for the other.
    """
    FunctionIdentity._unique_ids = itertools.count(secrets.randbits(62))


_number_functions_anew()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_number_functions_anew)


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
