"""Quotients by roots, without the processor's root and quotient: those take more than all else in a step of Adam.

Each begins with an estimate of 14 bits (AVX-512). One step of third order makes 42 of them, and a step of Newton's on
what is left over makes them all: for squares above 1e-290 the result has been that of root and quotient, bit for bit,
wherever it was tried. Below, where what is left over is lost, it has 13 digits; an infinite number or square gives NaN.
Where the processor has no such estimates, its root and quotient are taken.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import lower_builtin, type_callable

from dynamics.vectors.choices import where_positive
from dynamics.vectors.vector import (
    DOUBLE,
    REGISTER,
    Vector,
    has_wide_registers,
    lane_mask,
    llvm_function,
    llvm_vector,
    undefined,
)


def over_root(number: Any, square: Any, eps: Any) -> Any:
    """`number` over the root of `square` plus `eps`, numbers or vectors; 0 where that sum is 0."""
    scale = np.sqrt(square) + eps
    return where_positive(scale, number / where_positive(scale, scale, 1.0), 0.0)


@type_callable(over_root)
def _(context):
    def typer(number, square, eps):
        if isinstance(square, Vector) and number == square and (eps == square or isinstance(eps, types.Number)):
            return square
        if all(isinstance(kind, types.Number) for kind in (number, square, eps)):
            return types.float64

    return typer


@lower_builtin(over_root, types.Number, types.Number, types.Number)
def _(context, builder, signature, args):
    number, square, eps = (
        context.cast(builder, *pair, types.float64) for pair in zip(args, signature.args, strict=True)
    )
    return _exact(builder, number, square, eps, ir.Constant(DOUBLE, 0.0))


@lower_builtin(over_root, Vector, Vector, types.Number)
@lower_builtin(over_root, Vector, Vector, Vector)
def _(context, builder, signature, args):
    kind = signature.return_type
    number, square, eps = (context.cast(builder, *pair, kind) for pair in zip(args, signature.args, strict=True))
    if not has_wide_registers():
        return _exact(builder, number, square, eps, _constant(0.0, kind.width))
    parts = [
        _by_estimates(builder, *(_register(builder, value, first) for value in (number, square, eps)))
        for first in range(0, kind.width, REGISTER)
    ]
    while len(parts) > 1:
        parts = [_joined(builder, *pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _exact(builder, number, square, eps, zero):
    kind = square.type
    name = "sqrt.f64" if kind == DOUBLE else f"sqrt.v{kind.count}f64"
    scale = builder.fadd(builder.call(llvm_function(builder, name, kind, [kind]), [square]), eps)
    return builder.select(builder.fcmp_ordered(">", scale, zero), builder.fdiv(number, scale), zero)


def _by_estimates(builder, number, square, eps):
    """The same on one register. No flag allows the compiler to reorder: what is left over would be rounded away."""
    one, half, zero = (_constant(value, REGISTER) for value in (1.0, 0.5, 0.0))
    # 1/√square: with e = 1 - square·r², (1 - e)^(-1/2) = 1 + e/2 + 3e²/8 + ...
    r = _estimate(builder, "rsqrt14", square)
    e = _multiplied(builder, builder.fneg(builder.fmul(square, r)), r, one)
    r = _multiplied(builder, builder.fmul(r, e), _multiplied(builder, e, _constant(0.375, REGISTER), half), r)
    root = builder.fmul(square, r)
    left = _multiplied(builder, builder.fneg(root), root, square)
    root = _multiplied(builder, left, builder.fmul(half, r), root)
    # The root of 0 is 0 and not 0·∞. Only 0 and infinity are twice themselves; a plainer test compiles to a slower one.
    between = builder.fcmp_unordered("!=", builder.fadd(square, square), square)
    root = builder.select(between, root, square)
    scale = builder.fadd(root, eps)
    # 1/scale: with e = 1 - scale·y, 1/(1 - e) = 1 + e + e² + ...
    y = _estimate(builder, "rcp14", scale)
    e = _multiplied(builder, builder.fneg(scale), y, one)
    y = _multiplied(builder, y, _multiplied(builder, e, e, e), y)
    quotient = builder.fmul(number, y)
    left = _multiplied(builder, builder.fneg(scale), quotient, number)
    quotient = _multiplied(builder, left, y, quotient)
    return builder.select(builder.fcmp_ordered(">", scale, zero), quotient, zero)


def _multiplied(builder, one, other, added):
    """one · other + added, rounded once."""
    kind = one.type
    return builder.call(llvm_function(builder, f"fma.v{kind.count}f64", kind, [kind] * 3), [one, other, added])


def _estimate(builder, name, vector):
    kind, flags = llvm_vector(REGISTER), ir.IntType(8)
    function = llvm_function(builder, f"x86.avx512.{name}.pd.512", kind, [kind, kind, flags])
    return builder.call(function, [vector, _constant(0.0, REGISTER), ir.Constant(flags, -1)])


def _constant(number, width):
    return ir.Constant(llvm_vector(width), [number] * width)


def _register(builder, vector, first):
    return builder.shuffle_vector(vector, undefined(vector.type), lane_mask(range(first, first + REGISTER)))


def _joined(builder, one, other):
    return builder.shuffle_vector(one, other, lane_mask(range(2 * one.type.count)))
