"""A problem with a constant added to its value."""

from dataclasses import replace
from typing import Any, NamedTuple

from dynamics import (
    batch_summands,
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
from dynamics.protocol.oracle import gauss_newton_product, sampled_hessian_product
from dynamics.protocol.sampling_variance import sampling_variance
from synthetic.parts.information import info


class Raised(NamedTuple):
    """A problem whose value, on mini-batches as well, has a constant added to it."""

    problem: Any
    height: float


@implements(value, Raised)
def _(problem, x):
    return value(problem.problem, x) + problem.height


@implements(gradient, Raised)
def _(problem, x, out):
    gradient(problem.problem, x, out)


@implements(value_and_gradient, Raised)
def _(problem, x, out):
    return value_and_gradient(problem.problem, x, out) + problem.height


@implements(hessian_product, Raised)
def _(problem, x, v, out):
    hessian_product(problem.problem, x, v, out)


@implements(gauss_newton_product, Raised)
def _(problem, x, v, out):
    gauss_newton_product(problem.problem, x, v, out)


@implements(sampled_hessian_product, Raised)
def _(problem, x, v, sample, out):
    sampled_hessian_product(problem.problem, x, v, sample, out)


@implements(hessian, Raised)
def _(problem, x, out):
    hessian(problem.problem, x, out)


@implements(mean_curved_gradient, Raised)
def _(problem, x, out):
    mean_curved_gradient(problem.problem, x, out)


@implements(draw, Raised)
def _(problem, rng, sample):
    draw(problem.problem, rng, sample)


@implements(sampled_value_and_gradient, Raised)
def _(problem, x, sample, out):
    return sampled_value_and_gradient(problem.problem, x, sample, out) + problem.height


@implements(sampled_gradient, Raised)
def _(problem, x, sample, out):
    sampled_gradient(problem.problem, x, sample, out)


@implements(new_sample, Raised)
def _(problem):
    return new_sample(problem.problem)


@implements(summands, Raised)
def _(problem):
    return summands(problem.problem)


@implements(batch_summands, Raised)
def _(problem, sample):
    return batch_summands(problem.problem, sample)


@implements(sampling_variance, Raised)
def _(problem, sample):
    return sampling_variance(problem.problem, sample)


@implements(resize, Raised)
def _(problem, sample, size):
    resize(problem.problem, sample, size)


@implements(initial_point, Raised)
def _(problem):
    return initial_point(problem.problem)


@implements(info, Raised)
def _(problem):
    known = info(problem.problem)
    return known if known.minimum is None else replace(known, minimum=known.minimum + problem.height)
