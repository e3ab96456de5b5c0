"""How far a stochastic gradient scatters: what expectations over the sampling law need to know of it."""

from dynamics.kernels.generic import generic
from dynamics.protocol.oracle import batch_summands, summands


def _without_replacement(problem, sample):
    terms, drawn = summands(problem), batch_summands(problem, sample)
    return (terms - drawn) / (drawn * max(terms - 1, 1))


@generic(fallback=_without_replacement)
def sampling_variance(problem, sample):
    """Return the variance of a mean over a mini-batch, as a multiple of that of one summand.

    For b out of N summands this is (N - b) / (b (N - 1)) without replacement, the fallback, and 1 / b with it. It is 0
    for a problem of one summand: noise added to a gradient does not go with the Hessian.

    Examples
    --------
    >>> from dynamics import new_sample
    >>> from synthetic import carmon
    >>> problem = carmon(samples=50, dimension=3, batch_size=10, rng=0)
    >>> round(float(sampling_variance(problem, new_sample(problem))), 6)  # (50 - 10) / (10 · 49)
    0.081633
    """
