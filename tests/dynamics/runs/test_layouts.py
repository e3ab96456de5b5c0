"""Panels, rows and small matrices against NumPy, at sizes on both sides of every register."""

import numpy as np
import pytest

from dynamics import kernel
from dynamics.vectors.matrices import padded_width, product_block, put_block, put_row_block, transposed_product_block
from dynamics.vectors.panels import (
    PANEL,
    STRIP,
    STRIPS,
    add_near_strip,
    add_strip,
    as_panel_entries,
    as_panels,
    clear,
    collect,
    new_column_sums,
    panel_product,
    start_after,
    strip_product,
    strip_start,
)
from dynamics.vectors.registers import load, store
from dynamics.vectors.rows import WideRows, add_multiples, as_row, as_rows, from_row, inner_products, row
from dynamics.vectors.shapes import column_count, row_count, shape_of
from dynamics.vectors.vector import REGISTER, total

# Sums of n products in another order, each rounded: n ulp of the sum of absolute values at most.
ULP = np.finfo(float).eps


@kernel
def both_products(panels, columns, x, weights, sums, image, out):
    clear(sums)
    for panel in range(len(weights) // PANEL):
        store(image, panel * PANEL, panel_product(panels, panel, x))
        for strip in range(panel * STRIPS, (panel + 1) * STRIPS):
            add_near_strip(panels, strip_start(strip, columns), columns, load(weights, strip * STRIP, STRIP), sums)
    collect(sums, 2.0, out)


@kernel
def both_products_by_strips(panels, columns, x, weights, sums, image, out):
    start = 0
    for strip in range(len(weights) // STRIP):
        store(image, strip * STRIP, strip_product(panels, start, x))
        add_strip(panels, start, columns, load(weights, strip * STRIP, STRIP), sums)
        start = start_after(start, columns)
    collect(sums, 2.0, out)


@pytest.mark.parametrize("products", [both_products, both_products_by_strips])
@pytest.mark.parametrize("shape", [(1, 1), (63, 8), (64, 9), (65, 30), (200, 70)])
def test_panels_multiply_by_a_matrix_and_by_its_transpose(shape, products):
    rng = np.random.default_rng(shape)
    A, x, w = rng.standard_normal(shape), rng.standard_normal(shape[1]), rng.standard_normal(shape[0])
    weights, sums = as_panel_entries(w), new_column_sums(shape[1])
    sums[:] = np.nan  # nothing is added to them
    image, out = np.empty(len(weights)), np.empty(shape[1])
    products(as_panels(A), shape[1], x, weights, sums, image, out)
    np.testing.assert_allclose(image[: shape[0]], A @ x, rtol=0, atol=shape[1] * ULP * (abs(A) @ abs(x)).max())
    assert not image[shape[0] :].any()
    np.testing.assert_allclose(out, 2 * A.T @ w, rtol=0, atol=2 * shape[0] * ULP * (abs(A.T) @ abs(w)).max())


@kernel
def gram_times(rows, x, last, indices, work, registers, out):
    point = as_row(rows, x, last)
    summed = 0.0 * point
    summed = add_multiples(rows, indices, 1, inner_products(rows, indices, 1, point, registers), registers, summed)
    for i in range(9, len(indices)):
        a = row(rows, indices[i])
        summed = summed + a * total(a * point)
    from_row(rows, summed, 0.5, work, out)


@pytest.mark.parametrize("columns", [1, 7, 8, 63, 64, 255])
@pytest.mark.parametrize("last", [0.0, -1.0])
def test_rows_are_read_as_vectors_one_by_one_and_in_eights(columns, last):
    rng = np.random.default_rng(columns)
    A, x, indices = rng.standard_normal((13, columns + 1)), rng.standard_normal(columns), rng.permutation(13)
    rows, out = as_rows(A), np.empty(columns)
    gram_times(rows, x, last, indices, np.full(rows.entries.shape[1], np.nan), np.full(64, np.nan), out)
    taken = A[indices[1:]]
    expected = 0.5 * taken.T @ (taken @ np.append(x, last))
    np.testing.assert_allclose(out, expected[:columns], rtol=0, atol=columns * 13 * ULP * abs(expected).max())


def test_rows_too_wide_for_a_vector_stay_as_they_are():
    A = np.ones((2, 257))
    assert isinstance(as_rows(A), WideRows)
    np.testing.assert_array_equal(as_rows(A).entries, A)


@kernel
def three_products(shape, A, B, padded, out):
    rows, columns = row_count(shape), column_count(shape)
    for j in range(0, columns, REGISTER):
        for i in range(rows):
            put_row_block(product_block(A, B, i, j, columns, columns), padded, i, j)
        for i in range(columns):
            put_block(transposed_product_block(A, A, i, j, rows, columns), i, j, columns, out)


@pytest.mark.parametrize("shape", [(1, 1), (10, 6), (3, 8), (4, 9), (2, 17)])
def test_small_matrices_multiply(shape):
    rows, columns = shape
    rng = np.random.default_rng(shape)
    A, B = rng.standard_normal(shape), rng.standard_normal((columns, columns))
    padded, out = np.full((rows, padded_width(columns)), np.nan), np.full(columns * columns + 1, 7.0)
    three_products(shape_of(A), A, B, padded, out)
    np.testing.assert_allclose(padded[:, :columns], A @ B, rtol=0, atol=columns * ULP * (abs(A) @ abs(B)).max())
    assert not padded[:, columns:].any()
    np.testing.assert_allclose(
        out[:-1].reshape(columns, columns), A.T @ A, rtol=0, atol=rows * ULP * abs(A).max() ** 2 * rows
    )
    assert out[-1] == 7.0  # nothing is written beyond the end
