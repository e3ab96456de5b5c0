"""What numba does over and over while it compiles one kernel, done once.

For each `a + b` it asks dozens of templates again what the sum of two such types is, and writes down in colour why each
but one does not know; and so for each call of a function.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import errors
from numba.core.types.functions import BaseFunction

_function: Any = BaseFunction


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


@contextmanager
def brief() -> Iterator[None]:
    """Let numba remember, write without colour, and not collect garbage: it makes very many objects that stay."""
    scheme: Any = type(errors.termcolor())
    marks = getattr(scheme, "_markup", None)  # none where nothing is coloured
    collects = gc.isenabled()
    gc.disable()
    asks = _function.get_call_type
    _function.get_call_type = _remembering(asks)
    if marks is not None:
        scheme._markup = _uncoloured
    try:
        yield
    finally:
        _function.get_call_type = asks
        if marks is not None:
            scheme._markup = marks
        if collects:
            gc.enable()
