"""Vectors of random numbers as functions of a key and a place: uniform ones, and pairs of standard normal ones.

Entry `place` of a key's sequence is entry `place` of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom
number generators, 2014), begun at the point of its cycle of 2⁶⁴ that the key says. With one key a vector has the
entries from `place` on, with a vector of keys the entry at `place` of each sequence.
"""

from collections.abc import Sequence
from math import factorial, log, pi
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import lower_builtin, type_callable

from dynamics.vectors.blocks import entry_address
from dynamics.vectors.lanes import Lanes, LanesType
from dynamics.vectors.roundings import AS_WRITTEN
from dynamics.vectors.vector import (
    FAST,
    INT32,
    INT64,
    REGISTER,
    Numbers,
    Vector,
    broadcast,
    fused,
    llvm_function,
    llvm_vector,
)

GOLDEN, FIRST_FACTOR, SECOND_FACTOR = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
KEY_BITS = 53  # of a key in [0, 1): the first bits of where its sequence begins
MANTISSA_BITS, ROOT_HALF = 52, 0x3FE6A09E667F3BCD  # of a float64, and the bits of √½
MANTISSA, ABOVE = (1 << MANTISSA_BITS) - 1, 1024  # its bits, and what makes all exponents positive
# log((1 + s)/(1 - s)) = s (LOGARITHM[0] + LOGARITHM[1] s² + ...), to rounding for |s| ≤ 0.1716
LOGARITHM = [2.0 / (2 * i + 1) for i in range(10)]
# sin(πt/2) = t (SINE[0] + SINE[1] t² + ...) and cos(πt/2) = COSINE[0] + ..., to rounding for |t| ≤ 1/2
SINE = [(-1) ** i * (pi / 2) ** (2 * i + 1) / factorial(2 * i + 1) for i in range(8)]
COSINE = [(-1) ** i * (pi / 2) ** (2 * i) / factorial(2 * i) for i in range(9)]


