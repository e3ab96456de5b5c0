"""What a kernel's text says without being run: names bound anew, arrays made, globals read, helpers not compiled."""

import ast
import dis
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.extensions import registered_for
from dynamics.kernels.generic import Generic
from dynamics.kernels.origins import is_users

_MAKERS = frozenset(
    {"arange", "array", "asarray", "astype", "concatenate", "copy", "diag", "empty", "empty_like", "eye", "full"}
    | {"full_like", "hstack", "identity", "linspace", "ones", "ones_like", "outer", "stack", "vstack", "zeros"}
    | {"zeros_like"}
)


class Spot(NamedTuple):
    """A place in a kernel, or in a helper that it calls, and the name that it is about."""

    file: str
    line: int
    name: str
    value: Any = None

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


def plain(function: Any) -> Any:
    """The Python function inside a compiled helper; anything else as it is."""
    return getattr(function, "py_func", function)


def with_helpers(function: Any) -> Iterator[FunctionType]:
    """A kernel and the helpers of a user that it calls, each once."""
    waiting, seen = [plain(function)], set()
    while waiting:
        current = waiting.pop(0)
        if not isinstance(current, FunctionType) or current.__code__ in seen:
            continue
        seen.add(current.__code__)
        yield current
        for _, _, value in _globals(current):
            helper = plain(value)
            if isinstance(helper, FunctionType) and is_users(helper.__module__):
                waiting.append(helper)


def reads(function: Any) -> Iterator[Spot]:
    """What a kernel and its helpers read from outside of them, generic functions apart."""
    return (spot for spot in _spots(function) if not isinstance(spot.value, Generic))


def asks(function: Any) -> Iterator[Spot]:
    """The generic functions that a kernel and its helpers name."""
    return (spot for spot in _spots(function) if isinstance(spot.value, Generic))


def _spots(function: Any) -> Iterator[Spot]:
    for part in with_helpers(function):
        for line, name, value in _globals(part):
            yield Spot(part.__code__.co_filename, line, name, value)


def global_arrays(function: Any) -> Iterator[Spot]:
    """Arrays of a module that a kernel reads and that anybody may write to."""
    return (spot for spot in reads(function) if isinstance(spot.value, np.ndarray) and spot.value.flags.writeable)


def uncompiled_helpers(function: Any) -> Iterator[Spot]:
    """Functions of a user that a kernel names and that nobody decorated, so that machine code can't call them."""
    for spot in reads(function):
        value = spot.value
        if isinstance(value, FunctionType) and is_users(value.__module__) and not any(registered_for(value)):
            yield spot


def bound_anew(function: Any, arrays: frozenset[str]) -> Iterator[Spot]:
    """Where a name that stands for an array of the run is given another array, which leaves that of the run alone.

    Parameters
    ----------
    function : callable
        A kernel.
    arrays : frozenset of str
        Expressions that stand for such arrays, such as "point.x" or the name of an argument.
    """
    tree = _tree(plain(function).__code__)
    if tree is None:
        return
    names = {argument.arg for argument in tree.args.args if argument.arg in arrays}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target, value in _pairs(node):
            if not isinstance(target, ast.Name):
                continue
            if ast.unparse(value) in arrays:
                names.add(target.id)
            elif target.id in names:
                yield Spot(plain(function).__code__.co_filename, node.lineno, target.id)


def arrays_made(function: Any) -> Iterator[tuple[Spot, bool]]:
    """Where a kernel makes arrays, and whether that is inside a loop."""
    code = plain(function).__code__
    tree = _tree(code)
    if tree is None:
        return
    looping = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.For | ast.While) for inner in _body(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MAKERS:
            owner = node.func.value
            if node.func.attr not in ("copy", "astype") and not (
                isinstance(owner, ast.Name) and owner.id in _numpy(function)
            ):
                continue
            yield Spot(code.co_filename, node.lineno, ast.unparse(node.func)), id(node) in looping


def _body(loop: Any) -> Iterator[ast.AST]:
    for statement in loop.body:
        yield from ast.walk(statement)


def _numpy(function: Any) -> set[str]:
    """The names under which a function's module has numpy."""
    return {name for name, value in plain(function).__globals__.items() if value is np}


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        elif isinstance(target, ast.Tuple):
            yield from ((part, node.value) for part in target.elts)
        else:
            yield target, node.value


@cache
def _tree(code: CodeType) -> ast.FunctionDef | None:
    """The parsed source of a function, with the file's own line numbers; None where there is none."""
    try:
        lines, first = inspect.getsourcelines(code)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    ast.increment_lineno(tree, max(first, 1) - 1)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return found[0] if found else None


def _globals(function: FunctionType) -> Iterator[tuple[int, str, Any]]:
    """What a function reads from outside of it: line, name and value; attributes of modules included."""
    line, before = function.__code__.co_firstlineno, None
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    for step in dis.get_instructions(function.__code__):
        line = step.positions.lineno if step.positions and step.positions.lineno else line
        found = None
        if step.opname == "LOAD_GLOBAL":
            found = function.__globals__.get(step.argval)
        elif step.opname == "LOAD_DEREF" and step.argval in cells:
            try:
                found = cells[step.argval].cell_contents
            except ValueError:  # nothing in it yet
                found = None
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(before, ModuleType):
            found = getattr(before, step.argval, None)
        if found is not None:
            yield line, str(step.argval), found
        before = found
