"""Several float64 numbers as one value: arithmetic on 8 to 64 at once, which the compiler maps to SIMD registers.

Inside compiled code a vector is a scalar-like value: `+ - * /`, `sqrt` and `abs` work on it as on a float, so that a
function written for one number serves for many. As plain Python the same functions work on short NumPy arrays.
"""

import operator
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.core.imputils import lower_cast
from numba.core.typeconv import Conversion
from numba.extending import (
    box,
    lower_builtin,
    models,
    register_model,
    type_callable,
    typeof_impl,
)

from dynamics.kernels.hand_over import DATA, unboxes

REGISTER = 8  # numbers in the widest SIMD register

DOUBLE, INT32, INT64 = ir.DoubleType(), ir.IntType(32), ir.IntType(64)
FAST = ("reassoc", "contract", "nsz", "arcp")  # those of the numba policy


class Numbers(np.ndarray):
    """A vector as Python holds it: an array that compiled code takes for one value."""

    @staticmethod
    def of(numbers: Any) -> "Numbers":
        """From a sequence of numbers."""
        return np.ascontiguousarray(numbers, dtype=np.float64).view(Numbers)


class Vector(types.Type):
    """The numba type of `width` numbers in one value. A number becomes a vector where the two meet in a variable."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Vector({width})")

    def unify(self, context: Any, other: types.Type) -> "Vector | None":
        """The common type of a variable that holds a vector here and `other` there."""
        return self if isinstance(other, types.Number) else None

    def can_convert_from(self, context: Any, other: types.Type) -> Conversion | None:
        """How well a value of `other` serves as a vector."""
        return Conversion.safe if isinstance(other, types.Number) else None


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, llvm_vector(kind.width))


def filled(number: float, width: int) -> Any:
    """A vector of equal numbers; `width` is a constant of the source."""
    return Numbers.of(np.full(width, number))


def total(vector: Any) -> float:
    """The sum of a vector's numbers."""
    return float(np.sum(vector))


def folded(vector: Any) -> Any:
    """The sum of a vector's parts of one register each."""
    return Numbers.of(vector.reshape(-1, REGISTER).sum(axis=0))


def multiply_add(one: Any, other: Any, added: Any) -> Any:
    """one · other + added, rounded once where the processor can, in the order in which it is written.

    `added` is a vector, the others are vectors or numbers.
    """
    return one * other + added


def add_registers(register: Any, one: Any, other: Any) -> Any:
    """A register plus those of one · other, the second of each pair first, each product rounded with its sum."""
    for first in range(0, len(one), 2 * REGISTER):
        for part in (first + REGISTER, first):
            register = one[part : part + REGISTER] * other[part : part + REGISTER] + register
    return register


def all_at_most(vector: Any, bound: float) -> bool:
    """Whether each number of a vector, or the one number given, is at most `bound`; NaN is not."""
    return bool((vector <= bound).all()) if isinstance(vector, np.ndarray) else bool(vector <= bound)


def any_at_most(vector: Any, bound: float) -> bool:
    """Whether some number of a vector, or the one number given, is at most `bound`."""
    return bool((vector <= bound).any()) if isinstance(vector, np.ndarray) else bool(vector <= bound)


# In compiled code each of these is a few instructions emitted in place; a function of its own for each would cost more
# time to compile than the kernels themselves.


@type_callable(filled)
def _(context):
    def typer(number, width):
        if isinstance(number, types.Number) and isinstance(width, types.IntegerLiteral):
            return Vector(width.literal_value)

    return typer


def _of_a_vector(function, result):
    @type_callable(function)
    def _(context):
        def typer(vector):
            if isinstance(vector, Vector):
                return result(vector)

        return typer


_of_a_vector(total, lambda vector: types.float64)
_of_a_vector(folded, lambda vector: Vector(REGISTER))
for _function in (np.sqrt, abs, operator.neg):
    _of_a_vector(_function, lambda vector: vector)


@type_callable(multiply_add)
def _(context):
    def typer(one, other, added):
        if isinstance(added, Vector) and all(kind == added or isinstance(kind, types.Number) for kind in (one, other)):
            return added

    return typer


