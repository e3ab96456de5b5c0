"""Arrays in nested tuples, such as the state of a run."""

from collections.abc import Iterator
from typing import Any

import numpy as np


def is_named(value: Any) -> bool:
    """Whether a value is a NamedTuple; that a class lacks an attribute is slow to find out, so tuples come first."""
    return isinstance(value, tuple) and hasattr(type(value), "_fields")


def arrays_in(value: Any) -> list[np.ndarray]:
    """The arrays in a tree of tuples, from left to right.

    Examples
    --------
    >>> [array.size for array in arrays_in((np.zeros(3), (1.0, (np.zeros(5),))))]
    [3, 5]
    """
    found: list[np.ndarray] = []
    _gather((value,), found)
    return found


def with_arrays(value: Any, arrays: Iterator[np.ndarray]) -> Any:
    """The same tree with other arrays, given from left to right.

    Examples
    --------
    >>> with_arrays((np.zeros(3), (1.0, (np.zeros(5),))), iter("ab"))
    ('a', (1.0, ('b',)))
    """
    if isinstance(value, np.ndarray):
        return next(arrays)
    if not isinstance(value, tuple):
        return value
    parts = [  # leaves are looked at here: a call for each would take most of the time
        next(arrays) if isinstance(part, np.ndarray) else with_arrays(part, arrays) if isinstance(part, tuple) else part
        for part in value
    ]
    return tuple.__new__(type(value), parts)  # as `_make` does, in half the time


def _gather(parts, found):
    for part in parts:
        if isinstance(part, np.ndarray):
            found.append(part)
        elif isinstance(part, tuple):
            _gather(part, found)
