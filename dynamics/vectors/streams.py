"""Random numbers of a run, made in blocks by vector instructions: uniform ones and standard normal ones.

A stream takes its key from the run's generator when it is first used, and is a function of the key from then on. A
block of numbers, where it stands in the key's sequence, and how many of its numbers are gone: that is all its state.
Runs that share the kernels have a key each, and get the numbers that they would get alone.
"""

from typing import NamedTuple

import numpy as np

from dynamics.checks import Refusal
from dynamics.kernels.policy import kernel
from dynamics.vectors.borrowing import uniform
from dynamics.vectors.lanes import entries_at_once, put
from dynamics.vectors.random_vectors import make_normal, normal_at_once, uniforms
from dynamics.vectors.vector import REGISTER

BLOCK = 512  # numbers that a block has at least
TOGETHER = 16  # vectors, or pairs of them, that are made at a time


class Stream(NamedTuple):
    """Numbers drawn ahead."""

    key: np.ndarray  # in [0, 1), shape (1,)
    place: np.ndarray  # of the next block in the key's sequence; -1 before there is a key, shape (1,)
    used: np.ndarray  # numbers of the block that are gone, shape (1,)
    numbers: np.ndarray  # the block, shape (n,) with n a multiple of 16

    def check(self) -> None:
        """Refuse places outside the block, as somebody else's file may hold them."""
        inside = 0 <= self.used[0] <= len(self.numbers) and -1 <= self.place[0] < 2**53
        # Uniform numbers below 1 become indices; normal ones are of any size.
        if not (inside and 0 <= self.key[0] < 1 and np.isfinite(self.numbers).all()):
            raise Refusal(f"the stream of random numbers stands at {self.used[0]} of {len(self.numbers)}")


def new_stream(count: int) -> Stream:
    """A stream from which `count` numbers are taken at a time, or up to so many.

    Examples
    --------
    >>> new_stream(100).numbers.size, new_stream(1000).numbers.size
    (608, 1008)
    """
    size = count * -(-BLOCK // count)
    size += -size % (2 * REGISTER)
    return Stream(np.zeros(1), np.full(1, -1), np.full(1, size), np.zeros(size))


@kernel
def take_uniforms(stream, rng, count):
    """Return where in `stream.numbers` the next `count` numbers begin, uniform on the multiples of 2⁻⁵³ in [0, 1).

    They are made when they are near, some vectors at a time: short runs need few.
    """
    begin = stream.used[0]
    if begin + count > len(stream.numbers):
        begin = next_block(stream, rng)
    most = len(stream.numbers)
    made, needed = made_by(stream.numbers, begin, most), made_by(stream.numbers, begin + count, most)
    if needed > made:
        make_uniforms(stream.numbers, made, needed, stream.key[0], stream.place[0])
    stream.used[0] = begin + count
    return begin


@kernel
def make_uniforms(numbers, begin, end, key, place):
    """Make the numbers begin, ..., end - 1 of a block of uniform numbers."""
    for i in range(begin, end, entries_at_once(numbers)):
        put(numbers, i, uniforms(key, place + i))


@kernel
def take_normals(stream, rng, count):
    """Return where in `stream.numbers` the next `count` numbers begin, standard normal ones.

    They come in pairs, half a block apart, and a pair is made when one of its numbers is near: short runs need few.
    """
    begin = stream.used[0]
    if begin + count > len(stream.numbers):
        begin = next_block(stream, rng)
    made, needed = pairs_made(stream.numbers, begin), pairs_made(stream.numbers, begin + count)
    if needed > made:
        make_pairs(stream.numbers, made, needed, stream.key[0], stream.place[0])
    stream.used[0] = begin + count
    return begin


@kernel
def pairs_made(numbers, used):
    """How many pairs of a block there are when so many of its numbers are gone."""
    return made_by(numbers, used, len(numbers) // 2)


@kernel
def made_by(numbers, used, most):
    """How many numbers or pairs of a block, of at most so many, there are when so many of its numbers are gone."""
    some = TOGETHER * entries_at_once(numbers)
    return min((used + some - 1) // some * some, most)


@kernel
def make_pairs(numbers, begin, end, key, place):
    """Make the pairs begin, ..., end - 1 of a block of standard normal numbers."""
    half = len(numbers) // 2
    for i in range(begin, end, entries_at_once(numbers)):
        put(numbers, i, uniforms(key, place + i))
        put(numbers, i + half, uniforms(key, place + i + half))
    for i in range(begin, end, normal_at_once(numbers)):
        make_normal(numbers, i, i + half)


@kernel
def next_block(stream, rng):
    """Go on to the next block; return how much of it has been used."""
    if stream.place[0] < 0:
        stream.key[0] = uniform(rng)
        stream.place[0] = 0
    else:
        stream.place[0] += len(stream.numbers)
    return 0
