"""What a ridge sum says of itself: φ and its derivatives, for a number or a vector of numbers."""

from dynamics import kernel
from dynamics.kernels.generic import generic
from dynamics.vectors.registers import load, store
from dynamics.vectors.vector import REGISTER


@generic()
def ridge(problem, t):
    """Return φ(t)."""


@generic()
def ridge_slope(problem, t):
    """Return φ'(t)."""


def _one_by_one(problem, t):
    return ridge(problem, t), ridge_slope(problem, t)


@generic(fallback=_one_by_one)
def ridge_with_slope(problem, t):
    """Return φ(t) and φ'(t); to be written down where the two share work."""


def _add_height(problem, t, heights, place):
    height, slope = ridge_with_slope(problem, t)
    store(heights, place, load(heights, place, REGISTER) + height)
    return slope


@generic(fallback=_add_height)
def add_height(problem, t, heights, place):
    """Return φ'(t) of a register t, and add φ(t) to the register at a place of an array."""


@generic()
def ridge_curvature(problem, t):
    """Return φ''(t)."""


@generic()
def ridge_residual_slope(problem, t):
    """Return r'(t), where φ = r² or, for a convex φ, 2r'² = φ''."""


@kernel
def mean_height(problem, summed):
    """The mean over the samples, without the φ(0) of what fills the last panel."""
    data = problem.data
    spare = len(data.offsets) - data.samples
    return (summed - spare * ridge(problem, 0.0)) / data.samples
