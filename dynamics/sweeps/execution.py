"""The runs of a sweep, over threads and lanes, into one table."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event
from typing import Any, NamedTuple

import numpy as np

from dynamics.protocol.kernel_errors import KernelError
from dynamics.protocol.status import SOUND, Status
from dynamics.runs.interruption import bar
from dynamics.runs.lane_runs import lane_shape, run_together
from dynamics.runs.run import Outcome, Setup, run
from dynamics.vectors.lanes import WIDE, WIDTH

Place = tuple[int, int]  # a setting and a seed


class Table:
    """What the runs of a sweep write their results to, each at its place.

    With `last` that is one row a run: the one at its end, or NaN where the run failed.
    """

    def __init__(self, first: Setup, shape: tuple[int, ...], steps: int, *, last: bool = False) -> None:
        self.steps, self.last = steps, last
        self.iteration = np.array([steps]) if last else np.append(np.arange(0, steps, first.record_every), steps)
        self.loss, self.gradient_norm, self.step_size = (
            np.full((*shape, self.iteration.size), np.nan) for _ in range(3)
        )
        self.x = np.full((*shape, len(first.state.point.x)), np.nan)
        self.status, self.stopped_at = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.one_axis = len(shape) == 1
        self.calls: dict[Place, np.ndarray] = {}
        self.errors: dict[Place, str] = {}

    def write(self, place: Place, outcome: Outcome) -> None:
        """Write down how a run ended."""
        records = outcome.records
        rows = records.iteration.size
        if self.last:
            kept = slice(rows - 1, rows if outcome.status in SOUND else rows - 1)
        elif rows and records.iteration[-1] != self.iteration[rows - 1]:
            kept = slice(rows - 1)  # a run that ended between two records has a row of its own
        else:
            kept = slice(rows)
        calls = records.calls[kept]
        at = self.at(place)
        for name in ("loss", "gradient_norm", "step_size"):
            getattr(self, name)[at][: len(calls)] = getattr(records, name)[kept]
        self.calls[place] = calls.copy() if self.last else calls  # a view would keep all rows
        x = outcome.state.point.x
        if x.size == self.x.shape[-1]:  # problems of other dimensions may be in the sweep
            self.x[at] = x
        self.status[at], self.stopped_at[at] = outcome.status, outcome.stopped_at

    def at(self, place: Place) -> tuple[int, ...]:
        """Where the row of a run is."""
        return place[:1] if self.one_axis else place

    def columns(self) -> dict[str, Any]:
        """All that it holds, by the names of an `Ensemble`."""
        return {name: value for name, value in self.__dict__.items() if name not in ("steps", "last", "one_axis")}

    def write_error(self, place: Place, error: Exception) -> None:
        """Write down that a run raised an exception."""
        self.calls[place] = np.empty((0, 3), dtype=np.int64)
        self.errors[place] = f"{type(error).__name__}: {error}"
        self.status[self.at(place)] = Status.RAISED


def run_all(
    setups: Mapping[Place, Setup],
    table: Table,
    *,
    common_noise: bool,
    threads: int,
    progress: bool = False,
    interrupted: Callable[[], bool] | None = None,
) -> None:
    """Fill the table. A run that raises an exception leaves its words; the others go on.

    On Ctrl-C the runs under way end at their next chunk.

    Raises
    ------
    Exception
        That of the first run, where all raise one; a KernelError at once, since it is about a kernel of all.
    """
    cancelled = Event()
    steps = table.steps
    groups = shares(setups, common_noise)
    waiting = iter(groups)
    raised: list[Exception] = []

    def finish(share: Share) -> None:
        runs = [setups[place] for place in share.places]
        try:
            if share.on_lanes:
                ends = run_together(runs, steps, common_noise=share.common_noise, interrupted=cancelled.is_set)
            else:
                ends = [run(runs[0], steps, interrupted=cancelled.is_set)]
        except KernelError:
            raise
        except Exception as error:
            if len(runs) > 1:
                for place in share.places:
                    finish(share._replace(places=[place]))
            else:
                raised.append(error)
                table.write_error(share.places[0], error)
            return
        for place, outcome in zip(share.places, ends, strict=True):
            table.write(place, outcome)

    def work(tick: Any) -> None:
        """Take one share after the other from those that no other thread has taken."""
        for share in waiting:
            if interrupted is not None and interrupted():
                cancelled.set()
            if cancelled.is_set():
                return
            finish(share)
            tick(len(table.calls))

    with ThreadPoolExecutor(threads) as pool, bar(progress, len(setups), "runs") as tick:
        workers = [pool.submit(work, tick) for _ in range(min(threads, len(groups)))]
        try:
            for worker in as_completed(workers):
                worker.result()
        except BaseException:
            cancelled.set()
            raise
    if cancelled.is_set():
        raise KeyboardInterrupt
    if len(raised) == len(setups) and interrupted is None:
        raise raised[0]


class Share(NamedTuple):
    """Runs that go together."""

    places: list[Place]
    on_lanes: bool
    common_noise: bool  # they draw the same samples


def shares(setups: Mapping[Place, Setup], common_noise: bool) -> list[Share]:
    """Which runs go together; where they draw the same samples, they are of one seed.

    How many are at hand decides on no more than that: a run that can go on lanes does so, alone if need be, and has
    the same bytes in any company.
    """
    shapes: dict[int, bytes | None] = {}
    blocks: dict[Any, list[Place]] = {}
    made = []
    for place, setup in setups.items():
        if id(setup.method) not in shapes:
            shapes[id(setup.method)] = lane_shape(setup)
        shape, drawing = shapes[id(setup.method)], setup.state.sample is not None
        if shape is None:
            made.append(Share([place], False, common_noise and drawing))
            continue
        seed = place[1] if common_noise and drawing else None
        blocks.setdefault((shape, id(setup.problem), seed), []).append(place)
    for (*_, seed), block in blocks.items():
        width = WIDTH if seed is None else WIDE
        made += [Share(block[at : at + width], True, seed is not None) for at in range(0, len(block), width)]
    return made
