"""A loss whose infimum lies at infinity: runs on it leave every bounded set, and its constants are global
all the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dynamics import implements, initial_point
from dynamics.protocol.canonical import canonical
from synthetic.parts.sampling import Sampling
from synthetic.ridge_sums.ridge_data import RidgeData, RidgeWork, ridge_data, ridge_work
from synthetic.ridge_sums.ridge_functions import ridge, ridge_curvature, ridge_slope
from synthetic.ridge_sums.ridge_sums import ridge_sum


class Receding(NamedTuple):
    """The mean of (sqrt(1 + t^2) - t)/2 at t = a_n x: convex, falling, with slope in (-1, 0) and curvature
    up to 1/2."""

    data: RidgeData
    batch_size: int
    sampling: Sampling
    work: RidgeWork


@implements(ridge, Receding)
def _(problem, t):
    return 0.5 * (np.sqrt(1.0 + t * t) - t)


@implements(ridge_slope, Receding)
def _(problem, t):
    return 0.5 * (t / np.sqrt(1.0 + t * t) - 1.0)


@implements(ridge_curvature, Receding)
def _(problem, t):
    square = 1.0 + t * t
    return 0.5 / (square * np.sqrt(square))


ridge_sum(Receding)


@implements(initial_point, Receding)
def _(problem):
    return np.zeros(1)


def receding(rates: np.ndarray, *, batch_size: int) -> Receding:
    """Return the problem with those a_n > 0, shape (N,)."""
    data = ridge_data(np.asarray(rates, dtype=float)[:, None], np.zeros(len(rates)))
    return canonical(Receding(data, batch_size, 0, ridge_work(data)))  # type: ignore[arg-type]