@type_callable(add_registers)
def _(context):
    def typer(register, one, other):
        if register == Vector(REGISTER) and isinstance(one, Vector) and one == other:
            return register

    return typer


def _of_two(function, result):
    @type_callable(function)
    def _(context):
        def typer(x, y):
            if isinstance(x, Vector) and (x == y or isinstance(y, types.Number)):
                return result(x)
            if isinstance(x, types.Number) and isinstance(y, Vector):
                return result(y)

        return typer


for _comparison in (all_at_most, any_at_most):
    _of_two(_comparison, lambda vector: types.boolean)


@lower_builtin(filled, types.Number, types.IntegerLiteral)
def _(context, builder, signature, args):
    number = context.cast(builder, args[0], signature.args[0], types.float64)
    return broadcast(builder, number, signature.return_type.width)


@lower_builtin(total, Vector)
def _(context, builder, signature, args):
    width = signature.args[0].width
    function = llvm_function(builder, f"vector.reduce.fadd.v{width}f64", DOUBLE, [DOUBLE, llvm_vector(width)])
    return builder.call(function, [ir.Constant(DOUBLE, -0.0), args[0]], fastmath=FAST)


@lower_builtin(folded, Vector)
def _(context, builder, signature, args):
    nothing = undefined(args[0].type)
    parts = [
        builder.shuffle_vector(args[0], nothing, lane_mask(range(first, first + REGISTER)))
        for first in range(0, signature.args[0].width, REGISTER)
    ]
    while len(parts) > 1:
        pairs, left = zip(parts[:-1:2], parts[1::2], strict=True), parts[len(parts) // 2 * 2 :]
        parts = [builder.fadd(one, other, flags=FAST) for one, other in pairs] + left
    return parts[0]


@lower_builtin(multiply_add, types.Any, types.Any, Vector)
def _(context, builder, signature, args):
    one, other = (context.cast(builder, args[i], signature.args[i], signature.return_type) for i in range(2))
    return fused(builder, one, other, args[2])


@lower_builtin(add_registers, Vector, Vector, Vector)
def _(context, builder, signature, args):
    register, nothing = args[0], undefined(args[1].type)
    for first in range(0, signature.args[1].width, 2 * REGISTER):
        for part in (first + REGISTER, first):
            lanes = lane_mask(range(part, part + REGISTER))
            one, other = (builder.shuffle_vector(factor, nothing, lanes) for factor in args[1:])
            register = fused(builder, one, other, register)
    return register


def fused(builder, one, other, added):
    """one · other + added, without flags: the compiler may not take the sums in another order."""
    kind = one.type
    return builder.call(llvm_function(builder, f"fmuladd.v{kind.count}f64", kind, [kind] * 3), [one, other, added])


def _lower_comparison(function, reduction):
    @lower_builtin(function, Vector, types.Number)
    def _(context, builder, signature, args):
        width = signature.args[0].width
        bound = context.cast(builder, args[1], signature.args[1], types.float64)
        flags = builder.fcmp_ordered("<=", args[0], broadcast(builder, bound, width))
        name = f"vector.reduce.{reduction}.v{width}i1"
        return builder.call(llvm_function(builder, name, ir.IntType(1), [llvm_flags(width)]), [flags])


_lower_comparison(all_at_most, "and")
_lower_comparison(any_at_most, "or")


def _lower_elementwise(function, name):
    @lower_builtin(function, Vector)
    def _(context, builder, signature, args):
        kind = llvm_vector(signature.args[0].width)
        return builder.call(llvm_function(builder, f"{name}.v{kind.count}f64", kind, [kind]), args)


_lower_elementwise(np.sqrt, "sqrt")
_lower_elementwise(abs, "fabs")


@lower_builtin(operator.neg, Vector)
def _(context, builder, signature, args):
    return builder.fneg(args[0])


def _lower_arithmetic(opcode, *functions):
    def code(context, builder, signature, args):
        kind = signature.return_type
        both = [context.cast(builder, value, given, kind) for value, given in zip(args, signature.args, strict=True)]
        return getattr(builder, opcode)(*both, flags=FAST)

    for function in functions:
        _of_two(function, lambda vector: vector)
        for pair in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
            lower_builtin(function, *pair)(code)


_lower_arithmetic("fadd", operator.add, operator.iadd)
_lower_arithmetic("fsub", operator.sub, operator.isub)
_lower_arithmetic("fmul", operator.mul, operator.imul)
_lower_arithmetic("fdiv", operator.truediv, operator.itruediv)


def _of_a_number(function):
    @type_callable(function)
    def _(context):
        def typer(number, bound):
            if isinstance(number, types.Number) and isinstance(bound, types.Number):
                return types.boolean

        return typer

    @lower_builtin(function, types.Number, types.Number)
    def _(context, builder, signature, args):
        both = [context.cast(builder, *pair, types.float64) for pair in zip(args, signature.args, strict=True)]
        return builder.fcmp_ordered("<=", *both)


for _comparison in (all_at_most, any_at_most):
    _of_a_number(_comparison)


_of_two(operator.pow, lambda vector: vector)


@lower_builtin(operator.pow, Vector, Vector)
@lower_builtin(operator.pow, Vector, types.Number)
@lower_builtin(operator.pow, types.Number, Vector)
def _(context, builder, signature, args):
    kind = signature.return_type
    both = [context.cast(builder, value, given, kind) for value, given in zip(args, signature.args, strict=True)]
    numbers = llvm_vector(kind.width)
    return builder.call(llvm_function(builder, f"pow.v{kind.width}f64", numbers, [numbers, numbers]), both)


@lower_cast(types.Number, Vector)
def _(context, builder, source, target, value):
    return broadcast(builder, context.cast(builder, value, source, types.float64), target.width)


@typeof_impl.register(Numbers)
def _(value, context):
    return Vector(len(value))


@unboxes(Vector)
def _(hand, kind, thing):
    (data,) = hand.words(thing, DATA, 1)
    loaded = hand.builder.load(hand.builder.inttoptr(data, llvm_vector(kind.width).as_pointer()))
    loaded.align = 8
    return loaded


@box(Vector)
def _(kind, value, c):
    entries = [c.builder.extract_element(value, ir.Constant(INT32, i)) for i in range(kind.width)]
    boxed = c.pyapi.tuple_pack([c.pyapi.float_from_double(entry) for entry in entries])
    maker = c.pyapi.unserialize(c.pyapi.serialize_object(Numbers.of))
    made = c.pyapi.call_function_objargs(maker, (boxed,))
    c.pyapi.decref(boxed)
    c.pyapi.decref(maker)
    return made


def broadcast(builder, number, width):
    """LLVM code for a vector of equal numbers."""
    nothing = undefined(ir.VectorType(number.type, width))
    first = builder.insert_element(nothing, number, ir.Constant(INT32, 0))
    return builder.shuffle_vector(first, nothing, lane_mask([0] * width))


def first_lanes(builder, count, width):
    """LLVM code for flags that are set in the first lanes."""
    return builder.icmp_signed("<", lane_numbers(width), broadcast(builder, count, width))


def lane_numbers(width):
    """The LLVM constant 0, 1, ..., one number a lane."""
    return ir.Constant(ir.VectorType(INT64, width), list(range(width)))


def llvm_vector(width):
    """The LLVM type of a vector."""
    return ir.VectorType(DOUBLE, width)


def llvm_flags(width):
    """The LLVM type of a flag for each number of a vector."""
    return ir.VectorType(ir.IntType(1), width)


def undefined(kind):
    """An LLVM value of which nothing is known."""
    return ir.Constant(kind, ir.Undefined)


def lane_mask(indices):
    """The LLVM constant that says where a shuffle takes each lane from."""
    return ir.Constant(ir.VectorType(INT32, len(indices)), list(indices))


def llvm_function(builder, name, result, kinds):
    """An LLVM intrinsic, declared where it is used first."""
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, kinds), f"llvm.{name}")


@cache
def has_wide_registers() -> bool:
    """Whether the processor that numba compiles for has registers of eight numbers, with AVX-512."""
    features = get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES
    return "+avx512f" in features.split(",")
