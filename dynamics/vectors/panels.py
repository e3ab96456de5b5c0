"""A matrix as panels of rows: its product with a vector, and that of its transpose, a strip of rows at a time.

A panel holds PANEL rows by columns, so that entry p of all its rows stands side by side. Rows that fill up the last
panel are zero. A strip is as many rows of a panel as the processor's registers are enough for.
"""

import numpy as np

from dynamics.kernels.policy import kernel
from dynamics.vectors.registers import load, prefetch, prefetch_from_memory, register_totals, store, store_first
from dynamics.vectors.vector import REGISTER, add_registers, filled, folded, has_wide_registers, multiply_add

PANEL = 64
# Rows that are summed at once: eight registers, enough sums in flight to hide the time that one takes, and half of all
# where there are sixteen, so that the weights of a transposed product stay in the others. The sums are the same.
STRIP = 64 if has_wide_registers() else 32
STRIPS = PANEL // STRIP  # of a panel
# Numbers a column of the next strip that are fetched during the two passes over a strip, and for how many columns at
# most, as was found best by trial: halves of long panels leave too little of the cache.
FETCHED_FIRST, FETCHED_THEN, FETCHED_COLUMNS = (0, 64, 1 << 62) if STRIPS == 1 else (8, 16, 64)
FETCHED = 64 if STRIPS == 1 else 0  # of the next panel
AHEAD = 2  # panels that are read from memory before they are needed
SHARE = STRIP // 2  # numbers of these for each column and pass over a strip


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
def strip_start(strip, columns):
    """Where entry 0 of a strip's rows begins in the panels."""
    return strip // STRIPS * (PANEL * columns) + strip % STRIPS * STRIP


@kernel
def fetched_start(panels, strip, columns):
    """The same of the strip that is fetched meanwhile: the next, or after the last the first again, for later."""
    following = strip_start(strip + 1 if columns <= FETCHED_COLUMNS else strip, columns)
    return following if following < len(panels) else 0


@kernel
def strip_product(panels, strip, x):
    """The inner products of a strip's rows with x, shape (columns,), as one vector."""
    start, following = strip_start(strip, len(x)), fetched_start(panels, strip, len(x))
    products = filled(0.0, STRIP)
    for p in range(len(x)):
        prefetch(panels, following + p * PANEL, FETCHED_FIRST)
        products = multiply_add(load(panels, start + p * PANEL, STRIP), x[p], products)
    return products


@kernel
def add_strip(panels, strip, columns, weights, sums):
    """Add the weighted sum of a strip's rows to `sums`, one register for each column.

    Backward: what the pass before has read last is near for sure, and what is read first next is asked for last.
    """
    start, following = strip_start(strip, columns), fetched_start(panels, strip, columns) + FETCHED_FIRST
    for p in range(columns - 1, -1, -1):
        prefetch(panels, following + p * PANEL, FETCHED_THEN)
        entries, place = load(panels, start + p * PANEL, STRIP), p * REGISTER
        store(sums, place, add_registers(load(sums, place, REGISTER), entries, weights))


@kernel
def streamed_start(panels, strip, columns):
    """Where that begins which is read from memory during the passes over a strip: what lies side by side, far ahead."""
    start = (strip * STRIP + AHEAD * PANEL) * columns
    return start if start + STRIP * columns <= len(panels) else 0


@kernel
def streamed_product(panels, strip, x):
    """The same as `strip_product` where the panels lie in memory alone."""
    start, following = strip_start(strip, len(x)), fetched_start(panels, strip, len(x))
    coming = streamed_start(panels, strip, len(x))
    products = filled(0.0, STRIP)
    for p in range(len(x)):
        prefetch(panels, following + p * PANEL, FETCHED_FIRST)
        prefetch_from_memory(panels, coming + p * SHARE, SHARE)
        products = multiply_add(load(panels, start + p * PANEL, STRIP), x[p], products)
    return products


@kernel
def add_streamed(panels, strip, columns, weights, sums):
    """The same as `add_strip` where the panels lie in memory alone."""
    start, following = strip_start(strip, columns), fetched_start(panels, strip, columns) + FETCHED_FIRST
    coming = streamed_start(panels, strip, columns) + SHARE * columns
    for p in range(columns - 1, -1, -1):
        prefetch(panels, following + p * PANEL, FETCHED_THEN)
        prefetch_from_memory(panels, coming + p * SHARE, SHARE)
        entries, place = load(panels, start + p * PANEL, STRIP), p * REGISTER
        store(sums, place, add_registers(load(sums, place, REGISTER), entries, weights))


@kernel
def panel_product(panels, panel, x):
    """The inner products of a whole panel's rows with x, shape (columns,): for a few columns, or very many."""
    start = panel * len(x) * PANEL
    products = filled(0.0, PANEL)
    for p in range(len(x)):
        products = products + load(panels, start + p * PANEL, PANEL) * x[p]
    return products


@kernel
def add_transposed(panels, panel, columns, weights, sums):
    """The same as `add_strip` for a whole panel."""
    start = panel * columns * PANEL
    following = start + columns * PANEL if start + columns * PANEL < len(panels) else 0  # the first again, for later
    for p in range(columns):
        place = p * REGISTER
        prefetch(panels, following + p * PANEL, FETCHED)
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
