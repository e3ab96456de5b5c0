"""Families: settings that differ in numbers alone, on one problem, so that their runs share machine code and memory."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.code import reads_first
from dynamics.protocol.method import memory_maker
from dynamics.protocol.schedules import Schedule
from dynamics.protocol.trees import arrays_in
from dynamics.runs.lane_rehearsal import rehearse_lanes
from dynamics.runs.lane_runs import lane_shape
from dynamics.runs.setup import Setup
from dynamics.sweeps.content import floats, frame, keys
from dynamics.sweeps.settings import Grid, Part
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
    if isinstance(settings, Grid):
        return [_family_of_part(part, common_noise, with_problem) for part in settings.parts]
    found: dict[Any, list[int]] = {}
    known: dict[int, Any] = {}  # by a state's point, which settings share that differ in floats alone
    contents: dict[int, bytes] = {}  # of memories, which may be shared too
    for number, setup in settings.items():
        alike, memory = id(setup.state.point), id(setup.state.memory)
        if alike not in known:
            shape = _rehearsed_shape(setup)
            known[alike] = (type(setup.method), frame(setup.method), shape, id(setup.problem), setup.record_every)
        if memory not in contents:
            contents[memory] = _contents(setup)
        on_lanes = known[alike][2] is not None
        found.setdefault((known[alike], contents[memory] if on_lanes else b""), []).append(number)
    return [
        _family(numbers, [settings[n] for n in numbers], shape is not None, common_noise, with_problem)
        for ((_, _, shape, *_), _), numbers in found.items()
    ]


def _rehearsed_shape(setup: Setup) -> bytes | None:
    shape = lane_shape(setup)
    if shape is not None:
        rehearse_lanes(setup)
    return shape


def width_of(family: Family, common_noise: bool) -> int:
    """How many runs of a family go together."""
    if not family.on_lanes:
        return 1
    return WIDE if family.of_one_seed(common_noise) else WIDTH


def _family_of_part(part: Part, common_noise: bool, with_problem: bool) -> Family:
    first, settings = part.first, len(part.numbers)
    on_lanes = _rehearsed_shape(first) is not None
    leaves = part.leaves()
    words = _keys(first, leaves, common_noise, with_problem)
    read = part.lanes() if on_lanes else leaves
    # The memory does not depend on floats.
    return Family(first, on_lanes, part.numbers, read, words, [first.state.memory], np.zeros(settings, dtype=np.int64))


def _family(numbers, setups, on_lanes, common_noise, with_problem):
    first = setups[0]
    methods = [setup.method for setup in setups]
    leaves = _rows_of(float_columns(methods), len(setups))
    words = _keys(first, leaves, common_noise, with_problem)
    read = _rows_of(lane_columns(methods), len(setups)) if on_lanes else leaves
    memories, memory = _memories(setups)
    return Family(first, on_lanes, np.array(numbers), read, words, memories, memory)


def _keys(first: Setup, leaves: np.ndarray, common_noise: bool, with_problem: bool) -> np.ndarray:
    """The keys of the streams of settings that have these floats, and else are as the first one."""
    if common_noise or not first.state.draws:
        return np.zeros((len(leaves), 0), dtype=np.uint32)
    if with_problem:
        of_problem = np.tile(np.array(list(floats(first.problem))), (len(leaves), 1))
        return keys(frame(first.method, first.problem), np.hstack([leaves, of_problem]))
    return keys(frame(first.method), leaves)


def _rows_of(columns: list[np.ndarray], rows: int) -> np.ndarray:
    return np.ascontiguousarray(np.array(columns, dtype=np.float64).reshape(-1, rows).T)


def float_columns(values: Sequence[Any]) -> list[np.ndarray]:
    """The floats of trees of one form, a column for each place, in the order of `floats`.

    Examples
    --------
    >>> float_columns([(1.0, 2, (3.0,)), (4.0, 5, (6.0,))])
    [array([1., 4.]), array([3., 6.])]
    """
    first = values[0]
    if isinstance(first, float):
        return [np.array(values)]
    if not isinstance(first, tuple):
        return []
    names = getattr(first, "_fields", ("",) * len(first))
    parts = zip(names, zip(*values, strict=True), strict=True)
    return [column for name, part in parts if name != "work" for column in float_columns(part)]


def lane_columns(methods: Sequence[Any]) -> list[np.ndarray]:
    """The numbers of methods that may differ between lanes, a column for each."""
    found: list[np.ndarray] = []
    for values in zip(*methods, strict=True):
        if isinstance(values[0], Schedule):
            found += (np.array([value.initial for value in values]), np.array([value.final for value in values]))
        elif isinstance(values[0], float):
            found.append(np.array(values))
    return found


def _contents(setup: Setup) -> bytes:
    return b"".join(array.tobytes() for array in arrays_in(setup.state.memory))


def _memories(setups: Sequence[Setup]) -> tuple[list[Any], np.ndarray]:
    """The memories that differ, and of each setting which it has."""
    if not reads_first(memory_maker(type(setups[0].method))):
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
