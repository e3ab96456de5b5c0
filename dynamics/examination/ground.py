"""A small problem on which methods are examined: it has all that a method may ask for, and counts what it is asked."""

from typing import NamedTuple

import numpy as np

from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol import oracle
from dynamics.protocol.graduation import graduate
from dynamics.protocol.method import runs_in_lanes

DIMENSION, TERMS = 5, 12


class Ground(NamedTuple):
    r"""The sum :math:`\sum_j c_j(x_j^2/2+x_j^4/40)+s(\sum_jx_j)^2/2`, whose mini-batches add noise to gradients.

    Convex and not quadratic; `counts` holds the values, gradients and products that it has given, in terms.
    """

    curvature: np.ndarray  # shape (d,)
    shared: float
    noise: float
    counts: np.ndarray  # shape (3,)


class Quiet(NamedTuple):
    """The same without mini-batches."""

    curvature: np.ndarray
    shared: float
    noise: float
    counts: np.ndarray


class Batch(NamedTuple):
    """The noise of a mini-batch, its size, and a degree of smoothing."""

    noise: np.ndarray  # shape (d,)
    size: np.ndarray  # shape (1,)
    stage: np.ndarray  # shape (1,)


def ground(sampled: bool) -> Ground | Quiet:
    """The problem, with mini-batches or without."""
    kind = Ground if sampled else Quiet
    return kind(np.array([1.0, 0.3, 2.0, 0.7, 1.3]), 0.2, 0.1, np.zeros(3))


START = np.array([1.0, -0.8, 0.6, 1.2, -0.5])


@kernel
def _slope(problem, x, out):
    """The gradient, and half the value that belongs to it."""
    total, value = 0.0, 0.0
    for j in range(len(x)):
        total += x[j]
    for j in range(len(x)):
        square = x[j] * x[j]
        out[j] = problem.curvature[j] * (x[j] + 0.1 * square * x[j]) + problem.shared * total
        value += problem.curvature[j] * (0.5 * square + 0.025 * square * square)
    return value + 0.5 * problem.shared * total * total


@kernel
def _curved(problem, x, v, out):
    """A Hessian product."""
    total = 0.0
    for j in range(len(x)):
        total += v[j]
    for j in range(len(x)):
        out[j] = problem.curvature[j] * (1.0 + 0.3 * x[j] * x[j]) * v[j] + problem.shared * total


def _both(problem, x, out):
    problem.counts[0] += 12.0
    problem.counts[1] += 12.0
    return _slope(problem, x, out)


def _gradient(problem, x, out):
    problem.counts[1] += 12.0
    _slope(problem, x, out)


def _value(problem, x):
    problem.counts[0] += 12.0
    total, value = 0.0, 0.0
    for j in range(len(x)):
        square = x[j] * x[j]
        total += x[j]
        value += problem.curvature[j] * (0.5 * square + 0.025 * square * square)
    return value + 0.5 * problem.shared * total * total


def _product(problem, x, v, out):
    problem.counts[2] += 12.0
    _curved(problem, x, v, out)


def _mean_curved(problem, x, out):
    problem.counts[1] += 12.0
    problem.counts[2] += 12.0
    g = np.empty_like(x)
    _slope(problem, x, g)
    _curved(problem, x, g, out)


def _start(problem):
    return START.copy()


def _terms(problem):
    return TERMS


for _kind in (Ground, Quiet):
    for _function, _body in (
        (oracle.value_and_gradient, _both),
        (oracle.gradient, _gradient),
        (oracle.value, _value),
        (oracle.hessian_product, _product),
        (oracle.gauss_newton_product, _product),
        (oracle.mean_curved_gradient, _mean_curved),
        (oracle.initial_point, _start),
        (oracle.summands, _terms),
    ):
        implements(_function, _kind)(_body)
always(runs_in_lanes, Quiet)


@implements(oracle.new_sample, Ground)
def _(problem):
    return Batch(np.zeros(DIMENSION), np.full(1, 4, dtype=np.int64), np.zeros(1, dtype=np.int64))


@implements(oracle.batch_summands, Ground)
def _(problem, sample):
    return sample.size[0]


@implements(oracle.resize, Ground)
def _(problem, sample, size):
    sample.size[0] = size


@implements(graduate, Ground)
def _(problem, sample, stage):
    sample.stage[0] = stage


@implements(oracle.draw, Ground)
def _(problem, rng, sample):
    for j in range(len(sample.noise)):
        sample.noise[j] = problem.noise * rng.standard_normal() / np.sqrt(sample.size[0])


@implements(oracle.sampled_gradient, Ground)
def _(problem, x, sample, out):
    problem.counts[1] += sample.size[0]
    _slope(problem, x, out)
    for j in range(len(x)):
        out[j] += sample.noise[j]


@implements(oracle.sampled_value_and_gradient, Ground)
def _(problem, x, sample, out):
    problem.counts[0] += sample.size[0]
    problem.counts[1] += sample.size[0]
    value = _slope(problem, x, out)
    for j in range(len(x)):
        out[j] += sample.noise[j]
        value += sample.noise[j] * x[j]
    return value


@implements(oracle.sampled_value, Ground)
def _(problem, x, sample):
    problem.counts[0] += sample.size[0]
    total, value = 0.0, 0.0
    for j in range(len(x)):
        square = x[j] * x[j]
        total += x[j]
        value += problem.curvature[j] * (0.5 * square + 0.025 * square * square) + sample.noise[j] * x[j]
    return value + 0.5 * problem.shared * total * total


@implements(oracle.sampled_hessian_product, Ground)
def _(problem, x, v, sample, out):
    problem.counts[2] += sample.size[0]
    _curved(problem, x, v, out)
