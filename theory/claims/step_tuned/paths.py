"""The inequalities of the proof of Theorem 1, evaluated at the iterates of real runs.

An inequality is kept as a pair: what has to be bounded, and what it is allowed. The share that is used up shows both
whether it holds (at most 1) and how tight it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Shares = dict[str, Array]


class Samples(Protocol):
    """A finite sum, seen sample by sample."""

    def values(self, x: Array) -> Array:
        """Return J_n at points of shape (..., d), shape (..., N)."""
        ...

    def gradients(self, x: Array) -> Array:
        """Return the gradients of the J_n at points of shape (..., d), shape (..., N, d)."""
        ...


class Regression(NamedTuple):
    """Carmon's regression in NumPy, apart from the kernels that make the runs."""

    A: Array
    b: Array

    def values(self, x: Array) -> Array:
        """Return t^2/(1 + t^2) of the residuals."""
        square = (x @ self.A.T - self.b) ** 2
        return np.asarray(square / (1 + square))

    def gradients(self, x: Array) -> Array:
        """Return the gradients of the summands."""
        residual = x @ self.A.T - self.b
        return np.asarray((2 * residual / (1 + residual**2) ** 2)[..., None] * self.A)

    def constants(self) -> tuple[float, float]:
        """Return L and C_1 over all of space: phi'' is at most 2 and phi'^2 at most 27/64."""
        largest = float((self.A**2).sum(axis=1).max())
        return 2 * largest, 27 / 64 * largest


class Edge(NamedTuple):
    """Huber's function of one number, seen where its slope is greatest at its greatest curvature.

    There every inequality of the proof is sharp as the step goes to 0, which regressions are far from.
    """

    curvature: float
    slope: float

    def values(self, x: Array) -> Array:
        """Return the one summand."""
        bend = self.slope / self.curvature
        size = np.abs(x)
        return np.asarray(
            np.where(size <= bend, self.curvature * size**2 / 2, self.slope * (size - bend / 2)), dtype=float
        )

    def gradients(self, x: Array) -> Array:
        """Return its gradient."""
        return np.clip(self.curvature * x, -self.slope, self.slope)[..., None, :]

    def constants(self) -> tuple[float, float]:
        """Return L and C_1."""
        return self.curvature, self.slope**2


Indices = NDArray[np.int64]


class Update(NamedTuple):
    """What a run did with one mini-batch."""

    k: int
    theta: Array  # before, shape (d,)
    after: Array
    step: float  # alpha_k gamma_k
    batch: Indices


def updates(method: Any, problem: Any, *, count: int, seed: int) -> Iterator[Update]:
    """Go through a run update by update, with the mini-batches that it drew."""
    from dynamics import simulate

    run = simulate(method, problem, steps=0, rng=seed, record_every=1)
    for k in range(count):
        before = run.x.copy()
        run = simulate(method, problem, steps=1, resume=run)
        drawn = run.state.sample.permutation[: problem.batch_size].copy()
        yield Update(k, before, run.x.copy(), float(run.step_size[k]), drawn)


class Halves(NamedTuple):
    """Values and gradients at both halves of an update, for each of several mini-batches."""

    value: Array  # J at theta_k, at theta_{k+1/2} and at theta_{k+1}: shape (3, batches)
    full: Array  # gradient of J at the three points, shape (3, batches, d)
    first: Array  # mini-batch gradient at theta_k, shape (batches, d)
    second: Array  # the same mini-batch's at theta_{k+1/2}
    after: Array  # theta_{k+1}


def halves(
    samples: Samples, theta: Array, step: float, batches: Sequence[Sequence[int]] | Sequence[Indices] | Indices
) -> Halves:
    """Evaluate an update from theta with that step for each mini-batch, given as rows of indices."""
    rows = np.asarray(batches, dtype=np.int64)
    first = samples.gradients(theta)[rows].mean(axis=1)
    half = theta - step * first
    at_half = samples.gradients(half)
    second = np.take_along_axis(at_half, rows[:, :, None], axis=1).mean(axis=1)
    after = half - step * second
    points = np.stack([np.broadcast_to(theta, half.shape), half, after])
    return Halves(samples.values(points).mean(axis=-1), samples.gradients(points).mean(axis=-2), first, second, after)


