"""What numba does over and over while it compiles one kernel, done once.

For each `a + b` it asks dozens of templates again what the sum of two such types is, and writes down in colour why each
but one does not know; and so for each call of a function.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from numba.core import errors, ir, postproc
from numba.core.inline_closurecall import InlineWorker
from numba.core.transforms import canonicalize_cfg
from numba.core.types.functions import BaseFunction

from dynamics.kernels.inlining import Analyses, block_copied


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


def _uncoloured(self: Any, msg: str, color: Any = None, style: Any = None) -> str:
    return msg


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


@contextmanager
def brief() -> Iterator[None]:
    """Let numba remember, look ahead for nothing, write without colour, and not collect garbage, since most stays."""
    analyses = Analyses()
    instead = [
        (BaseFunction, "get_call_type", _remembering(BaseFunction.get_call_type)),
        (InlineWorker, "run_untyped_passes", lambda *arguments, **named: analyses.run_untyped_passes(*arguments, **named)),
        (ir.Block, "__deepcopy__", block_copied),
        (postproc.PostProcessor, "run", _without_lifetimes(postproc.PostProcessor.run)),
    ]
    scheme: Any = type(errors.termcolor())
    if hasattr(scheme, "_markup"):  # not where nothing is coloured
        instead.append((scheme, "_markup", _uncoloured))
    collects = gc.isenabled()
    gc.disable()
    with ExitStack() as stack:
        for owner, name, value in instead:
            stack.enter_context(_replaced(owner, name, value))
        try:
            yield
        finally:
            if collects:
                gc.enable()


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
