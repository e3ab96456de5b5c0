"""Tiles: the numbers of a few rows of a matrix for each of several runs, as one vector, row by row.

What kernels on lanes read data with that all runs share: a number of the matrix is loaded once for all of them.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import lower_builtin, type_callable

from dynamics.vectors.lanes import Lanes, LanesType
from dynamics.vectors.registers import address
from dynamics.vectors.vector import FAST, INT64, Numbers, Vector, broadcast, lane_mask, undefined

TILE = 64  # numbers: eight registers, enough sums in flight to hide the time that one takes


def rows_at_once(x: Lanes) -> int:
    """How many rows a tile holds for the runs whose numbers are in x."""
    return TILE // x.shape[1]


def spread(array: np.ndarray, start: int, x: Lanes) -> Any:
    """A tile whose rows are the numbers of an array from place `start` on, the same for all runs."""
    return Numbers.of(np.repeat(array[start : start + rows_at_once(x)], x.shape[1]))


def add_outer(tile: Any, array: np.ndarray, start: int, runs: Any) -> Any:
    """A tile plus the numbers of an array from place `start` on, one a row, times a number of each run."""
    return Numbers.of(tile + np.outer(array[start : start + len(tile) // len(runs)], runs).ravel())


def add_inner(runs: Any, array: np.ndarray, start: int, tile: Any) -> Any:
    """A number of each run plus the sum over the rows of a tile, times the numbers of an array from `start` on."""
    rows = len(tile) // len(runs)
    return Numbers.of(runs + array[start : start + rows] @ tile.reshape(rows, len(runs)))


def run_totals(tile: Any, x: Lanes) -> Any:
    """The sum over the rows of a tile, for each run."""
    return Numbers.of(tile.reshape(-1, x.shape[1]).sum(axis=0))


@type_callable(rows_at_once)
def _(context):
    def typer(x):
        if isinstance(x, LanesType):
            return types.intp

    return typer


@type_callable(spread)
def _(context):
    def typer(array, start, x):
        if isinstance(array, types.Array) and isinstance(x, LanesType):
            return Vector(TILE)

    return typer


def _type_sum(function):
    @type_callable(function)
    def _(context):
        def typer(summed, array, start, factor):
            if isinstance(summed, Vector) and isinstance(array, types.Array) and isinstance(factor, Vector):
                return summed

        return typer


_type_sum(add_outer)
_type_sum(add_inner)


@type_callable(run_totals)
def _(context):
    def typer(tile, x):
        if isinstance(tile, Vector) and isinstance(x, LanesType):
            return Vector(x.width)

    return typer


@lower_builtin(rows_at_once, LanesType)
def _(context, builder, signature, args):
    return ir.Constant(INT64, TILE // signature.args[0].width)


@lower_builtin(spread, types.Array, types.Integer, LanesType)
def _(context, builder, signature, args):
    width = signature.args[2].width
    numbers = _numbers(context, builder, signature.args, args, TILE // width)
    return _joined(builder, [broadcast(builder, number, width) for number in numbers])


@lower_builtin(add_outer, Vector, types.Array, types.Integer, Vector)
def _(context, builder, signature, args):
    width = signature.args[3].width
    made = []
    numbers = _numbers(context, builder, signature.args[1:], args[1:], signature.args[0].width // width)
    for row, number in enumerate(numbers):
        product = builder.fmul(broadcast(builder, number, width), args[3], flags=FAST)
        made.append(builder.fadd(_row(builder, args[0], row, width), product, flags=FAST))
    return _joined(builder, made)


@lower_builtin(add_inner, Vector, types.Array, types.Integer, Vector)
def _(context, builder, signature, args):
    total, width = args[0], signature.args[0].width
    numbers = _numbers(context, builder, signature.args[1:], args[1:], signature.args[3].width // width)
    for row, number in enumerate(numbers):
        product = builder.fmul(broadcast(builder, number, width), _row(builder, args[3], row, width), flags=FAST)
        total = builder.fadd(total, product, flags=FAST)
    return total


@lower_builtin(run_totals, Vector, LanesType)
def _(context, builder, signature, args):
    width = signature.return_type.width
    rows = [_row(builder, args[0], row, width) for row in range(signature.args[0].width // width)]
    while len(rows) > 1:
        rows = [builder.fadd(*pair, flags=FAST) for pair in zip(rows[::2], rows[1::2], strict=True)]
    return rows[0]


def _numbers(context, builder, kinds, values, count):
    """So many numbers of an array from a place on."""
    place = address(context, builder, kinds, values, 1)
    first = builder.bitcast(place, ir.DoubleType().as_pointer())
    return [builder.load(builder.gep(first, [ir.Constant(INT64, i)])) for i in range(count)]


def _row(builder, tile, row, width):
    """One row of a tile."""
    return builder.shuffle_vector(tile, undefined(tile.type), lane_mask(range(row * width, (row + 1) * width)))


def _joined(builder, rows):
    """A tile of so many rows, a power of two."""
    while len(rows) > 1:
        lanes = lane_mask(range(2 * rows[0].type.count))
        rows = [builder.shuffle_vector(*pair, lanes) for pair in zip(rows[::2], rows[1::2], strict=True)]
    return rows[0]
