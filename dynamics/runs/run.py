"""A run, from a checked setup to a trajectory."""

import os
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import (
    WHOLE,
    KindRefusal,
    Refusal,
    as_generator,
    real_array,
    require_memory,
    require_truth,
    require_whole,
    shown,
)
from dynamics.kernels.code import reads_first
from dynamics.kernels.policy import compiles
from dynamics.protocol.apart import seen_by
from dynamics.protocol.canonical import FLOAT, canonical, identity
from dynamics.protocol.kept import all_finite
from dynamics.protocol.large_data import parts
from dynamics.protocol.method import Point, memory_maker, update
from dynamics.protocol.oracle import initial_point, summands
from dynamics.protocol.schedules import Schedule
from dynamics.protocol.status import SOUND, Status, Stop
from dynamics.protocol.trees import arrays_in, with_arrays
from dynamics.runs.beginnings import Room, beginning, room_of
from dynamics.runs.chunks import Carrier, drive, limits_of, one_run, untold
from dynamics.runs.driver import Limits, Records
from dynamics.runs.endings import ending
from dynamics.runs.generators import restored, seeded
from dynamics.runs.lending import Left, give_back, lend
from dynamics.runs.measured import Measured
from dynamics.runs.observer import Observer, checked
from dynamics.runs.probes import Probing
from dynamics.runs.record_blocks import LentRows, joined, rows_between
from dynamics.runs.state import Pair, State, exact_at_each, first_memory
from dynamics.runs.strides import seen_whole_or_in_samples
from dynamics.runs.trajectory import Trajectory
from dynamics.vectors.alignment import aligned_empty, aligned_like
from dynamics.vectors.borrowing import borrowed

# What a run that draws nothing is given, always the same: numba takes long over a generator that it has not seen yet.
IDLE = np.random.default_rng(0)
IDLE_BORROWED = borrowed(IDLE)
NO_STOP = Stop()
FEW = 1000  # steps whose records find room, iterates apart


class Setup(NamedTuple):
    """A run that is ready to go: everything checked, nothing compiled."""

    method: Any
    problem: Any
    state: State  # where it begins; the run makes a copy
    generator: Any  # or the seed of one, where nothing is drawn
    record_every: int
    record_iterates: bool
    stop: Stop
    begin: int
    before: Records | None  # the rows of the run that is resumed
    given: Pair  # method and problem as the user gave them
    terms: int  # of the problem's sum
    probes: Mapping[str, Probing] = {}
    measured: Mapping[str, Measured] = {}  # by the run that is resumed
    room: Room | None = None  # for a state like this one, if it was laid out before


def begun(
    method: Any,
    problem: Any,
    *,
    x0: Any,
    rng: Any,
    record_every: int | None,
    record_iterates: bool,
    stop: Stop | None,
    like: "Setup | None" = None,
    probes: Any = None,
) -> Setup:
    """A run from its start; `like` is one of the same sweep: of the same class, problem, start and pace, checked."""
    if like is None:
        if type(problem) in update.table:
            _refuse_swapped(method, problem)
    else:
        alike = with_other_numbers(method, like)
        if alike is not None:
            state = like.state
            if reads_first(memory_maker(type(alike))):
                state = state._replace(memory=first_memory(alike, state.point.x.size, like.problem))
            room = like.room if state is like.state else None
            return like._replace(method=alike, state=state, given=Pair(method, problem), room=room)
    given = Pair(method, problem)
    method = canonical(method)
    problem = like.problem if like else canonical(problem)
    start = _start(problem, x0)
    first = beginning(method, problem, start, checked=like is not None)
    state = _at(first.state, start)
    return Setup(
        method,
        problem,
        state,
        _drawn(rng) if state.draws else IDLE if like else _undrawn(rng),
        first.pace if record_every is None else _pace(record_every),
        require_truth("record_iterates", record_iterates),
        like.stop if like else NO_STOP if stop is None else _bounds(stop),
        0,
        None,
        given,
        first.terms,
        checked(probes, method, problem, state) if probes else {},
        {},
        first.room,
    )


