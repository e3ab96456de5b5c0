"""The core of a sweep as pure functions: a plan is cut into blocks of runs, each is computed, and they are merged."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from dynamics.checks import Refusal
from dynamics.runs.interruption import untold
from dynamics.runs.setup import Setup
from dynamics.sweeps.execution import Asked, run_all, run_as_far_as_possible
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.settings import representatives, settings_of
from dynamics.sweeps.table import Table

BLOCK = 4096  # runs, unless said otherwise
COLUMNS = ("loss", "gradient_norm", "step_size", "calls", "status", "stopped_at")


@dataclass(frozen=True, eq=False)
class Block:
    """Some of a plan's runs: of each the number of its setting and that of its seed, both of shape (runs,)."""

    settings: np.ndarray
    seeds: np.ndarray

    def __len__(self) -> int:
        return len(self.settings)


@dataclass(frozen=True, eq=False)
class Columns:
    """What has become of the runs of a block.

    Attributes
    ----------
    arrays
        `loss`, `gradient_norm`, `step_size` of shape (runs, records), NaN where there is no record; `calls` of shape
        (runs, records, 3), in terms of the sum, -1 where there is no record; `status` and `stopped_at` of shape
        (runs,); `x` of shape (runs, d) where it was asked for. Where the plan reduces a run to its last row the axis of
        records is left out.
    errors
        What runs that RAISED an exception said, by their place in the block.
    """

    arrays: dict[str, np.ndarray]
    errors: dict[int, str] = field(default_factory=dict)


def blocks(plan: Plan, runs: int = BLOCK) -> Iterator[Block]:
    """All runs of a plan, in blocks of so many at most: setting by setting, and within a setting seed by seed."""
    seeds = len(plan.seeds)
    if plan.quantiles:
        runs = max(runs // seeds, 1) * seeds  # all seeds of a setting together
    for begin in range(0, plan.settings * seeds, runs):
        places = np.arange(begin, min(begin + runs, plan.settings * seeds))
        yield Block(places // seeds, places % seeds)


def distinct(numbers: np.ndarray) -> np.ndarray:
    """The different ones of some whole numbers, in increasing order; of ordered ones without sorting.

    Examples
    --------
    >>> distinct(np.array([0, 0, 2])).tolist(), distinct(np.array([2, 0, 2])).tolist()
    ([0, 2], [0, 2])
    """
    steps = np.diff(numbers)
    return numbers[np.append(True, steps > 0)] if (steps >= 0).all() else np.unique(numbers)


def compute(
    plan: Plan,
    block: Block,
    *,
    iterates: bool = False,
    threads: int = 1,
    interrupted: Callable[[], bool] | None = None,
) -> Columns:
    """Take all steps of the runs of a block. Their bytes do not depend on what else is in the block.

    Parameters
    ----------
    plan, block
        What to run.
    iterates
        Whether to keep each run's last iterate, `x`.
    threads
        Threads to use.
    interrupted
        Asked now and then whether to break off.

    Raises
    ------
    KeyboardInterrupt
        Where `interrupted` says so.
    """
    table, _ = table_of(plan, block, iterates=iterates, threads=threads, interrupted=interrupted or _never)
    columns = table.columns._asdict()
    if not iterates:
        del columns["x"]
    if plan.rows == "last":
        columns |= {name: columns[name][:, 0] for name in ("loss", "gradient_norm", "step_size", "calls")}
    return Columns(columns, table.errors)


def table_of(
    plan: Plan,
    block: Block,
    *,
    iterates: bool,
    threads: int,
    interrupted: Callable[[], bool],
    tick: Callable[[int], None] = untold,
    partial: bool = False,
) -> tuple[Table, Mapping[int, Setup]]:
    """The runs of a block as a table, and their settings before they have a seed.

    With `partial` an interruption leaves the runs that are done, if there are any, and RUNNING as the others' status.
    """
    plan = plan.as_run()
    settings = settings_of(plan, distinct(block.settings))
    looked_at = representatives(settings)
    paces = sorted({setting.record_every for setting in looked_at})
    if len(paces) > 1 and not plan.rows:
        raise Refusal(f"an epoch has {paces[0]} to {paces[-1]} steps on these problems: give record_every.")
    asked = Asked(
        settings=settings,
        setting=np.ascontiguousarray(block.settings),  # machine code reads them one after the other
        seed=np.ascontiguousarray(block.seeds),
        seeds=plan.seeds,
        starts=[plan.x0],
        steps=plan.steps,
        common_noise=plan.noise == "common",
        with_problem=plan.problem_varies,
    )
    table = Table(looked_at[0], len(block), plan.steps, last=plan.rows == "last", iterates=iterates)
    if partial:
        run_as_far_as_possible(asked, table, threads=threads, interrupted=interrupted, tick=tick)
    else:
        run_all(asked, table, threads=threads, interrupted=interrupted, tick=tick)
    return table, settings


def merge(plan: Plan, parts: Iterable[tuple[Block, Columns]]) -> Columns:
    """The runs of several blocks at their places in the plan: leading axes (settings, seeds), errors by place in these.

    Runs of no block have NaN, -1 and the status RUNNING.
    """
    shape = (plan.settings, len(plan.seeds))
    merged: dict[str, np.ndarray] = {}
    errors: dict[int, str] = {}
    for block, columns in parts:
        places = block.settings * shape[1] + block.seeds
        for name, column in columns.arrays.items():
            if name not in merged:
                nothing = np.nan if column.dtype.kind == "f" else -1 if name == "calls" else 0
                merged[name] = np.full((math.prod(shape), *column.shape[1:]), nothing, dtype=column.dtype)
            merged[name][places] = column
        errors |= {int(places[i]): words for i, words in columns.errors.items()}
    return Columns({name: column.reshape(*shape, *column.shape[1:]) for name, column in merged.items()}, errors)


def _never() -> bool:
    return False
