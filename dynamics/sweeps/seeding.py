"""numpy's SeedSequence and the seeding of its PCG64, as kernels: a stream for each run without an object for each.

Both are fixed by numpy's promise of streams that stay (M. E. O'Neill: PCG, a family of simple fast space-efficient
statistically good algorithms for random number generation, 2014; and her `seed_seq_fe`). A generator's state lies in
memory of the sweep's own, a seat, as numpy's functions read it.
"""

import ctypes
from collections.abc import Sequence
from functools import cache

import numpy as np

from dynamics.kernels.policy import kernel
from dynamics.vectors.alignment import aligned_empty

POOL = 4  # words of 32 bits in a SeedSequence's pool
MOST = 5  # words of a seed, which is at most 2¹²⁸
SEAT = 8  # words of 64 bits of a seat: where its numbers are, half of one that is left over, the numbers, room to align
STATE, INCREMENT = 2, 4  # in a seat

_LOW, _WHOLE = np.uint64(0xFFFFFFFF), np.uint64(1 << 32)
_ONE, _SHIFT, _HALF, _TOP = np.uint64(1), np.uint64(16), np.uint64(32), np.uint64(63)
_BEGIN_FILL, _FILL = np.uint64(0x43B0D7E5), np.uint64(0x931E8875)
# The constants that come first behind the pool of a seed of POOL words, and behind one of more.
_BEHIND = np.uint64(0x43B0D7E5 * pow(0x931E8875, POOL * POOL, 1 << 32) & 0xFFFFFFFF)
_BEHIND_MORE = np.uint64(0x43B0D7E5 * pow(0x931E8875, POOL * POOL + POOL, 1 << 32) & 0xFFFFFFFF)
_BEGIN_READ, _READ = np.uint64(0x8B51F9DD), np.uint64(0x58F38DED)
_LEFT, _RIGHT = np.uint64(0xCA01F9DD), np.uint64(0x4973F715)
_FACTOR_HIGH, _FACTOR_LOW = np.uint64(0x2360ED051FC65DA4), np.uint64(0x4385DF649FCCF645)


@kernel
def hashed(word, constant, following):
    """A word of 32 bits hashed, with its constant and the one of the next word."""
    value = ((word ^ constant) * following) & _LOW
    return value ^ (value >> _SHIFT)


@kernel
def next_constant(constant, factor):
    """The constant that follows, or one further on."""
    return (constant * factor) & _LOW


@kernel
def mixed(x, y):
    """Two words of 32 bits as one."""
    return mixed_in(x, (_RIGHT * y) & _LOW)


@kernel
def mixed_in(x, share):
    """The same, of the second one what it brings in."""
    value = (_LEFT * x + (_WHOLE - share)) & _LOW
    return value ^ (value >> _SHIFT)


@kernel
def product(high, low, other_high, other_low):
    """The last 128 bits of a product, in words of 64."""
    a, b, c, d = low >> _HALF, low & _LOW, other_low >> _HALF, other_low & _LOW
    middle = a * d + ((b * d) >> _HALF)
    carried = b * c + (middle & _LOW)
    upper = a * c + (middle >> _HALF) + (carried >> _HALF)
    return upper + high * other_low + low * other_high, (carried << _HALF) | ((b * d) & _LOW)


@kernel
def total(high, low, other_high, other_low):
    """The last 128 bits of a sum, in words of 64."""
    sum_low = low + other_low
    return high + other_high + (_ONE if sum_low < low else _ONE - _ONE), sum_low


