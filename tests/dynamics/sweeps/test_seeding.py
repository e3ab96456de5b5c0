"""Streams made by kernels are numpy's."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics.kernels.cache import compiled
from dynamics.sweeps.seeding import MOST, POOL, halves, read_key, seats, seed_words, take_seat

SEED = st.one_of(st.integers(0, 10), st.integers(0, 2**128), st.sampled_from([2**32 - 1, 2**32, 2**128]))
KEY = st.lists(st.one_of(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 2**32 - 1])), max_size=40)


def seat_of(seed, seed_count, key, shares, seat, pool, low, high):
    read_key(key, seed_count, shares)
    take_seat(seat, pool, seed, seed_count, shares, len(key), low, high)


def state_by_kernel(seed, key):
    words, counts = seed_words([seed])
    low, high = halves()
    seat, pool = seats(1)[0], np.zeros(3 * POOL, dtype=np.uint64)
    shares = np.zeros(POOL * len(key), dtype=np.uint64)
    arguments = (words[0], int(counts[0]), np.array(key, dtype=np.uint64), shares, seat, pool, low, high)
    with np.errstate(over="ignore"):
        compiled(seat_of, arguments)(*arguments)
    return {
        "state": int(seat[2 + high]) << 64 | int(seat[2 + low]),
        "inc": int(seat[4 + high]) << 64 | int(seat[4 + low]),
    }


@given(SEED, KEY)
@settings(max_examples=3000, deadline=None, derandomize=True)
def test_the_state_is_that_of_numpys_generator(seed, key):
    generator = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=tuple(key)))
    assert generator.state["state"] == state_by_kernel(seed, key)


def test_a_seat_says_where_its_numbers_are_and_that_nothing_is_left_over():
    made = seats(3)
    assert [int(row[0]) - row.ctypes.data for row in made] == [16] * 3
    assert all(row.ctypes.data % 64 == 0 for row in made)
    assert MOST == 5
