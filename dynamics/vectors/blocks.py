"""Blocks: what a kernel computes at once, for one run or for several in lanes.

Of an array of one run a block is REGISTER entries side by side; on lanes it is one entry of each run. Loops over the
entries of an array take steps of `entries_at_once(array)`, and the same source serves both.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin, type_callable

from dynamics.kernels.policy import kernel
from dynamics.vectors.lanes import Lanes, LanesType
from dynamics.vectors.registers import address, load_first, store_first
from dynamics.vectors.vector import (
    DOUBLE,
    INT64,
    REGISTER,
    Vector,
    has_wide_registers,
    lane_mask,
    llvm_vector,
    total,
    undefined,
)


def load_block(array: np.ndarray, place: int, count: int, beside: np.ndarray) -> Any:
    """The block at a place of an array, by rows, that goes with blocks of `beside`.

    Only its first `count` entries are read, the others are 0. An array that all runs on lanes share gives one number.
    """
    if isinstance(array, Lanes):
        return array.reshape(-1, array.shape[-1])[place]
    return array.ravel()[place] if isinstance(beside, Lanes) else load_first(array, place, count, REGISTER)


def store_block(array: np.ndarray, place: int, count: int, block: Any) -> None:
    """Write the first `count` entries of a block to a place of an array, by rows."""
    if isinstance(array, Lanes):
        array.reshape(-1, array.shape[-1])[place] = block
    else:
        store_first(array, place, count, block)


def store_mostly_whole(array: np.ndarray, place: int, count: int, block: Any) -> None:
    """The same without a mask, which takes long without AVX-512: a whole block at once, the last one in pieces.

    What comes before and after is compiled apart then, so that no product is fused with a sum on the other side.
    """
    store_block(array, place, count, block)


def block_total(block: Any, array: np.ndarray) -> Any:
    """The sum of a block's entries, for each run, where the block came from `array` or an array like it."""
    return block if isinstance(array, Lanes) else total(block)


def matrix_at(array: np.ndarray, place: int, rows: int, columns: int) -> np.ndarray:
    """The matrix, a view, whose entries by rows begin at a place of an array.

    Examples
    --------
    >>> import numpy as np
    >>> matrix_at(np.arange(6.0), 2, 2, 2)
    array([[2., 3.],
           [4., 5.]])
    """
    lanes = array.shape[-1:] if isinstance(array, Lanes) else ()
    return array.reshape(-1, *lanes)[place : place + rows * columns].reshape(rows, columns, *lanes)


@kernel
def block_of(array, j, length):
    """The block that begins at entry j of an array of that length; 0 past its end."""
    return load_block(array, j, length - j, array)


@kernel
def put_block_of(array, j, length, block):
    """Write a block to an array of that length from entry j on, as far as the array goes."""
    store_mostly_whole(array, j, length - j, block)


def blocks_of_all(arrays: tuple[np.ndarray, ...], memory: tuple[np.ndarray, ...], j: int, length: int) -> Any:
    """The blocks that begin at entry j, as many as a memory has arrays, of the first ones of some arrays of one run."""
    return tuple(block_of(array, j, length) for array in arrays[: len(memory)])


def put_blocks_of_all(arrays: tuple[np.ndarray, ...], j: int, length: int, blocks: tuple[Any, ...]) -> None:
    """Write such blocks to the first ones of some arrays of that length."""
    for array, block in zip(arrays, blocks, strict=False):
        put_block_of(array, j, length, block)


# In compiled code.


@type_callable(blocks_of_all)
def _(context):
    def typer(arrays, memory, j, length):
        if isinstance(arrays, types.BaseTuple) and isinstance(memory, types.BaseTuple):
            return types.Tuple.from_types([Vector(REGISTER)] * len(memory))

    return typer


@type_callable(put_blocks_of_all)
def _(context):
    def typer(arrays, j, length, blocks):
        if isinstance(arrays, types.BaseTuple) and isinstance(blocks, types.BaseTuple):
            return types.void

    return typer


@lower_builtin(blocks_of_all, types.BaseTuple, types.BaseTuple, types.Integer, types.Integer)
def _(context, builder, signature, args):
    (kinds, _, j, _), block = signature.args, Vector(REGISTER)
    left, loaded = builder.sub(args[3], args[2]), []
    for kind, array in zip(
        kinds.types[: len(signature.return_type)], cgutils.unpack_tuple(builder, args[0]), strict=False
    ):
        load = context.get_function(load_block, block(kind, j, types.intp, kind))
        loaded.append(load(builder, [array, args[2], left, array]))
    return context.make_tuple(builder, signature.return_type, loaded)


@lower_builtin(put_blocks_of_all, types.BaseTuple, types.Integer, types.Integer, types.BaseTuple)
def _(context, builder, signature, args):
    kinds, j, *_ = signature.args
    left, arrays = builder.sub(args[2], args[1]), cgutils.unpack_tuple(builder, args[0])
    for kind, array, block in zip(kinds.types, arrays, cgutils.unpack_tuple(builder, args[3]), strict=False):
        store = context.get_function(store_mostly_whole, types.void(kind, j, types.intp, Vector(REGISTER)))
        store(builder, [array, args[1], left, block])
    return context.get_dummy_value()


@type_callable(load_block)
def _(context):
    def typer(array, place, count, beside):
        if isinstance(array, LanesType):
            return Vector(array.width)
        if isinstance(array, types.Array):
            return types.float64 if isinstance(beside, LanesType) else Vector(REGISTER)

    return typer


@type_callable(store_block)
@type_callable(store_mostly_whole)
def _(context):
    def typer(array, place, count, block):
        if isinstance(array, LanesType | types.Array) and isinstance(block, Vector):
            return types.void

    return typer


