"""Sweeps: one method, many settings and seeds, one problem, over all cores."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .attention import bar
from .checks import require_at_least, unknown
from .lane_runs import agreed_numbers, can_share, run_together
from .lanes import WIDE, WIDTH
from .method import fewest_lanes
from .run import Setup, begun, elsewhere, run
from .status import Status, Stop
from .trajectory import Trajectory

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """Runs of one method over settings and seeds; a run that ended early has NaN after its end.

    Attributes
    ----------
    iteration
        Iterates at which the runs recorded, shape (records,).
    loss, gradient_norm, step_size, values, gradients, hessian_products
        As in Trajectory, shape (settings, seeds, records).
    x
        Last iterates, shape (settings, seeds, d).
    status, stopped_at
        How and where each run ended, shape (settings, seeds).
    methods, seeds, problem, noise
        What was run.
    """

    iteration: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    step_size: np.ndarray
    values: np.ndarray
    gradients: np.ndarray
    hessian_products: np.ndarray
    x: np.ndarray
    status: np.ndarray
    stopped_at: np.ndarray
    methods: tuple[Any, ...]
    seeds: tuple[int, ...]
    problem: Any
    noise: str

    def __repr__(self) -> str:
        kinds, counts = np.unique(self.status, return_counts=True)
        ends = ", ".join(f"{count} {Status(kind).name}" for kind, count in zip(kinds, counts, strict=True))
        return (
            f"<Ensemble of {len(self.methods)} settings of {type(self.methods[0]).__name__} and {len(self.seeds)} "
            f"seeds on {type(self.problem).__name__}: {ends}>"
        )

    def to_dataset(self) -> "xarray.Dataset":
        """The records as an xarray Dataset with the dimensions `setting`, `seed` and `record`."""
        import xarray

        columns = ("loss", "gradient_norm", "step_size", "values", "gradients", "hessian_products")
        ends = ("status", "stopped_at")
        return xarray.Dataset(
            {name: (("setting", "seed", "record"), getattr(self, name)) for name in columns}
            | {name: (("setting", "seed"), getattr(self, name)) for name in ends},
            coords={"iteration": ("record", self.iteration), "seed": list(self.seeds)},
            attrs={"methods": "; ".join(map(repr, self.methods)), "problem": type(self.problem).__name__},
        )


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
    grid, seed_list = tuple(method_grid), _seeds(seeds)
    _check(grid, noise)
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
    made = _all_runs(setups, steps, noise == "common", threads or os.cpu_count() or 1, progress)
    return _stacked(made, grid, seed_list, steps, noise)


def _all_runs(setups, steps, common_noise, threads, progress):
    """The trajectories by coordinates; on Ctrl-C the runs under way end at their next chunk."""
    cancelled = Event()
    made: dict[tuple[int, int], Trajectory] = {}
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
            made.update(zip(places, runs, strict=True))
            tick(len(made))

    with ThreadPoolExecutor(threads) as pool, bar(progress, len(setups), "runs") as tick:
        workers = [pool.submit(work, tick) for _ in range(min(threads, len(shares)))]
        try:
            for worker in as_completed(workers):
                worker.result()
        except BaseException:
            cancelled.set()
            raise
    return made


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


def _stacked(made, grid, seeds, steps, noise):
    first = made[0, 0]
    every = first.record_every
    iteration = np.append(np.arange(0, steps, every), steps)
    shape = (len(grid), len(seeds))
    columns = ("loss", "gradient_norm", "step_size", "values", "gradients", "hessian_products")
    stacked = {name: np.full((*shape, iteration.size), np.nan) for name in columns}
    for place, trajectory in made.items():
        rows = trajectory.iteration.size
        if rows and trajectory.iteration[-1] != iteration[rows - 1]:
            rows -= 1  # a run that ended between two records has a row of its own
        for name in columns:
            stacked[name][place][:rows] = getattr(trajectory, name)[:rows]
    ends = {
        name: np.array([[int(getattr(made[i, j], name)) for j in range(shape[1])] for i in range(shape[0])])
        for name in ("status", "stopped_at")
    }
    return Ensemble(
        iteration=iteration,
        x=np.array([[made[i, j].x for j in range(shape[1])] for i in range(shape[0])]),
        methods=tuple(made[i, 0].method for i in range(shape[0])),
        seeds=seeds,
        problem=first.problem,
        noise=noise,
        **stacked,
        **ends,
    )


def _seeds(seeds: int | Sequence[int]) -> tuple[int, ...]:
    if isinstance(seeds, int | np.integer):
        require_at_least("seeds", int(seeds), 1, "a sweep needs at least one run")
        return tuple(range(int(seeds)))
    listed = tuple(int(seed) for seed in seeds)
    if not listed or min(listed) < 0 or len(set(listed)) < len(listed):
        raise ValueError(f"seeds = {list(seeds)}: give distinct non-negative ints, at least one, or their number.")
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
