"""Runs of a sweep that share each call of the kernels, on the lanes of a vector."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dynamics.protocol.canonical import own_work
from dynamics.protocol.method import runs_in_lanes, samples_in_lanes
from dynamics.protocol.schedules import Schedule
from dynamics.protocol.status import Status
from dynamics.protocol.trees import is_named
from dynamics.runs.chunks import drive, in_lanes
from dynamics.runs.record_blocks import joined
from dynamics.runs.run import IDLE, Outcome, Setup, copied, oracle, run
from dynamics.vectors.lanes import WIDE, WIDTH, Lanes, LaneStreams
from dynamics.vectors.vector import Numbers


def can_share(setups: Sequence[Setup]) -> bool:
    """Whether these runs can go through the kernels together: alike in all but numbers, and in no need of branches."""
    first = setups[0]
    return bool(
        runs_in_lanes(first.method)
        and runs_in_lanes(first.problem)
        and (first.state.sample is None or samples_in_lanes(first.problem))
        and len({_shape_of(setup.method) for setup in setups}) == 1
    )


def run_together(
    setups: Sequence[Setup],
    steps: int,
    *,
    common_noise: bool,
    agreed: frozenset[str],
    interrupted: Callable[[], bool],
) -> list[Outcome]:
    """Take `steps` steps of fresh runs on one problem; lanes to spare repeat the last run.

    Runs that stop agreeing in their status go on one by one from where they are.

    Parameters
    ----------
    setups
        Runs for which `can_share` holds: at most WIDE with common noise, at most WIDTH otherwise.
    steps, interrupted
        As in `run`.
    common_noise
        Whether the runs draw the same samples: their generators are then in the same state.
    agreed
        Of the whole sweep, so that all its kernels are of the same types: see `agreed_numbers`.
    """
    first = setups[0]
    width = WIDE if common_noise and len(setups) > WIDTH else WIDTH
    lanes = [*setups, *[setups[-1]] * (width - len(setups))]
    state = _side_by_side([setup.state for setup in lanes])
    if common_noise:
        state = state._replace(sample=copied(first.state.sample))  # one sample serves all
    method = _with_lane_numbers([setup.method for setup in lanes], agreed)
    carrier = in_lanes(
        method,
        oracle(_with_work_in_lanes(own_work(first.problem), width), state),
        state,
        first.generator if common_noise else _streams(setups),
    )
    blocks, status, k = drive(
        carrier,
        first.begin,
        first.begin + steps,
        first.record_every,
        first.stop,
        record_iterates=first.record_iterates,
        interrupted=interrupted,
    )
    if status == Status.PARTED and common_noise and state.sample is not None:
        for setup in setups[1:]:
            setup.generator.bit_generator.state = first.generator.bit_generator.state
    made = []
    rows = _by_lane(joined(blocks), width, views=True)
    for setup, own, records in zip(setups, _by_lane(state, width), rows, strict=False):
        if status == Status.PARTED:
            end = setup._replace(state=own, begin=k, before=records)
            made.append(run(end, first.begin + steps - k, interrupted=interrupted))
        else:
            made.append(Outcome(setup, own, records, status, k))
    return made


def _streams(setups: Sequence[Setup]) -> LaneStreams:
    """The runs' generators, and twins of the last one for lanes to spare."""
    if setups[0].state.sample is None:
        return LaneStreams((IDLE,) * WIDTH)
    generators = [setup.generator for setup in setups]
    spare = [_another(generators[-1]) for _ in range(WIDTH - len(setups))]
    return LaneStreams((*generators, *spare))


def _shape_of(method: Any) -> tuple[Any, ...]:
    """What must be the same in all lanes: everything but the numbers that become vectors."""
    parts: list[Any] = []
    for value in method:
        if isinstance(value, Schedule):
            parts += [value.kind, value.rate, value.period, value.horizon, value.table.tobytes()]
        elif not isinstance(value, float):
            parts.append(repr(value))
    return tuple(parts)


def agreed_numbers(methods: Sequence[Any]) -> frozenset[str]:
    """The hyper-parameters that are the same number in all runs, and stay a number on lanes.

    Examples
    --------
    >>> from dynamics import RSG
    >>> sorted(agreed_numbers([RSG(0.1, beta=0.9), RSG(0.2, beta=0.9)]))
    ['beta', 'mu']
    """
    columns = zip(type(methods[0])._fields, zip(*methods, strict=True), strict=True)
    return frozenset(name for name, values in columns if isinstance(values[0], float) and len(set(values)) == 1)


def _with_lane_numbers(methods: Sequence[Any], agreed: frozenset[str]) -> Any:
    """One method whose numbers are vectors where the runs of the sweep differ."""
    fields: list[Any] = []
    for name, values in zip(type(methods[0])._fields, zip(*methods, strict=True), strict=True):
        if isinstance(values[0], Schedule):
            ends = {end: Numbers.of([getattr(v, end) for v in values]) for end in ("initial", "final")}
            fields.append(Schedule(**{**values[0]._asdict(), **ends}))
        else:
            differ = isinstance(values[0], float) and name not in agreed
            fields.append(Numbers.of(values) if differ else values[0])
    return type(methods[0])(*fields)


def _with_work_in_lanes(thing: Any, width: int) -> Any:
    """A problem whose scratch (fields named `work`, at any depth) has room for the numbers of each run."""
    changes = {}
    for name, value in zip(type(thing)._fields, thing, strict=True):
        if name == "work":
            changes[name] = _side_by_side([value] * width)
        elif is_named(value):
            changes[name] = _with_work_in_lanes(value, width)
    return thing._replace(**changes) if changes else thing


def _side_by_side(values: Sequence[Any]) -> Any:
    """The states of several runs as one, with vectors for numbers; counters are the same for all."""
    first = values[0]
    if isinstance(first, np.ndarray):
        return Lanes.of(np.array(values)) if first.dtype == np.float64 else first.copy()
    if isinstance(first, tuple):
        parts = [_side_by_side(parts) for parts in zip(*values, strict=True)]
        return type(first)(*parts) if is_named(first) else tuple(parts)
    return first


def _by_lane(value: Any, width: int, views: bool = False) -> Sequence[Any]:
    """The states or the records of each run: arrays of their own, or views of those of all."""
    if isinstance(value, Lanes):
        columns = value.T.view(np.ndarray)
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
