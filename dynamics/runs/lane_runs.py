"""Runs of a sweep that share each call of the kernels, on the lanes of a vector.

A run has the same bytes whatever goes on in the other lanes: arithmetic on lanes is entry by entry, a hyper-parameter
is a vector even where all runs agree on it, and a run that can go on lanes does so alone too. Lanes to spare, and
those of runs that have ended, repeat a run that still goes on.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dynamics.protocol.method import runs_in_lanes, samples_in_lanes, uses_gradient, uses_rng
from dynamics.protocol.schedules import Schedule
from dynamics.protocol.scratch import own_work
from dynamics.protocol.status import Status
from dynamics.protocol.trees import arrays_in, is_named
from dynamics.runs.chunks import Carrier, drive, in_lanes, limits_of
from dynamics.runs.driver import Records, tested_alone
from dynamics.runs.observer import Observer
from dynamics.runs.record_blocks import joined, rows_between
from dynamics.runs.run import Outcome, copied, ended, oracle
from dynamics.runs.setup import IDLE, Setup
from dynamics.vectors.borrowing import borrowed
from dynamics.vectors.lanes import WIDE, WIDTH, Lanes, LaneStreams
from dynamics.vectors.vector import Numbers


def lane_shape(setup: Setup) -> bytes | None:
    """What runs that share lanes have in common: all of the method but its numbers; None where a run needs branches."""
    method, problem = setup.method, setup.problem
    if setup.stop.compares or not (runs_in_lanes(method) and runs_in_lanes(problem)):
        return None
    if setup.state.sample is not None and not samples_in_lanes(problem):
        return None
    if uses_rng(method) or not uses_gradient(method):
        return None
    digest = hashlib.sha256(type(method).__name__.encode())
    for value in method:
        fixed = value._replace(initial=0.0, final=0.0) if isinstance(value, Schedule) else value
        if not isinstance(fixed, float):
            digest.update(repr(fixed).encode())
            for array in arrays_in((fixed,)):  # which repr shortens
                digest.update(array.tobytes())
    return digest.digest()


def run_together(
    setups: Sequence[Setup], steps: int, *, common_noise: bool, interrupted: Callable[[], bool]
) -> list[Outcome]:
    """Take `steps` steps of fresh runs on one problem; a run that ends early leaves its lane to another one.

    Parameters
    ----------
    setups : sequence of Setup
        Runs of one `lane_shape`: at most WIDE with common noise, at most WIDTH otherwise.
    steps, interrupted
        As in `run`.
    common_noise : bool
        Whether the runs draw, and draw the same samples: their generators are then in the same state.
    """
    first, limits = setups[0], limits_of(setups[0].stop)
    observer = FirstLane(first.probes, first.method, first.problem, {}) if first.probes else None
    carrier, state = _on_lanes(setups, common_noise)
    outcomes: dict[int, Outcome] = {}
    rows: list[Records] = []
    going, begin, end = list(range(len(setups))), first.begin, first.begin + steps
    while going:
        blocks, status, k = drive(
            carrier,
            begin,
            end,
            first.record_every,
            limits,
            record_iterates=first.record_iterates,
            interrupted=interrupted,
            observer=observer,
        )
        rows = [joined([*rows, *blocks])]
        if status != Status.PARTED:
            outcomes |= _outcomes(setups, going, state, rows[0], status, k)
            break
        written, here = _without_last(rows[0])
        exact = state.sample is None or k == end or k % first.record_every == 0
        for lane in going:
            own = Status(tested_alone(here.loss[0, lane], here.gradient_norm[0, lane], exact, limits))
            if own != Status.RUNNING:
                looked = exact and own != Status.NOT_FINITE
                seen = joined([written, here]) if looked else written
                outcomes |= _outcomes(setups, [lane], state, seen, own, k)
        going = [lane for lane in going if lane not in outcomes]
        rows, begin = [written], k
        if going:
            carrier = _taken_over(carrier, going)
    if observer is not None:
        outcomes[0] = outcomes[0]._replace(measured=observer.measured())
    return _in_order(outcomes)


class FirstLane(Observer):
    """The probes of the run in the first lane, alone there."""

    def look(self, k: int, point: Any, memory: Any) -> None:
        """Take those whose pace has come."""
        own, its = _by_lane((point, memory), point.x.shape[-1], views=True)[0]
        super().look(k, own, its)


def _on_lanes(setups: Sequence[Setup], common_noise: bool) -> tuple[Carrier, Any]:
    """The runs side by side, and their state; lanes to spare repeat the last run."""
    first = setups[0]
    width = WIDE if common_noise else WIDTH  # and no other one for few runs: sums could then round otherwise
    lanes = [*setups, *[setups[-1]] * (width - len(setups))]
    state = side_by_side([setup.state for setup in lanes])
    if common_noise:
        state = state._replace(sample=copied(first.state.sample))  # one sample serves all
    problem = oracle(first.method, with_work_in_lanes(own_work(first.problem), width), state, IDLE)
    method = with_lane_numbers([setup.method for setup in lanes])
    return in_lanes(method, problem, state, borrowed(first.generator) if common_noise else _streams(setups)), state


def _outcomes(setups, lanes, state, rows, status, k):
    """How the runs in some of the lanes ended."""
    width = state.point.x.shape[-1]
    states, records = _by_lane(state, width), _by_lane(rows, width, views=True)
    return {lane: ended(setups[lane], states[lane], records[lane], status, k) for lane in lanes}


def _in_order(outcomes):
    return [outcomes[lane] for lane in sorted(outcomes)]


def _without_last(rows: Records) -> tuple[Records, Records]:
    """All rows but the last, and the last."""
    count = len(rows.iteration)
    numbers = len(rows.iterates) // count
    return rows_between(rows, 0, count - 1, numbers), rows_between(rows, count - 1, count, numbers)


def _taken_over(carrier: Carrier, going: list[int]) -> Carrier:
    """All other lanes repeat a run that goes on."""
    survivor, width = going[0], carrier.point.x.shape[-1]
    ended = [lane for lane in range(width) if lane not in going]
    ours = (carrier.method, carrier.oracle, carrier.point, carrier.memory)
    for array in {id(array): array for array in arrays_in(ours)}.values():
        if isinstance(array, Lanes | Numbers):
            for lane in ended:
                array[..., lane] = array[..., survivor]
    if not isinstance(carrier.generator, LaneStreams):
        return carrier
    generators: list[np.random.Generator] = list(carrier.generator.generators)
    for lane in ended:
        generators[lane] = _another(generators[survivor])
    return carrier._replace(generator=LaneStreams(tuple(generators)))


def _streams(setups: Sequence[Setup]) -> LaneStreams:
    """The runs' generators, and twins of the last one for lanes to spare."""
    if setups[0].state.sample is None:
        return LaneStreams((IDLE,) * WIDTH)
    generators = [setup.generator for setup in setups]
    spare = [_another(generators[-1]) for _ in range(WIDTH - len(setups))]
    return LaneStreams((*generators, *spare))