def elsewhere(setup: Setup, *, x0: Any, rng: Any) -> Setup:
    """The same run of a sweep from another start, with other random numbers."""
    state = _at(setup.state, _start(setup.problem, x0))
    return setup._replace(state=state, generator=as_generator(rng) if state.draws else IDLE)


def resumed(
    method: Any, problem: Any, resume: Trajectory, *, refused: dict[str, Any], stop: Stop | None, probes: Any = None
) -> Setup:
    """A run that goes on where a trajectory ended; `refused` are arguments that must not be given then."""
    if not isinstance(resume, Trajectory):
        raise Refusal(f"resume = {shown(resume)} must be a Trajectory: what simulate returned, or Trajectory.load.")
    _refuse_swapped(method, problem)
    pair = Pair(method, problem)
    method, problem = canonical(method), canonical(problem)
    given = [name for name, value in refused.items() if value is not None]
    if given:
        raise Refusal(f"{', '.join(given)} can't be given with resume: the trajectory goes on with its own.")
    for word, ours, theirs in (
        ("method", method, resume.inner.method),
        ("problem", problem, resume.inner.problem),
    ):
        if ours is not theirs and identity(ours) != identity(theirs):
            raise Refusal(
                f"the trajectory to resume was made with another {word}: pass resume.{word}, or start without resume."
            )
    if resume.status not in (*SOUND, Status.INTERRUPTED):
        raise Refusal(
            f"a run that ended as {resume.status.name} at iterate {resume.stopped_at} can't go on: start a new one."
        )
    return Setup(
        method,
        problem,
        resume.state,
        restored(resume.rng_state),
        resume.record_every,
        resume.iterates is not None,
        _bounds(stop),
        begin=resume.stopped_at,
        before=resume.records,
        given=pair,
        terms=summands(problem),
        probes=checked(probes, method, problem, resume.state) if probes else {},
        measured=resume.probes,
    )


class Outcome(NamedTuple):
    """How a run ended, and its rows."""

    setup: Setup
    left: State | Left
    records: Records
    status: Status
    stopped_at: int
    measured: Mapping[str, Measured] = {}

    @property
    def state(self) -> State:
        """The state at the end."""
        return self.left.state() if isinstance(self.left, Left) else self.left


def run(
    setup: Setup,
    steps: int,
    *,
    interrupted: Callable[[], bool],
    tick: Callable[[int], None] = untold,
    threads: int | None = 1,
) -> Outcome:
    """Take `steps` steps; between chunks `interrupted` is asked and `tick` is told the steps taken.

    Threads help where the data are large, and change no byte; None: as many as there are cores.
    """
    steps = require_whole("steps", steps, 0, "a run can't go back", most=WHOLE - setup.begin)
    _require_room(setup, steps)
    state = comparing(setup)
    room = setup.room if setup.room is not None and state is setup.state else room_of(state, setup.problem)
    if room.lends and compiles():
        return _taken_on_loan(setup, state, room, steps, interrupted, tick)
    state, problem, pieces = room.copy(state.point.x), room.scratch.owned_by(setup.problem), parts(setup.problem)
    if not pieces:
        return _taken(setup, state, problem, room, steps, interrupted, tick)
    from dynamics.runs.large import shared  # which few runs need

    with shared(problem, pieces, state.point.x.size, threads or os.cpu_count() or 1) as seen:
        return _taken(setup, state, seen, room._replace(kinds=[]), steps, interrupted, tick)  # kinds are the problem's


def _taken_on_loan(
    setup: Setup,
    begin: State,
    room: Room,
    steps: int,
    interrupted: Callable[[], bool],
    tick: Callable[[int], None],
) -> Outcome:
    """The steps of a run in memory of a run that has ended; what fails on the way gives none back."""
    lent = lend(room, setup.method, setup.problem, setup.terms, begin.point.x)
    state, generator = lent.state, borrowed(setup.generator) if begin.draws else IDLE_BORROWED
    carrier = Carrier(setup.method, lent.seen(generator), state.point, state.memory, generator, aligned_empty)
    records, status, k, measured = _driven(
        setup, carrier, state, steps, interrupted, tick, room.kinds, lent.full_gradient, lent.rows
    )
    return Outcome(setup, give_back(room, lent), records, status, k, measured)


