"""ARSG's Algorithm 1 on many problems at once, for the claims on its bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Run(NamedTuple):
    """What a run leaves behind.

    Attributes
    ----------
    iterates : ndarray
        X_1 … x_T, shape (T, ..., d).
    accumulator : ndarray
        The largest accumulators, the start included, shape (T + 1, ..., d).
    """

    iterates: FloatArray
    accumulator: FloatArray


def run_arsg(
    gradient: Callable[[int, FloatArray], FloatArray],
    start: FloatArray,
    *,
    steps: int,
    step_sizes: Callable[[int], Any],
    beta1: Callable[[int], Any],
    beta2: Any,
    mu: Any,
    eps: Any,
    box: float = np.inf,
    added: Any = 0.0,
) -> Run:
    """Run Algorithm 1 with projection on the box [-box, box] in each coordinate; t counts from 1.

    AMSGrad is the same with mu = 0 and eps = 0, and its own epsilon `added` to the root.

    Examples
    --------
    >>> run = run_arsg(
    ...     lambda t, x: x, np.array([1.0]), steps=2, step_sizes=lambda t: 0.5, beta1=lambda t: 0.0, beta2=0.0, mu=0.0,
    ...     eps=1e-8,
    ... )
    >>> run.iterates[:, 0].tolist()
    [1.0, 0.5]
    """
    x = np.array(start, dtype=np.float64)
    m, v = np.zeros_like(x), np.zeros_like(x)
    iterates, accumulator = np.empty((steps, *x.shape)), np.empty((steps + 1, *x.shape))
    accumulator[0] = eps
    for t in range(1, steps + 1):
        iterates[t - 1] = x
        g = gradient(t, x)
        beta = beta1(t)
        m = beta * m + (1 - beta) * g
        v = beta2 * v + (1 - beta2) * g**2
        peak = np.maximum(accumulator[t - 1], v, out=accumulator[t])
        step = (1 - mu) * m + mu * g
        x = x - step_sizes(t) * step / (np.sqrt(peak) + added)
        if box < np.inf:
            x = np.clip(x, -box, box)
    return Run(iterates, accumulator)
