"""Exponents by regression on logarithms, with a band from the bootstrap.

A description of what was measured: where a theorem bounds a growth from above, an exponent below its own supports it
and proves nothing, since constants and lower-order terms bend every finite range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Exponent:
    """A fitted exponent.

    Parameters
    ----------
    value : float
        Slope of the line through the logarithms of the means.
    low, high : float
        Ends of the band.
    error_level : float
        Nominal: the bootstrap promises it for many independent repetitions only.
    bend : float
        Largest distance of a point from the line, in natural logarithms: how far it is from a power.
    local : tuple of float
        Slopes between neighbours: a power that has not set in yet shows here.

    Examples
    --------
    >>> Exponent(0.5, 0.45, 0.55, 0.05, 0.01, (0.5,)).excludes(1.0)
    True
    """

    value: float
    low: float
    high: float
    error_level: float
    bend: float
    local: tuple[float, ...]

    def excludes(self, exponent: float) -> bool:
        """Say whether a value lies outside the band.

        Examples
        --------
        >>> Exponent(0.5, 0.45, 0.55, 0.05, 0.01, (0.5,)).excludes(0.46)
        False
        """
        return not self.low <= exponent <= self.high


def fit_exponent(
    sizes: ArrayLike,
    measured: ArrayLike,
    *,
    rng: np.random.Generator,
    error_level: float = 0.05,
    resamples: int = 2000,
) -> Exponent:
    """Fit p in "mean of the measurements = constant * size^p".

    Parameters
    ----------
    sizes : array_like, shape (n,)
        At least three, positive and different.
    measured : array_like, shape (n, repetitions)
        Positive. A column is one repetition at all sizes, such as one seed: columns are drawn with replacement, so
        that dependence within a column is kept.
    rng : numpy.random.Generator
    error_level : float
    resamples : int

    Returns
    -------
    Exponent

    Raises
    ------
    ValueError
        If there are fewer than three sizes or eight repetitions, or a number is not positive.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sizes = np.array([10, 30, 100, 300, 1000])
    >>> found = fit_exponent(sizes, sizes[:, None] ** 0.5 * rng.lognormal(sigma=0.2, size=(5, 40)), rng=rng)
    >>> found.excludes(0.5), found.excludes(1.0)
    (False, True)
    """
    x, table = np.asarray(sizes, dtype=float), np.asarray(measured, dtype=float)
    if x.ndim != 1 or x.size < 3 or np.unique(x).size != x.size:
        raise ValueError(f"sizes of shape {x.shape}: a slope needs at least three different sizes; two fit any line")
    if table.ndim != 2 or table.shape[0] != x.size or table.shape[1] < 8:
        raise ValueError(
            f"measurements of shape {table.shape} for {x.size} sizes: a row for each size with at least eight "
            "repetitions is needed, or the bootstrap has too little to draw from"
        )
    if not ((x > 0).all() and (table > 0).all() and np.isfinite(table).all()):
        raise ValueError("sizes and measurements have to be positive and finite: their logarithms are fitted")
    logs = np.log(x)
    centered = logs - logs.mean()
    weights = centered / (centered**2).sum()
    drawn = rng.integers(table.shape[1], size=(resamples, table.shape[1]))
    slopes = np.log(table[:, drawn].mean(axis=2)).T @ weights
    low, high = np.quantile(slopes, [error_level / 2, 1 - error_level / 2])
    means = np.log(table.mean(axis=1))
    slope = float(means @ weights)
    order = np.argsort(logs)
    local = np.diff(means[order]) / np.diff(logs[order])
    bend = float(np.abs(means - means.mean() - slope * centered).max())
    return Exponent(slope, float(low), float(high), error_level, bend, tuple(map(float, local)))
