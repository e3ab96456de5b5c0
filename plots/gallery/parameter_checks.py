"""Checks of figure parameters that several figures of the gallery share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dynamics.checks import Refusal

__all__ = ["require_increasing"]


def require_increasing(name: str, values: Sequence[float], *, count: int, above: float, reason: str) -> NDArray:
    """The values as an array; refuses fewer than `count`, one not above `above`, and any order but increasing.

    Examples
    --------
    >>> require_increasing("powers", (1, 0.5), count=2, above=0, reason="each is a curve")
    Traceback (most recent call last):
    dynamics.checks.Refusal: powers is (1, 0.5); the figure needs 2 or more increasing numbers above 0: each is a curve.
    """
    array = np.asarray(values, dtype=float)
    fits = array.ndim == 1 and array.size >= count and bool(np.all(np.isfinite(array)))
    if not fits or array[0] <= above or np.any(np.diff(array) <= 0):
        raise Refusal(
            f"{name} is {values!r}; the figure needs {count} or more increasing numbers above {above:g}: {reason}."
        )
    return array
