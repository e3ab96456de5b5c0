"""A matrix as panels of rows: its product with a vector, and that of its transpose, a strip of rows at a time.

A panel holds PANEL rows by columns, so that entry p of all its rows stands side by side. Rows that fill up the last
panel are zero. A strip is as many rows of a panel as the processor's registers are enough for.
"""

import numpy as np

from dynamics.kernels.policy import kernel
from dynamics.vectors.blocks import put_block_of
from dynamics.vectors.registers import load, prefetch, register_totals, store
from dynamics.vectors.vector import REGISTER, add_registers, filled, has_wide_registers, multiply_add

PANEL = 64
# Rows that are summed at once: eight registers, enough sums in flight to hide the time that one takes, and half of all
# where there are sixteen, so that the weights of a transposed product stay in the others. The sums are the same.
STRIP = 64 if has_wide_registers() else 32
STRIPS = PANEL // STRIP  # of a panel
# Numbers a column of the next strip that are fetched during the two passes over a strip, and for how many columns at
# most, as was found best by trial: halves of long panels leave too little of the cache.
FETCHED_FIRST, FETCHED_THEN, FETCHED_COLUMNS = (0, 64, 1 << 62) if STRIPS == 1 else (8, 16, 64)


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
    """Scratch for `add_strip`: one register for each column, and some to make the columns a multiple of eight."""
    return np.zeros(-(-columns // REGISTER) * REGISTER * REGISTER)


@kernel
def strip_start(strip, columns):
    """Where entry 0 of a strip's rows begins in the panels."""
    return strip // STRIPS * (PANEL * columns) + strip % STRIPS * STRIP


@kernel
def start_after(start, columns):
    """Where the next strip begins."""
    after = start + STRIP
    return after if after % PANEL else after + PANEL * (columns - 1)


@kernel
def fetched_start(panels, start, columns):
    """Where the strip begins that is fetched meanwhile: the next, or after the last the first again, for later."""
    following = start_after(start, columns) if columns <= FETCHED_COLUMNS else start
    return following if following < len(panels) else 0


@kernel
def strip_product(panels, start, x):
    """The inner products of the rows of the strip that begins there with x, shape (columns,), as one vector."""
    following = fetched_start(panels, start, len(x))
    products = filled(0.0, STRIP)
    for p in range(len(x)):
        prefetch(panels, following + p * PANEL, FETCHED_FIRST)
        products = multiply_add(load(panels, start + p * PANEL, STRIP), x[p], products)
    return products


@kernel
def add_strip(panels, start, columns, weights, sums):
    """Add the weighted sum of the rows of the strip that begins there to `sums`, one register for each column.

    Those of the first strip are stored, so that no sum need be zero before. Backward: what the pass before has read
    last is near for sure, and what is read first next is asked for last.
    """
    following = fetched_start(panels, start, columns) + FETCHED_FIRST
    if start == 0:
        for p in range(columns - 1, -1, -1):
            prefetch(panels, following + p * PANEL, FETCHED_THEN)
            entries = load(panels, p * PANEL, STRIP)
            store(sums, p * REGISTER, add_registers(filled(0.0, REGISTER), entries, weights))
    else:
        for p in range(columns - 1, -1, -1):
            prefetch(panels, following + p * PANEL, FETCHED_THEN)
            entries, place = load(panels, start + p * PANEL, STRIP), p * REGISTER
            store(sums, place, add_registers(load(sums, place, REGISTER), entries, weights))


@kernel
def panel_product(panels, panel, x):
    """The inner products of a whole panel's rows with x, shape (columns,): the panel is read as it lies in memory."""
    start = panel * len(x) * PANEL
    products = filled(0.0, PANEL)
    for p in range(len(x)):
        products = multiply_add(load(panels, start + p * PANEL, PANEL), x[p], products)
    return products


@kernel
def add_near_strip(panels, start, columns, weights, sums):
    """The same as `add_strip`, without fetching anything: after `panel_product`, which has read the whole panel."""
    for p in range(columns - 1, -1, -1):
        entries, place = load(panels, start + p * PANEL, STRIP), p * REGISTER
        store(sums, place, add_registers(load(sums, place, REGISTER), entries, weights))


@kernel
def collect(sums, factor, out):
    """Write the column sums times a factor into `out`, shape (columns,)."""
    for p in range(0, len(out), REGISTER):
        put_block_of(out, p, len(out), register_totals(sums, p * REGISTER) * factor)


@kernel
def clear(sums):
    """Make all column sums zero."""
    for j in range(len(sums)):
        sums[j] = 0.0
