"""What factories ask of their arguments before any work, beyond `dynamics.checks`."""

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from dynamics.checks import require_at_least, require_finite, unknown


def require_whole(name: str, value: Any, least: int, why: str = "") -> int:
    """The whole number `value`, refused where it is not whole or below `least`.

    Examples
    --------
    >>> require_whole("samples", 60.5, 1)
    Traceback (most recent call last):
    ValueError: samples = 60.5 must be a whole number; try 60.
    """
    try:
        whole = operator.index(value)
    except TypeError:
        nearest = f"; try {max(int(value), least)}" if isinstance(value, float) and np.isfinite(value) else ""
        raise ValueError(f"{name} = {value!r} must be a whole number{nearest}.") from None
    require_at_least(name, whole, least, why)
    return whole


def require_word(name: str, value: Any, allowed: Iterable[str]) -> str:
    """The word `value`, refused where it is not one of `allowed`.

    Examples
    --------
    >>> require_word("reduction", "average", ("sum", "mean"))
    Traceback (most recent call last):
    ValueError: unknown reduction 'average'; Allowed: mean, sum.
    """
    if not isinstance(value, str) or value not in tuple(allowed):
        raise ValueError(unknown(name, str(value), allowed))
    return value


def require_batch(batch_size: Any, samples: int) -> int:
    """The batch size as a whole number between 1 and the number of samples.

    Examples
    --------
    >>> require_batch(600, 500)
    Traceback (most recent call last):
    ValueError: batch_size = 600 is larger than the data: there are 500 samples; try 500.
    """
    size = require_whole("batch_size", batch_size, 1, "an empty batch has no mean")
    if size > samples:
        raise ValueError(f"batch_size = {size} is larger than the data: there are {samples} samples; try {samples}.")
    return size


def real_array(name: str, value: Any, dimensions: int) -> np.ndarray:
    """`value` as a finite float64 array with so many axes, none of them empty.

    Examples
    --------
    >>> real_array("eigenvalues", 3.0, 1)
    Traceback (most recent call last):
    ValueError: eigenvalues has shape (): a vector is needed, shape (d,).
    """
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r} must be an array of real numbers.") from None
    if array.ndim != dimensions or not array.size:
        wanted = "a vector is needed, shape (d,)" if dimensions == 1 else "a matrix is needed, shape (rows, columns)"
        raise ValueError(f"{name} has shape {array.shape}: {wanted}.")
    require_finite(name, array)
    return array