def _taken(
    setup: Setup,
    state: State,
    problem: Any,
    room: Room,
    steps: int,
    interrupted: Callable[[], bool],
    tick: Callable[[int], None],
) -> Outcome:
    """The steps of a run on its problem, or on what stands for it."""
    generator = setup.generator if state.draws else IDLE
    carrier = one_run(setup.method, oracle(setup.method, problem, state, generator), state, generator)
    records, status, k, measured = _driven(setup, carrier, state, steps, interrupted, tick, room.kinds)
    return Outcome(setup, state, records, status, k, measured)


def _driven(
    setup: Setup,
    carrier: Carrier,
    state: State,
    steps: int,
    interrupted: Callable[[], bool],
    tick: Callable[[int], None],
    kinds: list[Any],
    full_gradient: np.ndarray | None = None,
    rows: LentRows | None = None,
) -> tuple[Records, Status, int, Mapping[str, Measured]]:
    """The records, the status and the last iterate of a run, and what its probes have measured."""
    stop = setup.stop
    observer = Observer(setup.probes, setup.method, setup.problem, setup.measured) if setup.probes else None
    blocks, status, k = drive(
        carrier,
        setup.begin,
        setup.begin + steps,
        setup.record_every,
        _limits(setup, state),
        record_iterates=setup.record_iterates,
        interrupted=interrupted,
        tick=tick,
        observer=observer,
        found=kinds,
        full_gradient=full_gradient,
        rows=rows,
    )
    if setup.before is not None:
        blocks = [_rows_before(setup.before, setup.begin), *blocks] if blocks else [setup.before]
    records = joined(blocks)
    measured = observer.measured() if observer else setup.measured
    return records, ending(status, setup.problem, state.point.x, records, stop.iterate_bound), k, measured


def _limits(setup: Setup, state: State) -> Limits:
    """What ends a run; without a comparison of iterates it hangs on the numbers of `Stop` alone."""
    if setup.stop is not NO_STOP and setup.stop.compares:
        return limits_of(setup.stop, state.seen, every=exact_at_each(setup.method, state))
    return _limits_alone(setup.stop)


_limits_alone = lru_cache(maxsize=64)(limits_of)


def ended(
    setup: Setup,
    state: State,
    records: Records,
    status: Status,
    stopped_at: int,
    measured: Mapping[str, Measured] = {},
) -> Outcome:
    """The outcome of a run that the driver has left with this status."""
    status = ending(status, setup.problem, state.point.x, records, setup.stop.iterate_bound)
    return Outcome(setup, state, records, status, stopped_at, measured)


def _require_room(setup: Setup, steps: int) -> None:
    """Refuse a record that no memory holds; a run with a stop of its own may end long before."""
    if (steps > FEW or setup.record_iterates) and setup.stop == NO_STOP:
        numbers = 7 + (setup.state.point.x.size if setup.record_iterates else 0)
        fix = "give a larger record_every, or a stop"
        require_memory(f"a record of {steps} steps", numbers * steps / setup.record_every, fix)


def as_trajectory(outcome: Outcome) -> Trajectory:
    """The trajectory of a run that has come to its end."""
    setup, generator = outcome.setup, outcome.setup.generator
    return Trajectory.of(
        outcome.left,
        records=outcome.records,
        status=outcome.status,
        stopped_at=outcome.stopped_at,
        given=setup.given,
        inner=Pair(setup.method, setup.problem),
        rng=generator if isinstance(generator, int) else generator.bit_generator.state,
        record_every=setup.record_every,
        terms=setup.terms,
        probes=outcome.measured,
    )


def oracle(method: Any, problem: Any, state: State, generator: np.random.Generator) -> Any:
    """The oracle through which the driver and a method see a problem."""
    return seen_by(method, seen_whole_or_in_samples(method, problem, state, summands(problem)), generator)


