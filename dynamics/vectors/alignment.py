"""Arrays that begin at a multiple of 64 bytes, far from each other.

A register is then loaded from one cache line and not from two: a full-batch gradient of 500 × 30 takes 1.4 times as
long on arrays that begin anywhere. And a run does not depend on where its arrays happen to lie: compiled loops compare
addresses, and take the numbers one by one, which rounds otherwise, where two arrays are closer than what the loop reads
ahead.
"""

import ctypes
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

BYTES = 64
NUMBER = 8  # bytes of one
NUMBERS = 8  # of 8 bytes each
APART = 64  # numbers before and after an array: more than a loop reads ahead
GAP = APART * NUMBERS  # the same in bytes
SHORT = 4096  # bytes of an array that shares its memory with others


def address(array: np.ndarray) -> int:
    """Where the numbers of an array by rows, writeable and not empty, begin; `array.ctypes` is slow."""
    return ctypes.addressof(ctypes.c_byte.from_buffer(array))  # type: ignore[arg-type]


def aligned_empty(shape: int | tuple[int, ...], dtype: Any = np.float64) -> np.ndarray:
    """An array of numbers of 8 bytes, not initialised, that begins at a multiple of 64 bytes.

    Examples
    --------
    >>> aligned_empty((3, 5)).ctypes.data % 64
    0
    """
    size = shape if isinstance(shape, int) else math.prod(shape)
    if size < 2:
        return np.empty(shape, dtype)  # no loop goes over it
    buffer = np.empty(size + NUMBERS + 2 * APART, dtype)
    first = APART + -address(buffer) % BYTES // buffer.itemsize
    return buffer[first : first + size].reshape(shape)


def aligned_like(arrays: Sequence[np.ndarray], memory: Callable[..., np.ndarray] = np.empty) -> list[np.ndarray]:
    """Arrays of these classes, shapes and types, in memory that `memory` makes: short ones together, which is quicker.

    They are as far from each other as if each had memory of its own. A long one has: it does not stay in memory
    because a short one is still in use.

    Examples
    --------
    >>> one, other = aligned_like([np.ones((3, 5)), np.arange(2)], np.zeros)
    >>> one.shape, other.dtype.kind, one.ctypes.data % 64, other.ctypes.data % 64, other.ctypes.data - one.ctypes.data
    ((3, 5), 'i', 0, 0, 640)
    """
    return layout_of(arrays).made(memory)


class Layout(NamedTuple):
    """Where the arrays lie that `aligned_like` makes: worked out once for those of many runs."""

    pieces: tuple["Piece", ...]  # each in one piece of memory
    order: tuple[int, ...] | None  # of the arrays asked for among those of all pieces; None where it is the same

    def made(self, memory: Callable[..., np.ndarray] = np.empty) -> list[np.ndarray]:
        """New arrays."""
        return self.arrays_in(self.room(memory))

    def room(self, memory: Callable[..., np.ndarray] = np.empty) -> list[np.ndarray]:
        """Memory for the arrays."""
        return [piece.room(memory) for piece in self.pieces]

    @property
    def bytes(self) -> int:
        """How much memory that is."""
        return sum(piece.words for piece in self.pieces) * NUMBER

    def arrays_in(self, rooms: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The arrays that lie in such memory, or in a copy of it."""
        made = [array for piece, room in zip(self.pieces, rooms, strict=True) for array in piece.arrays_in(room)]
        return made if self.order is None else [made[i] for i in self.order]


class Piece(NamedTuple):
    """Arrays in one piece of memory."""

    words: int  # of 8 bytes, beginning at a multiple of 64
    types: tuple[Any, ...]  # of numbers, of which there are arrays
    # For each array the place of its type; where it begins and ends, in numbers; its shape if it has several axes; and
    # its class if that is not NumPy's own.
    places: tuple[tuple[int, int, int, tuple[int, ...] | None, type | None], ...]

    def room(self, memory: Callable[..., np.ndarray]) -> np.ndarray:
        """Memory for the arrays."""
        buffer = memory(self.words + NUMBERS)
        first = -address(buffer) % BYTES // NUMBER
        return buffer[first : first + self.words]

    def arrays_in(self, room: np.ndarray) -> list[np.ndarray]:
        """The arrays that lie in it."""
        views = [room.view(dtype) for dtype in self.types]
        made = []
        for number, begin, end, shape, kind in self.places:  # a slice takes half as long as a new array
            array = views[number][begin:end]
            if shape is not None:
                array = array.reshape(shape)
            made.append(array if kind is None else array.view(kind))
        return made


def layout_of(arrays: Sequence[np.ndarray]) -> Layout:
    """The layout of arrays of these classes, shapes and types."""
    short = [i for i, array in enumerate(arrays) if array.nbytes <= SHORT]
    long = [i for i, array in enumerate(arrays) if array.nbytes > SHORT]
    pieces = ([_piece([arrays[i] for i in short])] if short else []) + [_piece([arrays[i]]) for i in long]
    found = sorted(range(len(arrays)), key=[*short, *long].__getitem__)
    return Layout(tuple(pieces), None if not long else tuple(found))


def together(arrays: Sequence[np.ndarray], memory: Callable[..., np.ndarray]) -> list[np.ndarray]:
    """The same in one piece of memory, however long they are."""
    piece = _piece(arrays)
    return piece.arrays_in(piece.room(memory))


def _piece(arrays: Sequence[np.ndarray]) -> Piece:
    types, places, end = list(dict.fromkeys(array.dtype for array in arrays)), [], GAP
    for array in arrays:
        begin = -(-end // array.itemsize)
        shape = array.shape if array.ndim != 1 else None
        kind = type(array) if type(array) is not np.ndarray else None
        places.append((types.index(array.dtype), begin, begin + array.size, shape, kind))
        end = (begin + array.size) * array.itemsize
        end += -end % BYTES + GAP
    whole = math.lcm(BYTES, *(dtype.itemsize for dtype in types))  # a view has as many bytes as memory
    return Piece((end + -end % whole) // NUMBER, tuple(types), tuple(places))


def aligned(array: np.ndarray) -> np.ndarray:
    """`array` by rows, at a multiple of 64 bytes and writeable: itself where it is so already, else a copy."""
    if array.flags.carray and (array.size < NUMBERS or address(array) % BYTES == 0):
        return array
    return aligned_copy(array)


def aligned_copy(array: np.ndarray) -> np.ndarray:
    """A copy by rows that begins at a multiple of 64 bytes, of the same class."""
    if array.size < 2:
        return array.copy()
    made = aligned_empty(array.shape, array.dtype)
    made[...] = array
    return made.view(type(array))