@kernel
def read_key(key, seed_words, shares):
    """What the words of a key bring into the pool of any seed with so many words: four numbers a word.

    They do not depend on the seed, and are read once for all seeds of a setting.
    """
    constant = _BEHIND if seed_words == POOL else _BEHIND_MORE
    for i in range(POOL * len(key)):
        following = next_constant(constant, _FILL)
        shares[i] = (_RIGHT * hashed(np.uint64(key[i // POOL]), constant, following)) & _LOW
        constant = following


@kernel
def take_seat(seat, pool, seed, seed_words, shares, key_words, low, high):
    """Put numpy.random.PCG64(SeedSequence(seed, spawn_key=key)) into a seat.

    `seed` is words of 32 bits, each as a uint64; `shares` is what `read_key` has made of the key; `pool`, shape (12,),
    is scratch; `low` and `high` say where in a pair of words the lower and the upper half of a number of 128 bits are.
    """
    constant = _BEGIN_FILL
    for i in range(POOL):
        following = next_constant(constant, _FILL)
        pool[i] = hashed(seed[i], constant, following)
        constant = following
    for source in range(POOL):
        for target in range(POOL):
            if source != target:
                following = next_constant(constant, _FILL)
                pool[target] = mixed(pool[target], hashed(pool[source], constant, following))
                constant = following
    for i in range(POOL, seed_words):
        for target in range(POOL):
            following = next_constant(constant, _FILL)
            pool[target] = mixed(pool[target], hashed(seed[i], constant, following))
            constant = following
    # Four words that do not wait for one another.
    first, second, third, fourth = pool[0], pool[1], pool[2], pool[3]
    for i in range(0, POOL * key_words, POOL):
        first, second = mixed_in(first, shares[i]), mixed_in(second, shares[i + 1])
        third, fourth = mixed_in(third, shares[i + 2]), mixed_in(fourth, shares[i + 3])
    constant = _BEGIN_READ
    # The words of the pool are read twice over.
    pool[0], pool[1], pool[2], pool[3] = first, second, third, fourth
    for i in range(2 * POOL):
        following = next_constant(constant, _READ)
        pool[POOL + i] = hashed(pool[i % POOL], constant, following)
        constant = following
    begin_high, begin_low = pool[4] | (pool[5] << _HALF), pool[6] | (pool[7] << _HALF)
    stream_high, stream_low = pool[8] | (pool[9] << _HALF), pool[10] | (pool[11] << _HALF)
    step_high, step_low = (stream_high << _ONE) | (stream_low >> _TOP), (stream_low << _ONE) | _ONE
    begin_high, begin_low = total(begin_high, begin_low, step_high, step_low)
    begin_high, begin_low = product(begin_high, begin_low, _FACTOR_HIGH, _FACTOR_LOW)
    begin_high, begin_low = total(begin_high, begin_low, step_high, step_low)
    seat[STATE + low], seat[STATE + high] = begin_low, begin_high
    seat[INCREMENT + low], seat[INCREMENT + high] = step_low, step_high
    seat[1] = _ONE - _ONE


def seats(count: int) -> np.ndarray:
    """Room for so many generators, shape (count, SEAT)."""
    made = aligned_empty((count, SEAT), np.uint64)
    made[:] = 0
    made[:, 0] = [row.ctypes.data + 8 * STATE for row in made]
    return made


@cache
def halves() -> tuple[int, int] | None:
    """Where in a PCG64's pair of words the lower and the upper half are; None where numpy lays out its state otherwise.

    Examples
    --------
    >>> halves() in ((0, 1), (1, 0))
    True
    """
    generator = np.random.PCG64(1)
    state = generator.state["state"]
    address = generator.ctypes.state_address
    where = ctypes.c_void_p.from_address(address).value
    if where is None:
        return None
    words = list((ctypes.c_uint64 * 4).from_address(where))
    for low, high in ((0, 1), (1, 0)):
        numbers = [words[pair + high] << 64 | words[pair + low] for pair in (0, 2)]
        if numbers == [state["state"], state["inc"]]:
            return low, high
    return None


def seed_words(seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """The words of each seed, shape (seeds, MOST), and how many count: as many as a pool has, or more.

    Examples
    --------
    >>> words, counts = seed_words([7, 2**128])
    >>> words.tolist(), counts.tolist()
    ([[7, 0, 0, 0, 0], [0, 0, 0, 0, 1]], [4, 5])
    """
    words = np.zeros((len(seeds), MOST), dtype=np.uint64)
    if max(seeds) < 2**64:
        short = np.array(seeds, dtype=np.uint64)
        words[:, 0], words[:, 1] = short & _LOW, short >> _HALF
    else:
        bits = b"".join(seed.to_bytes(4 * MOST, "little") for seed in seeds)
        words[:] = np.frombuffer(bits, dtype="<u4").reshape(-1, MOST)
    return words, np.where(words[:, POOL] > 0, MOST, POOL)
