"""Families: settings that differ in numbers alone, on one problem, so that their runs share machine code and memory."""

import dis
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dynamics.protocol.method import new_memory
from dynamics.protocol.schedules import Schedule
from dynamics.protocol.trees import arrays_in
from dynamics.runs.lane_runs import lane_shape
from dynamics.runs.run import Setup
from dynamics.sweeps.content import floats, frame, keys
from dynamics.vectors.lanes import WIDE, WIDTH


class Family(NamedTuple):
    """Settings that differ in numbers alone."""

    first: Setup  # of them
    on_lanes: bool
    settings: np.ndarray  # which ones
    numbers: np.ndarray  # that differ, shape (settings, numbers)
    keys: np.ndarray  # of their streams, shape (settings, words)
    memories: list[Any]  # of the method at the beginning, those that differ
    memory: np.ndarray  # of each setting which one

    def of_one_seed(self, common_noise: bool) -> bool:
        """Whether runs that go together draw the same samples."""
        return common_noise and self.on_lanes and self.first.state.sample is not None


def families(settings: Mapping[int, Setup], *, common_noise: bool, with_problem: bool) -> list[Family]:
    """The families of these settings; with common noise all runs with a seed share a stream."""
    found: dict[Any, list[int]] = {}
    for number, setup in settings.items():
        shape = lane_shape(setup)
        memory = b"" if shape is None else _contents(setup)
        frames = frame(setup.method)
        place = (type(setup.method), frames, shape, memory, id(setup.problem), setup.record_every)
        found.setdefault(place, []).append(number)
    return [
        _family(numbers, [settings[n] for n in numbers], place[2] is not None, common_noise, with_problem)
        for place, numbers in found.items()
    ]


def width_of(family: Family, common_noise: bool) -> int:
    """How many runs of a family go together."""
    if not family.on_lanes:
        return 1
    return WIDE if family.of_one_seed(common_noise) else WIDTH


def _family(numbers, setups, on_lanes, common_noise, with_problem):
    first = setups[0]
    leaves = np.array([list(floats(setup.method)) for setup in setups])
    if common_noise or first.state.sample is None:
        words = np.zeros((len(setups), 0), dtype=np.uint64)
    elif with_problem:
        of_problem = np.tile(np.array(list(floats(first.problem))), (len(setups), 1))
        words = keys(frame(first.method, first.problem), np.hstack([leaves, of_problem]))
    else:
        words = keys(frame(first.method), leaves)
    read = np.array([lane_numbers(setup.method) for setup in setups]) if on_lanes else leaves
    memories, memory = _memories(setups)
    return Family(first, on_lanes, np.array(numbers), read.reshape(len(setups), -1), words, memories, memory)


def lane_numbers(method: Any) -> list[float]:
    """The numbers of a method that may differ between lanes."""
    found: list[float] = []
    for value in method:
        if isinstance(value, Schedule):
            found += (value.initial, value.final)
        elif isinstance(value, float):
            found.append(value)
    return found


def _contents(setup: Setup) -> bytes:
    return b"".join(array.tobytes() for array in arrays_in(setup.state.memory))


def _memories(setups: Sequence[Setup]) -> tuple[list[Any], np.ndarray]:
    """The memories that differ, and of each setting which it has."""
    if not reads_method(new_memory.implementation(type(setups[0].method))):
        return [setups[0].state.memory], np.zeros(len(setups), dtype=np.int64)
    numbers: dict[bytes, int] = {}
    memories: list[Any] = []
    which = np.zeros(len(setups), dtype=np.int64)
    for i, setup in enumerate(setups):
        contents = _contents(setup)
        if contents not in numbers:
            numbers[contents] = len(memories)
            memories.append(setup.state.memory)
        which[i] = numbers[contents]
    return memories, which


def reads_method(body: Any) -> bool:
    """Whether a function may read its first argument."""
    code = getattr(body, "__code__", None)
    if code is None or not code.co_argcount:
        return True
    first = code.co_varnames[0]
    return any(first in _names(step.argval) for step in dis.get_instructions(code))


def _names(value: Any) -> Iterable[Any]:
    return value if isinstance(value, tuple) else (value,)
