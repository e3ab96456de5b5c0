"""Simulated diagonal shares of random matrices, with confidence intervals."""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import stdtrit

from dynamics.checks import (
    Refusal,
    as_generator,
    require_at_least,
    require_memory,
    require_real,
    require_whole,
    require_word,
)
from dynamics.words import words
from theory.diagonal_share.closed_forms import FloatArray, diagonal_share

_WHY_TRIALS = "an interval needs the spread of independent matrices"

Kind = Literal["wigner", "ols"]
Data = Literal["gaussian", "rademacher", "uniform"]
BLOCK_ENTRIES = 2**22  # random matrices are drawn in blocks of about 32 MiB

_DRAW: dict[Data, Callable[[np.random.Generator, tuple[int, ...]], FloatArray]] = {
    "gaussian": lambda rng, shape: rng.standard_normal(shape),
    "rademacher": lambda rng, shape: np.where(rng.random(shape) < 0.5, -1.0, 1.0),
    "uniform": lambda rng, shape: rng.uniform(-np.sqrt(3), np.sqrt(3), shape),
}


class ShareEstimate(NamedTuple):
    """Simulated diagonal shares, each with a confidence interval.

    Attributes
    ----------
    share_of_expectation : float
        Share of the expected absolute matrix, the number of the propositions.
    share_of_expectation_interval : tuple of float
        Its confidence interval (low, high).
    expected_share : float
        Mean of the shares of single matrices.
    expected_share_interval : tuple of float
        Its confidence interval (low, high).
    trials : int
        Number of independent matrices.
    level : float
        Confidence level of each interval on its own.

    Examples
    --------
    >>> ShareEstimate._fields[0::2]
    ('share_of_expectation', 'expected_share', 'trials')
    """

    share_of_expectation: float
    share_of_expectation_interval: tuple[float, float]
    expected_share: float
    expected_share_interval: tuple[float, float]
    trials: int
    level: float


def simulate_share(
    kind: Kind,
    *,
    dimension: int,
    samples: int | None = None,
    trials: int,
    rng: int | np.random.SeedSequence | np.random.Generator | None,
    ratio: float = 1.0,
    data: Data = "gaussian",
    level: float = 0.95,
) -> ShareEstimate:
    """Draw random matrices and estimate both the share of the expectation and the expectation of the share.

    Parameters
    ----------
    kind : {"wigner", "ols"}
        "wigner" for symmetric Gaussian matrices, "ols" for Hessians of least squares with random data.
    dimension : int
        d, a positive whole number.
    samples : int, optional
        n, a positive whole number; for "ols" only.
    trials : int
        Number of independent matrices, at least 2.
    rng : int, SeedSequence or Generator, optional
        Seed or generator.
    ratio : float
        Standard deviation of an off-diagonal entry over that of a diagonal one; for "wigner" only.
    data : {"gaussian", "rademacher", "uniform"}
        Distribution of the data; for "ols" only.
    level : float
        Confidence level of each interval, in (0, 1).

    Returns
    -------
    ShareEstimate. Its intervals use Student's t: for the mean share directly, for the quotient of two means
    by the delta method. Their level is that of the central limit theorem over the trials.

    Raises
    ------
    ValueError
        If an argument lies outside the ranges above.

    Notes
    -----
    .. math::
        \\frac{\\mathbb E\\sum_i|A_{ii}|}{\\mathbb E\\sum_{ij}|A_{ij}|} \\ne
        \\mathbb E\\,\\frac{\\sum_i|A_{ii}|}{\\sum_{ij}|A_{ij}|}

    References
    ----------
    Kohler et al., arXiv:1905.09201, Propositions 1 and 2 (the left side) and figures 2 and 6.

    Examples
    --------
    >>> from theory.diagonal_share import ols_share
    >>> estimate = simulate_share("ols", dimension=5, samples=20, trials=4000, rng=1)
    >>> low, high = estimate.share_of_expectation_interval
    >>> bool(low < ols_share(5, 20, data="gaussian") < high)
    True
    """
    dimension, trials = require_whole("dimension", dimension, 1), require_whole("trials", trials, 2, _WHY_TRIALS)
    require_word("kind", kind, words(Kind))
    require_word("data", data, words(Data))
    ratio = require_at_least("ratio", ratio, 0, "it is a quotient of standard deviations")
    level = require_real("level", level)
    if kind == "ols" and samples is None:
        raise Refusal("kind = 'ols' needs samples, the number of data points behind each Hessian: pass samples=")
    if kind == "wigner" and (samples is not None or data != "gaussian"):
        raise Refusal(
            f"kind = 'wigner' draws Gaussian entries and no data, so that samples = {samples} and data = {data!r} "
            "mean nothing: leave them out"
        )
    if kind == "ols" and ratio != 1.0:
        raise Refusal(f"kind = 'ols' fixes its own ratio, so that ratio = {ratio} means nothing: leave it out")
    if samples is not None:
        samples = require_whole("samples", samples, 1)
    if not 0 < level < 1:
        raise Refusal(f"level = {level} is not a confidence level: it lies in (0, 1), for instance 0.95")
    require_memory("one matrix", 4 * dimension * max(dimension, samples or 1), "lower dimension or samples")
    require_memory(f"trials = {trials}", 2 * trials, "try fewer")

    generator = as_generator(rng)
    if kind == "wigner":
        matrices = _wigner_matrices(dimension, ratio, trials, generator)
    else:
        assert samples is not None
        matrices = _ols_hessians(dimension, samples, data, trials, generator)
    return _estimate(matrices, trials, level)


