"""Blocks: one source multiplies matrices for one run and for several in lanes."""

import numpy as np
import pytest

from dynamics import kernel
from dynamics.vectors.blocks import block_of, block_total, load_block, matrix_at, put_block_of, store_block
from dynamics.vectors.lanes import WIDE, WIDTH, Lanes, entries_at_once
from dynamics.vectors.matrices import padded_width, product_block, put_block, put_row_block, row_block, transpose
from tests.dynamics.vectors.test_vector import plain

ROWS, COLUMNS = 3, 10  # more than a register, and no whole number of them
ULP = np.finfo(float).eps


@kernel
def products(x, shared, work, out):
    """Write X·shared·Xᵀ into `out`, X being x by rows, and return the sum of the entries of X·shared."""
    width = padded_width(COLUMNS)
    X, P = matrix_at(x, 0, ROWS, COLUMNS), matrix_at(work, 0, ROWS, width)
    turned = matrix_at(work, ROWS * width, COLUMNS, padded_width(ROWS))
    transpose(X, ROWS, COLUMNS, turned)
    summed = 0.0
    for j in range(0, COLUMNS, entries_at_once(x)):
        for i in range(ROWS):
            put_row_block(product_block(X, shared, i, j, COLUMNS, COLUMNS), P, i, j)
            summed = summed + row_block(P, i, j, width, x)
    for i in range(ROWS):
        for j in range(0, ROWS, entries_at_once(x)):
            put_block(product_block(P, turned, i, j, COLUMNS, padded_width(ROWS)), i, j, ROWS, out)
    return block_total(summed, x)


def work_size():
    return ROWS * padded_width(COLUMNS) + COLUMNS * padded_width(ROWS)


@pytest.mark.parametrize(("function", "width"), [(products, WIDTH), (products, WIDE), (plain(products), WIDTH)])
def test_matrices_multiply_on_lanes_as_in_one_run(function, width):
    rng = np.random.default_rng(width)
    runs, shared = rng.standard_normal((width, ROWS * COLUMNS)), rng.standard_normal((COLUMNS, COLUMNS))
    out = Lanes.of(np.zeros((width, ROWS * ROWS)))
    summed = function(Lanes.of(runs), shared, Lanes.of(np.zeros((width, work_size()))), out)
    for run in range(width):
        X = runs[run].reshape(ROWS, COLUMNS)
        expected, size = X @ shared @ X.T, abs(X) @ abs(shared) @ abs(X.T)
        single = np.full(ROWS * ROWS + 1, np.nan)
        total = function(runs[run], shared, np.zeros(work_size()), single[:-1])
        assert np.isnan(single[-1])  # nothing is written past the end
        for got, sum_of_entries in ((single[:-1], total), (out.lane(run), np.asarray(summed)[run])):
            np.testing.assert_array_less(abs(got.reshape(ROWS, ROWS) - expected), 2 * COLUMNS * ULP * size)
            assert sum_of_entries == pytest.approx((X @ shared).sum(), rel=1e-12)


@kernel
def doubled(source, length, out):
    for j in range(0, length, entries_at_once(source)):
        put_block_of(out, j, length, 2.0 * block_of(source, j, length))


@pytest.mark.parametrize("function", [doubled, plain(doubled)], ids=["compiled", "plain"])
def test_blocks_are_stored_to_the_last_entry_and_no_further(function):
    source = np.arange(1.0, 33.0)
    for length in range(24):
        out = np.full(32, np.nan)
        function(source, length, out)
        np.testing.assert_array_equal(out[:length], 2.0 * source[:length])
        assert np.isnan(out[length:]).all()
    lanes = Lanes.of(np.zeros((WIDTH, 3)))
    function(Lanes.of(np.ones((WIDTH, 3))), 3, lanes)
    assert (np.asarray(lanes) == 2.0).all()


@kernel
def copied_entry(source, beside, out):
    store_block(out, 1, 1, 0.0 * load_block(out, 0, 1, out) + load_block(source, 2, 1, beside))


@pytest.mark.parametrize("function", [copied_entry, plain(copied_entry)], ids=["compiled", "plain"])
def test_an_array_that_all_runs_share_gives_each_of_them_its_one_number(function):
    source = np.array([1.0, 2.0, 3.0, 4.0])
    out = Lanes.of(np.zeros((WIDTH, 2)))
    function(source, out, out)
    np.testing.assert_array_equal(np.asarray(out), [[0.0] * WIDTH, [3.0] * WIDTH])
    alone = np.zeros(3)
    function(source, alone, alone)
    np.testing.assert_array_equal(alone, [0.0, 3.0, 0.0])


def test_lanes_of_matrices_hold_one_a_run():
    matrices = np.random.default_rng(0).standard_normal((WIDTH, 2, 3))
    assert Lanes.of(matrices).shape == (2, 3, WIDTH)
    for run in range(WIDTH):
        np.testing.assert_array_equal(np.asarray(Lanes.of(matrices))[..., run], matrices[run])
