"""What factories ask of their arguments before any work, beyond `dynamics.checks`."""

from typing import Any

from dynamics.checks import require_whole


def require_batch(batch_size: Any, samples: int) -> int:
    """The batch size as a whole number between 1 and the number of samples.

    Examples
    --------
    >>> require_batch(600, 500)
    Traceback (most recent call last):
    ValueError: batch_size = 600 is larger than the data: there are 500 samples; try 500.
    """
    size = require_whole("batch_size", batch_size, 1, "an empty batch has no mean")
    if size > samples:
        raise ValueError(f"batch_size = {size} is larger than the data: there are {samples} samples; try {samples}.")
    return size
