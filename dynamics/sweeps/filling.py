"""A sweep into a store: what is there stays, what is missing is computed, block by block."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.runs.interruption import bar
from dynamics.sweeps.backends import backend_of
from dynamics.sweeps.claims import share
from dynamics.sweeps.description import plan_told
from dynamics.sweeps.opening import dataset_from
from dynamics.sweeps.pieces import iterations
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.preparation import require_same
from dynamics.sweeps.store import Store, opened
from dynamics.sweeps.stored import block_of, blocks_missing, keep, store_for

if TYPE_CHECKING:
    import xarray

CLAIMS = "claims"


def sweep_into(plan: Plan, out: Any, *, backend: Any = None, workers: int, progress: bool = False) -> "xarray.Dataset":
    """Compute what a store lacks of a plan's runs, and open the plan's part of it."""
    store, iteration = store_for(plan, out)
    missing = blocks_missing(store, plan)
    fill(store, store.layout.plan(plan), missing, iteration, backend=backend, workers=workers, progress=progress)
    return dataset_from(store, plan)


def work_on(path: Path, *, workers: int, progress: bool = False) -> Store:
    """Compute what a store lacks, beside any number of other processes; its own description says what.

    Raises
    ------
    ValueError
        If there is no store, its method or problem is not known here, or code or versions are others.
    """
    store = opened(path)
    seeds = store.told["sweep"].get("seeds", list(store.layout.seeds))
    told = {"sweep": store.told["sweep"], "axes": store.layout.axes, "seeds": seeds}
    plan = plan_told(told)
    require_same(path, store.told, plan)
    pending = set(store.pending())
    missing = {number: places for number, places in store.layout.each() if number in pending}
    if missing:
        block = block_of(store.layout, next(iter(missing.values())), plan)
        iteration = iterations(plan, np.unique(block.settings))
        fill(store, plan, missing, iteration, backend=CLAIMS, workers=workers, progress=progress)
    return store


def fill(
    store: Store,
    plan: Plan,
    missing: Mapping[int, np.ndarray],
    iteration: np.ndarray,
    *,
    backend: Any = None,
    workers: int,
    progress: bool = False,
) -> None:
    """Compute blocks of a store, of which `missing` has the places of their runs. What is finished at Ctrl-C stays."""
    total = sum(len(places) for places in missing.values()) * (store.seeds or 1)
    run = None if isinstance(backend, str) and backend == CLAIMS else backend_of(backend)
    with bar(progress, total, "runs") as tick:
        if run is None:
            share(store, plan, missing, iteration, threads=workers, told=tick)
        else:
            done = 0
            blocks = {number: block_of(store.layout, places, plan) for number, places in missing.items()}
            for number, piece in run(plan, blocks, iteration, workers):
                keep(store, number, missing[number], piece)
                done += piece.runs
                tick(done)
    if not store.pending():
        store.tidy()
