"""What numba says of a kernel that can't be compiled, in one sentence about the user's own line."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from numba.core.errors import NumbaError, UnsupportedBytecodeError

from dynamics.kernels.generic import Generic
from dynamics.kernels.origins import OURS
from dynamics.protocol.faults import LONGEST, KernelError, at, no_field
from dynamics.protocol.method import Point
from dynamics.protocol.source import with_helpers
from dynamics.protocol.trees import is_named

__all__ = ["UNCOMPILED", "KernelError", "explained", "explanation"]

UNCOMPILED = (NumbaError, UnsupportedBytecodeError)  # what numba raises of a kernel that it can't compile

# How numba's complaints begin; the last one before a line of source is about that line.
_COMPLAINTS = (
    "Cannot ",
    "Invalid use",
    "No conversion",
    "No implementation",
    "The use of",
    "Unknown attribute",
    "Unsupported",
    "Untyped ",
    "Use of ",
    "Variable ",
    "NameError",
)
_PLACES = re.compile(r'File "([^"]+)", line (\d+)| at (\S+) \((\d+)\)|[Rr]aised from (\S+) \((\d+)\)')
_LANES = (
    "; a Vector holds a number of each of several runs, for which there are + - * / ** abs, np.sqrt and where_positive"
)


_CURES = {
    "STORE_GLOBAL": ": kernels change nothing of the module; count in a method's memory or in a field `work`",
    "f-string": ": kernels make no text; record what you want to see, and print it afterwards",
    "Exception object": ": kernels catch nothing; test for the case beforehand",
}


class _Kernel(NamedTuple):
    """A user's kernel, or a helper that one calls, and the lines that it takes up."""

    name: str
    file: str
    first: int
    last: int


class explained:
    """A block that turns numba's account of a kernel that can't be compiled into one sentence.

    `things` are a method and the problem that it runs on, or one of them alone.
    """

    def __init__(self, *things: Any) -> None:
        self.things = things

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, UNCOMPILED):
            raise explanation(error, *self.things) from error


def explanation(error: BaseException, *things: Any) -> KernelError:
    """What numba said of a method and its problem, or of one of them, in one sentence."""
    fields = {kind.__name__: kind._fields for kind in (Point, *_classes(things))}
    return KernelError(
        f"{' on '.join(type(thing).__name__ for thing in things)} can't be compiled: "
        f"{_gist(str(error), list(_users_kernels(*things)), fields)} "
        f"NUMBA_DISABLE_JIT=1 runs the same kernels as plain Python, where they can be debugged."
    )


def _gist(text: str, kernels: list[_Kernel], fields: dict[str, Any]) -> str:
    """numba's complaint about the innermost line of a user's, or its last one, and the line of source."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    places = list(_PLACES.finditer(plain))
    for found in places:
        file, line = _place(found)
        kernel = next((k for k in kernels if Path(k.file).name == Path(file).name and k.first <= line <= k.last), None)
        if kernel is not None:
            return f"{kernel.name}: {_words(_complaint(plain[: found.start()]), fields)}{at(kernel.file, line)}."
    return f"{_words(_complaint(plain), fields)}{at(*_place(places[-1])) if places else ''}."


def _place(found: re.Match[str]) -> tuple[str, int]:
    file, line = (part for part in found.groups() if part)
    return file, int(line)


def _complaint(text: str) -> str:
    """The last complaint in a piece of numba's account; a call that nothing fits comes with its arguments."""
    lines = [line.strip().removeprefix("NumbaTypeError: ") for line in text.splitlines() if line.strip()]
    places = [i for i, line in enumerate(lines) if line.startswith(_COMPLAINTS) and "pipeline" not in line]
    if not places:
        return lines[0] if lines else ""
    what = lines[places[-1]]
    if what.startswith("No implementation") and lines[places[-1] + 1 :][:1] and lines[places[-1] + 1].startswith(">>>"):
        return f"{what} {lines[places[-1] + 1]}"
    return what


def _words(complaint: str, fields: dict[str, Any]) -> str:
    """What numba complains of, in fewer of its own words."""
    told = complaint.rstrip(". ")[: 2 * LONGEST]
    vectors = _LANES if "Vector(" in told else ""
    if found := re.match(r"Unknown attribute '(\w+)' of type Module\(<module '([\w.]+)'", told):
        return f"{found[2]}.{found[1]} is not among the functions that machine code has"
    if found := re.match(r"Unknown attribute '(\w+)' of type (\w+)\(", told):
        return no_field(found[2], found[1], fields.get(found[2], ()))
    if found := re.match(r"Untyped global name '(\w+)'", told):
        kind = re.search(r"<class '([\w.]+)'>", told)
        return f"`{found[1]}`, a {kind[1] if kind else 'thing'}, means nothing to machine code"
    if found := re.match(r"Cannot unify (.+) and (.+) for '(\w+)", told):
        return f"`{found[3]}` is a {found[1]} on one way and a {found[2]} on another: let a name keep its kind"
    if found := re.match(r"No implementation of function .* >>> (.*)", told):
        return f"machine code has no {found[1][:LONGEST]}{vectors}"
    if found := re.search(r"use of a (.+?) type, assigned to variable '(\w+)' in globals", told):
        return (
            f"`{found[2]}` is a {found[1].partition('<')[0]} of the module: kernels read fields, or tuples of numbers"
        )
    if told.startswith("Cannot modify readonly array"):
        return "it writes to an array of the module, which is a constant to machine code: keep it in a field `work`"
    cure = next((words for word, words in _CURES.items() if word in told), "")
    return told[:LONGEST] + vectors + cure


def _users_kernels(*things: Any) -> Iterator[_Kernel]:
    """The kernels of the classes in a method and a problem that are no part of optdyn."""
    for kind in _classes(things):
        if kind.__module__.partition(".")[0] in OURS:
            continue
        for function in Generic.everyone:
            body = function.table.get(kind)
            for part in with_helpers(body) if isinstance(body, FunctionType) else ():
                code = part.__code__
                lines = [line for _, _, line in code.co_lines() if line]
                name = f"{function.name} of {kind.__name__}"
                helper = "" if part is body else f", in {part.__name__}"
                yield _Kernel(name + helper, code.co_filename, code.co_firstlineno, max(lines, default=0))


def _classes(value: Any) -> Iterator[Any]:
    if is_named(value):
        yield type(value)
    for part in value if isinstance(value, tuple) else ():
        yield from _classes(part)
