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
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.extending import lower_builtin, type_callable

from dynamics.kernels.cache import compiled, entry_point
from dynamics.kernels.first_time import before_compiling
from dynamics.vectors.alignment import aligned_empty
from dynamics.vectors.borrowing import BorrowedGeneratorType
from dynamics.vectors.lanes import LaneStreamsType, LanesType
from dynamics.vectors.vector import INT32, INT64, Vector

FLOATS = ("number", "vector")
RESULTS, CODE, FIRST = 0, 3, 4  # words of a block: what the kernel returned, its error code, and the arguments


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
    address = _caller(dispatcher, made, [piece for part in pieces for piece in part])
    if address is None:
        return None
    words = aligned_empty(FIRST + sum(piece.words for part in pieces for piece in part) + 1, np.int64)
    words[:] = 0
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
    return ArgumentBlock(words, numbers, tuple(places), address, arguments)


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


# Machine code that reads a block and calls a kernel, by the kernel's dispatcher.
_callers: dict[Any, tuple[Any, int | None]] = {}


def _caller(dispatcher: Any, made: Any, pieces: list[Piece]) -> int | None:
    """The address of a function of a block's address; it is small, and made in each process anew."""
    with global_compiler_lock:
        if dispatcher not in _callers:
            _callers[dispatcher] = _build(made, pieces)
        return _callers[dispatcher][1]


def _build(made: Any, pieces: list[Piece]) -> tuple[Any, int | None]:
    context = cpu_target.target_context
    before_compiling()
    context.refresh()
    returned = made.signature.return_type
    function = context.call_conv.get_function_type(returned, made.signature.args)
    if returned != types.UniTuple(types.int64, 3) or not _fit(function.args[2:], pieces):
        return None, None
    kernel = made.library.get_pointer_to_function(made.fndesc.llvm_func_name)
    library = context.codegen().create_library("block")
    name = f"block_{made.fndesc.unique_name}"
    module = library.create_ir_module(name)
    caller = ir.Function(module, ir.FunctionType(ir.VoidType(), [INT64]), name)
    builder = ir.IRBuilder(caller.append_basic_block())
    block = builder.inttoptr(caller.args[0], INT64.as_pointer())
    excinfo = builder.alloca(function.args[1].pointee)
    builder.store(cgutils.get_null_value(excinfo.type.pointee), excinfo)
    result = builder.bitcast(builder.gep(block, [INT64(RESULTS)]), function.args[0])
    passed, place = [result, excinfo], FIRST
    for kind, piece in zip(function.args[2:], pieces, strict=True):
        loaded = builder.load(builder.bitcast(builder.gep(block, [INT64(place)]), kind.as_pointer()))
        loaded.align = 1 if kind == ir.IntType(8) else 8
        passed.append(loaded)
        place += piece.words
    pointer = builder.inttoptr(INT64(kernel), function.as_pointer())
    code = builder.call(pointer, passed)
    builder.store(builder.sext(code, INT64) if code.type == INT32 else code, builder.gep(block, [INT64(CODE)]))
    builder.ret_void()
    library.add_ir_module(module)
    library.finalize()
    return (library, made), library.get_pointer_to_function(name)


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
