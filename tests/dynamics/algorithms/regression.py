"""A small problem for the tests of methods: regression whose loss is a bowl, a dent, or both, whole or in mini-batches.

The mean over the rows of φ(aₙ·x − bₙ) + offset with φ(t) = bowl t²/2 + dent t²/(1 + t²).
"""

from typing import NamedTuple

import numpy as np

from dynamics import (
    batch_summands,
    draw,
    hessian_product,
    implements,
    initial_point,
    new_sample,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.kernels.policy import kernel

FULL, VALUES, SAMPLED = range(3)  # what is tallied: full gradients, full values alone, sampled gradients


class Regression(NamedTuple):
    """The data; `batch` = 0 means exact gradients. The kernels tally their own calls."""

    rows: np.ndarray
    targets: np.ndarray
    bowl: float = 1.0
    dent: float = 0.0
    offset: float = 0.0
    batch: int = 0
    tally: np.ndarray = np.zeros(3, dtype=np.int64)  # shared unless replaced


class Batch(NamedTuple):
    """The rows that a stochastic gradient takes, without replacement."""

    indices: np.ndarray


@kernel
def add_row(problem, n, x, weight, out):
    """Add one row's gradient to `out`; its value."""
    t = -problem.targets[n]
    for j in range(len(x)):
        t += problem.rows[n, j] * x[j]
    square = t * t
    slope = problem.bowl * t + 2.0 * problem.dent * t / (1.0 + square) ** 2
    for j in range(len(x)):
        out[j] += weight * slope * problem.rows[n, j]
    return weight * (0.5 * problem.bowl * square + problem.dent * square / (1.0 + square) + problem.offset)


@implements(value_and_gradient, Regression)
def _(problem, x, out):
    problem.tally[FULL] += 1
    out[:] = 0.0
    total = 0.0
    for n in range(len(problem.targets)):
        total += add_row(problem, n, x, 1.0 / len(problem.targets), out)
    return total


@implements(value, Regression)
def _(problem, x):
    problem.tally[VALUES] += 1
    total = 0.0
    for n in range(len(problem.targets)):
        t = -problem.targets[n]
        for j in range(len(x)):
            t += problem.rows[n, j] * x[j]
        total += 0.5 * problem.bowl * t * t + problem.dent * t * t / (1.0 + t * t) + problem.offset
    return total / len(problem.targets)


@implements(hessian_product, Regression)
def _(problem, x, v, out):
    out[:] = 0.0
    for n in range(len(problem.targets)):
        t, along = -problem.targets[n], 0.0
        for j in range(len(x)):
            t += problem.rows[n, j] * x[j]
            along += problem.rows[n, j] * v[j]
        curvature = problem.bowl + problem.dent * (2.0 - 6.0 * t * t) / (1.0 + t * t) ** 3
        for j in range(len(x)):
            out[j] += curvature * along * problem.rows[n, j] / len(problem.targets)


@implements(sampled_value_and_gradient, Regression)
def _(problem, x, sample, out):
    problem.tally[SAMPLED] += 1
    out[:] = 0.0
    total = 0.0
    for i in range(len(sample.indices)):
        total += add_row(problem, sample.indices[i], x, 1.0 / len(sample.indices), out)
    return total


@implements(draw, Regression)
def _(problem, rng, sample):
    for i in range(len(sample.indices)):
        taken = True
        while taken:
            candidate = int(rng.random() * len(problem.targets))
            taken = False
            for earlier in range(i):
                taken = taken or sample.indices[earlier] == candidate
            sample.indices[i] = candidate


@implements(new_sample, Regression)
def _(problem):
    return Batch(np.zeros(problem.batch, dtype=np.int64)) if problem.batch else None


@implements(initial_point, Regression)
def _(problem):
    return np.zeros(problem.rows.shape[1])


@implements(summands, Regression)
def _(problem):
    return len(problem.targets)


@implements(batch_summands, Regression)
def _(problem, sample):
    return len(sample.indices)


# The same problem once more in NumPy, for the twins.


class Formulas:
    """Loss and gradient at step k, each from the formulas; `seed` fixes the mini-batches as the driver draws them."""

    def __init__(self, problem: Regression, seed: int | None = None, steps: int = 0) -> None:
        self.problem = problem
        self.batches: list[np.ndarray] = []
        if problem.batch:
            rng, sample = np.random.default_rng(seed), new_sample(problem)
            for _ in range(steps):
                draw(problem, rng, sample)
                self.batches.append(sample.indices.copy())

    def loss(self, k: int, x: np.ndarray) -> float:
        p, (a, b) = self.problem, self._data(k)
        t = a @ x - b
        return float(np.mean(p.bowl * t**2 / 2 + p.dent * t**2 / (1 + t**2)) + p.offset)

    def gradient(self, k: int, x: np.ndarray) -> np.ndarray:
        p, (a, b) = self.problem, self._data(k)
        t = a @ x - b
        return a.T @ (p.bowl * t + 2 * p.dent * t / (1 + t**2) ** 2) / len(b)

    def _data(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.batches[k] if self.batches else slice(None)
        return self.problem.rows[chosen], self.problem.targets[chosen]


def carmon_like(samples: int = 40, dimension: int = 6, batch: int = 0, seed: int = 7) -> Regression:
    """The non-convex regression of Carmon et al., with directions of negative curvature on the way."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((samples, dimension))
    targets = rows @ (2 * rng.standard_normal(dimension)) + 3 * rng.standard_normal(samples)
    return Regression(rows, targets, bowl=0.0, dent=1.0, batch=batch)


def quadratic(eigenvalues: list[float], target: list[float] | None = None) -> Regression:
    """½ Σ λⱼ (xⱼ − x*ⱼ)², as a regression with one row for each eigenvalue."""
    d = len(eigenvalues)
    rows = np.diag(np.sqrt(d * np.asarray(eigenvalues, dtype=float)))
    return Regression(rows, rows @ (np.ones(d) if target is None else np.asarray(target, dtype=float)))


def interpolated(samples: int = 30, dimension: int = 6, batch: int = 0, seed: int = 8) -> Regression:
    """A regression that fits its data exactly: every mini-batch has the minimum 0 at one common point."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((samples, dimension))
    return Regression(rows, rows @ rng.standard_normal(dimension), bowl=1.0, dent=1.0, batch=batch)
