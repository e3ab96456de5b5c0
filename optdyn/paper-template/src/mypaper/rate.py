"""How far two alternating steps get on a quadratic, in closed form."""

from typing import Any

import numpy as np


def steps(condition_number: float, largest: float = 1.0) -> tuple[float, float]:
    """The best long and the best short step for curvatures from `largest / condition_number` to `largest`.

    They are the inverses of the roots of a Chebyshev polynomial on that interval.
    """
    least = largest / condition_number
    middle, reach = (largest + least) / 2, (largest - least) / 2 / np.sqrt(2.0)
    return 1.0 / (middle - reach), 1.0 / (middle + reach)


def factor(curvature: Any, least: Any, largest: Any) -> Any:
    """What both of the best steps make of the error along a curvature, numbers or symbols alike."""
    product = 8 / (
        largest**2 + 6 * largest * least + least**2
    )  # of the two steps; their sum is (largest + least) times it
    return 1 - (largest + least) * product * curvature + product * curvature**2


def rate(condition_number: Any) -> Any:
    """The factor by which both of the best steps shrink the error at least, numbers or symbols alike."""
    return (condition_number - 1) ** 2 / (condition_number**2 + 6 * condition_number + 1)
