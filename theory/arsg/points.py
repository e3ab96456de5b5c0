"""Closed forms of (τ, β, μ) point by point: by NumPy on small arrays, compiled and over all cores on large ones."""

import numpy as np

from theory.arsg.checks import FloatArray
from theory.arsg.formulas import Formula

# Below so many points nothing is compiled and numba stays out: NumPy is done within two milliseconds.
LARGE = 100_000


def at_points(formula: Formula, tau: FloatArray, beta: FloatArray, mu: FloatArray) -> FloatArray:
    """Return ``formula`` at all points of the broadcast shape; its bits don't depend on the size of the arrays."""
    if np.broadcast(tau, beta, mu).size < LARGE:
        with np.errstate(all="ignore"):
            return formula(tau, beta, mu)[()]
    from theory.arsg.large import over_threads  # brings numba

    return over_threads(formula, tau, beta, mu)
