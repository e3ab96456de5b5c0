"""Quotients by roots: from estimates to the last bit, and what becomes of numbers that are none."""

import numpy as np
import pytest

from dynamics import kernel
from dynamics.vectors import quotients
from dynamics.vectors.quotients import over_root
from dynamics.vectors.registers import load, store
from tests.dynamics.vectors.test_vector import plain

WIDE = 32


def exact(number, square, eps):
    """The same by NumPy's root and quotient."""
    with np.errstate(all="ignore"):
        scale = np.sqrt(square) + eps
        return np.where(scale > 0.0, number / scale, 0.0)


@kernel
def of_registers(number, square, eps, out):
    for j in range(0, len(out), 8):
        store(out, j, over_root(load(number, j, 8), load(square, j, 8), load(eps, j, 8)))


@kernel
def of_wide_vectors(number, square, eps, out):
    for j in range(0, len(out), WIDE):
        store(out, j, over_root(load(number, j, WIDE), load(square, j, WIDE), eps))


@kernel
def of_numbers(number, square, eps, out):
    for j in range(len(out)):
        out[j] = over_root(number[j], square[j], eps[j])


def made(function, number, square, eps):
    out = np.full(len(number), np.nan)
    with np.errstate(all="ignore"):
        function(number, square, eps, out)
    return out


def arguments(decades, size=16000):
    rng = np.random.default_rng(decades)
    number = rng.standard_normal(size) * 10.0 ** rng.uniform(-decades / 2, decades / 2, size)
    eps = 10.0 ** rng.uniform(-16, 1, size) * rng.integers(0, 2, size)
    return number, 10.0 ** rng.uniform(-decades, decades, size), eps


@pytest.mark.parametrize("decades", [1, 290])
@pytest.mark.parametrize("function", [of_registers, of_numbers, plain(of_registers)])
def test_the_last_bit_at_most_differs(function, decades):
    numbers = arguments(decades)
    # Two roundings that may fall the other way: that of the root, and that of the quotient.
    np.testing.assert_array_almost_equal_nulp(made(function, *numbers), exact(*numbers), nulp=2)


@pytest.mark.parametrize("eps", [0.0, 1e-8])
def test_wide_vectors_hold_the_quotients_of_their_registers(eps):
    number, square, _ = arguments(20, size=320)
    same = np.full(320, eps)
    expected = made(of_registers, number, square, same)
    np.testing.assert_array_equal(made(of_wide_vectors, number, square, eps), expected)


@pytest.mark.parametrize("function", [of_registers, of_numbers, plain(of_registers)])
def test_zeros_denormals_and_numbers_that_are_none(function):
    square = np.array([0.0, -0.0, 4.0, 1e-320, np.nan, np.inf, -1.0, 1e300])
    for value in (0.0, 1.0, -3.0, np.inf, np.nan):
        number, none = np.full(8, value), np.zeros(8)
        got, expected = made(function, number, square, none), exact(number, square, none)
        finite = np.isfinite(expected) & np.isfinite(square)
        np.testing.assert_allclose(got[finite], expected[finite], rtol=1e-13)
        np.testing.assert_array_equal(got[:2], [0.0, 0.0])
        # What is not finite stays so, if as another kind; a root that is none gives no step.
        assert not np.isfinite(got[~np.isfinite(expected)]).any()
        assert got[4] == got[6] == 0.0


def test_without_estimates_the_processors_own_root_and_quotient_serve(monkeypatch):
    monkeypatch.setattr(quotients, "has_wide_registers", lambda: False)

    @kernel
    def without(number, square, eps, out):
        for j in range(0, len(out), 8):
            store(out, j, over_root(load(number, j, 8), load(square, j, 8), load(eps, j, 8)))

    numbers = arguments(290)
    np.testing.assert_array_almost_equal_nulp(made(without, *numbers), exact(*numbers), nulp=1)
