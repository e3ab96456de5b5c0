"""The secular equation of steps of a given length: an entry of the step, and when Newton's method stops."""

from dynamics.kernels.policy import kernel

SECULAR_STEPS = 100


SECULAR_TOLERANCE = 1e-13


@kernel
def entry(gamma, denominator):
    """Entry -γ/(δ + μ) of y; 0 where both are 0: in the hard case that part of y is free."""
    return -gamma / denominator if denominator > 0.0 else 0.0
