"""Several runs through one kernel: each number of a run becomes a vector, one entry a run.

`Lanes` are arrays whose entries are vectors, shape (n, width) in memory, or (rows, columns, width) for a matrix; a
hyper-parameter is one vector; `LaneStreams` draws from a generator for each run. A kernel written for one run then
serves for all of them, if it takes no decision that differs between runs.
"""

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import (
    intrinsic,
    lower_builtin,
    make_attribute_wrapper,
    models,
    overload_attribute,
    overload_method,
    register_model,
    type_callable,
    typeof_impl,
)

from dynamics.kernels.hand_over import unboxes
from dynamics.kernels.policy import GENERIC_OPTIONS
from dynamics.vectors.alignment import aligned_copy, aligned_empty
from dynamics.vectors.borrowing import borrowed, next_double, uniform
from dynamics.vectors.registers import store
from dynamics.vectors.vector import INT64, REGISTER, Vector

WIDTH = 8  # runs that go through a kernel together
WIDE = 32  # the same where one generator serves all: enough runs to hide the time that one operation takes


class Lanes(np.ndarray):
    """An array of vectors: shape (..., width), where the last axis holds one entry of each run."""

    @staticmethod
    def of(rows: np.ndarray) -> "Lanes":
        """From an array a run, shape (width, ...)."""
        return aligned_copy(np.moveaxis(rows, 0, -1)).view(Lanes)

    @staticmethod
    def empty(length: int, width: int = WIDTH) -> "Lanes":
        """Room for `length` vectors."""
        return aligned_empty((length, width)).view(Lanes)

    def lane(self, run: int) -> np.ndarray:
        """The entries of one run, shape (n,)."""
        return np.ascontiguousarray(np.asarray(self)[:, run])


def entries_at_once(array: np.ndarray) -> int:
    """How many entries of an array a vector holds: REGISTER numbers of a run, or one entry of each run on lanes."""
    return 1 if isinstance(array, Lanes) else REGISTER


def put(array: np.ndarray, start: int, vector: Any) -> None:
    """Write a vector to the entries of an array from `start` on, as many as it holds at once."""
    array[start : start + entries_at_once(array)] = vector


class LaneStreams:
    """A generator for each of WIDTH runs, drawn from together."""

    def __init__(self, generators: tuple[np.random.Generator, ...]) -> None:
        self.generators = tuple(borrowed(generator) for generator in generators)

    def standard_normal(self) -> np.ndarray:
        """A standard normal number for each run."""
        return np.array([generator.standard_normal() for generator in self.generators])

    def random(self) -> np.ndarray:
        """A uniform number in [0, 1) for each run."""
        return np.array([generator.random() for generator in self.generators])


# In compiled code.


class LanesType(types.Type):
    """The numba type of Lanes."""

    instance_class = Lanes  # by which generic functions pick their implementation

    def __init__(self, array: types.Array, width: int) -> None:
        self.array, self.width = array, width
        super().__init__(name=f"Lanes({array}, {width})")


class LaneStreamsType(types.Type):
    """The numba type of LaneStreams."""

    def __init__(self, generators: types.BaseTuple) -> None:
        self.generators = generators
        super().__init__(name=f"LaneStreams({generators})")


@register_model(LanesType)
class _LanesModel(models.StructModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, [("array", kind.array)])


@register_model(LaneStreamsType)
class _LaneStreamsModel(models.StructModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, [("generators", kind.generators)])


make_attribute_wrapper(LanesType, "array", "array")
make_attribute_wrapper(LaneStreamsType, "generators", "generators")


@typeof_impl.register(Lanes)
def _(value, context):
    return LanesType(types.Array(types.float64, value.ndim, "C"), value.shape[-1])


@typeof_impl.register(LaneStreams)
def _(value, context):
    return LaneStreamsType(typeof_impl(value.generators, context))


@unboxes(LanesType)
def _(hand, kind, thing):
    record = cgutils.create_struct_proxy(kind)(hand.context, hand.builder)
    record.array = hand.take(kind.array, thing)
    return record._getvalue()


@unboxes(LaneStreamsType)
def _(hand, kind, thing):
    record = cgutils.create_struct_proxy(kind)(hand.context, hand.builder)
    record.generators = hand.take(kind.generators, hand.attribute(thing, "generators"))
    return record._getvalue()


@type_callable(operator.getitem)
def _(context):
    def typer(lanes, j):
        if isinstance(lanes, LanesType) and isinstance(j, types.Integer | types.BaseTuple):
            return Vector(lanes.width)

    return typer


@type_callable(operator.setitem)
def _(context):
    def typer(lanes, j, value):
        if isinstance(lanes, LanesType) and isinstance(value, Vector | types.Number):
            return types.void

    return typer


@type_callable(len)
def _(context):
    def typer(lanes):
        if isinstance(lanes, LanesType):
            return types.intp

    return typer


