"""Confidence sequences: intervals after 1, 2, 3, ... samples that hold all at once, so that one may look at any time.

A check draws until the answer is clear and stops there; the error level counts for the whole run, whatever the rule
that stopped it. Fixed-size intervals do not allow this: looked at after every sample, they miss sooner or later.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from theory.claims.routes.statistical import Interval, checked_samples, judge

LARGEST_BET = 0.5  # of the predictable plug-in bets; below 1


@dataclass(frozen=True)
class ConfidenceSequence:
    """Intervals after each sample; with probability at least 1 - `error_level` all of them hold the mean.

    Parameters
    ----------
    low, high : ndarray, shape (n,)
        Ends after 1, ..., n samples, each the tightest up to then.
    error_level : float

    Examples
    --------
    >>> sequence = ConfidenceSequence(np.array([0.0, 0.2]), np.array([1.0, 0.6]), 0.05)
    >>> sequence.last.contains(0.5)
    True
    """

    low: np.ndarray
    high: np.ndarray
    error_level: float

    @property
    def last(self) -> Interval:
        """The interval after all samples."""
        return Interval(float(self.low[-1]), float(self.high[-1]), self.error_level)

    def covers(self, value: float) -> bool:
        """Say whether a value lies in every interval.

        Examples
        --------
        >>> ConfidenceSequence(np.array([0.0, 0.7]), np.array([1.0, 0.9]), 0.05).covers(0.5)
        False
        """
        return bool(((self.low <= value) & (value <= self.high)).all())


def bounded_sequence(samples: ArrayLike, *, lower: float, upper: float, error_level: float) -> ConfidenceSequence:
    r"""Follow the mean of bounded samples by the predictable plug-in empirical Bernstein sequence.

    Assumes only that the samples lie in [lower, upper] and have the same mean given the earlier ones.

    Parameters
    ----------
    samples : array_like, shape (n,)
    lower, upper : float
        Bounds known in advance, not read off the samples.
    error_level : float
        Probability, two-sided, that any of the intervals misses the mean.

    Returns
    -------
    ConfidenceSequence

    Raises
    ------
    ValueError
        If a sample lies outside the bounds, there are fewer than two, or the error level is no probability.

    Notes
    -----
    With samples scaled to [0, 1], bets :math:`\lambda_i` that depend on earlier samples alone, and
    :math:`\psi(\lambda)=(-\log(1-\lambda)-\lambda)/4`,

    .. math::
        \frac{\sum\lambda_ix_i}{\sum\lambda_i}\pm
        \frac{\log(2/\alpha)+4\sum(x_i-\hat\mu_{i-1})^2\psi(\lambda_i)}{\sum\lambda_i}.

    References
    ----------
    Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024, Theorem 2.

    Examples
    --------
    >>> coins = np.random.default_rng(0).random(4000) < 0.5
    >>> sequence = bounded_sequence(coins, lower=0, upper=1, error_level=0.05)
    >>> sequence.covers(0.5), sequence.covers(0.56)
    (True, False)
    """
    values = checked_samples(samples, error_level)
    if values.min() < lower or values.max() > upper:
        raise ValueError(f"a sample lies outside [{lower}, {upper}]: the bound holds for bounded samples only")
    scaled = (values - lower) / (upper - lower)
    count = np.arange(1, scaled.size + 1)
    means = (0.5 + np.cumsum(scaled)) / (1 + count)
    variances = (0.25 + np.cumsum((scaled - means) ** 2)) / (1 + count)
    means_before = np.concatenate([[0.5], means[:-1]])
    variances_before = np.concatenate([[0.25], variances[:-1]])
    bets = np.sqrt(2 * math.log(2 / error_level) / (variances_before * count * np.log1p(count)))
    bets = np.minimum(bets, LARGEST_BET)
    spent = 4 * np.cumsum((scaled - means_before) ** 2 * (-np.log1p(-bets) - bets) / 4)
    total = np.cumsum(bets)
    center, width = np.cumsum(bets * scaled) / total, (math.log(2 / error_level) + spent) / total
    low = lower + (upper - lower) * np.maximum(center - width, 0)
    high = lower + (upper - lower) * np.minimum(center + width, 1)
    return ConfidenceSequence(np.maximum.accumulate(low), np.minimum.accumulate(high), error_level)


def sub_gaussian_sequence(
    samples: ArrayLike, *, deviation: float, error_level: float, tightest_at: int = 100
) -> ConfidenceSequence:
    r"""Follow the mean of sub-Gaussian samples by a mixture over normal bets.

    Assumes that, given the earlier samples, each has the same mean m and
    :math:`E\,e^{s(x-m)}\le e^{s^2\sigma^2/2}` for every s; normal samples with standard deviation σ do.

    Parameters
    ----------
    samples : array_like, shape (n,)
    deviation : float
        σ > 0, known in advance.
    error_level : float
        Probability, two-sided, that any of the intervals misses the mean.
    tightest_at : int
        Number of samples about which the intervals are to be tight; chosen before the samples are seen.

    Returns
    -------
    ConfidenceSequence

    Raises
    ------
    ValueError
        If the deviation is not positive, there are fewer than two samples, or the error level is no probability.

    Notes
    -----
    .. math::
        \bar x_n\pm\frac{\sigma}{n}\sqrt{(n+\rho)\log\frac{n+\rho}{\rho\,\alpha^2}},

    by Ville's inequality for the non-negative martingale that mixes :math:`e^{sS_n-ns^2\sigma^2/2}` over normal s with
    mean 0 and variance :math:`1/(\rho\sigma^2)`.

    References
    ----------
    Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; Howard, Ramdas, McAuliffe and
    Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49, 2021, (14).

    Examples
    --------
    >>> draws = np.random.default_rng(0).normal(3.0, 2.0, size=2000)
    >>> sequence = sub_gaussian_sequence(draws, deviation=2.0, error_level=0.01)
    >>> sequence.covers(3.0), sequence.covers(3.3)
    (True, False)
    """
    values = checked_samples(samples, error_level)
    if not deviation > 0:
        raise ValueError(f"deviation={deviation}: a bound on the spread is positive and known in advance")
    count = np.arange(1, values.size + 1)
    mixing = tightest_at / (2 * math.log(1 / error_level) + math.log1p(2 * math.log(1 / error_level)))
    spread = (count + mixing) * (np.log1p(count / mixing) - 2 * math.log(error_level))
    center, width = np.cumsum(values) / count, deviation * np.sqrt(spread) / count
    low, high = np.maximum.accumulate(center - width), np.minimum.accumulate(center + width)
    return ConfidenceSequence(low, high, error_level)


def sample_until(
    draw: Callable[[int], np.ndarray],
    follow: Callable[[np.ndarray], ConfidenceSequence],
    band: tuple[float, float],
    *,
    budget: int,
    first: int = 32,
) -> tuple[Literal["inside", "outside", "open"], Interval, int]:
    """Draw samples until the mean is known to lie in a band or out of it, or the budget is spent.

    Parameters
    ----------
    draw : callable
        `draw(n)` returns n further samples.
    follow : callable
        Turns all samples so far into their confidence sequence.
    band : (low, high)
        In which a statement puts the mean.
    budget : int
        Samples at most.
    first : int
        Samples before the first look; each further look comes when their number has doubled.

    Returns
    -------
    str
        As `statistical.judge` has it.
    Interval
    int
        Samples drawn.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> outcome, interval, drawn = sample_until(
    ...     lambda n: rng.random(n),
    ...     lambda x: bounded_sequence(x, lower=0, upper=1, error_level=0.01),
    ...     (0.6, 1.0),
    ...     budget=100_000,
    ... )
    >>> outcome, drawn < 2000
    ('outside', True)
    """
    samples = np.asarray(draw(min(first, budget)))
    while True:
        interval = follow(samples).last
        outcome = judge([interval], [band])
        if outcome != "open" or samples.size >= budget:
            return outcome, interval, samples.size
        samples = np.concatenate([samples, draw(min(samples.size, budget - samples.size))])
