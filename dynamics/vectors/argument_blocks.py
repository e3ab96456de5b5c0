"""A kernel's arguments in memory: whoever has the block can call the kernel, and change an argument by writing to it.

A loop over many runs is thereby compiled once for all methods and problems: it knows the address of the kernel and
where in the block the numbers are that differ between runs. What it calls is the machine code that `entry_point`
returns, so that a run has the same bytes by either way.
"""

import ctypes
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numba
import numba.np.random.generator_core  # generators have no form in memory before
import numpy as np
from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target
from numba.extending import lower_builtin, type_callable

from dynamics.kernels.cache import compiled, entry_point
from dynamics.kernels.objects import NAME, address_of
from dynamics.vectors.alignment import aligned_empty
from dynamics.vectors.borrowing import BorrowedGeneratorType
from dynamics.vectors.lanes import LaneStreamsType, LanesType
from dynamics.vectors.vector import INT64, Vector

FLOATS = ("number", "vector")
# Words of a block: what the kernel returned, its error code, its address, and the arguments.
RESULTS, CODE, KERNEL, FIRST = 0, 3, 4, 5


class Piece(NamedTuple):
    """One of the values that an argument is passed as, in the words that it takes in a block."""

    role: str  # "number", "vector", "state" of a generator, which is an address, or any other "word"
    words: int
    value: Any


NOTHING = Piece("word", 1, 0)


class Unpassable(Exception):
    """An argument of a type that no block holds: such a kernel is called in the usual way."""


class ArgumentBlock(NamedTuple):
    """The arguments of a call of a kernel, in memory."""

    words: np.ndarray  # of 8 bytes, as integers
    numbers: np.ndarray  # the same memory as floats
    places: tuple[tuple[tuple[int, str], ...], ...]  # of each argument its pieces: the first word, and the role
    address: int  # of what calls the kernel with the arguments of the block at the address that it is given
    kept: Any  # what the memory refers to

    def places_of(self, argument: int, role: str) -> list[int]:
        """Where the pieces of an argument are that have a role."""
        return [place for place, its in self.places[argument] if its == role]


def argument_block(template: Callable[..., Any], arguments: Sequence[Any]) -> ArgumentBlock | None:
    """The block of a call of a kernel that returns three integers; None where it can't be called so.

    Nothing but the memory itself is shared: an array of the arguments is the array that the kernel sees.
    """
    if numba.config.DISABLE_JIT:
        return None
    entry_point(template, tuple(arguments))
    dispatcher: Any = compiled(template, tuple(arguments))
    (made,) = dispatcher.overloads.values()
    try:
        pieces = [_pieces(kind, value) for kind, value in zip(made.signature.args, arguments, strict=True)]
    except Unpassable:
        return None
    address = _caller(made, [piece for part in pieces for piece in part])
    if address is None:
        return None
    words = aligned_empty(FIRST + sum(piece.words for part in pieces for piece in part) + 1, np.int64)
    words[:] = 0
    words[KERNEL] = made.library.get_pointer_to_function(made.fndesc.llvm_func_name)
    numbers, place, places = words.view(np.float64), FIRST, []
    for part in pieces:
        own = []
        for role, width, value in part:
            own.append((place, role))
            if role in FLOATS:
                numbers[place : place + width] = value
            elif value:
                words[place] = value
            place += width
        places.append(tuple(own))
    return ArgumentBlock(words, numbers, tuple(places), address, (arguments, made))


def call_at(address: int, block: int) -> None:
    """Call the kernel behind an address with the arguments of a block."""
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)(block)


@type_callable(call_at)
def _(context):
    def typer(address, block):
        if isinstance(address, types.Integer) and isinstance(block, types.Integer):
            return types.void

    return typer


@lower_builtin(call_at, types.Integer, types.Integer)
def _(context, builder, signature, args):
    function = ir.FunctionType(ir.VoidType(), [INT64])
    builder.call(builder.inttoptr(args[0], function.as_pointer()), [args[1]])
    return context.get_dummy_value()


def _pieces(kind: types.Type, value: Any) -> list[Piece]:
    """What numba passes a value of that type as, in its order."""
    found: list[Piece] = []
    _reader(type(kind))(kind, value, found)
    return found


# A block has some hundred pieces: each reads a value of one kind of type, and adds what it is passed as.
def _read_tuple(kind: Any, values: Any, found: list[Piece]) -> None:
    for part, value in zip(kind, values, strict=True):
        _reader(type(part))(part, value, found)


def _read_array(kind: Any, value: np.ndarray, found: list[Piece]) -> None:
    words = (value.size, value.itemsize, value.__array_interface__["data"][0], *value.shape, *value.strides)
    found += (NOTHING, NOTHING, *[Piece("word", 1, word) for word in words])