def with_lane_numbers(methods: Sequence[Any]) -> Any:
    """One method whose numbers are vectors with an entry for each run."""
    fields: list[Any] = []
    for values in zip(*methods, strict=True):
        if isinstance(values[0], Schedule):
            ends = {end: Numbers.of([getattr(v, end) for v in values]) for end in ("initial", "final")}
            fields.append(Schedule(**{**values[0]._asdict(), **ends}))
        else:
            fields.append(Numbers.of(values) if isinstance(values[0], float) else values[0])
    return type(methods[0])(*fields)


def with_work_in_lanes(thing: Any, width: int) -> Any:
    """A problem whose scratch (fields named `work`, at any depth) has room for the numbers of each run."""
    changes = {}
    for name, value in zip(type(thing)._fields, thing, strict=True):
        if name == "work":
            changes[name] = side_by_side([value] * width)
        elif is_named(value):
            changes[name] = with_work_in_lanes(value, width)
    return thing._replace(**changes) if changes else thing


def side_by_side(values: Sequence[Any]) -> Any:
    """The states of several runs as one, with vectors for numbers; counters are the same for all."""
    first = values[0]
    if isinstance(first, np.ndarray):
        return Lanes.of(np.array(values)) if first.dtype == np.float64 else first.copy()
    if isinstance(first, tuple):
        parts = [side_by_side(parts) for parts in zip(*values, strict=True)]
        return type(first)(*parts) if is_named(first) else tuple(parts)
    return first


def _by_lane(value: Any, width: int, views: bool = False) -> Sequence[Any]:
    """The states or the records of each run: arrays of their own, or views of those of all."""
    if isinstance(value, Lanes):
        columns = np.moveaxis(value, -1, 0).view(np.ndarray)
        return list(columns if views else np.ascontiguousarray(columns))
    if isinstance(value, np.ndarray):
        return [value] * width if views else list(np.repeat(value[None], width, axis=0))
    if isinstance(value, tuple):
        parts = [_by_lane(part, width, views) for part in value]
        runs = list(zip(*parts, strict=True)) if parts else [()] * width
        return [type(value)(*run) for run in runs] if is_named(value) else runs
    return [value] * width


def _another(generator: np.random.Generator) -> np.random.Generator:
    """A generator in the same state."""
    twin = type(generator.bit_generator)()
    twin.state = generator.bit_generator.state
    return np.random.Generator(twin)
