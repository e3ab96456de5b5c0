"""The choice among settings by their scores, and how sure it is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dynamics.checks import Refusal

__all__ = ["at_edge", "best_setting", "not_worse"]

RESAMPLES = 2000
AT_ONCE = 100_000  # scores of resamples in memory


def best_setting(scores: NDArray) -> int:
    """The index of the setting with the lowest median score over the problem instances; the first one of a tie.

    Where every setting has failed, it is the one that failed least often.

    Parameters
    ----------
    scores : ndarray, shape (settings, instances)
        Lower is better; infinity is a failure. With an even number of instances the upper median counts, so that a
        setting which fails on half of them has failed.

    Raises
    ------
    ValueError
        If there are fewer than three settings, no instance, or NaN among the scores.

    Examples
    --------
    >>> best_setting(np.array([[3.0, 1.0], [1.5, 2.0], [0.0, np.inf]]))
    1
    """
    if scores.ndim != 2 or scores.shape[0] < 3 or scores.shape[1] < 1 or np.isnan(scores).any():
        raise Refusal(f"scores of shape {scores.shape}: tuning needs 3 settings and 1 instance at least, and no NaN.")
    return int(np.lexsort((np.isinf(scores).sum(axis=-1), _upper_median(scores)))[0])


def _upper_median(scores: NDArray) -> NDArray:
    return np.sort(scores, axis=-1)[..., scores.shape[-1] // 2]


def at_edge(index: int, shape: Sequence[int]) -> bool:
    """Whether a setting has, in any hyper-parameter that is varied, the least or the greatest value of the grid.

    Examples
    --------
    >>> [at_edge(index, (3, 3)) for index in (1, 4)], at_edge(1, (3, 1))
    ([True, False], False)
    """
    return any(
        size > 1 and place in (0, size - 1) for place, size in zip(np.unravel_index(index, shape), shape, strict=True)
    )


def not_worse(scores: NDArray, best: int, *, level: float = 0.95, rng: int = 0) -> NDArray:
    """Which settings the trials cannot tell from the best one.

    Parameters
    ----------
    scores : ndarray, shape (settings, instances, seeds)
        Lower is better, infinity is a failure.
    best : int
        The setting with the lowest median.
    level : float
        Confidence, in (0, 1). A setting is worse where this share of the resamples, or more, gives it a higher median
        than the best one: the lower end of a one-sided percentile interval for the difference is above 0. Each
        comparison has this level by itself.
    rng : int
        Seed of the resamples.

    Returns
    -------
    ndarray of bool, shape (settings,)
        The best one is among them; no other one is that failed on half of the trials or more.

    Notes
    -----
    Trials are resampled with replacement, whole instances where there are several and seeds otherwise, for all settings
    alike, since they share instances and samples. With few trials such intervals are rough.

    Examples
    --------
    >>> scores = np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [1.1, 1.9, 3.1, 3.9, 5.1], [11.0, 12.0, 13.0, 14.0, 15.0]])
    >>> not_worse(scores[:, np.newaxis], 0)
    array([ True,  True, False])
    """
    if not 0 < level < 1:
        raise Refusal(f"level is {level!r}; a confidence lies strictly between 0 and 1: try 0.95.")
    settings, instances, seeds = scores.shape
    groups = scores if instances > 1 else scores.reshape(settings, seeds, 1)
    count = groups.shape[1]
    drawn = np.random.default_rng(rng).integers(count, size=(RESAMPLES, count))
    parts = np.array_split(drawn, min(RESAMPLES, -(-RESAMPLES * groups.size // AT_ONCE)))
    medians = np.hstack([_upper_median(groups[:, part].reshape(settings, len(part), -1)) for part in parts])
    close = (medians > medians[best]).mean(axis=1) < level
    # A resample in which the best one fails as well says nothing for a setting that has failed itself.
    close &= np.isfinite(_upper_median(scores.reshape(settings, -1)))
    close[best] = True
    return close
