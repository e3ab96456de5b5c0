"""A method that keeps the step size of each of its steps, where a record of each would evaluate the whole loss."""

from __future__ import annotations

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


class RatesKept(NamedTuple):
    """A method whose first steps, so many of them, leave their sizes in its memory; the iterates are its own."""

    method: Any
    steps: int


class Kept(NamedTuple):
    """The method's own memory, and the size of each step; NaN of one that was not taken."""

    inner: Any
    rates: np.ndarray  # shape (steps,)


@implements(update, RatesKept)
def _(method, oracle, point, memory, k):
    update(method.method, oracle, point, memory.inner, k)
    memory.rates[k] = point.step_size[0]


@implements(memory_of_blocks, RatesKept)
def _(method, blocks):
    return Kept(memory_for(method.method, blocks), np.full(method.steps, np.nan))


wraps(RatesKept, inside="method", hands_on=(before_draw, uses_loss, uses_gradient, uses_rng, requires, full_batch_only))


def rates_along(method: Any, problem: Any, steps: int) -> np.ndarray:
    """Return the size of each step of the run that `sweep` makes of the two with seed 0, shape (steps,)."""
    from dynamics import simulate
    from dynamics.protocol.canonical import canonical
    from dynamics.sweeps.content import stream

    rng = stream(0, canonical(method), canonical(problem))
    run = simulate(RatesKept(method, steps), problem, steps=steps, rng=rng, record_every=steps)
    return np.asarray(run.state.memory.rates)
