"""Moving averages of gradients and of their squares: what Adam and L4 share."""

from typing import NamedTuple

import numpy as np

from dynamics.kernels.policy import kernel
from dynamics.vectors.quotients import over_root
from dynamics.vectors.vector import any_at_most


@kernel
def bias_correction(beta, k):
    """The weight that a moving average, begun at zero, has given to the k + 1 terms it has seen: 1 - beta^(k+1)."""
    # beta^t is at most exp(-t (1 - beta)): where that is below 2^-54, the weight rounds to 1 and no power is needed.
    if any_at_most((k + 1.0) * (1.0 - beta), 37.5):
        return 1.0 - beta ** (k + 1.0)
    return 1.0


@kernel
def normalized(mean, mean_square, eps):
    """`mean` over the root of `mean_square` plus `eps`; 0 where both are 0, as for a coordinate that never moved."""
    return over_root(mean, mean_square, eps)


class Moments(NamedTuple):
    """Moving averages, not yet corrected for their start at zero."""

    mean: np.ndarray  # of the gradient, shape (d,)
    mean_square: np.ndarray  # of its square, shape (d,)


class PeakMoments(NamedTuple):
    """Moving averages, not corrected for their start at zero, and the largest of the second."""

    mean: np.ndarray  # of the gradient, shape (d,)
    mean_square: np.ndarray  # of its square, shape (d,)
    peak: np.ndarray  # the largest mean square so far, shape (d,)


@kernel
def rectification(beta2, k, threshold):
    """The factor r of step k, counted from 0; 0 where the length of the average is not above the threshold."""
    t = k + 1.0
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2.0 * t * beta2**t / bias_correction(beta2, k)
    if length > threshold:
        return np.sqrt((length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length))
    return 0.0
