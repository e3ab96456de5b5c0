"""Vectors and lanes: compiled code and plain Python say the same, and a kernel for one run serves for eight."""

import numpy as np
import pytest

from dynamics import kernel
from dynamics.vectors.choices import first_of, where_positive, with_number
from dynamics.vectors.lanes import WIDTH, Lanes, LaneStreams
from dynamics.vectors.registers import load, register_totals, store
from dynamics.vectors.vector import (
    Numbers,
    add_registers,
    all_at_most,
    any_at_most,
    filled,
    folded,
    multiply_add,
    total,
)

PANEL = 32


def plain(function):
    """The plain Python of a kernel, which it is already with NUMBA_DISABLE_JIT=1."""
    return getattr(function, "py_func", function)


@kernel
def through_vectors(numbers, out):
    t = load(numbers, 0, PANEL)
    squashed = t * t / (1.0 + abs(t)) - np.sqrt(2.0 * abs(t)) + (-t)
    changed = squashed + filled(0.5, PANEL) * 3.0 - 1.0 / (2.0 + abs(t))
    store(out, 0, changed)
    store(out, PANEL, folded(changed))
    return total(changed)


@kernel
def fold_odd_numbers_of_registers(numbers, out):
    store(out, 0, folded(load(numbers, 0, 24)))
    store(out, 8, folded(load(numbers, 0, 40)))
    store(out, 16, folded(load(numbers, 0, 48)))
    store(out, 24, folded(load(numbers, 0, 56)))


def test_vectors_of_any_number_of_registers_are_folded():
    numbers, out = np.random.default_rng(1).standard_normal(56), np.empty(32)
    fold_odd_numbers_of_registers(numbers, out)
    for part, width in zip(out.reshape(4, 8), (24, 40, 48, 56), strict=True):
        np.testing.assert_allclose(part, numbers[:width].reshape(-1, 8).sum(axis=0), rtol=1e-13)


def test_vectors_agree_with_plain_numbers():
    numbers = np.random.default_rng(0).standard_normal(PANEL)
    out, other = np.empty(PANEL + 8), np.empty(PANEL + 8)
    summed = through_vectors(numbers, out)
    assert plain(through_vectors)(numbers, other) == pytest.approx(summed, rel=1e-14)
    size = abs(numbers)
    expected = numbers**2 / (1 + size) - np.sqrt(2 * size) - numbers + 1.5 - 1 / (2 + size)
    np.testing.assert_allclose(out[:PANEL], expected, rtol=4e-15, atol=1e-15)
    np.testing.assert_allclose(out[PANEL:], expected.reshape(-1, 8).sum(axis=0), rtol=1e-14)
    np.testing.assert_allclose(other, out, rtol=1e-14, atol=1e-15)


@kernel
def sums_in_order(numbers, out):
    two = load(numbers, 0, 16)
    store(out, 0, add_registers(filled(1.0, 8), two, filled(1.0, 16)))
    store(out, 8, multiply_add(two, 2.0, two))


def test_registers_are_added_in_the_order_that_is_written_down():
    # (1 - 1e16) + 1e16 is 0, and 1 in every other order.
    numbers, out = np.repeat([1e16, -1e16], 8), np.empty(24)
    for function in (sums_in_order, plain(sums_in_order)):
        function(numbers, out)
        np.testing.assert_array_equal(out, [0.0] * 8 + [3e16] * 8 + [-3e16] * 8)


@kernel
def totals_of_registers(numbers, out):
    store(out, 0, register_totals(numbers, 8))


def test_register_totals_are_the_sums_of_eight_registers():
    numbers, out = np.random.default_rng(2).standard_normal(80), np.empty(8)
    for function in (totals_of_registers, plain(totals_of_registers)):
        function(numbers, out)
        np.testing.assert_allclose(out, numbers[8:72].reshape(8, 8).sum(axis=1), rtol=1e-13)


