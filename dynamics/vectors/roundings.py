"""Arithmetic that is rounded as it is written, where two kernels must come to the same bits.

Elsewhere the compiler may fuse a product with a sum, and take sums in another order (`dynamics.kernels.policy`). Of
`multiply_add` (`dynamics.vectors.vector`) this has the form for numbers.
"""

from typing import Any

from numba import types
from numba.extending import lower_builtin, type_callable

from dynamics.vectors.vector import DOUBLE, Vector, llvm_function, multiply_add

__all__ = ["multiply_add", "plus", "product"]

# Some flag, or numba adds those of the policy: with this one the sign of a zero is left open, and nothing else.
AS_WRITTEN = ("nsz",)


def product(one: Any, other: Any) -> Any:
    """one · other, rounded by itself; both are vectors, or both numbers."""
    return one * other


def plus(one: Any, other: Any) -> Any:
    """one + other, after what is added up in each of them."""
    return one + other


def _lower(function, opcode):
    @type_callable(function)
    def _(context):
        def typer(one, other):
            if one == other and isinstance(one, Vector | types.Float):
                return one

        return typer

    def code(context, builder, signature, args):
        return getattr(builder, opcode)(*args, flags=AS_WRITTEN)

    for kind in (Vector, types.Float):
        lower_builtin(function, kind, kind)(code)


_lower(product, "fmul")
_lower(plus, "fadd")


@type_callable(multiply_add)
def _(context):
    def typer(one, other, added):
        if all(isinstance(kind, types.Float) for kind in (one, other, added)):
            return types.float64

    return typer


@lower_builtin(multiply_add, types.Float, types.Float, types.Float)
def _(context, builder, signature, args):
    return builder.call(llvm_function(builder, "fmuladd.f64", DOUBLE, [DOUBLE] * 3), args)
