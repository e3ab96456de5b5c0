"""Shapes of small matrices as types: loops over them have constant ends, so the compiler unrolls them.

A shape is an instance of a class of its own, such as `Shape10x6`, made when it is first asked for.
"""

from typing import Any, NamedTuple

from dynamics.kernels.generic import generic, implements


@generic()
def row_count(shape):
    """Return the number of rows, a constant in compiled code."""


@generic()
def column_count(shape):
    """Return the number of columns, a constant in compiled code."""


def shape_of(matrix: Any) -> Any:
    """The shape of a matrix, as an instance of the class for it.

    Examples
    --------
    >>> import numpy as np
    >>> shape = shape_of(np.ones((10, 6)))
    >>> type(shape).__name__, row_count(shape), column_count(shape)
    ('Shape10x6', 10, 6)
    """
    rows, columns = matrix.shape
    kind = globals().get(f"Shape{rows}x{columns}") or _class(rows, columns)
    return kind()


def __getattr__(name: str) -> Any:
    """Make a class that a saved run or compiled code names."""
    rows, _, columns = name.removeprefix("Shape").partition("x")
    if name.startswith("Shape") and rows.isdecimal() and columns.isdecimal():
        return _class(int(rows), int(columns))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _class(rows: int, columns: int) -> Any:
    name = f"Shape{rows}x{columns}"
    kind: Any = NamedTuple(name, [])  # type: ignore[misc]
    kind.__module__, kind.__doc__ = __name__, f"The shape of matrices with {rows} rows and {columns} columns."

    def _rows(shape):
        return rows

    def _columns(shape):
        return columns

    implements(row_count, kind)(_rows)
    implements(column_count, kind)(_columns)
    globals()[name] = kind
    return kind
