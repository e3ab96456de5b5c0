"""What factories ask of their arguments before any work, beyond `dynamics.checks`."""

from typing import Any

from dynamics.checks import Refusal, require_whole
from dynamics.protocol.trees import arrays_in


def require_batch(batch_size: Any, samples: int) -> int:
    """The batch size as a whole number between 1 and the number of samples.

    Examples
    --------
    >>> require_batch(600, 500)
    Traceback (most recent call last):
    dynamics.checks.Refusal: batch_size = 600 is larger than the data: there are 500 samples; try 500.
    """
    size = require_whole("batch_size", batch_size, 1, "an empty batch has no mean")
    if size > samples:
        raise Refusal(f"batch_size = {size} is larger than the data: there are {samples} samples; try {samples}.")
    return size


def require_scratch(work: Any, *shapes: tuple[int, ...]) -> None:
    """Refuse scratch whose arrays are of other shapes: kernels write to them unasked.

    Examples
    --------
    >>> import numpy as np
    >>> require_scratch((np.zeros(3),), (4,))
    Traceback (most recent call last):
    dynamics.checks.Refusal: work has arrays of the shapes (3,), and (4,) are needed: let the factory make it.
    """
    found = [array.shape for array in arrays_in(work)]
    if found != list(shapes):
        given, wanted = (", ".join(map(str, listed)) for listed in (found, shapes))
        raise Refusal(f"work has arrays of the shapes {given}, and {wanted} are needed: let the factory make it.")
