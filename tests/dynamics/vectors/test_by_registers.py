"""A function of a long vector by registers: each in its turn, with its own place of an array, compiled and plain."""

from typing import NamedTuple

import numpy as np
import pytest

from dynamics import implements, kernel
from dynamics.kernels.generic import generic
from dynamics.vectors.by_registers import by_registers
from dynamics.vectors.registers import load, store
from dynamics.vectors.vector import REGISTER
from tests.dynamics.vectors.test_vector import plain


class Scale(NamedTuple):
    factor: float


@generic()
def scaled(thing, register, array, place):
    """Return multiples of a register's numbers, and add these to the register at a place of an array."""


@implements(scaled, Scale)
def _(thing, register, array, place):
    store(array, place, load(array, place, REGISTER) + register)
    return thing.factor * register


@kernel
def of_strip(thing, numbers, start, array, out):
    store(out, 0, by_registers(scaled, thing, load(numbers, 0, 32), array, start))


@kernel
def of_panel(thing, numbers, start, array, out):
    store(out, 0, by_registers(scaled, thing, load(numbers, 0, 64), array, start))


@kernel
def of_register(thing, numbers, start, array, out):
    store(out, 0, by_registers(scaled, thing, load(numbers, 0, 8), array, start))


@pytest.mark.parametrize("start", [0, 16])
@pytest.mark.parametrize(("function", "width"), [(of_register, 8), (of_strip, 32), (of_panel, 64)])
@pytest.mark.parametrize("made", [lambda function: function, plain], ids=["compiled", "plain"])
def test_each_register_goes_by_itself_to_its_own_place(function, width, start, made):
    numbers = np.random.default_rng(width).standard_normal(width)
    array, out = np.arange(100.0), np.zeros(width)
    made(function)(Scale(3.0), numbers, start, array, out)
    np.testing.assert_array_equal(out, 3.0 * numbers)
    expected = np.arange(100.0)
    expected[start : start + width] += numbers
    np.testing.assert_array_equal(array, expected)
