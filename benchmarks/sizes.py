"""Cost against size: dimension, samples, runs and threads."""

from collections.abc import Iterator
from types import ModuleType

from benchmarks.harness import Measurement, measure
from benchmarks.workloads import SWEEP, Case, batch_case, carmon_case, cores, noisy_case

GOAL = 1.15  # times C, at every size
SECONDS = 4.0  # after which a size has no further round


def sized(workloads: list[str], *, quick: bool) -> Iterator[tuple[str, int, Case]]:
    """What grows, how large it is, and the case."""
    if "W1" in workloads:
        for dimension in (10, 30, 100) if quick else (3, 5, 10, 30, 50, 100, 300, 1000):
            yield "W1, dimension", dimension, carmon_case("single", runs=1, dimension=dimension)
        for samples in (100, 500, 2000) if quick else (50, 100, 500, 2000, 5000, 20_000):
            yield "W1, samples", samples, carmon_case("single", runs=1, samples=samples)
        for threads in _thread_counts():
            yield "W1, threads", threads, carmon_case("sweep", runs=SWEEP, threads=threads)
    if "W2" in workloads:
        for batch_size in (10, 100) if quick else (1, 5, 20, 50, 100, 500):
            yield "W2, batch size", batch_size, batch_case("single", runs=1, batch_size=batch_size)
    if "W4" in workloads:
        for dimension in (2, 100) if quick else (1, 2, 10, 100, 1000, 10**4, 10**5, 10**6):
            yield "W4, dimension", dimension, noisy_case("single", runs=1, dimension=dimension)
        for runs in (8, SWEEP) if quick else (1, 8, SWEEP, 8 * SWEEP):
            yield "W4, runs", runs, noisy_case("sweep, own noise", runs=runs, dimension=2)
        for threads in _thread_counts():
            yield "W4, threads", threads, noisy_case("sweep, own noise", runs=SWEEP, dimension=2, threads=threads)


def _thread_counts() -> list[int]:
    """1, 2, 4, … and all cores."""
    counts = [1]
    while 2 * counts[-1] <= cores():
        counts.append(2 * counts[-1])
    return sorted({*counts, cores()})


def measured(
    workloads: list[str], peers: dict[str, ModuleType], *, quick: bool, repeats: int, budget: float
) -> Iterator[tuple[str, int, Measurement]]:
    """Time optdyn and C over the sizes."""
    chosen = {name: module for name, module in peers.items() if name in ("optdyn", "c")}
    for what, size, case in sized(workloads, quick=quick):
        yield what, size, measure(case, chosen, repeats=repeats, budget=budget, seconds=SECONDS)
