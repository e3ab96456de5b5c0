"""Methods as their authors would write them: evaluation apart from the iterate, noise inside `update`, matrices."""

from typing import NamedTuple

import numpy as np

from dynamics import (
    block_table,
    gradient,
    implements,
    kernel,
    matrix_at,
    memory_of_blocks,
    new_memory,
    update,
    uses_gradient,
    uses_rng,
)
from dynamics.protocol import StepSize, always, scheduled


class ScheduleFree(NamedTuple):
    """Schedule-free SGD: gradients at y, steps of z, and the average x of z, which is reported."""

    step_size: StepSize
    beta: float = 0.9


class ThreePoints(NamedTuple):
    z: np.ndarray
    y: np.ndarray
    gradient: np.ndarray


@implements(new_memory, ScheduleFree)
def _(method, dimension):
    return ThreePoints(np.zeros(dimension), np.zeros(dimension), np.zeros(dimension))


@implements(update, ScheduleFree)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, z, y, g = point.x, memory.z, memory.y, memory.gradient
    for j in range(len(x)):
        if k == 0:
            z[j] = x[j]
        y[j] = (1.0 - method.beta) * z[j] + method.beta * x[j]
    gradient(oracle, y, g)
    for j in range(len(x)):
        z[j] -= step * g[j]
        x[j] += (z[j] - x[j]) / (k + 1.0)


always(uses_gradient, ScheduleFree, answer=False)


class Extragradient(NamedTuple):
    """A step with the gradient at the point that a step would lead to: both gradients are charged."""

    step_size: StepSize


class Middle(NamedTuple):
    x: np.ndarray
    gradient: np.ndarray


@implements(new_memory, Extragradient)
def _(method, dimension):
    return Middle(np.zeros(dimension), np.zeros(dimension))


@implements(update, Extragradient)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    for j in range(len(point.x)):
        memory.x[j] = point.x[j] - step * point.gradient[j]
    gradient(oracle, memory.x, memory.gradient)
    for j in range(len(point.x)):
        point.x[j] -= step * memory.gradient[j]


class Langevin(NamedTuple):
    """Gradient descent with normal noise of its own: the stationary law is exp(-f/T), up to the step's bias."""

    step_size: float
    temperature: float


@implements(update, Langevin)
def _(method, oracle, point, memory, k):
    scale = np.sqrt(2.0 * method.step_size * method.temperature)
    for j in range(len(point.x)):
        point.x[j] += scale * oracle.rng.standard_normal() - method.step_size * point.gradient[j]


always(uses_rng, Langevin)


class Muon(NamedTuple):
    """Momentum whose matrices are made orthogonal by five steps of Newton and Schulz."""

    step_size: float
    beta: float = 0.95


class Matrices(NamedTuple):
    m: np.ndarray  # shape (d,)
    blocks: np.ndarray  # begin, rows and columns of each, shape (blocks, 3)


@implements(memory_of_blocks, Muon)
def _(method, blocks):
    return Matrices(np.zeros(sum(block.rows * block.columns for block in blocks)), block_table(blocks))


@kernel
def orthogonal(M):
    """The polar factor of M, roughly, by Newton-Schulz with Muon's coefficients."""
    X = M / (np.sqrt(np.sum(M * M)) + 1e-7)
    for _ in range(5):
        A = X @ X.T
        X = 3.4445 * X + (-4.7750 * A + 2.0315 * (A @ A)) @ X
    return X


@implements(update, Muon)
def _(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        memory.m[j] = method.beta * memory.m[j] + point.gradient[j]
    for begin, rows, columns in memory.blocks:
        W, M = matrix_at(point.x, begin, rows, columns), matrix_at(memory.m, begin, rows, columns)
        W -= method.step_size * orthogonal(M)


class Averaged(NamedTuple):
    """SGD whose iterates w are averaged from the first step on (Polyak and Ruppert): their mean x is reported."""

    step_size: StepSize


class Last(NamedTuple):
    w: np.ndarray
    gradient: np.ndarray


@implements(new_memory, Averaged)
def _(method, dimension):
    return Last(np.zeros(dimension), np.zeros(dimension))


@implements(update, Averaged)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    if k == 0:
        memory.w[:] = point.x
    gradient(oracle, memory.w, memory.gradient)
    for j in range(len(point.x)):
        memory.w[j] -= step * memory.gradient[j]
        point.x[j] += (memory.w[j] - point.x[j]) / (k + 1.0)


always(uses_gradient, Averaged, answer=False)
