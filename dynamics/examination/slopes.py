"""Derivatives by differences, each with a bound of its own error; and how far rounding alone moves a result."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

EPS = float(np.finfo(np.float64).eps)
COLUMNS = 4  # of the tableau: central differences, and three extrapolations of them
HALVINGS = range(3, 21)
FEW_ULPS = 64.0  # what a sound kernel may be off by, in changes that its argument's own rounding makes


class Slope(NamedTuple):
    """A derivative along a line, and how far off it may be, entry by entry."""

    slope: Any
    error: Any


def slope_along(function: Callable[[float], Any], scale: float, noise: Any) -> Slope:
    """The derivative at 0 of a function of one number, of values or arrays, by extrapolated central differences.

    Of all entries of the tableau (steps halved from scale/8 on, error terms of even powers removed one by one) the one
    with the smallest bound is taken: what neighbours differ by, and the noise of the values over the step.

    References
    ----------
    Ridders: Accurate computation of F'(x) and F'(x)F''(x), Adv. Eng. Software 4 (1982).

    Examples
    --------
    >>> found = slope_along(np.sin, 1.0, 1e-15)
    >>> bool(abs(found.slope - 1.0) <= found.error <= 1e-11)
    True
    """
    best: Any = None
    least: Any = None
    above: list[Any] = []
    for halving in HALVINGS:
        step = scale * 2.0**-halving
        ahead, behind = (np.asarray(function(t), dtype=float) for t in (step, -step))
        row = [(ahead - behind) / (2.0 * step)]
        for j in range(1, min(len(above), COLUMNS - 1) + 1):
            row.append(row[-1] + (row[-1] - above[j - 1]) / (4.0**j - 1.0))
            error = np.maximum(np.abs(row[j] - row[j - 1]), np.abs(row[j] - above[j - 1])) + noise / step
            error = np.where(np.isfinite(error), error, np.inf)
            if best is None:
                best, least = row[j], error
            else:
                best, least = np.where(error < least, row[j], best), np.minimum(error, least)
        above = row
    return Slope(best, least)


def rounding(function: Callable[[np.ndarray], Any], x: np.ndarray, size: float, rng: np.random.Generator) -> float:
    """How far apart two sound ways to compute `function(x)` may lie, at most, over its entries.

    Parameters
    ----------
    function : callable
        Of a point, shape (d,).
    x : ndarray
        The point.
    size : float
        How many numbers a value is computed from: a sum of n terms, in whatever order, is within n u of the sum of
        their absolute values.
    rng : numpy.random.Generator
        For the changes of the argument.

    Examples
    --------
    >>> bool(1e-15 < rounding(np.sum, np.ones(3), 3, np.random.default_rng(0)) < 1e-12)
    True
    """
    here = np.asarray(function(x), dtype=float)
    moved, largest = 0.0, np.abs(here).max(initial=0.0)
    for _ in range(4):
        by = EPS * np.maximum(np.abs(x), 1e-3 * np.abs(x).max(initial=0.0)) * rng.choice([-1.0, 1.0], x.size)
        other = np.asarray(function(x + by), dtype=float)
        moved = max(moved, np.abs(other - here).max(initial=0.0))
        largest = max(largest, np.abs(other).max(initial=0.0))
    return float(FEW_ULPS * moved + size * EPS * largest)
