"""Independent random streams for the parts of a problem's data."""

from typing import Any

import numpy as np

from dynamics.checks import as_generator


def streams(rng: Any, count: int) -> list[np.random.Generator]:
    """`count` generators, independent of each other and of `numpy.random.default_rng(rng)` itself.

    Each part of a problem has a stream of its own, so that a choice made for one part leaves the draws of the others
    alone. They start from numbers drawn from `rng` rather than from `rng` itself: `carmon(rng=0)` and
    `simulate(..., rng=0)` would otherwise draw the data and the mini-batches from the same bits.

    Parameters
    ----------
    rng : int, SeedSequence, Generator or None
        An int or a SeedSequence (the same streams each time), a Generator (new streams each time) or None.
    count : int
        The number of streams.

    Raises
    ------
    ValueError
        If `rng` is none of these.

    Examples
    --------
    >>> first, second = streams(0, 2)
    >>> bool(first.random() == streams(0, 3)[0].random()), bool(first.random() == second.random())
    (True, False)
    """
    entropy = as_generator(rng).integers(2**32, size=4, dtype=np.uint32)
    return [np.random.default_rng(child) for child in np.random.SeedSequence(entropy.tolist()).spawn(count)]
