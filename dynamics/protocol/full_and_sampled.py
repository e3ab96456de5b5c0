"""The two oracles through which a method sees a problem; both speak its protocol, and count what is asked of them."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.generic import generic, implements
from dynamics.protocol.oracle import (
    batch_summands,
    gauss_newton_product,
    gradient,
    hessian,
    hessian_product,
    mean_curved_gradient,
    prepare_products,
    prepared_product,
    sampled_gradient,
    sampled_hessian_product,
    sampled_value,
    sampled_value_and_gradient,
    value,
    value_and_gradient,
)

VALUES, GRADIENTS, PRODUCTS = 0, 1, 2


class Full(NamedTuple):
    """A problem seen whole: every call is exact and costs one evaluation."""

    problem: Any
    calls: np.ndarray  # shape (3,): values, gradients and Hessian products so far, in terms of the sum
    summands: int  # of the sum, all of which a call takes


class Sampled(NamedTuple):
    """A problem seen through its stochastic gradient: every call is evaluated on the current sample."""

    problem: Any
    calls: np.ndarray
    summands: int
    sample: Any


@generic()
def unit(oracle):
    """Return how many terms of the sum one call takes."""


@generic()
def whole(oracle):
    """Return the oracle that sees the same problem whole, and counts its calls with the others.

    Examples
    --------
    >>> whole.arguments
    ('oracle',)
    """


@implements(unit, Full)
def _(oracle):
    return oracle.summands


@implements(unit, Sampled)
def _(oracle):
    return batch_summands(oracle.problem, oracle.sample)


@implements(whole, Full)
def _(oracle):
    return oracle


@implements(whole, Sampled)
def _(oracle):
    return Full(oracle.problem, oracle.calls, oracle.summands)


@implements(value_and_gradient, Full)
def _(problem, x, out):
    problem.calls[VALUES] += unit(problem)
    problem.calls[GRADIENTS] += unit(problem)
    return value_and_gradient(problem.problem, x, out)


@implements(value, Full)
def _(problem, x):
    problem.calls[VALUES] += unit(problem)
    return value(problem.problem, x)


@implements(gradient, Full)
def _(problem, x, out):
    problem.calls[GRADIENTS] += unit(problem)
    gradient(problem.problem, x, out)


@implements(hessian_product, Full)
def _(problem, x, v, out):
    problem.calls[PRODUCTS] += unit(problem)
    hessian_product(problem.problem, x, v, out)


@implements(prepare_products, Full)
def _(problem, x):
    prepare_products(problem.problem, x)


@implements(prepared_product, Full)
def _(problem, x, v, out):
    problem.calls[PRODUCTS] += unit(problem)
    prepared_product(problem.problem, x, v, out)


@implements(gauss_newton_product, Full)
def _(problem, x, v, out):
    problem.calls[PRODUCTS] += unit(problem)
    gauss_newton_product(problem.problem, x, v, out)


@implements(hessian, Full)
def _(problem, x, out):
    problem.calls[PRODUCTS] += unit(problem) * len(x)
    hessian(problem.problem, x, out)


@implements(mean_curved_gradient, Full)
def _(problem, x, out):
    problem.calls[GRADIENTS] += unit(problem)
    problem.calls[PRODUCTS] += unit(problem)
    mean_curved_gradient(problem.problem, x, out)


@implements(value_and_gradient, Sampled)
def _(problem, x, out):
    problem.calls[VALUES] += unit(problem)
    problem.calls[GRADIENTS] += unit(problem)
    return sampled_value_and_gradient(problem.problem, x, problem.sample, out)


@implements(gradient, Sampled)
def _(problem, x, out):
    problem.calls[GRADIENTS] += unit(problem)
    sampled_gradient(problem.problem, x, problem.sample, out)


@implements(value, Sampled)
def _(problem, x):
    problem.calls[VALUES] += unit(problem)
    return sampled_value(problem.problem, x, problem.sample)


@implements(hessian_product, Sampled)
def _(problem, x, v, out):
    problem.calls[PRODUCTS] += unit(problem)
    sampled_hessian_product(problem.problem, x, v, problem.sample, out)