@type_callable(block_total)
def _(context):
    def typer(block, array):
        if isinstance(block, Vector):
            return block if isinstance(array, LanesType) else types.float64

    return typer


@type_callable(matrix_at)
def _(context):
    def typer(array, place, rows, columns):
        if isinstance(array, LanesType):
            return LanesType(types.Array(types.float64, 3, "C"), array.width)
        if isinstance(array, types.Array):
            return types.Array(array.dtype, 2, "C")

    return typer


@lower_builtin(load_block, types.Array, types.Integer, types.Integer, types.Array)
def _(context, builder, signature, args):
    array, place, count, _ = signature.args
    width = types.literal(REGISTER)
    first = signature.return_type(array, place, count, width)
    return context.get_function(load_first, first)(builder, [*args[:3], ir.Constant(INT64, REGISTER)])


@lower_builtin(load_block, types.Array, types.Integer, types.Integer, LanesType)
def _(context, builder, signature, args):
    return builder.load(entry_address(context, builder, signature.args, args))


@lower_builtin(load_block, LanesType, types.Integer, types.Integer, LanesType)
def _(context, builder, signature, args):
    loaded = builder.load(entry_address(context, builder, signature.args, args))
    loaded.align = 8
    return loaded


@lower_builtin(store_block, types.Array, types.Integer, types.Integer, Vector)
def _(context, builder, signature, args):
    return context.get_function(store_first, signature)(builder, args)


@lower_builtin(store_mostly_whole, types.Array, types.Integer, types.Integer, Vector)
def _(context, builder, signature, args):
    store = context.get_function(store_first, signature)
    if has_wide_registers():
        return store(builder, args)
    width = signature.args[3].width
    count = context.cast(builder, args[2], signature.args[2], types.intp)
    whole = builder.icmp_signed(">=", count, ir.Constant(INT64, width))
    with builder.if_else(whole, likely=True) as (all_of_it, some_of_it):
        with all_of_it:
            builder.store(args[3], address(context, builder, signature.args, args, width)).align = 8
        with some_of_it:
            _store_pieces(builder, args[3], address(context, builder, signature.args, args, width), count)
    return context.get_dummy_value()


def _store_pieces(builder, block, place, count):
    """LLVM code that stores the first numbers of a block that is not whole: of four, two and one what they come to."""
    none = ir.Constant(INT64, 0)
    count = builder.select(builder.icmp_signed(">", count, none), count, none)
    place, piece = builder.bitcast(place, DOUBLE.as_pointer()), block.type.count // 2
    while piece:
        first, other = (
            builder.shuffle_vector(block, undefined(block.type), lane_mask(range(begin, begin + piece)))
            for begin in (0, piece)
        )
        stored = builder.icmp_unsigned("!=", builder.and_(count, ir.Constant(INT64, piece)), none)
        with builder.if_then(stored):
            builder.store(first, builder.bitcast(place, first.type.as_pointer())).align = 8
        place = builder.select(stored, builder.gep(place, [ir.Constant(INT64, piece)]), place)
        block = builder.select(stored, other, first)
        piece //= 2


@lower_builtin(store_block, LanesType, types.Integer, types.Integer, Vector)
@lower_builtin(store_mostly_whole, LanesType, types.Integer, types.Integer, Vector)
def _(context, builder, signature, args):
    builder.store(args[3], entry_address(context, builder, signature.args, args)).align = 8
    return context.get_dummy_value()


@lower_builtin(block_total, Vector, LanesType)
def _(context, builder, signature, args):
    return args[0]


@lower_builtin(block_total, Vector, types.Array)
def _(context, builder, signature, args):
    return context.get_function(total, types.float64(signature.args[0]))(builder, args[:1])


@lower_builtin(matrix_at, types.Array, types.Integer, types.Integer, types.Integer)
@lower_builtin(matrix_at, LanesType, types.Integer, types.Integer, types.Integer)
def _(context, builder, signature, args):
    rows, columns = (context.cast(builder, args[n], signature.args[n], types.intp) for n in (2, 3))
    on_lanes = isinstance(signature.return_type, LanesType)
    array = signature.return_type.array if on_lanes else signature.return_type
    shape = [rows, columns, *([ir.Constant(INT64, signature.return_type.width)] if on_lanes else [])]
    strides = [ir.Constant(INT64, 8)]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(extent, strides[0]))
    first = builder.bitcast(entry_address(context, builder, signature.args, args), DOUBLE.as_pointer())
    view = context.make_array(array)(context, builder)
    # Without a memory owner, which is numba's mark for data that somebody else keeps alive.
    context.populate_array(
        view, data=first, shape=shape, strides=strides, itemsize=ir.Constant(INT64, 8), meminfo=None, parent=None
    )
    if not on_lanes:
        return view._getvalue()
    lanes = cgutils.create_struct_proxy(signature.return_type)(context, builder)
    lanes.array = view._getvalue()
    return lanes._getvalue()


def entry_address(context, builder, kinds, args):
    """Where the entry is at the place that is the second argument: a number, or a vector on lanes."""
    kind, array = kinds[0], args[0]
    if isinstance(kind, LanesType):
        array = cgutils.create_struct_proxy(kind)(context, builder, array).array
        kind, entry = kind.array, llvm_vector(kind.width)
    else:
        entry = DOUBLE
    data = cgutils.create_struct_proxy(kind)(context, builder, array).data
    place = context.cast(builder, args[1], kinds[1], types.intp)
    return builder.gep(builder.bitcast(data, entry.as_pointer()), [place])
