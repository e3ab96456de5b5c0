"""Medians and bands over seeds, in which a run that failed counts as the worst."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal

__all__ = ["median_over", "ranked", "seed_band", "smoothed_in_log", "value_words"]


def seed_band(samples: ArrayLike, *, coverage: float = 0.8, worst: float = np.inf) -> tuple[NDArray, NDArray, NDArray]:
    """Median and central band over seeds, in which a run that failed counts as the worst.

    Parameters
    ----------
    samples : array_like, shape (seeds, ...)
        One curve per seed. NaN or infinity says that the seed's run had failed there.
    coverage : float
        Share of the seeds inside the band, in (0, 1].
    worst : float
        What failed runs count as: inf where less is better, -inf where more is.

    Returns
    -------
    low, median, high : ndarray
        Without the first axis. Where runs failed, no quantile lies between two runs (the median is the worse one of the
        two), and one that falls on a failed run is `worst`.

    Raises
    ------
    ValueError
        If `coverage` is outside (0, 1].

    Examples
    --------
    >>> low, median, high = seed_band([[0.0], [1.0], [2.0], [3.0], [4.0]], coverage=0.5)
    >>> low, median, high
    (array([1.]), array([2.]), array([3.]))
    >>> [end.item() for end in seed_band([[0.0], [1.0], [2.0], [3.0], [np.nan]])]
    [0.0, 2.0, inf]
    """
    if not 0 < coverage <= 1:
        raise Refusal(f"coverage is {coverage!r}; the share of seeds inside a band is above 0 and at most 1.")
    values = np.asarray(samples, dtype=float)
    failed = ~np.isfinite(values)
    tail = (1 - coverage) / 2
    shares = (tail, 0.5, 1 - tail)
    methods = ("lower", "higher" if worst > 0 else "lower", "higher")
    ranked = np.where(failed, worst, values)
    quantiles = [
        np.where(
            failed.any(axis=0),
            np.quantile(ranked, share, axis=0, method=method),  # type: ignore[call-overload]  # a name among many
            np.quantile(np.where(failed, 0.0, values), share, axis=0),
        )
        for share, method in zip(shares, methods, strict=True)
    ]
    return quantiles[0], quantiles[1], quantiles[2]


def median_over(array: xr.DataArray, dimension: str, *, worst: float = np.inf) -> xr.DataArray:
    """The median over a dimension of runs, those that failed (NaN or infinite) counted as `worst`.

    Examples
    --------
    >>> median_over(xr.DataArray([1.0, 2.0, 3.0, np.nan, np.nan], dims="run"), "run").item()
    3.0
    """

    def median(values: NDArray, axis: int) -> NDArray:
        return seed_band(np.moveaxis(values, axis, 0), worst=worst)[1]

    return array.reduce(median, dimension)


def value_words(value: float, form: str) -> str:
    """A median for the caption; "failed" where half of the runs or more have.

    Examples
    --------
    >>> value_words(0.25, ".1f"), value_words(np.inf, ".1f")
    ('0.2', 'failed')
    """
    return f"{value:{form}}" if np.isfinite(value) else "failed"


def smoothed_in_log(loss: np.ndarray, window: int) -> np.ndarray:
    """Centred moving geometric mean along the last axis, over fewer records at the ends; NaN where the run had ended.

    Examples
    --------
    >>> smoothed_in_log(np.array([1.0, 100.0, 1.0]), 3).round(6)
    array([10.      ,  4.641589, 10.      ])
    """
    logs = np.log(np.maximum(loss, np.finfo(float).tiny))
    kernel = np.ones(window)
    sums = np.apply_along_axis(np.convolve, -1, logs, kernel, mode="same")
    counts = np.convolve(np.ones(loss.shape[-1]), kernel, mode="same")
    return np.exp(sums / counts)


def ranked(values: xr.DataArray, *, over: str, worst: float = np.inf, form: str = ".3g") -> str:
    """Names with their medians over a dimension of runs, the least first, for a message.

    Examples
    --------
    >>> values = xr.DataArray([[3.0, 4.0, 5.0], [1.0, 2.0, 2.5]], {"method": ["A", "B"]}, ("method", "run"))
    >>> ranked(values, over="run")
    'B 2, A 4'
    """
    medians = median_over(values, over, worst=worst)
    (names,) = medians.dims
    pairs = sorted(zip(medians.values.tolist(), medians[names].values.tolist(), strict=True), key=lambda pair: pair[0])
    return ", ".join(f"{name} {value_words(value, form)}" for value, name in pairs)
