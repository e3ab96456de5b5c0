"""A problem around another one that tallies what is asked of it, in terms of the sum."""

from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    batch_summands,
    draw,
    gradient,
    hessian_product,
    implements,
    initial_point,
    mean_curved_gradient,
    new_sample,
    resize,
    sampled_gradient,
    sampled_value_and_gradient,
    summands,
    value_and_gradient,
)
from dynamics.protocol.sampling_variance import sampling_variance

LOOKS, GRADIENTS, PRODUCTS, CURVED, SAMPLED = range(5)


class Tallied(NamedTuple):
    """The problem and its tally: values with gradients, gradients, Hessian products, curved gradients, sampled ones."""

    problem: Any
    tally: np.ndarray


def tallied(problem: Any) -> Tallied:
    """A fresh tally; a run goes on with the same array."""
    return Tallied(problem, np.zeros(5, dtype=np.int64))


@implements(value_and_gradient, Tallied)
def _(problem, x, out):
    problem.tally[LOOKS] += summands(problem)
    return value_and_gradient(problem.problem, x, out)


@implements(gradient, Tallied)
def _(problem, x, out):
    problem.tally[GRADIENTS] += summands(problem)
    gradient(problem.problem, x, out)


@implements(hessian_product, Tallied)
def _(problem, x, v, out):
    problem.tally[PRODUCTS] += summands(problem)
    hessian_product(problem.problem, x, v, out)


@implements(mean_curved_gradient, Tallied)
def _(problem, x, out):
    problem.tally[CURVED] += summands(problem)
    mean_curved_gradient(problem.problem, x, out)


@implements(sampled_value_and_gradient, Tallied)
def _(problem, x, sample, out):
    problem.tally[SAMPLED] += batch_summands(problem, sample)
    return sampled_value_and_gradient(problem.problem, x, sample, out)


@implements(sampled_gradient, Tallied)
def _(problem, x, sample, out):
    problem.tally[SAMPLED] += batch_summands(problem, sample)
    sampled_gradient(problem.problem, x, sample, out)


@implements(draw, Tallied)
def _(problem, rng, sample):
    draw(problem.problem, rng, sample)


@implements(resize, Tallied)
def _(problem, sample, size):
    resize(problem.problem, sample, size)


@implements(batch_summands, Tallied)
def _(problem, sample):
    return batch_summands(problem.problem, sample)


@implements(sampling_variance, Tallied)
def _(problem, sample):
    return sampling_variance(problem.problem, sample)


@implements(summands, Tallied)
def _(problem):
    return summands(problem.problem)


@implements(new_sample, Tallied)
def _(problem):
    return new_sample(problem.problem)


@implements(initial_point, Tallied)
def _(problem):
    return initial_point(problem.problem)