@lower_builtin(operator.getitem, LanesType, types.Integer)
@lower_builtin(operator.getitem, LanesType, types.BaseTuple)
def _(context, builder, signature, args):
    loaded = builder.load(_place(context, builder, signature, args))
    loaded.align = 8
    return loaded


@lower_builtin(operator.setitem, LanesType, types.Integer, Vector)
@lower_builtin(operator.setitem, LanesType, types.Integer, types.Number)
@lower_builtin(operator.setitem, LanesType, types.BaseTuple, Vector)
def _(context, builder, signature, args):
    vector = context.cast(builder, args[2], signature.args[2], Vector(signature.args[0].width))
    builder.store(vector, _place(context, builder, signature, args)).align = 8
    return context.get_dummy_value()


@type_callable(entries_at_once)
def _(context):
    def typer(array):
        if isinstance(array, LanesType | types.Array):
            return types.intp

    return typer


@type_callable(put)
def _(context):
    def typer(array, start, vector):
        if isinstance(array, LanesType | types.Array) and isinstance(vector, Vector):
            return types.void

    return typer


@lower_builtin(entries_at_once, LanesType)
@lower_builtin(entries_at_once, types.Array)
def _(context, builder, signature, args):
    return ir.Constant(INT64, 1 if isinstance(signature.args[0], LanesType) else REGISTER)


@lower_builtin(put, LanesType, types.Integer, Vector)
def _(context, builder, signature, args):
    builder.store(args[2], _place(context, builder, signature, args)).align = 8
    return context.get_dummy_value()


@lower_builtin(put, types.Array, types.Integer, Vector)
def _(context, builder, signature, args):
    return context.get_function(store, signature)(builder, args)


@lower_builtin(len, LanesType)
def _(context, builder, signature, args):
    lanes = cgutils.create_struct_proxy(signature.args[0])(context, builder, args[0])
    array = cgutils.create_struct_proxy(signature.args[0].array)(context, builder, lanes.array)
    return builder.extract_value(array.shape, 0)


def _place(context, builder, signature, args):
    """Where vector j of the lanes is, or vector (i, j) of a matrix."""
    lanes = cgutils.create_struct_proxy(signature.args[0])(context, builder, args[0])
    array = cgutils.create_struct_proxy(signature.args[0].array)(context, builder, lanes.array)
    if isinstance(signature.args[1], types.BaseTuple):
        pair = zip(cgutils.unpack_tuple(builder, args[1]), signature.args[1], strict=True)
        i, j = (context.cast(builder, value, given, types.intp) for value, given in pair)
        j = builder.add(builder.mul(i, builder.extract_value(array.shape, 1)), j)
    else:
        j = context.cast(builder, args[1], signature.args[1], types.intp)
    kind = ir.VectorType(ir.DoubleType(), signature.args[0].width)
    return builder.gep(builder.bitcast(array.data, kind.as_pointer()), [j])


@overload_attribute(LanesType, "shape", jit_options=GENERIC_OPTIONS)
def _shape(lanes):
    return lambda lanes: lanes.array.shape


@overload_method(LaneStreamsType, "standard_normal", jit_options=GENERIC_OPTIONS)
def _standard_normal(streams):
    def draw(streams):
        a, b, c, d, e, f, g, h = streams.generators
        return _packed(
            a.standard_normal(),
            b.standard_normal(),
            c.standard_normal(),
            d.standard_normal(),
            e.standard_normal(),
            f.standard_normal(),
            g.standard_normal(),
            h.standard_normal(),
        )

    return draw


@overload_method(LaneStreamsType, "random", jit_options=GENERIC_OPTIONS)
def _random(streams):
    return lambda streams: uniform(streams)


@intrinsic
def _packed(_, *numbers):
    kind = Vector(len(numbers))

    def codegen(context, builder, signature, args):
        packed = ir.Constant(ir.VectorType(ir.DoubleType(), kind.width), ir.Undefined)
        for lane, number in enumerate(cgutils.unpack_tuple(builder, args[0])):
            packed = builder.insert_element(packed, number, ir.Constant(ir.IntType(32), lane))
        return packed

    return kind(types.StarArgTuple(numbers)), codegen


@type_callable(uniform)
def _(context):
    def typer(streams):
        if isinstance(streams, LaneStreamsType):
            return Vector(WIDTH)

    return typer


@lower_builtin(uniform, LaneStreamsType)
def _(context, builder, signature, args):
    kind = signature.args[0]
    streams = cgutils.create_struct_proxy(kind)(context, builder, args[0])
    numbers = ir.Constant(ir.VectorType(ir.DoubleType(), WIDTH), ir.Undefined)
    for lane, generator in enumerate(cgutils.unpack_tuple(builder, streams.generators)):
        number = next_double(context, builder, kind.generators[lane], generator)
        numbers = builder.insert_element(numbers, number, ir.Constant(ir.IntType(32), lane))
    return numbers
