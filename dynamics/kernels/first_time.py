"""What numba does before it compiles or loads for the first time in a process, less what takes long for nothing."""

import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from threading import get_ident
from typing import Any

import numpy as np
from numba import types
from numba.core.cpu import CPUContext
from numba.core.entrypoints import init_all
from numba.core.registry import cpu_target
from numba.core.runtime import rtsys
from numba.core.typing.context import Context
from numba.extending import typeof_impl
from numba.np.numpy_support import from_dtype, map_layout

# In symbols that numba defines: its hashing of strings once that is imported, its runtime once that is compiled.
HASHES = b"_numba_hashsecret"
COUNTS = b"NRT_"
RECURSES = b".numba.unresolved$"

STRINGS = "numba.cpython.charseq"

_PLAIN = frozenset(map(np.dtype, (np.float64, np.int64, np.bool_)))

_whole: dict[type, Any] = {context: context.load_additional_registries for context in (Context, CPUContext)}
_type_of_any_array = typeof_impl.dispatch(np.ndarray)


@typeof_impl.register(np.ndarray)
def _type_of_array(array: np.ndarray, context: Any) -> types.Type:
    """The type of an array; numba's own question whether it is masked imports all of numpy.ma."""
    if type(array) is not np.ndarray or array.dtype not in _PLAIN:
        return _type_of_any_array(array, context)
    return types.Array(from_dtype(array.dtype), array.ndim, map_layout(array), readonly=not array.flags.writeable)


class _Strings:
    """What numba's arrays want of its strings when they are imported; of all else it has what numba has."""

    bytes_type = types.Bytes(types.uint8, 1, "C", readonly=True)

    @staticmethod
    def _make_constant_bytes(*arguments: Any) -> Any:
        return import_module(STRINGS)._make_constant_bytes(*arguments)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import asks
            raise AttributeError(name)
        if isinstance(sys.modules.get(STRINGS), _Strings):
            del sys.modules[STRINGS]
        return getattr(import_module(STRINGS), name)


def import_arrays() -> None:
    """Import numba's arrays without its strings, which are most of it; with its look at everything numba gets them."""
    if STRINGS not in sys.modules:
        sys.modules[STRINGS] = _Strings()  # type: ignore[assignment]
    try:
        import_module("numba.np.arrayobj")
    finally:
        if isinstance(sys.modules.get(STRINGS), _Strings):
            del sys.modules[STRINGS]


@cache
def before_compiling() -> None:
    """Import the part of numba that would import all of scipy.linalg to see that it is there.

    Kernels that multiply matrices import it still, when they are compiled.
    """
    from numba.np import linalg

    asks, linalg.ensure_blas = linalg.ensure_blas, lambda: None
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        linalg.ensure_blas = asks


def registries(everything: bool) -> Iterator[tuple[Any, str, Any]]:
    """What stands in for numba's look at all that it can compile, which begins with many imports.

    Our own kernels work on numbers, tuples and arrays that are there. What counts references, since it makes arrays,
    looks at `everything`, and so does another thread.
    """
    thread = get_ident()

    def instead(context: type, place: int) -> tuple[Any, str, Any]:
        def load_additional_registries(self: Any) -> None:
            if everything or get_ident() != thread:
                _look_at_everything(self)
                return
            needed = [module.registry for module in _enough_without_counts()[place]]
            for registry in dict.fromkeys((*self._registries, *needed)):
                self.install_registry(registry)

        return context, "load_additional_registries", load_additional_registries

    yield instead(Context, 0)
    yield instead(CPUContext, 1)
    yield type(rtsys), "_init_guard", lambda runtime: runtime.initialize(cpu_target.target_context)


@cache
def before_counting(*contexts: Any) -> None:
    """Let numba look at everything, for the first function that counts references."""
    for context in contexts:
        _look_at_everything(context)


def _look_at_everything(context: Any) -> None:
    before_compiling()
    _whole[Context if isinstance(context, Context) else CPUContext](context)


def _enough_without_counts() -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The modules that register types, and the code for them, by the side of those with registries of their own."""
    from numba.core.typing import enumdecl, mathdecl, npydecl
    from numba.cpython import builtins, enumimpl, iterators, mathimpl, numbers, rangeobj, slicing, tupleobj  # noqa: F401
    from numba.np import arrayobj, npyimpl  # noqa: F401
    from numba.np.random import generator_core, generator_methods  # noqa: F401

    return (enumdecl, mathdecl, npydecl), (mathimpl, npyimpl)


def before_loading(context: Any, code: bytes, everything: bool) -> None:
    """Make ready what code needs of numba, not all to compile with; what other packages add, too, if `everything`."""
    if COUNTS in code or RECURSES in code:
        rtsys.initialize(context)
    if everything:
        init_all()
    if HASHES in code:
        before_compiling()
        context.refresh()
