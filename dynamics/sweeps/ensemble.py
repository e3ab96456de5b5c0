"""Sweeps: one method, many settings and seeds, one problem, over all cores."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from dynamics.checks import (
    Refusal,
    is_number,
    real_numbers,
    require_memory,
    require_whole,
    require_word,
    shown,
)
from dynamics.kernels.policy import threads_at_hand
from dynamics.protocol.oracle import summands
from dynamics.protocol.status import Status, Stop
from dynamics.protocol.trees import is_named
from dynamics.runs.interruption import bar, interruption
from dynamics.runs.setup import Setup, begun
from dynamics.sweeps.content import Noise
from dynamics.sweeps.execution import Asked, run_as_far_as_possible
from dynamics.sweeps.result import Ensemble
from dynamics.sweeps.table import Table
from dynamics.words import words


def ensemble(
    method_grid: Sequence[Any],
    problem: Any,
    *,
    steps: int,
    seeds: int | Sequence[int],
    noise: Noise = "own",
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
        "own": each setting and seed has a stream of its own, a function of the seed, the method's name and its numbers,
        so that a run that a larger sweep repeats keeps its bytes. "common": all settings see the same samples for the
        same seed, so that a difference between two settings varies less than either.
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
        For an empty grid, settings of several classes, and whatever `simulate` refuses before it starts. What happens
        to a run afterwards is its `status`; an exception is raised only where all runs raise one.

    Notes
    -----
    Ctrl-C leaves the runs that are done, with a warning: the others have NaN and the status RUNNING.

    Examples
    --------
    >>> from dynamics import GradientDescent, ensemble
    >>> from synthetic import quadratic
    >>> sweep = ensemble([GradientDescent(a) for a in (0.1, 0.5)], quadratic(eigenvalues=[1.0, 0.5]), steps=20, seeds=1)
    >>> sweep.loss.shape
    (2, 1, 21)
    """
    if is_named(method_grid) or is_number(method_grid):
        raise Refusal(f"method_grid = {shown(method_grid)} must hold settings of a method; put it in a list.")
    grid, seed_list = tuple(method_grid), seeds_of(seeds)
    _check(grid, noise)
    steps = require_whole("steps", steps, 0, "a run can't go back")
    workers = threads_at_hand() if threads is None else require_whole("threads", threads, 1, "a run needs one")
    starts = _starts(x0, len(seed_list))
    settings: dict[int, Setup] = {}
    for i, method in enumerate(grid):
        settings[i] = begun(
            method,
            problem,
            x0=starts[0],
            rng=0,
            record_every=record_every,
            record_iterates=False,
            stop=stop,
            like=settings.get(0),
        )
    shape = (len(grid), len(seed_list))
    asked = Asked(
        settings=settings,
        setting=np.repeat(np.arange(shape[0]), shape[1]),
        seed=np.tile(np.arange(shape[1]), shape[0]),
        seeds=seed_list,
        starts=starts,
        steps=steps,
        common_noise=noise == "common",
        with_problem=False,
    )
    table = Table(settings[0], shape[0] * shape[1], steps, last=False, iterates=True)
    with interruption() as interrupted, bar(progress, shape[0] * shape[1], "runs") as tick:
        run_as_far_as_possible(asked, table, threads=workers, interrupted=interrupted, tick=tick)
    tell_missing(int(np.count_nonzero(table.columns.status == Status.RUNNING)), shape[0] * shape[1])
    if table.raised and len(table.errors) == shape[0] * shape[1]:
        raise table.raised
    columns = {name: column.reshape(*shape, *column.shape[1:]) for name, column in table.columns._asdict().items()}
    return Ensemble(
        iteration=table.iteration,
        methods=grid,
        seeds=seed_list,
        problem=problem,
        summands=summands(settings[0].problem),
        noise=noise,
        errors={divmod(run, shape[1]): words for run, words in table.errors.items()},
        **columns,
    )


def tell_missing(missing: int, runs: int) -> None:
    """Warn of runs that are not done."""
    if missing:
        warnings.warn(
            f"interrupted: {runs - missing} of {runs} runs are done, and the others have NaN and the status RUNNING; "
            f"sweep with out= is able to go on.",
            RuntimeWarning,
            stacklevel=3,
        )


def seeds_of(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """The seeds that are listed, or as many as are asked for, counted from 0."""
    given: Any = seeds
    if is_number(given):
        number = require_whole("seeds", given, 1, "a sweep needs at least one run")
        require_memory(f"seeds = {number}", number, "try fewer")
        return tuple(range(number))
    listed = tuple(require_whole("seeds", seed, 0, "numpy's seeds are not negative", most=2**128) for seed in given)
    if not listed or len(set(listed)) < len(listed):
        raise Refusal(f"seeds = {shown(list(given))}: give distinct non-negative ints, one at least, or how many.")
    return listed


def _check(grid: tuple[Any, ...], noise: str) -> None:
    if not grid:
        raise Refusal("the grid has no settings: give at least one, such as [GradientDescent(0.1)].")
    kinds = sorted({type(method).__name__ for method in grid})
    if len(kinds) > 1:
        raise Refusal(f"the grid mixes {', '.join(kinds)}: one sweep takes settings of one method.")
    require_word("noise", noise, words(Noise))


def _starts(x0: Any, seeds: int) -> list[Any]:
    if x0 is None or real_numbers("x0", x0).ndim < 2:
        return [x0]
    if len(x0) != seeds:
        raise Refusal(f"x0 has {len(x0)} rows for {seeds} seeds: give one row a seed, or one vector for all.")
    return list(x0)