@kernel
def comparisons(numbers, bound):
    vector = load(numbers, 0, 8)
    return all_at_most(vector, bound), any_at_most(vector, bound)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([0.0] * 8, (True, True)),
        ([0.0] * 7 + [2.0], (False, True)),
        ([2.0] * 8, (False, False)),
        ([0.0] * 7 + [np.nan], (False, True)),
        ([np.nan] * 8, (False, False)),
        ([1.0] * 7 + [np.inf], (False, True)),
    ],
)
def test_nan_is_never_at_most_anything(numbers, expected):
    array = np.array(numbers)
    assert comparisons(array, 1.0) == expected
    assert plain(comparisons)(array, 1.0) == expected


@kernel
def choices(numbers, count, out):
    vector = load(numbers, 0, 8)
    store(out, 0, where_positive(vector, 2.0 * vector, 7.0))
    store(out, 8, first_of(vector, count))
    store(out, 16, with_number(vector, count, -1.0))
    out[24] = where_positive(numbers[0], 1.0, numbers[1])


@pytest.mark.parametrize("count", [0, 3, 7])
def test_numbers_are_chosen_one_by_one_and_nan_is_not_positive(count):
    numbers = np.array([np.nan, 0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, 5e-324])
    changed = numbers.copy()
    changed[count] = -1.0
    for function in (choices, plain(choices)):
        out = np.full(25, np.nan)
        function(numbers, count, out)
        np.testing.assert_array_equal(out[:8], [7, 7, 7, 2, 7, np.inf, 7, 1e-323])
        np.testing.assert_array_equal(out[8:16], [*numbers[:count], *[0.0] * (8 - count)])
        np.testing.assert_array_equal(out[16:24], changed)
        assert out[24] == 0.0


@kernel
def powers(base, exponent):
    return base**exponent


def test_powers_of_vectors_are_those_of_their_numbers():
    rng = np.random.default_rng(3)
    bases, exponents = Numbers.of(rng.uniform(0.0, 2.0, 8)), Numbers.of(rng.uniform(0.0, 40.0, 8))
    for function in (powers, plain(powers)):
        for base, exponent in ((bases, exponents), (bases, 7.0), (0.96, exponents)):
            expected = np.power(np.asarray(base), np.asarray(exponent))
            np.testing.assert_allclose(np.asarray(function(base, exponent)), expected, rtol=4.5e-16)


@kernel
def one_at_most(number, bound):
    return any_at_most(number, bound)


@pytest.mark.parametrize(("number", "expected"), [(1.0, True), (2.0, False), (np.nan, False), (-np.inf, True)])
def test_one_number_is_compared_as_a_vector_is(number, expected):
    assert one_at_most(number, 1.0) == expected
    assert plain(one_at_most)(number, 1.0) == expected


@kernel
def mixed_sum(x, out, factor, streams):
    summed = 0.0
    for j in range(len(x)):
        out[j] = factor * x[j] + streams.standard_normal()
        out[j] -= 0.5
        summed += x[j] * out[j]
    out[0] = 7.0
    out[1] = summed


def test_lanes_run_a_kernel_for_each_run():
    rows = np.random.default_rng(1).standard_normal((WIDTH, 3))
    factors = np.linspace(0.5, 2.0, WIDTH)
    expected = np.empty((WIDTH, 3))
    for run in range(WIDTH):
        mixed_sum(rows[run], expected[run], factors[run], np.random.default_rng(run))
    for function in (mixed_sum, plain(mixed_sum)):
        out = Lanes.empty(3)
        streams = LaneStreams(tuple(np.random.default_rng(run) for run in range(WIDTH)))
        function(Lanes.of(rows), out, Numbers.of(factors), streams)
        got = np.stack([out.lane(run) for run in range(WIDTH)])
        np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-15)


@kernel
def uniform(streams, out):
    out[0] = streams.random()


def test_each_lane_draws_the_numbers_of_its_own_generator():
    out = Lanes.empty(1)
    uniform(LaneStreams(tuple(np.random.default_rng(run) for run in range(WIDTH))), out)
    assert [out.lane(run)[0] for run in range(WIDTH)] == [np.random.default_rng(run).random() for run in range(WIDTH)]
