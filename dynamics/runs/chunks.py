"""The driver in chunks: between them progress, Ctrl-C, and the room to go on later."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dynamics.kernels.cache import entry_point
from dynamics.protocol.kernel_errors import UNCOMPILED, KernelError, explanation
from dynamics.protocol.status import Status, Stop
from dynamics.runs.driver import LARGEST, TINY, Comparison, Limits, NoComparison, Records, advance
from dynamics.runs.interruption import untold
from dynamics.runs.record_blocks import LentRows, RecordBlocks
from dynamics.vectors.alignment import aligned_empty
from dynamics.vectors.borrowing import borrowed
from dynamics.vectors.lanes import Lanes

if TYPE_CHECKING:
    from dynamics.runs.observer import Observer

FIRST_CHUNK = 256  # steps; later chunks grow until one takes about CHUNK_SECONDS
CHUNK_SECONDS = 0.05
NOTHING = np.empty(0)
_STATUS = {int(status): status for status in Status}  # the enumeration itself looks up in Python


def limits_of(stop: Stop, seen: np.ndarray = NOTHING, *, every: bool = True) -> Limits:
    """The bounds of a run as the driver tests them; `seen` and `every` are those of a `Comparison`."""
    # Where the square is near that of the tolerance, or has lost digits, the driver looks at the norm itself.
    suspect = max(stop.gradient_norm * stop.gradient_norm * (1 + 1e-15), TINY) if stop.gradient_norm >= 0 else -1.0
    tolerances = (stop.relative_gradient_norm, stop.loss_change, stop.iterate_change)
    comparison = Comparison(*tolerances, every, seen) if stop.compares else NoComparison()
    return Limits(stop.gradient_norm, suspect, min(stop.loss_bound, LARGEST), comparison)


class Carrier(NamedTuple):
    """All that the driver works on: one run, or several in lanes."""

    method: Any
    oracle: Any
    point: Any
    memory: Any
    generator: Any
    room: Callable[[int], np.ndarray]  # new arrays for the numbers of a run, by length


def one_run(method: Any, oracle: Any, state: Any, generator: np.random.Generator) -> Carrier:
    """A carrier of a single run."""
    return Carrier(method, oracle, state.point, state.memory, borrowed(generator), aligned_empty)


def in_lanes(method: Any, oracle: Any, state: Any, generator: Any) -> Carrier:
    """A carrier of several runs; all but the problem's data is in lanes."""
    room = partial(Lanes.empty, width=state.point.x.shape[1])
    return Carrier(method, oracle, state.point, state.memory, generator, room)


def drive(
    carrier: Carrier,
    begin: int,
    end: int,
    every: int,
    limits: Limits,
    *,
    record_iterates: bool,
    interrupted: Callable[[], bool],
    tick: Callable[[int], None] = untold,
    observer: "Observer | None" = None,
    found: list[Any] | None = None,
    full_gradient: np.ndarray | None = None,
    rows: LentRows | None = None,
) -> tuple[list[Records], Status, int]:
    """Take the steps from iterate `begin` to `end`: the records in blocks, the status and the last iterate.

    The observer is shown each iterate at which it wants to pause. For `found` see `entry_point`; `full_gradient` and
    `rows` may be lent.
    """
    dimension = len(carrier.point.x)
    full_gradient = carrier.room(dimension) if full_gradient is None else full_gradient
    records = RecordBlocks(carrier.room, every, dimension if record_iterates else 0, None if record_iterates else rows)
    function: Any = None
    k, length, status = begin, FIRST_CHUNK, Status.RUNNING
    if observer is not None:
        observer.look(k, carrier.point, carrier.memory)
    while status == Status.RUNNING:
        chunk_end = min(k + length, end)
        if observer is not None:
            chunk_end = min(chunk_end, observer.after(k))
        last = chunk_end == end
        room = records.ahead(chunk_end - k, end - k)
        arguments = (*carrier[:5], k, chunk_end, int(last), every, room, full_gradient, limits)
        began = time.perf_counter()
        try:
            function = function or entry_point(advance, arguments, found)
            written, reached, code = function(*arguments) if function is not advance else _played(arguments)
        except UNCOMPILED as error:
            raise explanation(error, carrier.method, carrier.oracle.problem) from error
        if code not in _STATUS:
            raise _wrote_elsewhere(carrier)
        k, status = int(reached), _STATUS[int(code)]
        records.wrote(written)
        if observer is not None:
            observer.look(k, carrier.point, carrier.memory)
        tick(k - begin)
        if status == Status.RUNNING and last:
            status = Status.MAX_ITERATIONS
        elif status == Status.RUNNING and interrupted():
            status = Status.INTERRUPTED
        if time.perf_counter() - began < CHUNK_SECONDS / 4:
            length *= 4
    return records.blocks(), status, k


def _wrote_elsewhere(carrier: Carrier) -> KernelError:
    """What is to be said where a run's memory holds what nobody put there."""
    pair = f"{type(carrier.method).__name__} on {type(carrier.oracle.problem).__name__}"
    return KernelError(
        f"a kernel of {pair} has written beyond the end of an array: machine code looks at no index. Save your work "
        f"and begin a new process; check_method and check_problem find the line."
    )


def _played(arguments: tuple[Any, ...]) -> tuple[int, int, int]:
    """What the driver returns as plain Python, which would warn where machine code goes on; the status says why."""
    with np.errstate(all="ignore"):
        return advance(*arguments)
