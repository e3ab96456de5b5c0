"""Time the peers of a case, interleaved, over runs long enough that a call's own cost hardly shows."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.workloads import Case

Runner = Callable[[int], object]

LONG = 100  # a timed run of optdyn and C takes about this many times the cost of an empty call, or more
RECORDS = 2**21  # rows of all runs, at most: a gigabyte of records takes long by itself
WHOLE_RUNS = 25  # in a round, where whole runs are timed and are short; the median is taken
WHOLE = ("W6", "W7")  # workloads of which whole runs are timed
EMPTY_CALLS = 50  # of which the median is taken
LEAST_STEPS = 50  # of slow peers
LEAST_ROUNDS = 2  # of a case, however long they take
CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "processor": time.process_time}
CASE_SECONDS = 12.0  # after which a case has no further round


@dataclass
class Timing:
    """What was measured of one peer on one case; seconds unless said otherwise."""

    peer: str
    steps: int  # of a timed run
    width: int  # units of work in a step, or runs where these are the units
    first_call: float  # compilation, or loading what was compiled before, included
    overhead: float  # of a call with one step
    whole: bool = False  # whether a whole run is the unit of work
    products: int = 0  # Hessian products of a timed run, where they are counted
    seconds: list[float] = field(default_factory=list)  # one for each round

    def per_unit(self) -> list[float]:
        """Nanoseconds for a unit of work, round by round."""
        units = self.width if self.whole else self.steps * self.width
        return [1e9 * seconds / units for seconds in self.seconds]


@dataclass
class Measurement:
    """The peers of one case, timed in the same rounds."""

    case: Case
    timings: dict[str, Timing]
    left_out: dict[str, str] = field(default_factory=dict)  # peers that broke, with what they said


_chosen = ["wall"]


def clock() -> float:
    """Seconds by the clock in use; that of the processor, all threads together, is for a machine that is busy."""
    return CLOCKS[_chosen[0]]()


def set_clock(name: str) -> None:
    """Let all timings from now on be by the clock of that name."""
    _chosen[0] = name


def measure(
    case: Case, peers: Mapping[str, Any], *, repeats: int, budget: float, seconds: float = CASE_SECONDS
) -> Measurement:
    """Time a case.

    Parameters
    ----------
    case
        What to time.
    peers
        Modules by name.
    repeats
        Rounds at most; in each, every peer runs once, and the order moves on by one.
    budget
        Seconds that one timed run of a slow peer may take about; it then takes fewer steps.
    seconds
        After which there is no further round, two being the fewest.
    """
    with older_things_set_aside():
        return _measured(case, peers, repeats, budget, seconds)


def _measured(case: Case, peers: Mapping[str, Any], repeats: int, budget: float, seconds: float) -> Measurement:
    runners: dict[str, Runner] = {}
    timings: dict[str, Timing] = {}
    left_out: dict[str, str] = {}
    for name, module in peers.items():
        try:
            make = module.RUNNERS.get(case.kind)
            runner = make(case) if make else None
            if runner is None:
                continue
            timings[name] = _prepared(name, runner, case, budget)
        except Exception as error:
            left_out[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            continue
        runners[name] = runner
    _match(timings, runners)
    began = time.perf_counter()
    for round_ in range(repeats):
        if round_ >= LEAST_ROUNDS and time.perf_counter() - began > seconds:
            break
        for name in _rotated(list(runners), round_):
            calls = WHOLE_RUNS if timings[name].whole and timings[name].overhead < budget / WHOLE_RUNS else 1
            timings[name].seconds.append(seconds_of(runners[name], timings[name].steps, calls))
    return Measurement(case, timings, left_out)


@contextmanager
def older_things_set_aside() -> Iterator[None]:
    """Within it, a collection looks at none of the objects that there were before: one for each timing is cheap."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def seconds_of(runner: Runner, steps: int, calls: int = 1) -> float:
    """Median seconds of a call, garbage collection off."""
    gc.collect()
    gc.disable()
    try:
        return statistics.median(_seconds(runner, steps) for _ in range(calls))
    finally:
        gc.enable()


def _seconds(runner: Runner, steps: int) -> float:
    began = clock()
    runner(steps)
    return clock() - began


def _prepared(name: str, runner: Runner, case: Case, budget: float) -> Timing:
    """The first calls, and how many steps to time."""
    if case.workload in WHOLE:
        first = seconds_of(runner, 1)
        taken = seconds_of(runner, case.steps)
        products = getattr(runner, "products", 0)
        overhead = seconds_of(runner, 1, 1 if taken > budget / WHOLE_RUNS else EMPTY_CALLS)
        return Timing(name, case.steps, case.width, first, overhead, whole=True, products=products)
    first = seconds_of(runner, case.record_every)
    if name not in ("optdyn", "c"):
        return Timing(name, _within(runner, case, budget), case.width, first, 0.0)
    runner(1)
    overhead = seconds_of(runner, 1, EMPTY_CALLS)
    return Timing(name, _long_enough(runner, case, LONG * overhead), case.width, first, overhead)


def _long_enough(runner: Runner, case: Case, least: float) -> int:
    """Steps of a run that takes at least that many seconds, as far as records allow; a surface has all its rows."""
    steps = case.steps
    if case.kind != "w5":
        while 2 * steps // case.record_every * case.runs <= RECORDS and seconds_of(runner, steps) < least:
            steps *= 2
    return steps


def _within(runner: Runner, case: Case, budget: float) -> int:
    """Steps of a run that takes about the budget: enough that its first and last don't show, at most the case's."""
    every = case.record_every
    least = every if case.kind == "w5" else max(every, LEAST_STEPS)
    times = []
    for steps in (least, 4 * least):
        runner(steps)  # some compile anew for each number of steps
        times.append(seconds_of(runner, steps))
    per_step = max(times[1] - times[0], times[0] / 10) / (3 * least)
    steps = max(least, min(case.steps, int(budget / per_step))) // every * every
    runner(steps)
    return steps


def _match(timings: dict[str, Timing], runners: dict[str, Runner]) -> None:
    """Give optdyn and C the same steps: the more that either needs."""
    both = [timings[name] for name in ("optdyn", "c") if name in timings]
    for timing in both:
        if not timing.whole:
            timing.steps = max(other.steps for other in both)
            runners[timing.peer](timing.steps)


def _rotated(names: list[str], by: int) -> Iterable[str]:
    by %= max(len(names), 1)
    return names[by:] + names[:by]
