"""A method that keeps its iterates at places far apart, where a record of each step would evaluate the whole loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.declarations import wraps
from dynamics.kernels.generic import implements
from dynamics.protocol.method import (
    before_draw,
    full_batch_only,
    memory_for,
    memory_of_blocks,
    requires,
    update,
    uses_gradient,
    uses_loss,
    uses_rng,
)


class Visits(NamedTuple):
    """A method whose iterates at some places stay in its memory; they are its own."""

    method: Any
    places: np.ndarray  # which iterates, in order, shape (places,)


class Visited(NamedTuple):
    """The method's own memory, the iterates so far, NaN where there is none yet, and how many they are."""

    inner: Any
    iterates: np.ndarray  # shape (places, d)
    seen: np.ndarray  # shape (1,)


@implements(update, Visits)
def _(method, oracle, point, memory, k):
    seen = int(memory.seen[0])
    if seen < len(method.places) and k == method.places[seen]:
        for j in range(len(point.x)):
            memory.iterates[seen, j] = point.x[j]
        memory.seen[0] = seen + 1
    update(method.method, oracle, point, memory.inner, k)


@implements(memory_of_blocks, Visits)
def _(method, blocks):
    dimension = sum(block.rows * block.columns for block in blocks)
    return Visited(memory_for(method.method, blocks), np.full((len(method.places), dimension), np.nan), np.zeros(1))


wraps(Visits, inside="method", hands_on=(before_draw, uses_loss, uses_gradient, uses_rng, requires, full_batch_only))


def loss_and_norm_at(
    places: Sequence[int], method: Any, problem: Any, seeds: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return loss and gradient norm at some iterates of the runs that `sweep` makes, shape (seeds, places) each.

    NaN where a run had ended before.
    """
    from dynamics import ensemble, simulate
    from dynamics.protocol.canonical import canonical
    from dynamics.sweeps.content import stream

    steps = max(places) + 1  # an iterate is kept when it is left
    visits = Visits(method, np.array(places, dtype=float))
    streams = [stream(seed, canonical(method)) for seed in seeds]
    runs = [simulate(visits, problem, steps=steps, rng=rng, record_every=steps) for rng in streams]
    iterates = np.stack([run.state.memory.iterates for run in runs])
    there = np.isfinite(iterates).all(axis=2)
    looked = ensemble([method], problem, steps=0, seeds=int(there.sum()), x0=iterates[there])
    loss, norm = np.full(there.shape, np.nan), np.full(there.shape, np.nan)
    loss[there], norm[there] = looked.loss[0, :, 0], looked.gradient_norm[0, :, 0]
    return loss, norm
