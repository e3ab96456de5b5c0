"""A sweep in memory, from blocks that any back end computes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.checks import require_memory
from dynamics.runs.interruption import bar
from dynamics.sweeps.backends import backend_of
from dynamics.sweeps.blocks import Block, blocks, table_of
from dynamics.sweeps.dataset import provenance
from dynamics.sweeps.ensemble import tell_missing
from dynamics.sweeps.forms import along, dimensions_of, forms, size_of, variable
from dynamics.sweeps.pieces import iterations
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.reduction import rows_of

if TYPE_CHECKING:
    import xarray

LEAST, MOST = 4096, 2**16  # runs of a block
PARTS = 8  # blocks for each worker, where they are not as small as allowed
LARGEST = 2**26  # bytes of a block that has more than the least runs
RECORD_BYTES = 56  # of a run


def gathered(plan: Plan, *, backend: Any = None, workers: int, progress: bool = False) -> "xarray.Dataset":
    """Compute all runs of a plan and keep of each what the plan asks for.

    Raises
    ------
    Exception
        That of the first run, where all raise one.
    """
    import xarray

    iteration = iterations(plan)
    rows, run = rows_of(plan.reduce, iteration), backend_of(backend)
    names = [name for axis in plan.axes for name in axis.names]
    seeds = 1 if plan.quantiles else len(plan.seeds)
    arrays, count, runs = forms(plan, rows), plan.settings * seeds, plan.settings * len(plan.seeds)
    require_memory(f"a sweep of {runs} runs", count * size_of(arrays) / 8, "keep less (reduce), or give out")
    made = {name: np.full((count, *form.shape), form.fill, dtype=form.dtype) for name, form in arrays.items()}
    cut = dict(enumerate(blocks(plan, _block_size(runs, len(iteration), workers))))
    errors: set[str] = set()
    done = failed = raised = 0
    waiting = dict(cut)
    with suppress_interruption(lambda: len(waiting) < len(cut)), bar(progress, runs, "runs") as tick:
        for number, piece in run(plan, cut, iteration, workers):
            places = _places(plan, cut[number])
            for name, column in piece.columns.items():
                if variable(names, name) in made:
                    made[variable(names, name)][places] = column
            errors |= set(piece.errors.values())
            done, failed, raised = done + piece.runs, failed + piece.failed, raised + len(piece.errors)
            del waiting[number]
            tick(done)
    for block in waiting.values():  # the writing of one may have been interrupted
        for name, form in arrays.items():
            made[name][_places(plan, block)] = form.fill
    tell_missing(sum(map(len, waiting.values())), runs)
    if raised == runs:
        table, _ = table_of(plan, cut[0], iterates=False, threads=workers, interrupted=lambda: False)
        if table.raised:
            raise table.raised
    dimensions = (*(axis.dimension for axis in plan.axes), *([] if plan.quantiles else ["seed"]))
    shape = (*plan.shape, *([] if plan.quantiles else [seeds]))
    variables = {}
    for name, form in arrays.items():
        named = (*dimensions, *dimensions_of(form, bool(plan.quantiles)))
        variables[name] = (named, made[name].reshape(*shape, *form.shape), form.attributes)
    coordinates: dict[str, Any] = {
        name: (axis.dimension, axis.coordinate(position))
        for axis in plan.axes
        for position, name in enumerate(axis.names)
    }
    coordinates |= {} if plan.quantiles else {"seed": list(plan.seeds)}
    coordinates |= {name: (along(name), column, {"long_name": name}) for name, column in rows.items()}
    return xarray.Dataset(variables, coordinates, provenance(plan, failed, errors))


def _block_size(runs: int, records: int, workers: int) -> int:
    """Runs of a block: many, as each block has a cost of its own, but several for each worker, and no more than fit."""
    fit = LARGEST // (RECORD_BYTES * records)
    return max(LEAST, min(MOST, fit, runs // (PARTS * workers)))


def _places(plan: Plan, block: Block) -> np.ndarray:
    """The rows of a block's runs; of its settings, where quantiles are kept in place of the seeds."""
    return np.unique(block.settings) if plan.quantiles else block.settings * len(plan.seeds) + block.seeds


@contextmanager
def suppress_interruption(anything: Callable[[], bool]) -> Iterator[None]:
    """Let Ctrl-C end what is inside and no more, if there is anything to keep."""
    try:
        yield
    except KeyboardInterrupt:
        if not anything():
            raise
