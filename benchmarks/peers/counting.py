"""Runners that count Hessian products: rounding may lead two peers through other iterations to the same end."""

from collections.abc import Callable

import numpy as np

Result = tuple[np.ndarray, np.ndarray]


class Counting:
    """A runner that knows the products of its last call; they are counted once asked for, so that no call is longer.

    Parameters
    ----------
    run : callable
        Takes the steps; returns the result, and what counts the products.
    """

    def __init__(self, run: Callable[[int], tuple[Result, Callable[[], int]]]) -> None:
        self.run = run
        self.count: Callable[[], int] = int

    def __call__(self, steps: int) -> Result:
        result, self.count = self.run(steps)
        return result

    @property
    def products(self) -> int:
        """Hessian products of the last call."""
        return self.count()
