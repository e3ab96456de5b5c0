"""All that a kernel's machine code is made of, followed from the live functions: code, defaults, closures and globals.

Files are not asked: a module may have been saved with other text since it was imported.
"""

import enum
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from numba.core.dispatcher import Dispatcher
from numba.core.types import Type
from numba.extending import _Intrinsic

from dynamics.kernels import code as codes
from dynamics.kernels.extensions import attributes_by, plain, registered_for
from dynamics.kernels.generic import Generic
from dynamics.kernels.origins import OURS, is_runtime, is_users, is_versioned
from dynamics.kernels.reloading import adopt_reloaded
from dynamics.kernels.watch import ABSENT, Watch

_PLAIN = frozenset({type(None), type(...), bool, int, float, complex, str, bytes})
LARGEST_FROZEN = 10**6  # bytes; a larger array is read where it is, and not made part of the code


class Reach(NamedTuple):
    """What the machine code of a kernel on given classes hangs on."""

    digest: bytes
    on_disk: bool  # whether it says all, for another process too
    watch: Watch  # whether it still holds in this process
    helpers: frozenset[Dispatcher]  # compiled functions that it calls


def reach(template: Callable[..., Any], classes: Iterable[type]) -> Reach:
    """Follow `template`, called with arguments that hold these classes, to all that it can reach."""
    walk = _Walk()
    walk.function(template)
    for kind in sorted(classes, key=_name):
        walk.argument(kind)
    walk.finish()
    return Reach(walk.digest.digest(), walk.on_disk, walk.watch, frozenset(walk.helpers))


