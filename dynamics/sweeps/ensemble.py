"""Sweeps: one method, many settings and seeds, one problem, over all cores."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event
from typing import Any, Literal

import numpy as np

from dynamics.checks import is_number, require_memory, require_whole, shown, unknown
from dynamics.protocol.method import fewest_lanes
from dynamics.protocol.status import Stop
from dynamics.protocol.trees import is_named
from dynamics.runs.interruption import bar
from dynamics.runs.lane_runs import agreed_numbers, can_share, run_together
from dynamics.runs.run import Outcome, Setup, begun, elsewhere, run
from dynamics.sweeps.result import Ensemble
from dynamics.vectors.lanes import WIDE, WIDTH


def ensemble(
    method_grid: Sequence[Any],
    problem: Any,
    *,
    steps: int,
    seeds: int | Sequence[int],
    noise: Literal["own", "common"] = "own",
    x0: Any = None,
    record_every: int | None = None,
    stop: Stop | None = None,
    threads: int | None = None,
    progress: bool = False,
) -> Ensemble:
    """Run each setting of a method with each seed on one problem.

    Parameters
    ----------
    method_grid
        The settings: instances of one method class.
    problem
        As in `simulate`.
    steps
        Steps of each run.
    seeds
        Non-negative ints, or how many of them, counted from 0.
    noise
        "own": each setting and seed has a stream of its own. "common": all settings see the same samples for the same
        seed, so that a difference between two settings varies less than either.
    x0
        Where to start: shape (d,) for all runs, or (seeds, d).
    record_every, stop
        As in `simulate`.
    threads
        Threads to use; all cores unless given. The result does not depend on it.
    progress
        Whether to show a progress bar.

    Returns
    -------
    Ensemble
        With leading axes for settings and seeds.

    Raises
    ------
    ValueError
        For an empty grid, settings of several classes, and whatever `simulate` refuses.

    Examples
    --------
    >>> from dynamics import GradientDescent, ensemble
    >>> from synthetic import quadratic
    >>> sweep = ensemble([GradientDescent(a) for a in (0.1, 0.5)], quadratic(eigenvalues=[1.0, 0.5]), steps=20, seeds=1)
    >>> sweep.loss.shape
    (2, 1, 21)
    """
    if is_named(method_grid) or is_number(method_grid):
        raise ValueError(f"method_grid = {shown(method_grid)} must hold settings of a method; put it in a list.")
    grid, seed_list = tuple(method_grid), _seeds(seeds)
    _check(grid, noise)
    steps = require_whole("steps", steps, 0, "a run can't go back")
    workers = (os.cpu_count() or 1) if threads is None else require_whole("threads", threads, 1, "a run needs one")
    starts = _starts(x0, len(seed_list))
    setups: dict[tuple[int, int], Setup] = {}
    for i, method in enumerate(grid):
        for j, seed in enumerate(seed_list):
            stream = np.random.SeedSequence(seed, spawn_key=(i,) if noise == "own" else ())
            if j:
                setups[i, j] = elsewhere(setups[i, 0], x0=starts[j], rng=stream)
                continue
            setups[i, j] = begun(
                method,
                problem,
                x0=starts[j],
                rng=stream,
                record_every=record_every,
                record_iterates=False,
                stop=stop,
                like=setups.get((0, 0)),
            )
    table = _Table(setups[0, 0], (len(grid), len(seed_list)), steps)
    _run_all(setups, table, noise == "common", workers, progress)
    return Ensemble(
        methods=tuple(setups[i, 0].method for i in range(len(grid))),
        seeds=seed_list,
        problem=setups[0, 0].problem,
        noise=noise,
        **table.__dict__,
    )


class _Table:
    """What the runs of a sweep write their results to, each at its coordinates."""

    def __init__(self, first: Setup, shape: tuple[int, int], steps: int) -> None:
        self.iteration = np.append(np.arange(0, steps, first.record_every), steps)
        self.loss, self.gradient_norm, self.step_size = (np.empty((*shape, self.iteration.size)) for _ in range(3))
        self.x = np.empty((*shape, len(first.state.point.x)))
        self.status, self.stopped_at = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
        self.calls: dict[tuple[int, int], np.ndarray] = {}

    def write(self, place: tuple[int, int], outcome: Outcome) -> None:
        """Write down how a run ended."""
        records = outcome.records
        rows = records.iteration.size
        if rows and records.iteration[-1] != self.iteration[rows - 1]:
            rows -= 1  # a run that ended between two records has a row of its own
        for name in ("loss", "gradient_norm", "step_size"):
            column = getattr(self, name)[place]
            column[:rows] = getattr(records, name)[:rows]
            column[rows:] = np.nan
        self.calls[place] = records.calls[:rows]
        self.x[place] = outcome.state.point.x
        self.status[place], self.stopped_at[place] = outcome.status, outcome.stopped_at


def _run_all(setups, table, common_noise, threads, progress):
    """Fill the table; on Ctrl-C the runs under way end at their next chunk."""
    cancelled = Event()
    steps = int(table.iteration[-1])
    shares = _shares(setups, common_noise)
    agreed = agreed_numbers([setup.method for setup in setups.values()])
    waiting = iter(shares)

    def work(tick):
        """Take one share after the other from those that no other thread has taken."""
        for places in waiting:
            if cancelled.is_set():
                return
            share = [setups[place] for place in places]
            if len(share) > 1:
                runs = run_together(
                    share, steps, common_noise=common_noise, agreed=agreed, interrupted=cancelled.is_set
                )
            else:
                runs = [run(share[0], steps, interrupted=cancelled.is_set)]
            for place, outcome in zip(places, runs, strict=True):
                table.write(place, outcome)
            tick(len(table.calls))

    with ThreadPoolExecutor(threads) as pool, bar(progress, len(setups), "runs") as tick:
        workers = [pool.submit(work, tick) for _ in range(min(threads, len(shares)))]
        try:
            for worker in as_completed(workers):
                worker.result()
        except BaseException:
            cancelled.set()
            raise


def _shares(setups, common_noise):
    """The coordinates of runs that go together, as many as there are lanes; with common noise they share the seed.

    They depend on the coordinates alone, and so does the result.
    """
    if not can_share(list(setups.values())):
        return [[place] for place in setups]
    fewest = fewest_lanes(setups[0, 0].problem)
    blocks: dict[int, list[tuple[int, int]]] = {}
    for place in setups:
        blocks.setdefault(place[1] if common_noise else 0, []).append(place)
    shares = []
    for block in blocks.values():
        at = 0
        while at < len(block):
            width = WIDE if common_noise and len(block) - at >= WIDE else WIDTH
            share = block[at : at + width]
            shares += [share] if len(share) >= fewest else [[place] for place in share]
            at += width
    return shares


def _seeds(seeds: int | Sequence[int]) -> tuple[int, ...]:
    given: Any = seeds
    if is_number(given):
        number = require_whole("seeds", given, 1, "a sweep needs at least one run")
        require_memory(f"seeds = {number}", number, "try fewer")
        return tuple(range(number))
    listed = tuple(require_whole("seeds", seed, 0, "numpy's seeds are not negative", most=2**128) for seed in given)
    if not listed or len(set(listed)) < len(listed):
        raise ValueError(f"seeds = {shown(list(given))}: give distinct non-negative ints, one at least, or how many.")
    return listed


def _check(grid: tuple[Any, ...], noise: str) -> None:
    if not grid:
        raise ValueError("the grid has no settings: give at least one, such as [GradientDescent(0.1)].")
    kinds = sorted({type(method).__name__ for method in grid})
    if len(kinds) > 1:
        raise ValueError(f"the grid mixes {', '.join(kinds)}: one sweep takes settings of one method.")
    if noise not in ("own", "common"):
        raise ValueError(unknown("noise", str(noise), ("own", "common")))


def _starts(x0: Any, seeds: int) -> list[Any]:
    if x0 is None or np.ndim(x0) < 2:
        return [x0] * seeds
    if len(x0) != seeds:
        raise ValueError(f"x0 has {len(x0)} rows for {seeds} seeds: give one row a seed, or one vector for all.")
    return list(x0)
