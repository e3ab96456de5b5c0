"""A generator that compiled code borrows, and a number drawn from it in place.

Kernels count no references, and numba hands over a generator together with one that the callee has to give back. Here
the caller keeps it. To compile a generator's method `random` takes numba longer than to compile a whole update.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin, models, register_model, type_callable, typeof_impl

from dynamics.kernels.hand_over import Hand, unboxes

_BITS = types.NumPyRandomBitGeneratorType("bit_generator")


class BorrowedGenerator(np.random.Generator):
    """A generator that shares its bits, and so its state, with another one."""


def borrowed(generator: np.random.Generator) -> BorrowedGenerator:
    """A generator as compiled code takes it.

    Examples
    --------
    >>> rng, twin = np.random.default_rng(0), np.random.default_rng(0)
    >>> borrowed(rng).random() == twin.random(), rng.random() == twin.random()
    (True, True)
    """
    return BorrowedGenerator(generator.bit_generator)


class BorrowedGeneratorType(types.NumPyRandomGeneratorType):
    """The numba type of `BorrowedGenerator`: to kernels a generator like any other."""

    def __init__(self) -> None:
        super().__init__("rng")
        self.name = "BorrowedGenerator"


@register_model(BorrowedGeneratorType)
class _BorrowedGeneratorModel(models.StructModel):
    def __init__(self, manager, kind):
        # The fields of numba's own generators.
        fields = [
            ("bit_generator", _BITS),
            ("meminfo", types.MemInfoPointer(types.voidptr)),
            ("parent", types.pyobject),
        ]
        super().__init__(manager, kind, fields)


@typeof_impl.register(BorrowedGenerator)
def _(value: Any, context: Any) -> BorrowedGeneratorType:
    return BorrowedGeneratorType()


@unboxes(BorrowedGeneratorType)
def _(hand: Hand, kind: Any, thing: Any) -> Any:
    # NumPy keeps a C struct in a capsule: the address of the state, and those of the functions that draw from it.
    bits = hand.attribute(thing, "bit_generator")
    name = hand.context.insert_const_string(hand.builder.module, "BitGenerator")
    address = hand.call("PyCapsule_GetPointer", thing.type, [hand.attribute(bits, "capsule"), name])
    inner = cgutils.create_struct_proxy(_BITS)(hand.context, hand.builder)
    state, inner.fnptr_next_uint64, inner.fnptr_next_uint32, inner.fnptr_next_double = hand.words(address, 0, 4)
    inner.parent, inner.state, inner.state_address = bits, state, state
    inner.bit_generator = hand.builder.ptrtoint(address, state.type)
    record = cgutils.create_struct_proxy(kind)(hand.context, hand.builder)
    record.bit_generator, record.parent = inner._getvalue(), thing
    # A null memory owner is numba's own mark for what somebody else keeps alive.
    record.meminfo = cgutils.get_null_value(record.meminfo.type)
    return record._getvalue()


def uniform(rng: Any) -> Any:
    """The next number of a generator, uniform on [0, 1); of runs that go together, one of each."""
    return rng.random()


@type_callable(uniform)
def _(context):
    def typer(rng):
        if isinstance(rng, types.NumPyRandomGeneratorType):
            return types.float64

    return typer


@lower_builtin(uniform, types.NumPyRandomGeneratorType)
def _(context, builder, signature, args):
    return next_double(context, builder, signature.args[0], args[0])


def next_double(context: Any, builder: Any, kind: types.NumPyRandomGeneratorType, generator: Any) -> Any:
    """A call of NumPy's function behind `Generator.random`, whose address a bit generator carries."""
    record = cgutils.create_struct_proxy(kind)(context, builder, generator)
    bits = cgutils.create_struct_proxy(_BITS)(context, builder, record.bit_generator)
    function = ir.FunctionType(ir.DoubleType(), [bits.state.type])
    return builder.call(builder.inttoptr(bits.fnptr_next_double, function.as_pointer()), [bits.state])