class _Walk:
    """One walk over the graph of objects: each function is described once, and named by its number from then on."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.on_disk = True
        self.watch = Watch()
        self.helpers: set[Dispatcher] = set()
        self.numbers: dict[int, int] = {}
        self.waiting: list[FunctionType] = []
        self.kept: list[Any] = []  # so that no number goes to another object
        self.classes: dict[type, None] = {}
        self.generics: dict[Generic, None] = {}
        self.paired: set[tuple[Generic, type]] = set()
        self.packages: set[str] = set()

    def finish(self) -> None:
        """Describe what waits, until nothing new turns up."""
        while self.waiting or self._pairs() or self._attributes():
            while self.waiting:
                self._describe(self.waiting.pop(0))

    def _pairs(self) -> bool:
        new = [(f, kind) for f in self.generics for kind in self.classes if (f, kind) not in self.paired]
        self.paired.update(new)
        for function, kind in new:
            if function.has(kind):
                self._say(f"{function.name} of {_name(kind)}: {self.function(function.table[kind])}")
        return bool(self.waiting)

    def _attributes(self) -> bool:
        for word, function in attributes_by({name for name in self.packages if is_users(name)}):
            if id(function) not in self.numbers:
                self._say(f"{word}: {self.function(function)}")
        return bool(self.waiting)

    def _say(self, text: str) -> None:
        self.digest.update(f"{len(text)} {text}\n".encode())

    def function(self, function: Any) -> str:
        """A function's number; what it does is described later. Of the runtime, the name: its files are hashed."""
        if is_runtime(function.__module__):
            return f"runtime {function.__module__}.{function.__qualname__}"
        if id(function) not in self.numbers:
            self.numbers[id(function)] = len(self.numbers)
            self.kept.append(function)
            self.waiting.append(function)
        return f"function {self.numbers[id(function)]}"

    def _describe(self, function: FunctionType) -> None:
        users = is_users(function.__module__)
        self.packages.add((function.__module__ or "").partition(".")[0])
        if function.__module__ in (None, "__main__") or function.__module__ not in sys.modules:
            self.on_disk = False
        found = codes.names(function.__code__)
        parts = [self.numbers[id(function)], function.__name__, codes.digest(function.__code__).hex()]
        parts += [self.value(function.__defaults__), self.value(tuple((function.__kwdefaults__ or {}).items()))]
        for name in found.read:
            value = function.__globals__.get(name, ABSENT)
            if users:
                self.watch.name(function.__globals__, name, value)
            if value is not ABSENT:
                parts += [name, self.value(value, found.attributes)]
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            value = _content(cell)
            if users:
                self.watch.cell(cell, value)
            parts += [name, self.value(value, found.attributes)]
        if users:
            self.watch.function(function)
        parts += [self._registered(function)]
        self._say(repr(parts))

    def value(self, value: Any, attributes: frozenset[str] = frozenset(), seen: tuple[int, ...] = ()) -> str:
        """What a constant, a function, a class or a module is to machine code, as text."""
        if type(value) in _PLAIN:
            return f"{type(value).__name__} {value!r}"
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.void):
            self.watch.content(value)
        if isinstance(value, np.generic):
            return f"{value.dtype.descr} {value.tobytes().hex()}"
        if isinstance(value, tuple):
            kind = self.argument(type(value)) if hasattr(type(value), "_fields") else "tuple"
            return f"{kind} {[self.value(part, attributes, seen) for part in value]}"
        if isinstance(value, Generic):
            return self._generic(value)
        if isinstance(value, Dispatcher):
            return self._helper(value)
        if isinstance(value, _Intrinsic):
            return f"intrinsic {self.function(value._defn)}"
        if isinstance(value, ModuleType):
            return self._module(value, attributes, seen)
        if isinstance(value, enum.Enum):
            return f"{_name(type(value))}.{value.name} {self.value(value.value)}"
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, FunctionType) and not is_versioned(value.__module__):
            return self.function(value)
        return self._foreign(value)

    def _array(self, array: np.ndarray) -> str:
        form = f"{type(array).__name__} {array.dtype.descr} {array.shape} {array.flags.c_contiguous}"
        form += f" {array.flags.f_contiguous} {array.flags.writeable} {array.flags.aligned}"
        if array.nbytes > LARGEST_FROZEN or array.dtype.hasobject or not array.flags.forc:
            self.on_disk = False
            if array.nbytes <= LARGEST_FROZEN:
                self.watch.content(array)
            return f"{form} at {id(array)}"
        self.watch.content(array)
        return f"{form} {hashlib.sha256(array.tobytes()).hexdigest()}"

    def _generic(self, function: Generic) -> str:
        if function not in self.generics:
            self.generics[function] = None
            if function.fallback is not None:
                self._say(f"{function.name}: {self.function(function.fallback)}")
        return f"generic {function.__module__}.{function.name}{function.arguments}"

    def _helper(self, helper: Dispatcher) -> str:
        adopt_reloaded(helper)
        self.helpers.add(helper)
        function = helper.py_func
        module = sys.modules.get(function.__module__)
        if module is not None and is_users(function.__module__):
            self.watch.name(vars(module), function.__name__, vars(module).get(function.__name__, ABSENT))
        options = {name: option for name, option in helper.targetoptions.items() if not callable(option)}
        chosen = [self.value(option) for option in helper.targetoptions.values() if callable(option)]
        return f"compiled {self.function(function)} {plain(options)} {chosen}"

    def _module(self, module: ModuleType, attributes: frozenset[str], seen: tuple[int, ...]) -> str:
        """A module by those of its attributes that the code names, at any depth."""
        if id(module) in seen:
            return module.__name__
        versioned, users = is_versioned(module.__name__), is_users(module.__name__)
        parts = [module.__name__]
        for name in sorted(attributes):
            value = inspect.getattr_static(module, name, ABSENT)
            if users:
                self.watch.name(vars(module), name, value)
            if value is ABSENT:
                if users and hasattr(module, name):  # made when asked for: there is no telling how
                    self.on_disk = False
            elif not versioned or (isinstance(value, ModuleType) and is_versioned(value.__name__)):
                parts += [name, self.value(value, attributes, (*seen, id(module)))]
            else:
                parts += [name, self._registered(value)]
        return repr(parts)

    def argument(self, kind: type) -> str:
        """A class of which there is an instance already: by it generic functions pick their implementation."""
        if is_versioned(kind.__module__):
            return _name(kind)
        if kind not in self.classes:
            self.classes[kind] = None
            self._say(f"{_name(kind)} {getattr(kind, '_fields', ())}")
        if kind.__module__ == "__main__" or kind.__module__ not in sys.modules:
            self.on_disk = False
        return _name(kind)

    def _class(self, kind: type) -> str:
        if is_versioned(kind.__module__):
            return _name(kind)
        if issubclass(kind, enum.Enum):
            return f"{_name(kind)} {[self.value(member) for member in kind]}"
        if hasattr(kind, "_fields") or issubclass(kind, np.ndarray):
            # Code that names a class may make one, with its defaults.
            return f"{self.argument(kind)} {self.value(tuple(getattr(kind, '_field_defaults', {}).items()))}"
        if kind.__module__.partition(".")[0] not in OURS and not issubclass(kind, BaseException):
            self.on_disk = False
        return _name(kind)

    def _foreign(self, value: Any) -> str:
        """Something of a released library, named by it; or something of which nothing is known."""
        module = getattr(value, "__module__", None) or type(value).__module__
        known = isinstance(value, FunctionType | BuiltinFunctionType | np.ufunc | np.dtype | Type)
        named = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        if type(value).__module__.startswith("llvmlite.ir"):
            return str(value)
        if is_versioned(module) and (known or (callable(value) and named)):
            return f"{module}.{named or repr(value)} {self._registered(value)}"
        self.on_disk = False
        return f"{type(value).__name__} at {id(value)}"

    def _registered(self, function: Any) -> str:
        """What others than numba have registered for a function."""
        parts = []
        for word, found in registered_for(function):
            if isinstance(found, FunctionType) and not is_versioned(found.__module__):
                parts.append(f"{word}: {self.function(found)}")
        return repr(parts)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing in it yet
        return ABSENT


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
