"""A run, from a checked setup to a trajectory."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dynamics.checks import WHOLE, require_memory, require_whole
from dynamics.kernels.policy import compiles, threads_at_hand
from dynamics.protocol.apart import seen_by
from dynamics.protocol.large_data import parts
from dynamics.protocol.oracle import summands
from dynamics.protocol.status import Status
from dynamics.protocol.trees import arrays_in, with_arrays
from dynamics.runs.beginnings import Room, room_of
from dynamics.runs.chunks import Carrier, drive, limits_of, one_run, untold
from dynamics.runs.driver import Limits, Records
from dynamics.runs.endings import ending
from dynamics.runs.lending import Left, give_back, lend
from dynamics.runs.measured import Measured
from dynamics.runs.record_blocks import LentRows, joined, rows_between
from dynamics.runs.setup import IDLE, NO_STOP, Setup
from dynamics.runs.state import Pair, State, exact_at_each
from dynamics.runs.strides import seen_whole_or_in_samples
from dynamics.runs.trajectory import Trajectory
from dynamics.vectors.alignment import aligned_empty, aligned_like
from dynamics.vectors.borrowing import borrowed

if TYPE_CHECKING:
    from dynamics.runs.observer import Observer

IDLE_BORROWED = borrowed(IDLE)
FEW = 1000  # steps whose records find room, iterates apart


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

    with shared(problem, pieces, state.point.x.size, threads or threads_at_hand()) as seen:
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
    observer = _observer(setup) if setup.probes else None
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


def _observer(setup: Setup) -> "Observer":
    from dynamics.runs.observer import Observer  # which few runs need

    return Observer(setup.probes, setup.method, setup.problem, setup.measured)


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


def copied(state: Any) -> Any:
    """A state with arrays of its own, aligned."""
    arrays = arrays_in(state)
    copies = aligned_like(arrays)
    for copy, array in zip(copies, arrays, strict=True):
        copy[...] = array
    return with_arrays(state, iter(copies))


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


def _rows_before(records: Records, k: int) -> Records:
    """The rows before iterate k, which a resumed run records again."""
    rows = int(np.searchsorted(records.iteration, k))
    return rows_between(records, 0, rows, len(records.iterates) // max(len(records.iteration), 1))
