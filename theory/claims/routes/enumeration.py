"""Statements about random subsets, settled by going through all of them in exact arithmetic."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np

from dynamics.checks import Refusal


def subsets(population: int, size: int) -> Iterator[tuple[int, ...]]:
    """Go through every subset of `size` indices out of `population`.

    Raises
    ------
    ValueError
        If the size is not between 1 and the population.

    Examples
    --------
    >>> list(subsets(3, 2))
    [(0, 1), (0, 2), (1, 2)]
    """
    if not 1 <= size <= population:
        raise Refusal(f"subsets of size {size} out of {population}: the size must lie in 1..{population}")
    return itertools.combinations(range(population), size)


def subset_mean(function: Callable[[tuple[int, ...]], np.ndarray], population: int, size: int) -> np.ndarray:
    """Average a function over all subsets of one size: its expectation over a uniform mini-batch.

    Parameters
    ----------
    function : callable
        Maps a tuple of indices to an array of Fractions (`dtype=object`), so that the mean is exact.
    population, size : int

    Returns
    -------
    ndarray of Fraction

    Examples
    --------
    >>> from fractions import Fraction
    >>> values = [Fraction(v) for v in (1, 2, 6)]
    >>> subset_mean(lambda batch: np.array([sum(values[i] for i in batch) / Fraction(2)]), 3, 2)
    array([Fraction(3, 1)], dtype=object)
    """
    total = sum(function(batch) for batch in subsets(population, size))
    return np.asarray(total / math.comb(population, size))
