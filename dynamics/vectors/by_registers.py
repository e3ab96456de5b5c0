"""A function of a long vector, taken a register at a time.

The compiler takes one operation after another for the whole of a vector. Where a function has many, the numbers between
them are more than the processor's registers hold, and go to memory and back.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import lower_builtin, type_callable

from dynamics.vectors.vector import INT64, REGISTER, Numbers, Vector, lane_mask, undefined


def by_registers(function: Any, thing: Any, vector: Any, array: np.ndarray, start: int) -> Any:
    """The vector whose registers are function(thing, register, array, place), for those of a vector in turn.

    The function is generic, and may read and write the register at the place of the array, of those from `start` on.
    """
    places = range(0, len(vector), REGISTER)
    made = [function(thing, vector[place : place + REGISTER], array, start + place) for place in places]
    return Numbers.of(np.concatenate(made))


def _call(context, kinds):
    function, thing, _, array, _ = kinds
    return function.get_call_type(context, (thing, Vector(REGISTER), array, types.intp), {})


@type_callable(by_registers)
def _(context):
    def typer(function, thing, vector, array, start):
        if isinstance(vector, Vector) and _call(context, (function, thing, vector, array, start)) is not None:
            return vector

    return typer


@lower_builtin(by_registers, types.Any, types.Any, Vector, types.Array, types.Integer)
def _(context, builder, signature, args):
    kinds, (_, thing, vector, array, start) = signature.args, args
    call = _call(context.typing_context, kinds)
    function, start = context.get_function(kinds[0], call), context.cast(builder, start, kinds[4], types.intp)
    made = []
    for place in range(0, kinds[2].width, REGISTER):
        register = builder.shuffle_vector(vector, undefined(vector.type), lane_mask(range(place, place + REGISTER)))
        made.append(function(builder, [thing, register, array, builder.add(start, ir.Constant(INT64, place))]))
    while len(made) > 1:  # a vector has a power of two of registers
        both = lane_mask(range(2 * made[0].type.count))
        made = [builder.shuffle_vector(*pair, both) for pair in zip(made[::2], made[1::2], strict=True)]
    return made[0]
