"""A matrix as panels of rows: its product with a vector, and that of its transpose, a panel of rows at a time.

A panel holds PANEL rows by columns, so that entry p of all its rows is one vector. Rows that fill up the last panel
are zero.
"""

import numpy as np

from dynamics.kernels.policy import kernel
from dynamics.vectors.registers import load, prefetch, register_totals, store, store_first
from dynamics.vectors.vector import REGISTER, filled, folded

PANEL = 64  # eight registers: enough sums in flight to hide the time that one takes


def as_panels(matrix: np.ndarray) -> np.ndarray:
    """A matrix, shape (rows, columns), by panels: a flat array.

    Examples
    --------
    >>> panels = as_panels(np.arange(6.0).reshape(3, 2))
    >>> panels.shape, panels[[0, 1, 2, 3, PANEL, PANEL + 1]]
    ((128,), array([0., 2., 4., 0., 1., 3.]))
    """
    rows, columns = matrix.shape
    count = panel_count(rows)
    full = np.zeros((count * PANEL, columns))
    full[:rows] = matrix
    return np.ascontiguousarray(full.reshape(count, PANEL, columns).transpose(0, 2, 1)).ravel()


def as_panel_entries(vector: np.ndarray) -> np.ndarray:
    """A number for each row, shape (rows,), filled up with zeros to whole panels."""
    return np.concatenate([vector, np.zeros(panel_count(len(vector)) * PANEL - len(vector))])


def panel_count(rows: int) -> int:
    """How many panels hold the rows."""
    return -(-rows // PANEL)


def new_column_sums(columns: int) -> np.ndarray:
    """Scratch for `add_transposed`: one register for each column, and some to make the columns a multiple of eight."""
    return np.zeros(-(-columns // REGISTER) * REGISTER * REGISTER)


@kernel
def panel_product(panels, panel, x):
    """The inner products of a panel's rows with x, shape (columns,), as one vector."""
    start = panel * len(x) * PANEL
    products = filled(0.0, PANEL)
    for p in range(len(x)):
        products = products + load(panels, start + p * PANEL, PANEL) * x[p]
    return products


@kernel
def add_transposed(panels, panel, columns, weights, sums):
    """Add the weighted sum of a panel's rows to `sums`, one register for each column, and fetch the next panel."""
    start = panel * columns * PANEL
    following = start + columns * PANEL if start + columns * PANEL < len(panels) else 0  # the first again, for later
    for p in range(columns):
        place = p * REGISTER
        prefetch(panels, following + p * PANEL, PANEL)
        store(sums, place, load(sums, place, REGISTER) + folded(load(panels, start + p * PANEL, PANEL) * weights))


@kernel
def collect(sums, factor, out):
    """Write the column sums times a factor into `out`, shape (columns,)."""
    for p in range(0, len(out), REGISTER):
        store_first(out, p, len(out) - p, register_totals(sums, p * REGISTER) * factor)


@kernel
def clear(sums):
    """Make all column sums zero."""
    for j in range(len(sums)):
        sums[j] = 0.0
