"""A problem with a constant added to its value."""

from dataclasses import replace
from typing import Any, NamedTuple

from dynamics import (
    batch_summands,
    blocks,
    draw,
    gradient,
    hessian,
    hessian_product,
    implements,
    initial_point,
    mean_curved_gradient,
    new_sample,
    resize,
    sampled_gradient,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.kernels.declarations import wraps
from dynamics.protocol.oracle import gauss_newton_product, sampled_hessian_product
from dynamics.protocol.sampling_variance import sampling_variance
from synthetic.parts.information import info


class Raised(NamedTuple):
    """A problem whose value, on mini-batches as well, has a constant added to it.

    Examples
    --------
    >>> from synthetic import quadratic, value
    >>> value(Raised(quadratic(eigenvalues=[1.0]), 3.0), [2.0])
    5.0
    """

    problem: Any
    height: float


wraps(
    Raised,
    hands_on=(
        gradient,
        hessian_product,
        gauss_newton_product,
        sampled_hessian_product,
        hessian,
        mean_curved_gradient,
        draw,
        sampled_gradient,
        new_sample,
        summands,
        batch_summands,
        sampling_variance,
        resize,
        initial_point,
        blocks,
    ),
)


@implements(value, Raised)
def _(problem, x):
    return value(problem.problem, x) + problem.height


@implements(value_and_gradient, Raised)
def _(problem, x, out):
    return value_and_gradient(problem.problem, x, out) + problem.height


@implements(sampled_value_and_gradient, Raised)
def _(problem, x, sample, out):
    return sampled_value_and_gradient(problem.problem, x, sample, out) + problem.height


@implements(info, Raised)
def _(problem):
    known = info(problem.problem)
    return known if known.minimum is None else replace(known, minimum=known.minimum + problem.height)