def _read_vector(kind: Any, value: Any, found: list[Piece]) -> None:
    found.append(Piece("vector", kind.width, value))


def _read_number(kind: Any, value: float, found: list[Piece]) -> None:
    found.append(Piece("number", 1, value))


def _read_word(kind: Any, value: Any, found: list[Piece]) -> None:
    found.append(Piece("word", 1, int(value)))


def _read_streams(kind: Any, value: Any, found: list[Piece]) -> None:
    _read_tuple(kind.generators, value.generators, found)


def _read_generator(kind: Any, value: Any, found: list[Piece]) -> None:
    found += _pieces_of_generator(value.bit_generator)


@lru_cache(maxsize=1)  # a block may have one generator in many places
def _pieces_of_generator(bits: np.random.BitGenerator) -> list[Piece]:
    interface: Any = bits.ctypes
    address = Piece("state", 1, interface.state_address)
    functions = (interface.next_uint64, interface.next_uint32, interface.next_double)
    words = (*(ctypes.cast(function, ctypes.c_void_p).value for function in functions), interface.bit_generator.value)
    return [NOTHING, address, address, *[Piece("word", 1, word) for word in words], NOTHING, NOTHING]


def _refuse(kind: types.Type, value: Any, found: list[Piece]) -> None:
    raise Unpassable(f"{kind} in a block")


def _reader_of(kind: Any) -> Callable[[Any, Any, list[Piece]], None]:
    readers: dict[Any, Any] = {
        types.BaseTuple: _read_tuple,
        types.Array: _read_array,
        LanesType: lambda kind, value, found: _read_array(kind.array, value, found),
        Vector: _read_vector,
        types.Float: _read_number,
        types.Boolean: _read_word,
        types.Integer: _read_word,
        LaneStreamsType: _read_streams,
        BorrowedGeneratorType: _read_generator,
    }
    return next((reader for base, reader in readers.items() if issubclass(kind, base)), _refuse)


_reader: Callable[[Any], Callable[[Any, Any, list[Piece]], None]] = cache(_reader_of)


_callers: dict[str, int | None] = {}  # by the kernel's name, which no other in the process has


def _caller(made: Any, pieces: list[Piece]) -> int | None:
    """The address of a function of a block's address, which calls the kernel that the block names.

    The types of a kernel's arguments say what they are passed as, so it is one function for all blocks of a kernel.
    """
    name = made.fndesc.llvm_func_name
    if name not in _callers:
        _callers[name] = _made_caller(made, pieces)
    return _callers[name]


def _made_caller(made: Any, pieces: list[Piece]) -> int | None:
    context = cpu_target.target_context
    returned = made.signature.return_type
    function = context.call_conv.get_function_type(returned, made.signature.args)
    if returned != types.UniTuple(types.int64, 3) or not _fit(function.args[2:], pieces):
        return None
    return address_of(_text(function, [piece.words for piece in pieces]))


def _text(function: ir.FunctionType, words: list[int]) -> str:
    """The function in LLVM's text: it reads what it hands over from the block, where each value takes so many words."""
    # The first argument of a kernel of numba's is where its results go, the second where its error would be described.
    lines = ["%error = alloca ptr", "store ptr null, ptr %error"]
    passed, place = [f"ptr %at{RESULTS}", "ptr %error"], FIRST
    for kind, width in zip(function.args[2:], words, strict=True):
        form, aligned = "ptr" if isinstance(kind, ir.PointerType) else str(kind), 1 if kind == ir.IntType(8) else 8
        lines += (_at(place), f"%value{place} = load {form}, ptr %at{place}, align {aligned}")
        passed.append(f"{form} %value{place}")
        place += width
    code = str(function.return_type)
    lines += (
        *(_at(place) for place in (RESULTS, CODE, KERNEL)),
        f"%kernel = load ptr, ptr %at{KERNEL}, align 8",
        f"%code = call {code} %kernel({', '.join(passed)})",
        f"%whole = sext {code} %code to i64",
        f"store i64 %whole, ptr %at{CODE}, align 8",
        "ret void",
    )
    return "\n".join((f"define void @{NAME}(ptr %block) {{", *lines, "}"))


def _at(place: int) -> str:
    return f"%at{place} = getelementptr i64, ptr %block, i64 {place}"


def _fit(kinds: Sequence[Any], pieces: list[Piece]) -> bool:
    """Whether the pieces are what the kernel takes."""
    if len(kinds) != len(pieces):
        return False
    for kind, piece in zip(kinds, pieces, strict=True):
        if isinstance(kind, ir.VectorType):
            fits = piece.role == "vector" and piece.words == kind.count
        elif isinstance(kind, ir.DoubleType):
            fits = piece.role == "number"
        else:
            fits = piece.role not in FLOATS
        if not fits:
            return False
    return True
