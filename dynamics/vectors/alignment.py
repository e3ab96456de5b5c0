"""Arrays that begin at a multiple of 64 bytes, far from each other.

A register is then loaded from one cache line and not from two: a full-batch gradient of 500 × 30 takes 1.4 times as
long on arrays that begin anywhere. And a run does not depend on where its arrays happen to lie: compiled loops compare
addresses, and take the numbers one by one, which rounds otherwise, where two arrays are closer than what the loop reads
ahead.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

BYTES = 64
NUMBERS = 8  # of 8 bytes each
APART = 64  # numbers before and after an array: more than a loop reads ahead
GAP = APART * NUMBERS  # the same in bytes
SHORT = 4096  # bytes of an array that shares its memory with others


def address(array: np.ndarray) -> int:
    """Where an array's numbers begin, in half the time that `array.ctypes` takes."""
    return array.__array_interface__["data"][0]


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
    short = iter(together([array for array in arrays if array.nbytes <= SHORT], memory))
    return [next(short) if array.nbytes <= SHORT else together([array], memory)[0] for array in arrays]


def together(arrays, memory):
    places, end = [], GAP
    for array in arrays:
        places.append(end)
        end += array.nbytes + -array.nbytes % BYTES + GAP
    buffer = memory(end + BYTES, np.uint8)
    first = -address(buffer) % BYTES
    return [type(a)(a.shape, a.dtype, buffer, first + place) for a, place in zip(arrays, places, strict=True)]


def aligned(array: np.ndarray) -> np.ndarray:
    """`array` by rows, at a multiple of 64 bytes and writeable: itself where it is so already, else a copy."""
    placed = array.size < NUMBERS or address(array) % BYTES == 0
    if placed and array.flags.c_contiguous and array.flags.writeable:
        return array
    return aligned_copy(array)


def aligned_copy(array: np.ndarray) -> np.ndarray:
    """A copy by rows that begins at a multiple of 64 bytes, of the same class."""
    if array.size < 2:
        return array.copy()
    made = aligned_empty(array.shape, array.dtype)
    made[...] = array
    return made.view(type(array))
