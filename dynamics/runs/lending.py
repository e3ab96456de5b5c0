"""Memory that the runs of a pair lend to one another, with all that the driver is given already in it.

A short run is little more than arrays that are made, and tuples around them. Where the runs of a pair begin alike, they
are made once: a run has the memory to itself, begins with what new memory would hold, and leaves with a copy of what it
has written. Runs that go on at once, in threads or one inside another, have memory of their own.
"""

from typing import Any, NamedTuple

import numpy as np

from dynamics.protocol.apart import Drawing, asked_by
from dynamics.protocol.method import uses_rng
from dynamics.runs.beginnings import Room
from dynamics.runs.record_blocks import LentRows, lent_rows
from dynamics.runs.state import State
from dynamics.runs.strides import seen_whole_or_in_samples
from dynamics.vectors.alignment import aligned_empty
from dynamics.vectors.borrowing import BorrowedGenerator

SPARE = 2  # that are kept for a pair's next runs


class Lent(NamedTuple):
    """Memory for one run at a time."""

    state: State
    memory: list[np.ndarray]  # in which the state lies
    fresh: list[np.ndarray]  # what it holds before the first step
    scratch: list[np.ndarray]  # in which the problem's scratch lies
    oracle: Any  # which sees the problem with this scratch
    draws: bool  # whether the method is given a generator
    full_gradient: np.ndarray
    rows: LentRows

    def seen(self, generator: BorrowedGenerator) -> Any:
        """The oracle of a run with this generator."""
        oracle = self.oracle
        return Drawing(oracle, oracle.problem, oracle.calls, generator) if self.draws else oracle


class Left(NamedTuple):
    """What a run has left in memory that it gave back: a copy."""

    room: Room
    memory: list[np.ndarray]

    def state(self) -> State:
        """The state."""
        return self.room.state_in(self.memory)


def lend(room: Room, method: Any, problem: Any, terms: int, x: np.ndarray) -> Lent:
    """Memory for a run from x, in which nothing is left of any other."""
    try:
        lent: Lent = room.spare.pop()
    except IndexError:
        lent = _made(room, method, problem, terms)
    else:
        for memory, fresh in zip(lent.memory, lent.fresh, strict=True):
            memory[:] = fresh
        for memory in lent.scratch:
            memory.fill(0.0)
    lent.state.point.x[:] = x
    return lent


def give_back(room: Room, lent: Lent) -> Left:
    """What is left of a run that has ended, of which nobody holds an array; the next run may have its memory."""
    left = Left(room, [memory.copy() for memory in lent.memory])
    if len(room.spare) < SPARE:
        room.spare.append(lent)
    return left


def _made(room: Room, method: Any, problem: Any, terms: int) -> Lent:
    memory = room.layout.room(np.zeros)
    for array, first in zip(room.layout.arrays_in(memory), room.arrays, strict=True):
        array[...] = first
    state, scratch = room.state_in(memory), room.scratch.room()
    own, size = room.scratch.lying_in(scratch, problem), state.point.x.size
    oracle = seen_whole_or_in_samples(method, own, state, terms)
    return Lent(
        state,
        memory,
        [piece.copy() for piece in memory],
        scratch,
        asked_by(method, oracle),
        uses_rng(method),
        aligned_empty(size),
        lent_rows(aligned_empty),
    )
