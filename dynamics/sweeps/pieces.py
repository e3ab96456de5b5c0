"""What a sweep keeps of a block of runs: rows by name, costs in full-batch evaluations, and what they took."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dynamics.checks import Refusal
from dynamics.protocol.full_and_sampled import GRADIENTS, PRODUCTS, VALUES
from dynamics.protocol.status import SOUND
from dynamics.sweeps.blocks import Block, distinct, table_of
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.quantiles import held, over_seeds
from dynamics.sweeps.reduction import ROWS, reduced
from dynamics.sweeps.settings import representatives, settings_of, terms_of

CALLS = {"values": VALUES, "gradients": GRADIENTS, "hessian_products": PRODUCTS}


@dataclass(frozen=True, eq=False)
class Piece:
    """Of a block the columns that are kept, the words of runs that raised, by their place, and the seconds.

    The columns have a row for each run; for each setting, where quantiles are kept in place of the seeds.
    """

    columns: dict[str, np.ndarray]
    errors: dict[int, str]
    seconds: float
    runs: int
    failed: int


def piece(
    plan: Plan, block: Block, iteration: np.ndarray, *, threads: int, interrupted: Callable[[], bool] = lambda: False
) -> Piece:
    """Compute a block and keep what the plan asks for; `iteration` is what all runs record."""
    begin = time.perf_counter()
    table, settings = table_of(plan, block, iterates=False, threads=threads, interrupted=interrupted)
    columns = table.columns._asdict()
    del columns["x"]
    calls = columns.pop("calls")
    terms = terms_of(settings)[np.searchsorted(distinct(block.settings), block.settings), np.newaxis]
    columns |= {name: np.where(calls[..., k] < 0, np.nan, calls[..., k] / terms) for name, k in CALLS.items()}
    sound = np.isin(columns["status"], SOUND)
    if plan.rows == "last":
        columns |= {name: columns[name][:, 0] for name in ROWS}
    elif plan.quantiles and "iteration" in plan.rows:
        columns |= {name: held(columns[name], sound) for name in ROWS}
    columns = reduced(plan.rows, iteration, columns)
    if plan.quantiles:
        columns = over_seeds(columns, len(plan.seeds), plan.quantiles)
    failed = int(np.count_nonzero(~sound))
    return Piece(columns, table.errors, time.perf_counter() - begin, len(block), failed)


def iterations(plan: Plan, settings: np.ndarray | None = None) -> np.ndarray:
    """What all runs of a plan record, once each of its settings, or those that are given, has been checked.

    Raises
    ------
    ValueError, TypeError
        For the first setting that is refused, named by its axes and places; where problems have epochs of different
        lengths and nothing says how often to record.
    """
    run = plan.as_run()
    checked = settings_of(run, np.arange(run.settings) if settings is None else settings)
    paces = sorted({setting.record_every for setting in representatives(checked)})
    if plan.rows == "last":
        return np.array([plan.steps])
    if len(paces) > 1:
        raise Refusal(f"an epoch has {paces[0]} to {paces[-1]} steps on these problems: give record_every.")
    grid = np.append(np.arange(0, plan.steps, paces[0]), plan.steps)
    if plan.rows and "iteration" in plan.rows:
        missing = np.setdiff1d(plan.rows["iteration"], grid)
        if missing.size:
            raise Refusal(f"runs record every {paces[0]} steps, not at iteration {missing[0]}: give record_every.")
    return grid
