"""Large data in parts: problems of which one problem is the mean, so that threads can share its sums.

Where the parts begin hangs on the data alone, so the bytes of a run don't depend on the number of threads.
"""

from dynamics.kernels.generic import generic

LARGE = 10_000_000  # numbers that a full-batch evaluation reads: from here on it takes more than some milliseconds
PART = 2**19  # numbers in a part, about
MULTIPLE = 64  # summands: arrays that are cut there begin on a cache line


@generic(default=())
def parts(problem):
    """Return problems of the same class over stretches of the summands; none where the data are not large.

    The problem's value, gradient and Hessian products are the means of theirs, weighted by their summands. In Python,
    once a run: where there are parts, `simulate` evaluates the full batch part by part, on as many threads as it may.

    Examples
    --------
    >>> from synthetic import carmon
    >>> parts(carmon(samples=50, dimension=3, rng=0))
    ()
    """


def stretches(summands: int, numbers: int) -> list[tuple[int, int]]:
    """Where the parts of a problem begin and end that has so many summands of so many numbers; none of a small one.

    Examples
    --------
    >>> stretches(500, 30), len(stretches(500_000, 30)), stretches(100, 10**6)
    ([], 29, [(0, 64), (64, 100)])
    """
    if summands * numbers < LARGE:
        return []
    length = max(PART // numbers // MULTIPLE, 1) * MULTIPLE
    return [(first, min(first + length, summands)) for first in range(0, summands, length)]
