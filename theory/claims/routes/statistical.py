"""Intervals for means with a stated error level, and what may be concluded from them.

Every interval says what it assumes. Several intervals are held at once by Bonferroni's correction, which
assumes nothing about their dependence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import Refusal


@dataclass(frozen=True)
class Interval:
    """A confidence interval: it misses the true value with probability at most `error_level`.

    Examples
    --------
    >>> Interval(0.9, 1.1, 0.01).contains(1.0)
    True
    """

    low: float
    high: float
    error_level: float

    def contains(self, value: float) -> bool:
        """Say whether a value lies in the interval, ends included.

        Examples
        --------
        >>> Interval(0.0, 1.0, 0.05).contains(2.0)
        False
        """
        return self.low <= value <= self.high


def student_interval(samples: ArrayLike, *, error_level: float) -> Interval:
    """Enclose a mean by Student's t.

    Assumes independent samples whose mean is close to normal: exact for normal samples, asymptotic for
    any law with a finite variance.

    Parameters
    ----------
    samples : array_like, shape (n,)
    error_level : float
        Probability, two-sided, that the interval misses the mean.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If there are fewer than two samples, or the error level is not a probability.

    Examples
    --------
    >>> interval = student_interval([1.0, 2.0, 3.0], error_level=0.05)
    >>> round(interval.low, 3), round(interval.high, 3)
    (-0.484, 4.484)
    """
    from scipy.special import stdtrit

    values = checked_samples(samples, error_level)
    quantile = stdtrit(values.size - 1, 1 - error_level / 2)
    half_width = quantile * values.std(ddof=1) / math.sqrt(values.size)
    return Interval(float(values.mean() - half_width), float(values.mean() + half_width), error_level)


def bernstein_interval(samples: ArrayLike, *, lower: float, upper: float, error_level: float) -> Interval:
    """Enclose a mean of bounded samples by the empirical Bernstein bound of Maurer and Pontil.

    Assumes only that the samples are independent and lie in [lower, upper]; holds at every n.

    Parameters
    ----------
    samples : array_like, shape (n,)
    lower, upper : float
        Bounds known in advance, not read off the samples.
    error_level : float
        Probability, two-sided, that the interval misses the mean.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If a sample lies outside the bounds, there are fewer than two, or the error level is no probability.

    Examples
    --------
    >>> interval = bernstein_interval([0.0, 1.0] * 500, lower=0, upper=1, error_level=0.05)
    >>> interval.contains(0.5), interval.contains(0.6)
    (True, False)
    """
    values = checked_samples(samples, error_level)
    if values.min() < lower or values.max() > upper:
        raise Refusal(f"a sample lies outside [{lower}, {upper}]: the bound holds for bounded samples only")
    # Each side gets half of the error level, and each of its two terms comes from log(2 / level of a side).
    log_term = math.log(4 / error_level)
    half_width = math.sqrt(2 * values.var(ddof=1) * log_term / values.size) + 7 * (upper - lower) * log_term / (
        3 * (values.size - 1)
    )
    mean = float(values.mean())
    return Interval(max(lower, mean - half_width), min(upper, mean + half_width), error_level)


def ratio_interval(numerators: ArrayLike, denominators: ArrayLike, *, error_level: float) -> Interval:
    """Enclose the ratio of two means by Fieller's theorem.

    A ratio r is kept when Student's t does not reject that `numerator - r * denominator` has mean zero; its
    assumptions are those of `student_interval` for that difference.

    Parameters
    ----------
    numerators, denominators : array_like, shape (n,)
        Paired samples; the denominator's mean must be clearly away from zero.
    error_level : float

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If the denominator's mean is not distinguishable from zero, where the kept set is no interval.

    Examples
    --------
    >>> interval = ratio_interval([1.0, 1.1, 1.2, 1.1], [2.0, 2.2, 2.3, 2.3], error_level=0.05)
    >>> interval.contains(0.5), interval.contains(0.6)
    (True, False)
    """
    from scipy.special import stdtrit

    top, bottom = checked_samples(numerators, error_level), checked_samples(denominators, error_level)
    if top.size != bottom.size:
        raise Refusal(f"{top.size} numerators and {bottom.size} denominators: a ratio needs pairs")
    weight = stdtrit(top.size - 1, 1 - error_level / 2) ** 2 / top.size
    (top_variance, covariance), (_, bottom_variance) = np.cov(top, bottom)
    # (mean(top) - r mean(bottom))^2 <= weight * Var(top - r bottom) is quadratic in r.
    square = bottom.mean() ** 2 - weight * bottom_variance
    linear = top.mean() * bottom.mean() - weight * covariance
    constant = top.mean() ** 2 - weight * top_variance
    if square <= 0:
        raise Refusal("the denominator's mean cannot be told from zero: draw more samples")
    root = math.sqrt(max(linear**2 - square * constant, 0.0))
    return Interval(float((linear - root) / square), float((linear + root) / square), error_level)


def share_of_wins(values: ArrayLike, rival: ArrayLike, *, error_level: float) -> Interval:
    """Enclose the probability that a value lies below its rival's, by Clopper and Pearson: exact at every size.

    Parameters
    ----------
    values, rival : array_like, shape (n,)
        Independent pairs.
    error_level : float
        Probability, two-sided, that the interval misses the share.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If there are not as many of one as of the other.

    Examples
    --------
    >>> share_of_wins([0.0] * 20, [1.0] * 20, error_level=0.05).low > 0.8
    True
    """
    from scipy.special import betainccinv, betaincinv

    ours, theirs = np.asarray(values, dtype=float), np.asarray(rival, dtype=float)
    if ours.shape != theirs.shape or ours.ndim != 1:
        raise Refusal(f"values of shape {ours.shape} against {theirs.shape}: a share of wins needs pairs")
    won, pairs = int((ours < theirs).sum()), len(ours)
    low = float(betaincinv(won, pairs - won + 1, error_level / 2)) if won else 0.0
    high = float(betainccinv(won + 1, pairs - won, error_level / 2)) if won < pairs else 1.0
    return Interval(low, high, error_level)


def corrected(error_level: float, comparisons: int) -> float:
    """Return the level of each of several intervals that hold together at `error_level` (Bonferroni).

    Examples
    --------
    >>> corrected(0.05, 10)
    0.005
    """
    if comparisons < 1:
        raise Refusal(f"{comparisons} comparisons: there must be at least one")
    return error_level / comparisons


def judge(intervals: Sequence[Interval], bands: Sequence[tuple[float, float]]) -> Literal["inside", "outside", "open"]:
    """Hold intervals against the bands in which a statement puts the true values.

    Parameters
    ----------
    intervals : sequence of Interval
    bands : sequence of (low, high)
        One band for each interval.

    Returns
    -------
    str
        "outside" if one interval misses its band altogether: if the statement is true, this happens with
        probability at most the sum of the error levels. "inside" if every interval lies within its band:
        if a true value lies outside, this happens with at most that probability. "open" otherwise.

    Examples
    --------
    >>> judge([Interval(0.9, 1.1, 0.01)], [(0.5, 1.5)])
    'inside'
    >>> judge([Interval(0.9, 1.1, 0.01)], [(2.0, 3.0)])
    'outside'
    """
    pairs = list(zip(intervals, bands, strict=True))
    if any(interval.high < low or interval.low > high for interval, (low, high) in pairs):
        return "outside"
    if all(low <= interval.low and interval.high <= high for interval, (low, high) in pairs):
        return "inside"
    return "open"


def checked_samples(samples: ArrayLike, error_level: float) -> np.ndarray:
    """Refuse samples from which no interval can be made.

    Examples
    --------
    >>> checked_samples([1, 2], 0.05)
    array([1., 2.])
    """
    values = np.asarray(samples, dtype=float)
    if values.ndim != 1 or values.size < 2:
        raise Refusal(f"samples of shape {values.shape}: an interval needs a list of at least two")
    if not 0 < error_level < 1:
        raise Refusal(f"error_level={error_level}: a probability strictly between 0 and 1, such as 0.01")
    if not np.isfinite(values).all():
        raise Refusal("a sample is NaN or infinite: its trial is void and must be left out and counted")
    return values
