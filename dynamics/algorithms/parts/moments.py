"""Moving averages of gradients and of their squares: what Adam and L4 share."""

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
