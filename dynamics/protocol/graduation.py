"""Which of its smoothed versions a problem shows: how a method leads a run from the smoothest down to the problem."""

from dynamics.kernels.generic import generic


@generic()
def graduate(problem, sample, stage):
    """Let sampled gradients from now on be those of the problem smoothed to its degree number `stage`.

    Stage 0 is the smoothest; after the last degree comes the problem itself.

    Examples
    --------
    >>> from synthetic import Graduated
    >>> graduate.has(Graduated)
    True
    """
