"""Several tests at once: which of them may be believed together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def holm(p_values: ArrayLike, *, error_level: float) -> np.ndarray:
    """Reject hypotheses by Holm's procedure: a true one among them is rejected with at most that probability.

    Assumes nothing about the dependence of the tests, and rejects whatever Bonferroni's correction does. Confidence
    intervals that hold together are a matter of `statistical.corrected`.

    Parameters
    ----------
    p_values : array_like, shape (n,)
        Of each test: under its null hypothesis at most u with probability at most u.
    error_level : float
        Probability of one false rejection or more.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
        If a p-value or the error level is no probability, or there is none.

    References
    ----------
    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.02, 0.6], error_level=0.05)
    array([ True, False, False, False])
    """
    return adjusted(p_values) <= _checked_level(error_level)


def adjusted(p_values: ArrayLike) -> np.ndarray:
    """Return the least error level at which Holm's procedure rejects each hypothesis.

    Parameters
    ----------
    p_values : array_like, shape (n,)

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> adjusted([0.01, 0.02, 0.6])
    array([0.03, 0.04, 0.6 ])
    """
    values = np.asarray(p_values, dtype=float)
    if values.ndim != 1 or values.size == 0 or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"p-values {values.tolist()}: a list of numbers between 0 and 1 is needed, one for each test")
    order = np.argsort(values, kind="stable")
    steps = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    result = np.empty_like(values)
    result[order] = np.minimum(steps, 1)
    return result


def sign_test(wins: int, trials: int) -> float:
    """Return the p-value of "a win is no more likely than a loss", one-sided and exact.

    For paired comparisons of two methods, ties left out; nothing is assumed about how much they differ by.

    Examples
    --------
    >>> sign_test(9, 10) == 11 / 1024
    True
    """
    from scipy.special import bdtrc

    if not 0 <= wins <= trials or trials < 1:
        raise ValueError(f"{wins} wins in {trials} trials: a test needs at least one trial, and at most as many wins")
    return 1.0 if wins == 0 else float(bdtrc(wins - 1, trials, 0.5))


def _checked_level(error_level: float) -> float:
    if not 0 < error_level < 1:
        raise ValueError(f"error_level={error_level}: a probability strictly between 0 and 1, such as 0.01")
    return error_level
