"""The largest norm among the powers of a matrix."""

import numpy as np
from numpy.typing import NDArray

BLOCK = 256  # powers held at a time
MOST_POWERS = 2**20


def largest_power_norm(matrix: NDArray[np.float64]) -> float:
    """Return the largest spectral norm of a power of a matrix, the power 0 included.

    Parameters
    ----------
    matrix : ndarray
        Shape (n, n), without unit.

    Returns
    -------
    At least 1; NaN if no power up to 2²⁰ has a norm of at most 1.

    Notes
    -----
    Once :math:`\\|A^k\\| \\le 1`, a later power :math:`A^{jk+i}` has a norm of at most :math:`\\|A^i\\|`, so that the
    maximum has been met: the search ends with a proof.

    Examples
    --------
    >>> largest_power_norm(np.array([[0.0, 3.0], [0.0, 0.0]]))
    3.0
    """
    powers = np.eye(len(matrix))[None]
    while len(powers) < BLOCK:
        powers = np.concatenate([powers, powers @ (powers[-1] @ matrix)])
    ahead = powers[-1] @ matrix
    largest = 1.0
    for first in range(0, MOST_POWERS, BLOCK):
        norms = np.linalg.norm(powers, ord=2, axis=(1, 2))
        settled = np.flatnonzero(norms[first == 0 :] <= 1) + (first == 0)
        if settled.size:
            return max(largest, float(norms[: settled[0] + 1].max()))
        largest = max(largest, float(norms.max()))
        powers = ahead @ powers
    return float("nan")
