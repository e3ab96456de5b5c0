"""Vectors of which some numbers are others: chosen by sign, by place, or the first few alone."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import lower_builtin, type_callable

from dynamics.vectors.vector import Numbers, Vector, broadcast, first_lanes, lane_numbers


def first_of(vector: Any, count: int) -> Any:
    """The first `count` numbers of a vector, and 0 in place of the others."""
    return Numbers.of(np.where(np.arange(len(vector)) < count, vector, 0.0))


def with_number(vector: Any, place: int, number: float) -> Any:
    """A vector with another number at one place."""
    changed = vector.copy()
    changed[place] = number
    return changed


def where_positive(number: Any, yes: Any, no: Any) -> Any:
    """`yes` where a number is positive, else `no`; NaN is not positive. For vectors, number by number."""
    return Numbers.of(np.where(number > 0, yes, no)) if isinstance(number, np.ndarray) else yes if number > 0 else no


@type_callable(first_of)
def _(context):
    def typer(vector, count):
        if isinstance(vector, Vector) and isinstance(count, types.Integer):
            return vector

    return typer


@lower_builtin(first_of, Vector, types.Integer)
def _(context, builder, signature, args):
    count = context.cast(builder, args[1], signature.args[1], types.intp)
    chosen = first_lanes(builder, count, signature.return_type.width)
    return builder.select(chosen, args[0], ir.Constant(args[0].type, None))


@type_callable(with_number)
def _(context):
    def typer(vector, place, number):
        if isinstance(vector, Vector) and isinstance(place, types.Integer) and isinstance(number, types.Number):
            return vector

    return typer


@lower_builtin(with_number, Vector, types.Integer, types.Number)
def _(context, builder, signature, args):
    kind = signature.return_type
    place = context.cast(builder, args[1], signature.args[1], types.intp)
    chosen = builder.icmp_signed("==", lane_numbers(kind.width), broadcast(builder, place, kind.width))
    return builder.select(chosen, context.cast(builder, args[2], signature.args[2], kind), args[0])


@type_callable(where_positive)
def _(context):
    def typer(number, yes, no):
        if isinstance(number, Vector | types.Float):
            kinds = [kind for kind in (number, yes, no) if isinstance(kind, Vector)]
            return kinds[0] if kinds else types.float64

    return typer


@lower_builtin(where_positive, types.Any, types.Any, types.Any)
def _(context, builder, signature, args):
    number, *choices = [
        context.cast(builder, value, given, signature.return_type)
        for value, given in zip(args, signature.args, strict=True)
    ]
    positive = builder.fcmp_ordered(">", number, ir.Constant(number.type, None))
    return builder.select(positive, *choices)
