"""Where two datasets depart: which array, at which index, and by how much."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from xarray import Dataset, Variable

__all__ = ["ROUNDING", "departures", "largest_ulps"]

ROUNDING = (
    64.0  # units in the last place of an array's largest number: sums in another order, other elementary functions
)


def departures(stored: "Dataset", made: "Dataset") -> list[str]:
    """One sentence for each array that is not the same, to the last bit.

    Parameters
    ----------
    stored, made : xarray.Dataset
        What is on file, and what was computed now.

    Returns
    -------
    list of str
        Empty where all names, dimensions and values agree; NaN agrees with NaN.

    Examples
    --------
    >>> import xarray
    >>> one = xarray.Dataset({"rate": ("epoch", [0.5, 0.25])}, {"epoch": [1, 2]})
    >>> departures(one, one)
    []
    >>> departures(one, one.assign(rate=one["rate"] + [0.0, 0.125]))
    ['rate: 1 of 2 values differ, most at epoch=2: 0.25 on file, 0.375 now, by 0.125 (0.5 of it)']
    """
    return list(_departures(stored, made))


def largest_ulps(stored: "Dataset", made: "Dataset") -> float:
    """How far numbers depart, in units in the last place of the largest number of their array.

    Parameters
    ----------
    stored, made : xarray.Dataset
        What is on file, and what was computed now.

    Returns
    -------
    float
        0 where all is equal; infinity where names, sizes, types, texts, whole numbers or what is finite differ.

    Examples
    --------
    >>> import numpy, xarray
    >>> one = xarray.Dataset({"rate": ("epoch", [0.5, 1.0])})
    >>> largest_ulps(one, one.assign(rate=("epoch", [0.5, numpy.nextafter(1.0, 2.0)])))
    1.0
    """
    if set(stored.variables) != set(made.variables):
        return float("inf")
    return max((_ulps(stored.variables[name], made.variables[name]) for name in stored.variables), default=0.0)


def _ulps(one: "Variable", other: "Variable") -> float:
    a, b = np.asarray(one.values), np.asarray(other.values)
    if one.dims != other.dims or a.shape != b.shape or (a.dtype.kind == "f") != (b.dtype.kind == "f"):
        return float("inf")
    if a.dtype.kind != "f":
        return 0.0 if np.array_equal(a.astype(str), b.astype(str)) else float("inf")
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(b[finite]).all():
        return float("inf")
    gap = np.abs(a[finite] - b[finite]).max(initial=0.0)
    return float(gap / np.spacing(np.abs(a[finite]).max(initial=0.0))) if gap else 0.0


def _departures(stored: "Dataset", made: "Dataset") -> Iterator[str]:
    names = [str(name) for name in stored.variables]
    for name in names:
        if name not in made.variables:
            yield f"{name}: on file, but is not computed any more"
        else:
            yield from _of_one(name, stored, made)
    yield from (f"{name}: not on file" for name in made.variables if name not in names)


def _of_one(name: str, stored: "Dataset", made: "Dataset") -> Iterator[str]:
    one, other = stored.variables[name], made.variables[name]
    if (one.dims, one.shape) != (other.dims, other.shape):
        yield f"{name}: {_sizes(one)} on file, {_sizes(other)} now"
        return
    a, b = np.asarray(one.values), np.asarray(other.values)
    if a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        unequal = np.argwhere(a.astype(str) != b.astype(str))
        if len(unequal):
            index = tuple(int(place) for place in unequal[0])
            texts = f"{len(unequal)} of {a.size} texts differ, first{_place(stored, one, index)}"
            yield f"{name}: {texts}: {a[index]} on file, {b[index]} now"
        return
    unequal = ~((a == b) | (np.isnan(a.astype(float)) & np.isnan(b.astype(float))))
    if unequal.any():
        yield _of_numbers(name, a, b, unequal, stored)
    elif a.dtype.kind != b.dtype.kind or a.dtype.itemsize != b.dtype.itemsize:
        yield f"{name}: type {a.dtype} on file, {b.dtype} now"


def _of_numbers(name: str, a: NDArray, b: NDArray, unequal: NDArray, stored: "Dataset") -> str:
    with np.errstate(invalid="ignore"):
        gap = np.abs(a.astype(float) - b.astype(float))
    gap = np.where(unequal, np.where(np.isnan(gap), np.inf, gap), -1.0)  # a value that ceased to exist is furthest off
    index = tuple(int(place) for place in np.unravel_index(int(np.argmax(gap)), gap.shape))
    place = _place(stored, stored.variables[name], index)
    by = ""
    if np.isfinite(gap[index]):
        share = f" ({gap[index] / abs(float(a[index])):.3g} of it)" if a[index] else ""
        by = f", by {gap[index]:.3g}{share}"
    count = int(np.count_nonzero(unequal))
    return (
        f"{name}: {count} of {a.size} values differ, most{place}: "
        f"{float(a[index])!r} on file, {float(b[index])!r} now{by}"
    )


def _place(dataset: "Dataset", array: "Variable", index: tuple[int, ...]) -> str:
    parts = []
    for dimension, at in zip(array.dims, index, strict=True):
        is_named = dimension in dataset.variables and dataset.variables[dimension].ndim == 1
        parts.append(f"{dimension}={dataset.variables[dimension].values[at] if is_named else at}")
    return f" at {', '.join(parts)}" if parts else ""


def _sizes(array: "Variable") -> str:
    return "x".join(f"{size} {dimension}" for dimension, size in array.sizes.items()) or "a single value"
