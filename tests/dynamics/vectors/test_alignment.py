"""Arrays in one piece of memory: aligned, far from each other, of the same kind."""

import numpy as np
import pytest

from dynamics.protocol.trees import arrays_in, with_arrays
from dynamics.vectors.alignment import GAP, SHORT, aligned_like, layout_of
from dynamics.vectors.lanes import Lanes

ARRAYS = (np.ones((3, 5)), np.arange(7), np.empty(0), Lanes.of(np.ones((8, 4))), np.array([np.nan]), np.ones(5, bool))


def test_arrays_are_aligned_and_as_far_from_each_other_and_from_the_ends_as_if_alone():
    counted = []

    def memory(words):
        counted.append(np.full(words, 7.0))
        return counted[-1]

    made = aligned_like(ARRAYS, memory)
    assert len(counted) == 1
    some = [array for array in made if array.size]  # of an empty one it doesn't matter
    starts = np.array([array.ctypes.data for array in some])
    ends = starts + [array.nbytes for array in some]
    assert not (starts % 64).any()
    assert (starts[1:] - ends[:-1] >= GAP).all()
    assert starts[0] - counted[0].ctypes.data >= GAP
    assert counted[0].ctypes.data + counted[0].nbytes - ends[-1] >= GAP
    for array, like in zip(made, ARRAYS, strict=True):
        assert (type(array), array.shape, array.dtype) == (type(like), like.shape, like.dtype)
        assert array.flags.c_contiguous
        assert array.flags.writeable
        array[...] = like
    for array, like in zip(made, ARRAYS, strict=True):
        np.testing.assert_array_equal(array, like)


def test_long_arrays_have_memory_of_their_own():
    short, long, other = aligned_like([np.ones(3), np.ones(SHORT // 8 + 1), np.ones(SHORT // 8)])
    assert short.base is other.base
    assert long.base is not short.base
    assert short.base.nbytes < 2 * SHORT
    assert long.ctypes.data % 64 == 0
    assert GAP <= long.ctypes.data - long.base.ctypes.data <= long.base.nbytes - long.nbytes - GAP


def test_numbers_of_any_size_have_room():
    given = [np.array(["abc", "de"]), np.ones(3, complex), np.ones(3, np.float32), np.arange(2)]
    made = aligned_like(given)
    for array, like in zip(made, given, strict=True):
        array[...] = like
    for array, like in zip(made, given, strict=True):
        assert array.dtype == like.dtype
        np.testing.assert_array_equal(array, like)


def test_the_layout_of_some_arrays_serves_for_others_like_them():
    layout = layout_of(ARRAYS)
    one, other = layout.made(), layout.made()
    for array, second, like in zip(one, other, ARRAYS, strict=True):
        assert (type(array), array.shape, array.dtype) == (type(like), like.shape, like.dtype)
        assert not np.shares_memory(array, second)


def test_zeros_are_zeros():
    assert not any(array.any() for array in aligned_like(ARRAYS, np.zeros))


@pytest.mark.parametrize("tree", [(), (1, None), (ARRAYS[0], ("a", (ARRAYS[1],), 2.0), ARRAYS[2])])
def test_arrays_come_out_of_a_tree_and_go_back(tree):
    found = arrays_in(tree)
    put_back = with_arrays(tree, iter(found))
    assert repr(put_back) == repr(tree)
    assert [id(array) for array in arrays_in(put_back)] == [id(array) for array in found]
