"""One run on large data: its full-batch sums part by part, on several threads.

The driver sees a stand-in for the problem. Where it needs a sum over all data it calls back to Python, which takes
microseconds where the sum takes milliseconds: threads take one part after the other through the problem's own kernels,
and what they leave is added up in the order of the parts.
"""

import ctypes
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.cache import entry_point
from dynamics.kernels.declarations import wraps
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.kernel_errors import explained
from dynamics.protocol.oracle import (
    PROTOCOL,
    gauss_newton_product,
    gradient,
    hessian_product,
    mean_curved_gradient,
    prepare_products,
    prepared_product,
    summands,
    value,
    value_and_gradient,
)
from dynamics.protocol.sampling_variance import sampling_variance
from dynamics.protocol.scratch import own_work
from dynamics.vectors.alignment import APART, NUMBERS, aligned_empty
from dynamics.vectors.argument_blocks import call_at

BOTH, VALUE, GRADIENT, PRODUCT, PREPARE, PREPARED, GAUSS_NEWTON, CURVED = range(8)


class InParts(NamedTuple):
    """A stand-in for a problem that comes in parts."""

    problem: Any  # which answers all that is asked of a mini-batch
    point: np.ndarray  # shape (d,), like the next two
    direction: np.ndarray
    result: np.ndarray  # a gradient or a product
    number: np.ndarray  # the value, shape (1,)
    address: int  # of what evaluates


wraps(InParts, hands_on=(*PROTOCOL, summands, sampling_variance))


@kernel
def ask(problem, what, x, v):
    """Have something evaluated at x, along v; return the value."""
    for j in range(len(x)):
        problem.point[j] = x[j]
        problem.direction[j] = v[j]
    call_at(problem.address, what)
    return problem.number[0]


@kernel
def take(problem, out):
    """Write the gradient or product that was asked for into `out`."""
    for j in range(len(out)):
        out[j] = problem.result[j]


@implements(value_and_gradient, InParts)
def _(problem, x, out):
    mean = ask(problem, BOTH, x, x)
    take(problem, out)
    return mean


@implements(value, InParts)
def _(problem, x):
    return ask(problem, VALUE, x, x)


@implements(gradient, InParts)
def _(problem, x, out):
    ask(problem, GRADIENT, x, x)
    take(problem, out)


@implements(hessian_product, InParts)
def _(problem, x, v, out):
    ask(problem, PRODUCT, x, v)
    take(problem, out)


@implements(prepare_products, InParts)
def _(problem, x):
    ask(problem, PREPARE, x, x)


@implements(prepared_product, InParts)
def _(problem, x, v, out):
    ask(problem, PREPARED, x, v)
    take(problem, out)


@implements(gauss_newton_product, InParts)
def _(problem, x, v, out):
    ask(problem, GAUSS_NEWTON, x, v)
    take(problem, out)


@implements(mean_curved_gradient, InParts)
def _(problem, x, out):
    ask(problem, CURVED, x, x)
    take(problem, out)


# What is compiled for a part, each when it is first asked for. A value is returned as an array's entry.


def both_of(part, x, v, out, number):
    """Value and gradient."""
    number[0] = value_and_gradient(part, x, out)


def value_of(part, x, v, out, number):
    """The value."""
    number[0] = value(part, x)


def gradient_of(part, x, v, out, number):
    """The gradient."""
    gradient(part, x, out)


def product_of(part, x, v, out, number):
    """The Hessian's product."""
    hessian_product(part, x, v, out)


def prepare(part, x, v, out, number):
    """What products at x share."""
    prepare_products(part, x)


def prepared_of(part, x, v, out, number):
    """The Hessian's product, prepared."""
    prepared_product(part, x, v, out)


def gauss_newton_of(part, x, v, out, number):
    """The product of Gauss and Newton's matrix."""
    gauss_newton_product(part, x, v, out)


def curved_of(part, x, v, out, number):
    """The mean of Hessians times gradients."""
    mean_curved_gradient(part, x, out)


TEMPLATES = (both_of, value_of, gradient_of, product_of, prepare, prepared_of, gauss_newton_of, curved_of)


class Crew:
    """The threads that evaluate a problem part by part.

    Attributes
    ----------
    stand_in
        What the driver sees.
    failures
        What was raised in a call back, which compiled code can't hand on.
    """

    def __init__(self, problem: Any, pieces: Sequence[Any], dimension: int, threads: int) -> None:
        terms = [summands(part) for part in pieces]
        self.weights = np.array(terms)[:, None] / sum(terms)
        self.failures: list[BaseException] = []
        self.point, self.direction, self.result = (aligned_empty(dimension) for _ in range(3))
        self.number = np.zeros(1)
        # What the parts leave: the rows begin on cache lines, and are far from one another.
        self.results = aligned_empty((len(pieces), -(-dimension // NUMBERS) * NUMBERS + APART))[:, :dimension]
        self.results[:] = 0.0
        self.numbers = np.zeros((len(pieces), 1))
        # Each part has scratch of its own: what it remembers of a point serves the next question.
        self.arguments = [
            (own_work(part), self.point, self.direction, result, number)
            for part, result, number in zip(pieces, self.results, self.numbers, strict=True)
        ]
        self.helpers = min(threads, len(self.arguments)) - 1
        self.pool = ThreadPoolExecutor(max(self.helpers, 1))  # which starts a thread once there is work for it
        self.call = ctypes.CFUNCTYPE(None, ctypes.c_int64)(self.answer)
        address = ctypes.cast(self.call, ctypes.c_void_p).value
        assert address is not None
        self.stand_in = InParts(problem, self.point, self.direction, self.result, self.number, address)

    def answer(self, what: int) -> None:
        """Evaluate; called by the driver, in its thread."""
        try:
            self.evaluate(TEMPLATES[what])
        except BaseException as error:
            self.failures.append(error)
            self.result[:] = self.number[0] = np.nan  # which ends the run

    def evaluate(self, template: Callable[..., None]) -> None:
        """Take all parts, and add up in their order what they leave."""
        with explained(self.arguments[0][0]):
            function = entry_point(template, self.arguments[0])
        waiting = itertools.count()  # the next part that nobody has taken
        helpers = [self.pool.submit(self.work, function, waiting) for _ in range(self.helpers)]
        self.work(function, waiting)
        for helper in helpers:
            helper.result()
        self.number[:] = (self.weights * self.numbers).sum(axis=0)
        self.result[:] = (self.weights * self.results).sum(axis=0)

    def work(self, function: Callable[..., None], waiting: Iterator[int]) -> None:
        """Take one part after the other, until there is none left."""
        with np.errstate(all="ignore"):
            while (i := next(waiting)) < len(self.arguments):
                function(*self.arguments[i])


@contextmanager
def shared(problem: Any, pieces: Sequence[Any], dimension: int, threads: int) -> Iterator[Any]:
    """What stands for a problem, which comes in these parts, in a run on so many threads; while the run lasts."""
    crew = Crew(problem, pieces, dimension, threads)
    try:
        yield crew.stand_in
    finally:
        crew.pool.shutdown()
    if crew.failures:
        raise crew.failures[0]
