"""A problem's kernels asked at points, as plain Python or as machine code."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.cache import compiled
from dynamics.kernels.policy import as_python
from dynamics.protocol import oracle
from dynamics.protocol.kernel_errors import explained
from dynamics.protocol.scratch import own_work
from dynamics.protocol.trees import arrays_in, with_arrays
from dynamics.vectors.borrowing import borrowed


def _exact(problem, x, out, values):
    values[0] = oracle.value(problem, x)
    values[1] = oracle.value_and_gradient(problem, x, out[0])
    oracle.gradient(problem, x, out[1])


def _products(problem, x, v, out):
    oracle.hessian_product(problem, x, v, out[0])
    oracle.prepare_products(problem, x)
    oracle.prepared_product(problem, x, v, out[1])


def _gauss_newton(problem, x, v, out):
    oracle.gauss_newton_product(problem, x, v, out)


def _draws(problem, rng, sample, x, directions, out, sums):
    for k in range(len(sums)):
        oracle.draw(problem, rng, sample)
        oracle.sampled_gradient(problem, x, sample, out)
        for i in range(len(directions)):
            total = 0.0
            for j in range(len(x)):
                total += directions[i, j] * out[j]
            sums[k, i] = total


class Asked(NamedTuple):
    """Values and gradients at a point, each by every way that there is to ask for them."""

    values: np.ndarray  # by value, and by value_and_gradient
    gradients: np.ndarray  # by value_and_gradient, and by gradient, shape (2, d)


class Subject:
    """A problem that is looked at, with scratch of its own; `machine` says whether as machine code."""

    def __init__(self, problem: Any, machine: bool) -> None:
        self.problem, self.machine = own_work(problem), machine

    def exact(self, x: np.ndarray) -> Asked:
        """Value and gradient at `x`."""
        values, gradients = np.full(2, np.nan), np.full((2, x.size), np.nan)
        self._run(_exact, x.copy(), gradients, values)
        return Asked(values, gradients)

    def value(self, x: np.ndarray) -> float:
        """The value that comes with the gradient."""
        return float(self.exact(x).values[1])

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """The gradient that comes with the value."""
        return np.array(self.exact(x).gradients[0])

    def products(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """The Hessian's product by `hessian_product` and by `prepared_product`, shape (2, d)."""
        out = np.full((2, x.size), np.nan)
        self._run(_products, x.copy(), v.copy(), out)
        return out

    def gauss_newton(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """The product of the Gauss-Newton matrix."""
        out = np.full(x.size, np.nan)
        self._run(_gauss_newton, x.copy(), v.copy(), out)
        return out

    def draws(self, x: np.ndarray, directions: np.ndarray, count: int, seed: int) -> np.ndarray:
        """Sampled gradients at `x`, each projected on the directions, shape (count, directions)."""
        sample = with_copies(oracle.new_sample(self.problem))
        sums = np.full((count, len(directions)), np.nan)
        rng = borrowed(np.random.default_rng(seed))
        self._run(_draws, rng, sample, x.copy(), directions.copy(), np.zeros(x.size), sums)
        return sums

    def _run(self, template: Callable[..., Any], *arguments: Any) -> None:
        if self.machine:
            with explained(self.problem), np.errstate(all="ignore"):
                compiled(template, (self.problem, *arguments))(self.problem, *arguments)
        else:
            with as_python(), np.errstate(all="ignore"):
                template(self.problem, *arguments)


def with_copies(value: Any) -> Any:
    """A tree of tuples with arrays of its own."""
    return with_arrays(value, iter([array.copy() for array in arrays_in(value)]))


def size_of(problem: Any, x: np.ndarray) -> float:
    """How many numbers a value is made of."""
    return float(x.size + sum(array.size for array in arrays_in(problem)))
