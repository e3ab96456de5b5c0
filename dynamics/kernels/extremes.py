"""The smaller and the larger of two numbers, where they stand; numba compiles a function for each pair of types."""

import operator
from collections.abc import Callable
from typing import Any

from numba import types
from numba.core.typing import signature
from numba.extending import lower_builtin, type_callable


def smaller(one: Any, other: Any) -> Any:
    """What Python's `min` returns: the first where they are equal, or one is NaN."""
    return other if other < one else one


def larger(one: Any, other: Any) -> Any:
    """What Python's `max` returns."""
    return other if other > one else one


IN_PLACE: dict[Any, Callable[..., Any]] = {min: smaller, max: larger}


def _register(function: Callable[..., Any], compares: Callable[..., Any]) -> None:
    @type_callable(function)
    def _(context: Any) -> Any:
        def typer(one: Any, other: Any) -> Any:
            return (
                context.unify_types(one, other)
                if isinstance(one, types.Number) and isinstance(other, types.Number)
                else None
            )

        return typer

    @lower_builtin(function, types.Number, types.Number)
    def _(context: Any, builder: Any, asked: Any, arguments: Any) -> Any:
        kind = asked.return_type
        one, other = (context.cast(builder, *each, kind) for each in zip(arguments, asked.args, strict=True))
        beyond = context.get_function(compares, signature(types.boolean, kind, kind))(builder, (other, one))
        return builder.select(beyond, other, one)


_register(smaller, operator.lt)
_register(larger, operator.gt)
