"""What numba does over and over while it compiles one kernel, done once.

For each `a + b` it asks dozens of templates again what the sum of two such types is, and writes down in colour why each
but one does not know; and so for each call of a function. To know how long a vector is it lets LLVM read a module.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import get_ident
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np
from llvmlite import binding
from numba.core import base, callwrapper, errors, ir, lowering, postproc, ssa
from numba.core.base import BaseContext
from numba.core.transforms import canonicalize_cfg
from numba.core.types import Type
from numba.core.types.functions import BaseFunction
from numba.core.typing.context import BaseContext as TypingContext

from dynamics.collection import uncollected
from dynamics.kernels import unobserved
from dynamics.kernels.first_time import import_arrays, registries
from dynamics.kernels.generic import Generic
from dynamics.kernels.inlining import analysed_once, block_copied
from dynamics.kernels.lowering import Folding
from dynamics.kernels.uninterrupted import uninterrupted
from dynamics.kernels.variables import blocks_with_it, variables_in

_NAMED = (BuiltinFunctionType, FunctionType, Generic, ModuleType, np.ufunc)
_BUILTIN = (bool, float, int, range)


def _remembering(asks: Callable[..., Any]) -> Callable[..., Any]:
    """The question what a function of such types returns, with a memory."""
    known: dict[Any, Any] = {}

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        if kws:
            return asks(self, context, args, kws)
        question = (self, tuple(args))
        if question not in known:
            known[question] = asks(self, context, args, kws)
        return known[question]

    return get_call_type


def _measured_once(measures: Callable[..., int]) -> Callable[..., int]:
    """How long a value of one of LLVM's types is, or how it is aligned, with a memory."""
    known: dict[str, int] = {}

    def measure(self: Any, kind: Any) -> int:
        text = str(kind)
        if text not in known:
            known[text] = measures(self, kind)
        return known[text]

    return measure


def _hashed_once() -> Callable[[Any], int]:
    """The hash of a type, with a memory: its key may be a tuple of all that a problem is made of."""
    known: dict[int, tuple[Type, int]] = {}  # by the type's address, which is its own for as long as it is kept here

    def hashed(self: Any) -> int:
        found = known.get(id(self))
        if found is None:
            found = known[id(self)] = (self, hash(self.key))
        return found[1]

    return hashed


def _without_lifetimes(whole: Callable[..., None]) -> Callable[..., None]:
    """What numba does after each pass, but for the lifetimes of variables, until somebody asks for them."""

    def run(self: Any, emit_dels: bool = False, **others: Any) -> None:
        if emit_dels or self.func_ir.is_generator:
            whole(self, emit_dels, **others)
            return
        self.func_ir.blocks = canonicalize_cfg(self.func_ir.blocks)
        self.func_ir.variable_lifetime = postproc.VariableLifetime(self.func_ir.blocks)
        self.func_ir.generator_info = None

    return run


def _refreshed_once(refreshes: Callable[[Any], None], seen: dict[int, list[int]], looking: set[int]) -> Any:
    """numba's look at what was registered, which it takes at each question, once there is something new.

    What it finds may register more, and ask for another look: it is taken once the first one is over. Types and code
    share what was `seen` in the registries of a context, and which contexts are `looking`. Another thread may look for
    more than this one.
    """
    thread = get_ident()

    def refresh(self: Any) -> None:
        if get_ident() != thread:
            refreshes(self)
            return
        context = id(self._registries)
        if context in looking or (looking and context in seen):
            return
        looking.add(context)
        try:
            while seen.get(context) != (found := _registered(self)):
                with uninterrupted():  # what was taken from a registry, and is not in place, would not come again
                    refreshes(self)
                seen[context] = found
        finally:
            looking.discard(context)

    return refresh


def _registered(context: Any) -> list[int]:
    """How much there is in each list of each registry that a context looks at; they only grow."""
    known = context._registries.items()
    return [len(getattr(registry, name)) for registry, loader in known for name in loader.registry_items]


def _attributes_known(asks: Callable[..., Any]) -> Callable[..., Any]:
    """The question which type an attribute of a type has, with a memory; numba asks it of all that is called, too."""
    known: dict[Any, Any] = {}

    def resolve_getattr(self: Any, kind: Any, name: str) -> Any:
        if (kind, name) not in known:
            known[kind, name] = asks(self, kind, name)
        return known[kind, name]

    return resolve_getattr


def _named_first(asks: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The question what a constant is to numba; of functions and modules, what was registered, before all else."""

    def resolve_value_type(self: Any, value: Any) -> Any:
        named = isinstance(value, _NAMED) or (type(value) is type and value in _BUILTIN)
        known = self._get_global_type(value) if named else None
        return asks(self, value) if known is None else known

    return resolve_value_type


def _asked_once(asks: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A question about a function, with a memory."""
    known: dict[int, tuple[Any, bool]] = {}

    def ask(function: Any) -> bool:
        found = known.get(id(function))
        if found is None:
            found = known[id(function)] = (function, asks(function))
        return found[1]

    return ask


def _uncoloured(self: Any, msg: str, color: Any = None, style: Any = None) -> str:
    return msg


def _replacements() -> Iterator[unobserved.Replacement]:
    import_arrays()  # which what takes functions in imports, too
    from numba.core.inline_closurecall import InlineWorker

    yield BaseFunction, "get_call_type", _remembering(BaseFunction.get_call_type)
    yield BaseContext, "get_abi_sizeof", _measured_once(BaseContext.get_abi_sizeof)
    yield BaseContext, "get_abi_alignment", _measured_once(BaseContext.get_abi_alignment)
    seen: dict[int, list[int]] = {}
    looking: set[int] = set()
    for context in (BaseContext, TypingContext):
        yield context, "refresh", _refreshed_once(context.refresh, seen, looking)
    yield TypingContext, "resolve_getattr", _attributes_known(TypingContext.resolve_getattr)
    yield TypingContext, "resolve_value_type", _named_first(TypingContext.resolve_value_type)
    yield binding, "get_process_triple", cache(binding.get_process_triple)
    yield base, "_has_loc", _asked_once(base._has_loc)
    yield Type, "__hash__", _hashed_once()
    yield ssa, "_run_block_rewrite", blocks_with_it(ssa._run_block_rewrite)
    yield InlineWorker, "run_untyped_passes", analysed_once(InlineWorker.run_untyped_passes)
    yield ir.Block, "__deepcopy__", block_copied
    yield ir.Inst, "_rec_list_vars", variables_in
    yield postproc.PostProcessor, "run", _without_lifetimes(postproc.PostProcessor.run)
    for module in (lowering, callwrapper):
        yield module, "IRBuilder", Folding
    yield from unobserved.replacements()
    scheme: Any = type(errors.termcolor())
    if hasattr(scheme, "_markup"):  # not where nothing is coloured
        yield scheme, "_markup", _uncoloured


@contextmanager
def brief(everything: bool = True) -> Iterator[None]:
    """Let numba do things once, write without colour, and not collect garbage: it makes very many objects that stay.

    It looks at `everything` that it can compile, or at what our own kernels need.
    """
    with uncollected("compiling"), ExitStack() as stack:
        for replacement in [*_replacements(), *registries(everything)]:
            stack.enter_context(_replaced(*replacement))
        yield


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    former = owner.__dict__.get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if former is None:
            delattr(owner, name)
        else:
            setattr(owner, name, former)
