"""The settings of a sweep: those that differ in floats of the method alone as arrays, without an object for each.

What our methods' `check` allows of floats is convex (bounds, and comparisons of two of them), so that a box of floats
is allowed where its corners are; the tests try that for each method. A user's `check` is asked of each setting. So with
the memory that a method begins with: where it differs between corners, each setting is an object of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.code import reads_first
from dynamics.kernels.origins import is_users
from dynamics.protocol.method import memory_maker, memory_of_blocks, new_memory
from dynamics.protocol.oracle import summands
from dynamics.protocol.schedules import Schedule
from dynamics.protocol.trees import arrays_in
from dynamics.runs.setup import Setup, with_other_numbers
from dynamics.runs.state import first_memory
from dynamics.sweeps.axes import Axis
from dynamics.sweeps.content import floats
from dynamics.sweeps.plan import Plan

MOST_FREE = 6  # parameters that vary in a box whose corners are looked at


class Part(NamedTuple):
    """Settings that differ from the first in floats of the method alone."""

    first: Setup
    numbers: np.ndarray  # which settings
    changed: dict[str, np.ndarray]  # by field of the method, the value in each setting

    def leaves(self) -> np.ndarray:
        """All floats of the methods in the order of `floats`, shape (settings, floats)."""
        return self._columns(floats)

    def lanes(self) -> np.ndarray:
        """The numbers of the methods that may differ between lanes, shape (settings, numbers)."""
        return self._columns(lane_numbers)

    def _columns(self, listed: Any) -> np.ndarray:
        method = self.first.method
        made = np.tile(np.array(list(listed(method)), dtype=np.float64), (len(self.numbers), 1))
        for name, column in self.changed.items():
            # Of a schedule the initial step, which comes first, is what a single number sets.
            made[:, len(list(listed(method[: method._fields.index(name)])))] = column
        return made


class Grid(Mapping[int, Setup]):
    """Settings of a plan by their numbers, which are checked; a setting is made where it is asked for."""

    def __init__(self, plan: Plan, numbers: np.ndarray, parts: list[Part]) -> None:
        self.plan, self.numbers, self.parts = plan, numbers, parts
        self._made: dict[Any, Any] = {}
        self._first: dict[Any, Setup] = {}

    def __getitem__(self, number: int) -> Setup:
        return self.plan.setting(self.plan.places(number), self._made, self._first)

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers.tolist())

    def __len__(self) -> int:
        return len(self.numbers)


def settings_of(plan: Plan, numbers: np.ndarray) -> Mapping[int, Setup]:
    """Some of a plan's settings, by their numbers in increasing order, all of them checked.

    Raises
    ------
    ValueError, TypeError
        For the first one that is refused, named by its axes and places.
    """
    free = [k for k, axis in enumerate(plan.axes) if _is_free(plan, axis)]
    parts = _parts(plan, numbers, free) if free else None
    return plan.settings_of(numbers.tolist()) if parts is None else Grid(plan, numbers, parts)


def representatives(settings: Mapping[int, Setup]) -> list[Setup]:
    """The settings, or of those that differ in floats alone the first."""
    return [part.first for part in settings.parts] if isinstance(settings, Grid) else list(settings.values())


def terms_of(settings: Mapping[int, Setup]) -> np.ndarray:
    """Of each setting the summands of its problem."""
    if not isinstance(settings, Grid):
        return np.array([summands(setting.problem) for setting in settings.values()])
    made = np.empty(len(settings), dtype=np.int64)
    for part in settings.parts:
        made[np.searchsorted(settings.numbers, part.numbers)] = summands(part.first.problem)
    return made


def lane_numbers(values: Sequence[Any]) -> Iterator[float]:
    """The numbers of a method, or of some of its fields, that may differ between lanes."""
    for value in values:
        if isinstance(value, Schedule):
            yield from (value.initial, value.final)
        elif isinstance(value, float):
            yield value


def _is_free(plan: Plan, axis: Axis) -> bool:
    """Whether an axis changes floats of the method, and nothing else."""
    kind: Any = plan.made_by["method"]
    plain = isinstance(kind, type) and kind.__bases__ == (tuple,) and hasattr(kind, "_fields")
    if not plain or any(owner != "method" or name not in kind._fields for owner, name in axis.targets):
        return False
    return all(column is not None and not np.isnan(column).any() for column in axis.floats)


def _parts(plan: Plan, numbers: np.ndarray, free: list[int]) -> list[Part] | None:
    """The settings, those that differ along free axes alone together.

    None where each has to be looked at, if only to say which one is refused.
    """
    names = [name for k in free for _, name in plan.axes[k].targets]
    if len(names) > MOST_FREE:
        return None
    places = np.unravel_index(numbers, plan.shape)
    others = [k for k in range(len(plan.axes)) if k not in free]
    shape = [plan.shape[k] for k in others]
    which = np.ravel_multi_index([places[k] for k in others], shape) if others else np.zeros(len(numbers), np.int64)
    columns = {
        name: column[places[k]]
        for k in free
        for (_, name), column in zip(plan.axes[k].targets, plan.axes[k].floats, strict=True)
        if column is not None
    }
    order = np.argsort(which, kind="stable")
    begins = np.flatnonzero(np.diff(which[order], prepend=-1))
    made: dict[Any, Any] = {}
    first: dict[Any, Setup] = {}
    parts = []
    for members in np.split(order, begins[1:]):
        try:
            setup = plan.setting(plan.places(int(numbers[members[0]])), made, first)
        except (ValueError, TypeError):
            return None
        mine = {name: column[members] for name, column in columns.items()}
        if not _are_allowed(setup, mine):
            return None
        parts.append(Part(setup, numbers[members], mine))
    return parts


def _are_allowed(first: Setup, columns: Mapping[str, np.ndarray]) -> bool:
    """Whether the method of the first setting may have all of these numbers, and begins with the same memory then."""
    given, kind = first.given.method, type(first.method)
    if any(not isinstance(getattr(first.method, name), float | Schedule) for name in columns):
        return False
    rows: Any
    if is_users(kind.__module__) and hasattr(kind, "check"):
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    else:
        rows = product(*((float(column.min()), float(column.max())) for column in columns.values()))
    has_memory = new_memory.has(kind) or memory_of_blocks.has(kind)
    read = has_memory and reads_first(memory_maker(kind))
    if read and is_users(kind.__module__):
        return False
    try:
        made = (with_other_numbers(given._replace(**dict(zip(columns, row, strict=True))), first) for row in rows)
        return all(method is not None and not (read and _differs(method, first)) for method in made)
    except (ValueError, TypeError):
        return False


def _differs(method: Any, first: Setup) -> bool:
    """Whether a method begins with another memory than that of the first setting."""
    memory = first_memory(method, first.state.point.x.size, first.problem)
    pairs = zip(arrays_in(memory), arrays_in(first.state.memory), strict=True)
    return any(own.tobytes() != other.tobytes() for own, other in pairs)
