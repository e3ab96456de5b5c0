"""A matrix whose rows are read one by one, each as a single vector: what a mini-batch takes.

The width of a vector is part of its type, so there is a class for each width; narrower rows are filled up with zeros.
"""

from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.generic import generic, implements
from dynamics.kernels.policy import kernel
from dynamics.vectors.choices import with_number
from dynamics.vectors.registers import load, load_first, register_totals, store
from dynamics.vectors.vector import REGISTER, folded

WIDTHS = (*range(REGISTER, 65, REGISTER), 128, 256)


@generic()
def row(rows, n):
    """Return row n as a vector."""


@generic()
def as_row(rows, x, last):
    """Return x, with the number `last` at its end, as a vector like a row."""


@generic()
def from_row(rows, vector, factor, work, out):
    """Write the front of a vector like a row, times a factor, into `out`."""


@kernel
def inner_products(rows, indices, begin, point, work):
    """The inner products of a point with eight rows, those numbered indices[begin], ...; `work` is for 64 numbers."""
    for i in range(REGISTER):
        store(work, i * REGISTER, folded(row(rows, indices[begin + i]) * point))
    return register_totals(work, 0)


@kernel
def first_inner_products(rows, indices, begin, count, point, work):
    """The same with fewer than eight rows; the other products are any numbers."""
    for i in range(count):
        store(work, i * REGISTER, folded(row(rows, indices[begin + i]) * point))
    return register_totals(work, 0)


@kernel
def add_first_multiples(rows, indices, begin, count, factors, work, vector):
    """A vector plus multiples of the same rows."""
    store(work, 0, factors)
    for i in range(count):
        vector = vector + row(rows, indices[begin + i]) * work[i]
    return vector


@kernel
def add_multiples(rows, indices, begin, factors, work, vector):
    """A vector plus multiples of the same rows, by the entries of `factors`; `work` is for eight numbers."""
    store(work, 0, factors)
    for i in range(REGISTER):
        vector = vector + row(rows, indices[begin + i]) * work[i]
    return vector


def _class(width: int) -> Any:
    """The class of rows of one width, with its kernels; the width is a constant in them."""
    name = f"Rows{width}"
    kind: Any = NamedTuple(name, [("entries", np.ndarray)])  # type: ignore[misc]  # shape (rows, width)
    kind.__module__, kind.__doc__ = __name__, f"Rows of {width} entries, zeros included."

    def _row(rows, n):
        return load(rows.entries, n * width, width)

    def _as_row(rows, x, last):
        return with_number(load_first(x, 0, len(x), width), len(x), last)

    def _from_row(rows, vector, factor, work, out):
        store(work, 0, vector)
        for j in range(len(out)):
            out[j] = factor * work[j]

    implements(row, kind)(_row)
    implements(as_row, kind)(_as_row)
    implements(from_row, kind)(_from_row)
    return kind


_CLASSES = {width: _class(width) for width in WIDTHS}
globals().update({kind.__name__: kind for kind in _CLASSES.values()})  # where saved trajectories look for them


class WideRows(NamedTuple):
    """Rows too wide for a vector, to be read entry by entry."""

    entries: np.ndarray  # shape (rows, columns)


class StreamedRows(NamedTuple):
    """Rows of data so large that each evaluation reads them from memory."""

    entries: np.ndarray  # shape (rows, columns), zeros included


LONG_ROWS = (*(kind for width, kind in _CLASSES.items() if width > 64), WideRows)  # those of 64 parameters and more


def row_width(rows: Any, columns: int) -> int:
    """The width of rows that hold so many columns; 0 where their class is too narrow."""
    if isinstance(rows, StreamedRows):
        return rows.entries.shape[1]
    width = next((width for width, kind in _CLASSES.items() if isinstance(rows, kind)), columns)
    return width if width >= columns else 0


def as_rows(matrix: np.ndarray) -> Any:
    """A matrix, shape (rows, columns), as rows of the narrowest class that holds it.

    Examples
    --------
    >>> rows = as_rows(np.ones((3, 5)))
    >>> type(rows).__name__, row(rows, 1).tolist()
    ('Rows8', [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    """
    width = next((width for width in WIDTHS if width >= matrix.shape[1]), None)
    if width is None:
        return WideRows(np.ascontiguousarray(matrix))
    entries = np.zeros((len(matrix), width))
    entries[:, : matrix.shape[1]] = matrix
    return _CLASSES[width](entries)
