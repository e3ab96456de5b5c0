"""Large runs beside what the memory gives: bytes a second of a step, and of C that only reads.

A step of W1 reads each number of its rows and targets once, if what it needs twice stays in the caches. A step of W4
reads eigenvalues, minimiser, iterate and average, and writes the last two. All is timed in turns, in the same rounds.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.harness import clock, older_things_set_aside
from benchmarks.peers import c_reference
from benchmarks.peers.c_reference import aligned, call
from benchmarks.summary import Spread, spread
from benchmarks.workloads import cores, noisy_case
from dynamics import BarzilaiBorwein, simulate
from synthetic import carmon

SAMPLES, DIMENSION = 500_000, 30  # of W1: 120 MB
COORDINATES = 10**6  # of W4
W4_STREAMS = 6  # arrays that a step reads or writes, at the least
STRETCH = 4096  # as in benchmarks/reference/bandwidth.c
STEPS = 20
GOAL = 1 / 0.9  # times the time in which as many bytes are read


@dataclass(frozen=True)
class Rate:
    """Gigabytes a second, and the time over that of reading as many bytes on as many threads, round by round."""

    what: str
    peer: str
    threads: int
    gigabytes: Spread
    over_read: Spread


def as_json(rate: Rate) -> dict[str, Any]:
    """A row as plain dictionaries and numbers."""
    return vars(rate) | {name: value._asdict() for name, value in vars(rate).items() if isinstance(value, Spread)}


class Timed:
    """Something that goes through so many bytes; `work` takes a number of steps."""

    def __init__(self, work: Callable[[int], object], amount: int) -> None:
        self.work, self.amount = work, amount

    def rate(self) -> float:
        """Bytes a second: of what further steps cost, without the call."""
        one, more = (self._seconds(steps) for steps in (1, 1 + STEPS))
        return STEPS * self.amount / (more - one)

    def _seconds(self, steps: int) -> float:
        began = clock()
        self.work(steps)
        return clock() - began


def rates(*, rounds: int) -> list[Rate]:
    """Measure reading, the triad, W1 and W4 on one thread, and what can use them on all."""
    counts = sorted({1, cores()})
    runners = {(what, peer, threads): timed for threads in counts for what, peer, timed in _timed(threads)}
    taken: dict[Any, list[float]] = {key: [] for key in runners}
    with older_things_set_aside():
        for round_ in range(rounds + 1):  # the first one compiles
            for key, timed in runners.items():
                rate = timed.rate()
                if round_:
                    taken[key].append(rate)
    return [
        Rate(what, peer, threads, spread([rate / 1e9 for rate in found]), spread(_over(taken, threads, found)))
        for (what, peer, threads), found in taken.items()
    ]


def _over(taken: dict[Any, list[float]], threads: int, found: list[float]) -> list[float]:
    return [reading / own for reading, own in zip(taken["reading", "c", threads], found, strict=True)]


@functools.cache
def _regression() -> Any:
    return carmon(samples=SAMPLES, dimension=DIMENSION, rng=0)


@functools.cache
def _numbers() -> list[np.ndarray]:
    count = SAMPLES * DIMENSION // STRETCH * STRETCH
    return [aligned(np.full(count, number)) for number in (1.0, 2.0, 3.0)]


def _timed(threads: int) -> list[tuple[str, str, Timed]]:
    problem, (a, b, c) = _regression(), _numbers()
    method = BarzilaiBorwein(0.5, negative="absolute")
    out = np.empty(1)

    def read(steps: int) -> None:
        for _ in range(steps):
            call("read_all", a, a.size, threads, out)

    def triad(steps: int) -> None:
        for _ in range(steps):
            call("triad", a, b, c, 0.5, a.size, threads)

    def regress(steps: int) -> None:
        simulate(method, problem, steps=steps, threads=threads)

    found = [
        ("reading", "c", Timed(read, a.nbytes)),
        ("STREAM's triad", "c", Timed(triad, 3 * a.nbytes)),
        (f"W1, {SAMPLES} × {DIMENSION}", "optdyn", Timed(regress, 8 * SAMPLES * (DIMENSION + 1))),
    ]
    if threads == 1:
        case = noisy_case("single", runs=1, dimension=COORDINATES)

        def walk(steps: int) -> None:
            simulate(case.methods[0], case.problem, steps=steps, record_every=STEPS + 1, rng=0)

        amount = 8 * W4_STREAMS * COORDINATES
        reference = c_reference.noisy_quadratic(case)
        found += [
            (f"W4, d = {COORDINATES}", "optdyn", Timed(walk, amount)),
            (f"W4, d = {COORDINATES}", "c", Timed(reference, amount)),
        ]
    return found