def with_other_numbers(method: Any, like: Setup) -> Any:
    """The canonical form of a method that differs from that of `like` in floats alone, checked; None of another one.

    To go through all of a method takes forty times as long.
    """
    if type(method) is not type(like.given.method):
        return None
    fields: list[Any] = []
    for value, other, done in zip(method, like.given.method, like.method, strict=True):
        number = float(value) if isinstance(value, float) and isinstance(other, float) and value == value else None
        if value is other:
            fields.append(done)
        elif number is not None and type(done) is float:
            fields.append(number)
        elif number is not None and type(done) is Schedule:
            fields.append(done._replace(initial=number))
            fields[-1].check()
        else:
            return None
    made = type(like.method)(*fields)
    if hasattr(made, "check"):
        made.check()
    return made


def _start(problem, x0):
    own = initial_point(problem)
    if x0 is None:
        if own is None:
            raise Refusal(
                f"{type(problem).__name__} has no initial point of its own: give x0, a vector of its dimension."
            )
        return np.array(own, dtype=np.float64)
    if type(x0) is np.ndarray and x0.dtype is FLOAT and x0.ndim == 1 and x0.size and all_finite(x0):
        start = x0.copy()
    else:
        start = real_array("x0", x0, None)
    if start.ndim != 1 or (own is not None and start.shape != own.shape):
        wanted = f"({own.size},)" if own is not None else "(d,) with d at least 1"
        raise Refusal(f"x0 has shape {start.shape}: {type(problem).__name__} needs shape {wanted}.")
    return start


def _pace(record_every):
    return require_whole("record_every", record_every, 1, "it counts steps between records")


def copied(state: Any) -> Any:
    """A state with arrays of its own, aligned."""
    arrays = arrays_in(state)
    copies = aligned_like(arrays)
    for copy, array in zip(copies, arrays, strict=True):
        copy[...] = array
    return with_arrays(state, iter(copies))


def _bounds(stop):
    if stop is not None and not isinstance(stop, Stop):
        fix = f"Stop(gradient_norm={stop})" if isinstance(stop, float | int) else "Stop(gradient_norm=1e-8)"
        raise Refusal(f"stop = {shown(stop)} must be a Stop; try stop={fix}.")
    return NO_STOP if stop is None else canonical(stop)


def _refuse_swapped(method, problem):
    if update.has(type(problem)) and not update.has(type(method)):
        raise KindRefusal(f"{type(problem).__name__} is a method, and stands where the problem belongs: swap the two.")


def _drawn(rng):
    """A generator for a run that draws."""
    return seeded(rng) if type(rng) is int and rng >= 0 else as_generator(rng)


def _undrawn(rng):
    """A generator for a run that draws nothing, or only its seed: to make one takes as long as several steps."""
    if rng is None:
        return secrets.randbits(128)
    return rng if type(rng) is int and rng >= 0 else as_generator(rng)


def comparing(setup):
    """The state with room for what iterates are compared with, where they are, or with none."""
    state = setup.state
    if setup.stop is NO_STOP or not setup.stop.compares:
        return state._replace(seen=np.empty(0)) if len(state.seen) else state
    size = len(state.point.x) + 2
    if len(state.seen) != size:
        seen = np.full(size, np.nan)
        if setup.before is not None and len(setup.before.gradient_norm):
            seen[0] = setup.before.gradient_norm[0]
        return state._replace(seen=seen)
    return state


def _at(state: State, x: np.ndarray) -> State:
    """A state at another iterate."""
    point = tuple.__new__(Point, (x, *state.point[1:]))  # as `Point` does, in half the time
    return tuple.__new__(State, (point, *state[1:]))


def _rows_before(records: Records, k: int) -> Records:
    """The rows before iterate k, which a resumed run records again."""
    rows = int(np.searchsorted(records.iteration, k))
    return rows_between(records, 0, rows, len(records.iterates) // max(len(records.iteration), 1))
