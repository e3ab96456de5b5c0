"""A sweep in memory, from blocks that any back end computes."""

from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.checks import require_memory
from dynamics.protocol.status import Status
from dynamics.runs.interruption import bar
from dynamics.sweeps.backends import backend_of
from dynamics.sweeps.blocks import blocks, compute
from dynamics.sweeps.dataset import provenance
from dynamics.sweeps.forms import forms, size_of, variable
from dynamics.sweeps.pieces import iterations
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.reduction import rows_of

if TYPE_CHECKING:
    import xarray


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
    arrays, count = forms(plan, rows), plan.settings * len(plan.seeds)
    require_memory(f"a sweep of {count} runs", count * size_of(arrays) / 8, "keep less (reduce), or give out")
    made = {name: np.full((count, *form.shape), form.fill, dtype=form.dtype) for name, form in arrays.items()}
    cut = dict(enumerate(blocks(plan)))
    errors: set[str] = set()
    done = 0
    with bar(progress, count, "runs") as tick:
        for number, piece in run(plan, cut, iteration, workers):
            places = cut[number].settings * len(plan.seeds) + cut[number].seeds
            for name, column in piece.columns.items():
                made[variable(names, name)][places] = column
            errors |= set(piece.errors.values())
            done += len(places)
            tick(done)
    status = made[variable(names, "status")]
    if (status == Status.RAISED).all():
        compute(plan, cut[0])
    dimensions = (*(axis.dimension for axis in plan.axes), "seed")
    shape = (*plan.shape, len(plan.seeds))
    variables = {}
    for name, form in arrays.items():
        along = (*dimensions, *("record",) * len(form.shape))
        variables[name] = (along, made[name].reshape(*shape, *form.shape), form.attributes)
    coordinates: dict[str, Any] = {
        name: (axis.dimension, axis.coordinate(position))
        for axis in plan.axes
        for position, name in enumerate(axis.names)
    }
    coordinates["seed"] = list(plan.seeds)
    coordinates |= {name: ("record", column, {"long_name": name}) for name, column in rows.items()}
    return xarray.Dataset(variables, coordinates, provenance(plan, status, errors))
