"""Tiles of rows and runs: compiled code and plain Python against NumPy, at both widths of lanes."""

import numpy as np
import pytest

from dynamics import kernel
from dynamics.vectors.lanes import WIDE, WIDTH, Lanes
from dynamics.vectors.registers import load
from dynamics.vectors.tiles import TILE, add_inner, add_outer, rows_at_once, run_totals, spread


def products(A, columns, weights, x, image, back):
    rows = rows_at_once(x)
    tile = spread(A, 0, x)
    for j in range(columns):
        tile = add_outer(tile, A, j * rows, x[j])
        back[j] = add_inner(x[j], A, j * rows, load(weights, 0, TILE))
    image[0] = run_totals(tile, x)
    return rows


@pytest.mark.parametrize("width", [WIDTH, WIDE])
@pytest.mark.parametrize("made", [kernel, lambda function: function], ids=["compiled", "plain"])
def test_tiles_hold_a_number_for_each_row_and_run(made, width):
    function = made(products)  # a dispatcher of its own: numba's takes lanes of both widths for the same type
    rng, columns, rows = np.random.default_rng(width), 3, TILE // width
    A, X, weights = rng.standard_normal((rows, columns)), rng.standard_normal((columns, width)), rng.standard_normal(64)
    image, back = Lanes.empty(1, width), Lanes.empty(columns, width)
    assert function(A.T.ravel(), columns, weights, Lanes.of(X.T), image, back) == rows
    np.testing.assert_allclose(image[0], (A[:, :1] + A @ X).sum(axis=0), rtol=0, atol=1e-14)
    np.testing.assert_allclose(back, X + A.T @ weights.reshape(rows, width), rtol=0, atol=1e-14)
