"""What a run carries from step to step, and how it begins."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.protocol.blocks import blocks_of
from dynamics.protocol.method import Memory, Point, memory_of_blocks, new_memory, uses_gradient, uses_rng


class State(NamedTuple):
    """All that a run carries from one step to the next, besides the generator."""

    point: Point
    memory: Memory
    sample: Any  # the oracle's buffers, or None
    calls: np.ndarray
    seen: np.ndarray = np.empty(0)  # that of a `Comparison`, or (0,) where the run compares no iterates
    draws: bool = False  # whether random numbers are drawn, for samples or by the method itself


class Pair(NamedTuple):
    """A method and a problem."""

    method: Any
    problem: Any


def first_memory(method: Any, dimension: int, problem: Any) -> Memory:
    """The memory of a method before the first step."""
    if memory_of_blocks.has(type(method)):
        return memory_of_blocks(method, blocks_of(problem, dimension))
    return new_memory(method, dimension)


def exact_at_each(method: Any, state: State) -> bool:
    """Whether the driver knows the full-batch loss and gradient at each iterate, and not at the recorded ones alone."""
    return state.sample is None and uses_gradient(method)


def first_state(method: Any, x0: np.ndarray, sample: Any, problem: Any = None) -> State:
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
    memory, calls = first_memory(method, dimension, problem), np.zeros(3, dtype=np.int64)
    return State(point, memory, sample, calls, draws=sample is not None or uses_rng(method))
