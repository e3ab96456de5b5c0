"""What a sweep keeps of a block of runs: rows by name, costs in full-batch evaluations, and what they took."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dynamics.checks import Refusal
from dynamics.protocol.canonical import canonical
from dynamics.protocol.oracle import GRADIENTS, PRODUCTS, VALUES, summands
from dynamics.sweeps.blocks import Block, compute
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.reduction import reduced

CALLS = {"values": VALUES, "gradients": GRADIENTS, "hessian_products": PRODUCTS}


@dataclass(frozen=True, eq=False)
class Piece:
    """Of a block the columns that are kept, the words of runs that raised, by their place, and the seconds."""

    columns: dict[str, np.ndarray]
    errors: dict[int, str]
    seconds: float


def piece(
    plan: Plan, block: Block, iteration: np.ndarray, *, threads: int, interrupted: Callable[[], bool] = lambda: False
) -> Piece:
    """Compute a block and keep what the plan asks for; `iteration` is what all runs record."""
    begin = time.perf_counter()
    made = compute(plan, block, threads=threads, interrupted=interrupted)
    columns = dict(made.arrays)
    calls, terms = columns.pop("calls"), _terms(plan, block)
    for name, kind in CALLS.items():
        count = calls[..., kind]
        columns[name] = np.where(count < 0, np.nan, count / terms.reshape(-1, *(1,) * (count.ndim - 1)))
    kept = reduced(plan.reduce, iteration, columns)
    return Piece(kept, made.errors, time.perf_counter() - begin)


def iterations(plan: Plan) -> np.ndarray:
    """What all runs of a plan record, once each of its settings has been checked.

    Raises
    ------
    ValueError, TypeError
        For the first setting that is refused, named by its axes and places; where problems have epochs of different
        lengths and nothing says how often to record.
    """
    run = plan.as_run()
    made: dict = {}
    first: dict = {}
    paces = sorted({run.setting(places, made, first).record_every for places in np.ndindex(*run.shape)})
    if plan.reduce == "last":
        return np.array([plan.steps])
    if len(paces) > 1:
        raise Refusal(f"an epoch has {paces[0]} to {paces[-1]} steps on these problems: give record_every.")
    grid = np.append(np.arange(0, plan.steps, paces[0]), plan.steps)
    if plan.reduce and "iteration" in plan.reduce:
        missing = np.setdiff1d(plan.reduce["iteration"], grid)
        if missing.size:
            raise Refusal(f"runs record every {paces[0]} steps, not at iteration {missing[0]}: give record_every.")
    return grid


def _terms(plan: Plan, block: Block) -> np.ndarray:
    """Of each run the summands of its problem."""
    places = np.stack(np.unravel_index(block.settings, plan.shape or (1,)), axis=1)
    moving = [any(owner == "problem" for owner, _ in axis.targets) for axis in plan.axes] or [False]
    kinds, first, which = np.unique(places * np.array(moving), axis=0, return_index=True, return_inverse=True)
    made: dict = {}
    found = []
    for i in first[: len(kinds)].tolist():
        problem = plan._thing("problem", tuple(places[i].tolist())[: len(plan.axes)], made)
        found.append(summands(canonical(problem)))
    return np.array(found)[which.reshape(-1)]
