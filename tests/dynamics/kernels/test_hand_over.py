"""What Python hands to a compiled kernel arrives as it was: lengths, strides, numbers, and the faults of numbers."""

from typing import NamedTuple

import numpy as np
import pytest

from dynamics.kernels.cache import compiled, entry_point


class Inner(NamedTuple):
    cube: np.ndarray  # by rows
    strided: np.ndarray


class Outer(NamedTuple):
    factor: float
    inner: Inner
    whole: np.ndarray  # of integers
    chosen: bool


def read(outer, count, nothing):
    """Some of everything, so that each mistaken length, stride or address changes a number."""
    cube, strided = outer.inner.cube, outer.inner.strided
    lengths = 100 * cube.shape[0] + 10 * cube.shape[1] + cube.shape[2] + 1000 * cube.size + len(strided)
    at = outer.factor * cube[1, 2, 3] + strided[2, 1] + outer.whole[count]
    if count < 0:
        raise ValueError("below 0")
    return lengths, at, -1 if outer.chosen else 1


def given(chosen=True):
    cube = np.arange(24.0).reshape(2, 3, 4)
    strided = np.arange(100.0).reshape(10, 10)[::3, ::4]
    return Outer(0.5, Inner(cube, strided), np.array([7, 8, 9]), chosen)


@pytest.mark.parametrize("made", [compiled, entry_point])
def test_arguments_arrive_as_they_are(made):
    for chosen in (True, False):
        arguments = (given(chosen), 2, None)
        assert made(read, arguments)(*arguments) == read(*arguments) == (24238, 84.5, -1 if chosen else 1)


def test_faults_of_numbers_and_of_kernels_are_raised():
    function = entry_point(read, (given(), 2, None))
    with pytest.raises(OverflowError):
        function(given(), 2**70, None)
    with pytest.raises(TypeError):
        function(given()._replace(factor="half"), 2, None)
    with pytest.raises(TypeError):
        function(given(), 2)
    with pytest.raises(ValueError, match="below 0"):
        function(given(), -1, None)
