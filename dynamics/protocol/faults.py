"""What went wrong in a user's kernel, in the words of whoever wrote it: the kernel's name, its line, the cure."""

import difflib
import linecache
import os
import re
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numba
import numpy as np

from dynamics.checks import Refusal
from dynamics.kernels.generic import MissingImplementation
from dynamics.kernels.origins import OURS
from dynamics.protocol.schedules import Schedule

_LIBRARIES = tuple(Path(module.__file__ or ".").parent for module in (numba, np))
_NOT_USERS = tuple(os.path.join(folder, "") for folder in (*_LIBRARIES, *map(Path(__file__).parents[2].joinpath, OURS)))
_BINDS = re.compile(r"(\w+)\.(\w+)\s*(?:[-+*/@%&|^]|//|\*\*)?=(?!=)")
UNMEANT = (ArithmeticError, AttributeError, LookupError, NameError, TypeError)  # none of them is a user's refusal
LONGEST = 240  # characters of another library's words


class KernelError(TypeError):
    """A kernel that can't be compiled, or does what no kernel may.

    Examples
    --------
    >>> issubclass(KernelError, Exception)
    True
    """


def place_of(error: BaseException) -> tuple[str, int]:
    """File and line of a user's code where an error arose, innermost; ("", 0) where none of it is a user's."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if is_users_file(frame.filename):
            return frame.filename, frame.lineno or 0
    return "", 0


def is_users_file(file: str) -> bool:
    """Whether code in this file is a user's: no part of optdyn's packages, numba or NumPy."""
    return not file.startswith(_NOT_USERS)


def at(file: str, line: int) -> str:
    """A place in brackets, or nothing."""
    return f" ({file}, line {line})" if file else ""


def in_words(error: BaseException, things: Iterable[Any] = ()) -> str:
    """What Python says of a mistake in a kernel, and the nearest fix.

    Parameters
    ----------
    error : BaseException
        What a kernel raised as plain Python.
    things : iterable
        The kernel's arguments, to look names up in.
    """
    text = linecache.getline(*place_of(error)).strip()
    if isinstance(error, AttributeError):
        return _of_attribute(error, text, tuple(things))
    if "truth value of an array" in str(error):
        return "it decides by a whole array, of which some entries may say yes and others no: decide entry by entry"
    told = " ".join(str(error).split())[:LONGEST].rstrip(".")
    return told + _of_schedule(text, tuple(things))


def retold(what: str, error: Exception, things: Iterable[Any] = ()) -> KernelError | None:
    """An `UNMEANT` error in a sentence with the user's line; None where it is meant, or not in a user's code."""
    file, line = place_of(error)
    if not file or isinstance(error, KernelError | MissingImplementation | Refusal):
        return None
    return KernelError(f"{what}: {type(error).__name__}: {in_words(error, things)}{at(file, line)}.")


def no_field(kind: str, name: str, fields: Iterable[str]) -> str:
    """The sentence for a field that a class hasn't got, with the nearest that it has.

    Examples
    --------
    >>> no_field("Lion", "bta", ["step_size", "beta"])
    "Lion has no field 'bta'; did you mean 'beta'? It has step_size, beta"
    """
    known = list(fields)
    near = difflib.get_close_matches(name, known, 1, 0.5)
    meant = f"; did you mean {near[0]!r}? It" if near else ": it"
    if kind == "NoMemory":
        return f"no memory holds {name!r}: declare one by @implements(new_memory, ...), a NamedTuple of arrays"
    return f"{kind} has no field {name!r}{meant} has {', '.join(known) or 'none'}"


def _of_attribute(error: AttributeError, text: str, things: tuple[Any, ...]) -> str:
    kind = type(error.obj)
    if "set attribute" in str(error) or "no setter" in str(error):
        return _of_binding(text, things)
    if error.name == "rng":
        return f"{error}; a method that draws from oracle.rng says so: always(uses_rng, ...)"
    if hasattr(kind, "_fields") and error.name:
        return no_field(kind.__name__, error.name, kind._fields)
    if error.name and (near := difflib.get_close_matches(error.name, dir(error.obj), 1, 0.7)):
        return f"{error}; did you mean {near[0]!r}?"
    return str(error)


def _of_binding(text: str, things: tuple[Any, ...]) -> str:
    """Somebody has written `point.x = ...`."""
    found = _BINDS.search(text)
    owner, name = found.groups() if found else ("point", "x")
    values = [getattr(thing, name) for thing in things if name in getattr(type(thing), "_fields", ())]
    if values and not isinstance(values[0], np.ndarray):
        cure = f"make it an array of one, np.zeros(1), and write {owner}.{name}[0] = value"
        return f"{owner}.{name} is a number, which stays: {cure}"
    index = "0" if values and values[0].size == 1 and name != "x" else ":"
    cure = f"write into the one that is there, {owner}.{name}[{index}] = values or {owner}.{name}[{index}] -= values"
    return f"{owner}.{name} can't be bound to another array: {cure}"


def _of_schedule(text: str, things: tuple[Any, ...]) -> str:
    """A step size is a schedule, and does not multiply."""
    for thing in things:
        for name in getattr(type(thing), "_fields", ()):
            if isinstance(getattr(thing, name), Schedule) and re.search(rf"(?<!scheduled\()\bmethod\.{name}\b", text):
                return f"; method.{name} is a schedule: the step of step k is scheduled(method.{name}, k)"
    return ""
