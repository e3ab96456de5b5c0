"""What machine code was made of: a hash over every source file and constant that its kernels can reach."""

import hashlib
import sys
import types
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np

from dynamics.kernels.generic import Generic

# Their versions are hashed instead of their files.
_VERSIONED = {"builtins", "numba", "numpy", "math", "llvmlite", "scipy"}


class NotOnDisk(Exception):
    """A kernel's source is in no file, so nothing on disk can say whether it has changed."""


def fingerprint(template: Callable[..., Any], classes: Iterable[type], signature: tuple[Any, ...]) -> str:
    """A name for the machine code of `template` on these types.

    Parameters
    ----------
    template
        The kernel as plain Python.
    classes
        The NamedTuple classes among its arguments, which pick the implementations of generic functions.
    signature
        The numba types of its arguments.

    Raises
    ------
    NotOnDisk
        If a class or a kernel comes from `__main__` or from no file.
    """
    classes = sorted(classes, key=lambda kind: (kind.__module__, kind.__qualname__))
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__} {sys.version}\n{signature}".encode())
    modules, constants = _reached(template, classes)
    for module in sorted(modules | {kind.__module__ for kind in classes}):
        digest.update(_source(module))
    digest.update(_runtime())
    for constant in sorted(constants):
        digest.update(constant.encode())
    return digest.hexdigest()[:32]


def _reached(template, classes):
    """The modules of all functions that `template` can call on these classes, and the constants they read."""
    modules: set[str] = set()
    constants: set[str] = set()
    seen: set[int] = set()
    waiting: list[Any] = [template]
    for function in Generic.everyone:
        waiting += [function.table[kind] for kind in classes if kind in function.table]
        waiting += [function.fallback] if function.fallback else []
    while waiting:
        function = waiting.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        modules.add(function.__module__)
        for name, value in _read_by(function):
            called = _as_function(value)
            if called is not None:
                if called.__module__.partition(".")[0] not in _VERSIONED:
                    waiting.append(called)
            elif isinstance(value, bool | int | float | str | complex | np.generic):
                constants.add(f"{name}={value!r}")
            elif isinstance(value, np.ndarray):
                constants.add(f"{name}={value.dtype}{value.shape}{value.tobytes().hex()}")
            elif isinstance(value, tuple):
                constants.add(f"{name}={value!r}")
    return modules, constants


def _as_function(value: Any) -> types.FunctionType | None:
    value = getattr(value, "py_func", value)  # a compiled helper
    return value if isinstance(value, types.FunctionType) else None


def _read_by(function):
    """The globals, closed-over values and attributes of modules that a function's code names."""
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        read = [(name, function.__globals__[name]) for name in code.co_names if name in function.__globals__]
        yield from read
        for _, module in read:
            if isinstance(module, types.ModuleType) and module.__name__.partition(".")[0] not in _VERSIONED:
                yield from ((name, getattr(module, name)) for name in code.co_names if hasattr(module, name))
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name, cell.cell_contents


def _source(module: str) -> bytes:
    file = getattr(sys.modules.get(module), "__file__", None)
    if module == "__main__" or file is None:
        raise NotOnDisk(module)
    return _read(file)


@cache
def _runtime() -> bytes:
    """The sources of types, lowerings and the policy: they shape machine code without being called by it."""
    rooms = (Path(__file__).parents[1] / room for room in ("kernels", "vectors"))
    return b"".join(file.read_bytes() for room in rooms for file in sorted(room.glob("*.py")))


@cache
def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise NotOnDisk(file) from error
