"""Vectors from memory and back: whole, or their first numbers alone, and the totals of eight registers at once."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin, type_callable

from dynamics.vectors.vector import (
    FAST,
    INT32,
    INT64,
    REGISTER,
    Numbers,
    Vector,
    first_lanes,
    lane_mask,
    llvm_flags,
    llvm_function,
    llvm_vector,
)


def load(array: np.ndarray, start: int, width: int) -> Any:
    """`width` numbers of an array from place `start` on, by rows; `width` is a constant of the source."""
    return Numbers.of(array.ravel()[start : start + width].copy())


def prefetch(array: np.ndarray, start: int, width: int) -> None:
    """Ask for `width` numbers from place `start` on to be brought near; past the end of the array nothing happens."""


def store(array: np.ndarray, start: int, vector: Any) -> None:
    """Write a vector to an array from place `start` on, by rows."""
    array.reshape(-1)[start : start + len(vector)] = vector


def load_first(array: np.ndarray, start: int, count: int, width: int) -> Any:
    """The first `count` numbers of a vector that begins at place `start`; the others are 0, and are not read."""
    vector = np.zeros(width)
    count = max(0, min(count, width))
    vector[:count] = array.ravel()[start : start + count]
    return Numbers.of(vector)


def store_first(array: np.ndarray, start: int, count: int, vector: Any) -> None:
    """Write the first `count` numbers of a vector to an array from place `start` on."""
    count = max(0, min(count, len(vector)))
    array.reshape(-1)[start : start + count] = vector[:count]


def register_totals(array: np.ndarray, start: int) -> Any:
    """The sums of the eight registers that begin at place `start`, as one register."""
    square = array.ravel()[start : start + REGISTER * REGISTER].reshape(REGISTER, REGISTER)
    return Numbers.of(square.sum(axis=1))


@type_callable(load)
def _(context):
    def typer(array, start, width):
        if isinstance(array, types.Array) and isinstance(width, types.IntegerLiteral):
            return Vector(width.literal_value)

    return typer


@type_callable(prefetch)
def _(context):
    def typer(array, start, width):
        if isinstance(array, types.Array) and isinstance(width, types.IntegerLiteral):
            return types.void

    return typer


@type_callable(load_first)
def _(context):
    def typer(array, start, count, width):
        if isinstance(array, types.Array) and isinstance(width, types.IntegerLiteral):
            return Vector(width.literal_value)

    return typer


@type_callable(store)
def _(context):
    def typer(array, start, vector):
        if isinstance(array, types.Array) and isinstance(vector, Vector):
            return types.void

    return typer


@type_callable(store_first)
def _(context):
    def typer(array, start, count, vector):
        if isinstance(array, types.Array) and isinstance(vector, Vector):
            return types.void

    return typer


@type_callable(register_totals)
def _(context):
    def typer(array, start):
        if isinstance(array, types.Array):
            return Vector(REGISTER)

    return typer


@lower_builtin(load, types.Array, types.Integer, types.IntegerLiteral)
def _(context, builder, signature, args):
    width = signature.return_type.width
    loaded = builder.load(address(context, builder, signature.args, args, width))
    loaded.align = 8
    return loaded


@lower_builtin(prefetch, types.Array, types.Integer, types.IntegerLiteral)
def _(context, builder, signature, args):
    start = address(context, builder, signature.args, args, REGISTER)
    asked = llvm_function(builder, "prefetch.p0", ir.VoidType(), [start.type, INT32, INT32, INT32])
    for line in range(signature.args[2].literal_value // REGISTER):
        place = builder.gep(start, [ir.Constant(INT64, line)])
        builder.call(asked, [place, *(ir.Constant(INT32, number) for number in (0, 3, 1))])  # to read, near, data
    return context.get_dummy_value()


@lower_builtin(store, types.Array, types.Integer, Vector)
def _(context, builder, signature, args):
    stored = builder.store(args[2], address(context, builder, signature.args, args, signature.args[2].width))
    stored.align = 8
    return context.get_dummy_value()


@lower_builtin(load_first, types.Array, types.Integer, types.Integer, types.IntegerLiteral)
def _(context, builder, signature, args):
    width = signature.return_type.width
    place = address(context, builder, signature.args, args, width)
    kinds = [place.type, INT32, llvm_flags(width), llvm_vector(width)]
    function = llvm_function(builder, f"masked.load.v{width}f64.p0", llvm_vector(width), kinds)
    flags = _flags(context, builder, signature, args, width)
    return builder.call(function, [place, ir.Constant(INT32, 8), flags, ir.Constant(llvm_vector(width), [0.0] * width)])


@lower_builtin(store_first, types.Array, types.Integer, types.Integer, Vector)
def _(context, builder, signature, args):
    width = signature.args[3].width
    place = address(context, builder, signature.args, args, width)
    kinds = [llvm_vector(width), place.type, INT32, llvm_flags(width)]
    function = llvm_function(builder, f"masked.store.v{width}f64.p0", ir.VoidType(), kinds)
    flags = _flags(context, builder, signature, args, width)
    builder.call(function, [args[3], place, ir.Constant(INT32, 8), flags])
    return context.get_dummy_value()


@lower_builtin(register_totals, types.Array, types.Integer)
def _(context, builder, signature, args):
    place = address(context, builder, signature.args, args, REGISTER)
    parts = []
    for i in range(REGISTER):
        parts.append(builder.load(builder.gep(place, [ir.Constant(INT64, i)])))
        parts[-1].align = 8
    # Three rounds: each adds neighbouring blocks of lanes, so that a register ends up with the totals of twice as many.
    for block in (1, 2, 4):
        parts = [_added_blocks(builder, *pair, block) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _added_blocks(builder, one, other, block):
    """Sums of neighbouring blocks of lanes, those of `one` and of `other` in turn."""
    lanes = range(REGISTER)
    # Lane i of the result takes its block from `one` or from `other` (whose lanes count on from REGISTER).
    source = [(i & ~(2 * block - 1)) + (i & (block - 1)) + (REGISTER if i & block else 0) for i in lanes]
    even = builder.shuffle_vector(one, other, lane_mask(source))
    odd = builder.shuffle_vector(one, other, lane_mask([i + block for i in source]))
    return builder.fadd(even, odd, flags=FAST)


def address(context, builder, kinds, values, width):
    """Where a vector begins; the first two of the values are an array and a place in it."""
    data = cgutils.create_struct_proxy(kinds[0])(context, builder, values[0]).data
    start = context.cast(builder, values[1], kinds[1], types.intp)
    return builder.bitcast(builder.gep(data, [start]), llvm_vector(width).as_pointer())


def _flags(context, builder, signature, args, width):
    """Flags that are set in the first lanes, as many as the third argument says."""
    return first_lanes(builder, context.cast(builder, args[2], signature.args[2], types.intp), width)