def pathwise_shares(
    at: Halves, *, step: float, L: float, C1: float, remainder: float = 1.0, change: float = 4.0
) -> Shares:
    """Return the share that (26) to (34), (38) to (42) and (48) use up of what they allow, for each mini-batch.

    `remainder` is the factor of L C_1 a^2 in (33) and (34), and `change` that of L C_1 a in (48).
    """
    start, half, end = at.value
    full, full_half, full_end = at.full
    first_square, second_square = (np.sum(g**2, axis=-1) for g in (at.first, at.second))
    along, along_half = inner(full, at.first), inner(full_half, at.second)
    crossed = inner(full, at.second)
    cost = L * step * C1
    pairs = {
        "(26)": (norm(at.second - at.first), L * step * norm(at.first)),
        "(27)": (np.maximum(first_square, second_square), C1),
        "(28)-(30)": (half - start + step * along, L / 2 * step**2 * first_square),
        "(31)": (end - half + step * along_half, L / 2 * step**2 * second_square),
        "(32)": (end - start + step * (along + along_half), L / 2 * step**2 * (first_square + second_square)),
        "(33), (34)": (end - start + step * (along + along_half), remainder * step * cost),
        "(39)": (np.abs(inner(full_half - full, at.second)), cost),
        "(38), (40)": (crossed - along_half, cost),
        "(41)": (along - crossed, cost),
        "(42)": (along - along_half, 2 * cost),
        "(48)": (np.abs(np.sum(full_end**2, axis=-1) - np.sum(full**2, axis=-1)), change * cost),
    }
    return {name: used(excess, allowed) for name, (excess, allowed) in pairs.items()}


def conditional_shares(
    at: Halves,
    *,
    alpha: float,
    gamma: float,
    L: float,
    C1: float,
    m: float,
    M: float,
    descent: float = 2.0,
    noise: float = 3.0,
    claimed: tuple[float, float] | None = None,
) -> dict[str, float]:
    """Return the shares of (35) to (37) and (43) to (45), as means over all the mini-batches of `at`.

    `descent` and `noise` are the constants of (44) and (45); `claimed` has the alpha_k and the alpha_k^2 that (45) says
    there are, where these are not those of the run.
    """
    slow, square_of_it = claimed or (alpha, alpha**2)
    step = alpha * gamma
    start, _, end = at.value
    full = at.full[0]
    square = np.sum(full**2, axis=-1).mean()
    along, along_half = inner(full, at.first).mean(), inner(at.full[1], at.second).mean()
    change = (end - start).mean()
    cost = L * C1
    pairs = {
        "(35)": (change + step * (along + along_half), cost * step**2),
        "(36)": (change + step * (square + along_half), cost * step**2),
        "(37)": (change + step * (square + along_half), cost * (alpha * M) ** 2),
        "(43)": (step * (square - along_half), 2 * cost * step**2),
        "(44)": (change + descent * step * square, noise * cost * step**2),
        "(45)": (change + descent * slow * m * square, noise * cost * square_of_it * M**2),
    }
    return {name: float(used(excess, allowed)) for name, (excess, allowed) in pairs.items()}


def inner(u: Array, v: Array) -> Array:
    """Return the inner products of the rows."""
    return np.asarray(np.sum(u * v, axis=-1))


def norm(u: Array) -> Array:
    """Return the lengths of the rows."""
    return np.asarray(np.linalg.norm(u, axis=-1))


def used(excess: Array | float, allowed: Array | float) -> Array:
    """Return excess / allowed; 0 where nothing is allowed and, but for rounding, nothing needed.

    A bound below 0 is used up wholly or not at all: infinity or 0.
    """
    excess, allowed = np.asarray(excess, float), np.asarray(allowed, float)
    nothing = (allowed == 0) & (excess <= 1e-15)
    with np.errstate(divide="ignore"):
        share = np.divide(excess, allowed, out=np.zeros(np.broadcast(excess, allowed).shape), where=~nothing)
    return np.where(allowed < 0, np.where(excess > allowed, np.inf, 0.0), share)