def uniforms(key: Any, place: int) -> Any:
    """Uniform numbers on the multiples of 2⁻⁵³ in [0, 1).

    Examples
    --------
    >>> uniforms(0.25, 0)[:3].tolist() == [uniforms(np.array([0.25]), place)[0] for place in range(3)]
    True
    """
    begin = (np.atleast_1d(key) * 2.0**KEY_BITS).astype(np.uint64) << np.uint64(64 - KEY_BITS)
    places = np.uint64(place + 1) + np.arange(1 if np.ndim(key) else REGISTER, dtype=np.uint64)
    z = begin + places * np.uint64(GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(FIRST_FACTOR)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(SECOND_FACTOR)
    z ^= z >> np.uint64(31)
    return Numbers.of((z >> np.uint64(11)) * 2.0**-53)


def normals(key: Any, place: int, other: int) -> tuple[Any, Any]:
    """Two independent standard normal vectors from the uniform ones at two places (Box and Muller, 1958).

    Examples
    --------
    >>> first, second = normals(0.25, 0, 8)
    >>> np.allclose(np.exp(-(first**2 + second**2) / 2), 1 - uniforms(0.25, 0), rtol=1e-14, atol=0)
    True
    """
    first, second = made_normal(uniforms(key, place), uniforms(key, other))
    return Numbers.of(first), Numbers.of(second)


def make_normal(numbers: Any, place: int, other: int) -> None:
    """Make uniform numbers at two places of an array, or of one on lanes, the normal ones that `normals` makes of them.

    There are `normal_at_once(numbers)` entries from each of the places on.
    """
    first, second = (numbers[begin : begin + normal_at_once(numbers)] for begin in (place, other))
    first[...], second[...] = made_normal(first, second)


def made_normal(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same in plain Python, of arrays."""
    radius, angle = np.sqrt(-2.0 * np.log(1.0 - first)), 2.0 * pi * (second - 0.5)
    return radius * np.cos(angle), radius * np.sin(angle)


def normal_at_once(numbers: Any) -> int:
    """How many entries of an array become normal at a time: of lanes two, which keeps the processor busy."""
    return 2 if isinstance(numbers, Lanes) else REGISTER


# In compiled code: emitted in place, as the arithmetic of dynamics.vectors.vector is.


def _width(key, *places):
    if isinstance(key, Vector | types.Float) and all(isinstance(place, types.Integer) for place in places):
        return Vector(key.width if isinstance(key, Vector) else REGISTER)


@type_callable(uniforms)
def _(context):
    return lambda key, place: _width(key, place)


@type_callable(normals)
def _(context):
    def typer(key, place, other):
        vector = _width(key, place, other)
        return vector and types.UniTuple(vector, 2)

    return typer


@lower_builtin(uniforms, Vector, types.Integer)
@lower_builtin(uniforms, types.Float, types.Integer)
def _(context, builder, signature, args):
    return _uniforms(context, builder, signature.args[0], args[0], signature.args[1], args[1])


@lower_builtin(normals, Vector, types.Integer, types.Integer)
@lower_builtin(normals, types.Float, types.Integer, types.Integer)
def _(context, builder, signature, args):
    (key, *places), (key_value, *place_values) = signature.args, args
    first, second = (
        _uniforms(context, builder, key, key_value, kind, value)
        for kind, value in zip(places, place_values, strict=True)
    )
    return context.make_tuple(builder, signature.return_type, _normal(builder, first, second))


@type_callable(make_normal)
def _(context):
    def typer(numbers, place, other):
        if isinstance(numbers, LanesType | types.Array):
            return types.void

    return typer


@type_callable(normal_at_once)
def _(context):
    def typer(numbers):
        if isinstance(numbers, LanesType | types.Array):
            return types.intp

    return typer


@lower_builtin(normal_at_once, LanesType)
@lower_builtin(normal_at_once, types.Array)
def _(context, builder, signature, args):
    return ir.Constant(INT64, 2 if isinstance(signature.args[0], LanesType) else REGISTER)


@lower_builtin(make_normal, LanesType, types.Integer, types.Integer)
@lower_builtin(make_normal, types.Array, types.Integer, types.Integer)
def _(context, builder, signature, args):
    kind = signature.args[0]
    width = 2 * kind.width if isinstance(kind, LanesType) else REGISTER
    pair = []
    for n in (1, 2):
        place = entry_address(context, builder, (kind, signature.args[n]), (args[0], args[n]))
        pair.append(builder.bitcast(place, llvm_vector(width).as_pointer()))
    uniform = [builder.load(place) for place in pair]
    for number in uniform:
        number.align = 8
    for number, place in zip(_normal(builder, *uniform), pair, strict=True):
        builder.store(number, place).align = 8
    return context.get_dummy_value()


def _normal(builder, first, second):
    """Two normal vectors of two uniform ones."""
    width = first.type.count
    radius = _radius(builder, builder.fsub(_numbers(1.0, width), first))
    directions = _direction(builder, builder.fsub(second, _numbers(0.5, width)))
    return [builder.fmul(radius, part, flags=AS_WRITTEN) for part in directions]


def _uniforms(context, builder, key_kind, key, place_kind, place):
    width = _width(key_kind).width
    place = broadcast(builder, context.cast(builder, place, place_kind, types.int64), width)
    if isinstance(key_kind, Vector):
        offsets = [1] * width
    else:
        offsets = list(range(1, width + 1))
        key = broadcast(builder, context.cast(builder, key, key_kind, types.float64), width)
    begin = builder.fptoui(builder.fmul(key, _numbers(2.0**KEY_BITS, width)), _whole(width))
    begin = builder.shl(begin, _words(64 - KEY_BITS, width))
    places = builder.add(place, ir.Constant(_whole(width), offsets))
    z = builder.add(begin, builder.mul(places, _words(GOLDEN, width)))
    for shift, factor in ((30, FIRST_FACTOR), (27, SECOND_FACTOR), (31, 1)):
        z = builder.mul(builder.xor(z, builder.lshr(z, _words(shift, width))), _words(factor, width))
    # Without AVX-512 whole vectors of 64 bits become floats if they are unsigned alone: the first bit may be set.
    first_bits = builder.uitofp(builder.and_(z, _words(-1 << 11, width)), llvm_vector(width))
    return builder.fmul(first_bits, _numbers(2.0**-64, width))


def _radius(builder, u):
    """√(-2 log u) for u in (0, 1]: with u = m 2ᵉ and √½ ≤ m < √2, log u = e log 2 + log m."""
    width = u.type.count
    bits, one = builder.bitcast(u, _whole(width)), _numbers(1.0, width)
    # Without AVX-512 there are neither arithmetic shifts of 64 bits nor conversions to and from them.
    shifted = builder.add(bits, _words((ABOVE << MANTISSA_BITS) - ROOT_HALF, width))
    exponent = builder.lshr(shifted, _words(MANTISSA_BITS, width))
    half = ir.VectorType(INT32, width)
    exponent = builder.sub(builder.trunc(exponent, half), ir.Constant(half, [ABOVE] * width))
    whole = builder.and_(shifted, _words(~MANTISSA, width))
    m = builder.bitcast(builder.sub(builder.add(bits, _words(ABOVE << MANTISSA_BITS, width)), whole), u.type)
    s = builder.fdiv(builder.fsub(m, one), builder.fadd(m, one))
    of_exponent = builder.fmul(builder.sitofp(exponent, u.type), _numbers(log(2.0), width), flags=AS_WRITTEN)
    logarithm = fused(builder, s, _polynomial(builder, LOGARITHM, builder.fmul(s, s)), of_exponent)
    squared = builder.fmul(_numbers(-2.0, width), logarithm)
    return builder.call(llvm_function(builder, f"sqrt.v{width}f64", u.type, [u.type]), [squared])


def _direction(builder, t):
    """The cosine and the sine of 2πt for |t| ≤ 1/2: those of a quarter of the angle, which is doubled twice."""
    square, one, two = builder.fmul(t, t), _numbers(1.0, t.type.count), _numbers(2.0, t.type.count)
    cosine, sine = _polynomial(builder, COSINE, square), builder.fmul(t, _polynomial(builder, SINE, square))
    for _ in range(2):
        twice = builder.fmul(two, sine)
        cosine, sine = builder.fsub(one, builder.fmul(twice, sine), flags=FAST), builder.fmul(twice, cosine)
    return cosine, sine


def _polynomial(builder, coefficients: Sequence[float], x):
    """The sum of coefficients[i] xⁱ, by Horner's rule."""
    width = x.type.count
    total = _numbers(coefficients[-1], width)
    for coefficient in coefficients[-2::-1]:
        total = builder.fadd(builder.fmul(total, x, flags=FAST), _numbers(coefficient, width), flags=FAST)
    return total


def _whole(width):
    return ir.VectorType(INT64, width)


def _words(number, width):
    return ir.Constant(_whole(width), [number] * width)


def _numbers(number, width):
    return ir.Constant(llvm_vector(width), [number] * width)
