"""What a function's byte code says by itself: a digest of it, the globals that it reads, and the attributes."""

import dis
import hashlib
import inspect
import sys
from functools import cache
from types import CodeType
from typing import Any, NamedTuple

HAS_DOCSTRING = 0x4000000  # among a function's flags, since Python 3.13


class Names(NamedTuple):
    """The names in a function's code, that of functions inside it included."""

    read: tuple[str, ...]  # of globals
    attributes: frozenset[str]  # of whatever: a module may have gone through a local variable


@cache
def names(code: CodeType) -> Names:
    """The names that `code` reads; looked up once, since to take byte code apart is slow."""
    read: set[str] = set()
    attributes: set[str] = set()
    for part in _parts(code):
        for step in dis.get_instructions(part):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                read.add(step.argval)
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"):
                attributes.add(step.argval)
    return Names(tuple(sorted(read)), frozenset(attributes))


@cache
def digest(code: CodeType) -> bytes:
    """A hash of what `code` does; where it stands, its comments and its docstring don't count."""
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    words = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    constants = tuple(_constant(value) for value in _without_docstring(code))
    table = getattr(code, "co_exceptiontable", b"")
    return hashlib.sha256(repr((shape, words, constants, code.co_code, table)).encode()).digest()


@cache
def reads_first(function: Any) -> bool:
    """Whether a function may read its first argument.

    Examples
    --------
    >>> reads_first(lambda method, dimension: dimension), reads_first(lambda method, dimension: method)
    (False, True)
    >>> reads_first(lambda *arguments: 0), reads_first(lambda *arguments: arguments[0])
    (False, True)
    """
    code = getattr(function, "__code__", None)
    if code is None or not (code.co_argcount or (code.co_flags & inspect.CO_VARARGS and not code.co_kwonlyargcount)):
        return True
    first = code.co_varnames[0]
    read = (step.argval for part in _parts(code) for step in dis.get_instructions(part))
    return any(first in (value if isinstance(value, tuple) else (value,)) for value in read)


def digest_of_file(source: bytes) -> bytes:
    """A hash of what a module does.

    Examples
    --------
    >>> one, same, other = b"x = 1", b"'''Words.''' ; x = 1  # one", b"x = 2"
    >>> digest_of_file(one) == digest_of_file(same), digest_of_file(one) == digest_of_file(other)
    (True, False)
    """
    return digest(compile(source, "", "exec", dont_inherit=True, optimize=2))  # 2: no docstrings


def _without_docstring(code: CodeType) -> tuple[Any, ...]:
    """The constants of a function without its docstring, which is the first of them."""
    first = code.co_consts[0] if code.co_consts else None
    if not isinstance(first, str) or not code.co_flags & inspect.CO_NEWLOCALS:
        return code.co_consts
    if sys.version_info >= (3, 13):
        told = bool(code.co_flags & HAS_DOCSTRING)
    else:
        told = not code.co_name.startswith("<")  # of a comprehension it would be a word that it yields
    return (None, *code.co_consts[1:]) if told else code.co_consts


def _parts(code):
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _parts(value)


def _constant(value: Any) -> Any:
    if isinstance(value, CodeType):
        return digest(value)
    if isinstance(value, tuple):
        return tuple(_constant(part) for part in value)
    if isinstance(value, frozenset):  # in an order that differs between processes
        return sorted(map(repr, value))
    return type(value).__name__, repr(value)
