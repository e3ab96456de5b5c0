"""Runners that count Hessian products: rounding may lead two peers through other iterations to the same end."""

from collections.abc import Callable

import numpy as np

Result = tuple[np.ndarray, np.ndarray]


class Counting:
    """A runner that keeps the products of its last call.

    Parameters
    ----------
    run : callable
        Takes the steps; returns the result and the products.
    """

    def __init__(self, run: Callable[[int], tuple[Result, int]]) -> None:
        self.run, self.products = run, 0

    def __call__(self, steps: int) -> Result:
        result, self.products = self.run(steps)
        return result