def _blocks(trials: int, entries: int) -> Iterator[int]:
    """Yield how many matrices to draw next, such that a block stays near BLOCK_ENTRIES entries.

    The distributions above read the generator entry by entry, so that the results don't depend on the blocks.
    """
    block = max(1, BLOCK_ENTRIES // entries)
    for start in range(0, trials, block):
        yield min(block, trials - start)


def _wigner_matrices(dimension: int, ratio: float, trials: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield blocks of symmetric Gaussian matrices with unit standard deviation on the diagonal."""
    for count in _blocks(trials, dimension**2):
        entries = rng.standard_normal((count, dimension, dimension))
        above = ratio * np.triu(entries, 1)
        yield above + above.swapaxes(-2, -1) + entries * np.eye(dimension)


def _ols_hessians(
    dimension: int, samples: int, data: Data, trials: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield blocks of matrices XX^T/n with independent entries of X of unit variance."""
    for count in _blocks(trials, dimension * max(dimension, samples)):
        x = _DRAW[data](rng, (count, dimension, samples))
        yield x @ x.swapaxes(-2, -1) / samples


def _estimate(matrices: Iterator[FloatArray], trials: int, level: float) -> ShareEstimate:
    """Return both shares of independent matrices, with Student intervals of the given level."""
    rows = [(np.abs(block).sum(axis=(-2, -1)), diagonal_share(block)) for block in matrices]
    total, share = (np.concatenate(column) for column in zip(*rows, strict=True))
    diagonal = share * total
    quotient = diagonal.mean() / total.mean()
    quantile = stdtrit(trials - 1, (1 + level) / 2) / np.sqrt(trials)

    def interval(centre: float, deviations: FloatArray) -> tuple[float, float]:
        half_width = quantile * deviations.std(ddof=1)
        return float(max(centre - half_width, 0)), float(min(centre + half_width, 1))

    return ShareEstimate(
        share_of_expectation=float(quotient),
        share_of_expectation_interval=interval(quotient, (diagonal - quotient * total) / total.mean()),
        expected_share=float(share.mean()),
        expected_share_interval=interval(share.mean(), share),
        trials=trials,
        level=level,
    )
