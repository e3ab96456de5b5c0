"""What a run carries from step to step, and how it begins."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.protocol.method import Memory, Point, new_memory


class State(NamedTuple):
    """All that a run carries from one step to the next, besides the generator."""

    point: Point
    memory: Memory
    sample: Any  # the oracle's buffers, or None
    calls: np.ndarray
    seen: np.ndarray = np.empty(0)  # that of a `Comparison`, or (0,) where the run compares no iterates


class Pair(NamedTuple):
    """A method and a problem."""

    method: Any
    problem: Any


def first_state(method: Any, x0: np.ndarray, sample: Any) -> State:
    """The state before the first step."""
    dimension = x0.size
    point = Point(
        x=x0,
        gradient=np.zeros(dimension),
        loss=np.zeros(1),
        step_size=np.array([np.nan]),
        fresh=np.zeros(1, dtype=np.int64),
        status=np.zeros(1, dtype=np.int64),
    )
    return State(point, new_memory(method, dimension), sample, np.zeros(3, dtype=np.int64))
