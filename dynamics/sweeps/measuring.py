"""Probes along the runs of a sweep: each run is replayed, with the same bytes, and measured on the way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dynamics.checks import Refusal, require_memory, shown
from dynamics.runs.interruption import bar
from dynamics.runs.observer import checked
from dynamics.runs.probes import Probing
from dynamics.sweeps.dataset import plan_of
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.replay import replay

if TYPE_CHECKING:
    import xarray


def measure_sweep(
    dataset: "xarray.Dataset",
    probes: Mapping[str, Probing],
    *,
    reduce: Literal["last"] | None = None,
    progress: bool = False,
) -> "xarray.Dataset":
    """Return the dataset of a sweep with probes, each a variable of its name over the runs.

    Parameters
    ----------
    dataset
        What `sweep` or `open_sweep` returned, or a part of it, with a dimension `seed`.
    probes : mapping of str to probe
        As for `simulate`.
    reduce
        None: all values, over a further dimension ``NAME_iteration``; NaN after a run's end. "last": the last value.
    progress
        Whether to show a progress bar.

    Returns
    -------
    xarray.Dataset
        The same with the probes, and with ``NAME_products`` where they take Hessian products.

    Raises
    ------
    ValueError
        For what `simulate` refuses, and for a dataset without single runs, such as one of quantiles.

    Notes
    -----
    Every run is taken once more, one after the other, and nothing of it changes. The values take 8 bytes each.

    Examples
    --------
    >>> from dynamics import GradientDescent, TopEigenvalue, sweep
    >>> from synthetic import quadratic
    >>> problem = quadratic(eigenvalues=[3.0, 1.0])
    >>> made = sweep(GradientDescent, problem, over={"step_size": [0.1, 0.2]}, steps=4, x0=[1.0, 1.0])
    >>> measured = measure_sweep(made, {"sharpness": TopEigenvalue(every=2)})
    >>> measured.sharpness.sel(step_size=0.2, seed=0).values.round(9)
    array([3., 3., 3.])
    """
    if "seed" not in dataset.dims or not any(name in dataset for name in ("stopped_at", "recorded_stopped_at")):
        raise Refusal("probes are taken of single runs, and this dataset has no dimension seed: give that of a sweep.")
    if reduce not in (None, "last"):
        raise Refusal(f"reduce = {shown(reduce)} must be None or 'last'.")
    plan = plan_of(dataset)
    require_probes(plan, probes)
    runs = dataset["stopped_at" if "stopped_at" in dataset else "recorded_stopped_at"]
    rows = {name: np.arange(0, plan.steps + 1, probe.every) for name, probe in probes.items()}
    lengths = {name: () if reduce == "last" else (len(rows[name]),) for name in probes}
    needed = sum(2 * runs.size * int(np.prod(length)) for length in lengths.values())
    require_memory(f"probes of {runs.size} runs", needed, "give a larger every, or reduce='last'")
    values = {name: np.full((*runs.shape, *length), np.nan) for name, length in lengths.items()}
    products = {name: np.zeros((*runs.shape, *length), dtype=np.int64) for name, length in lengths.items()}
    with bar(progress, runs.size, "runs") as tick:
        for done, place in enumerate(np.ndindex(*runs.shape)):
            run = replay(dataset, probes=probes, **_coordinates(runs[place], plan))
            for name, found in run.probes.items():
                kept: Any = -1 if reduce == "last" else slice(None)
                at = place if reduce == "last" else (*place, slice(len(found)))
                values[name][at], products[name][at] = found.values[kept], found.products[kept]
            tick(done + 1)
    made = dataset
    for name, probe in probes.items():
        dimensions = runs.dims if reduce == "last" else (*runs.dims, f"{name}_iteration")
        if reduce is None:
            made = made.assign_coords({f"{name}_iteration": rows[name]})
        variables = {name: (dimensions, values[name], {"long_name": probe.label or name})}
        if products[name].any():
            words = {"long_name": f"Hessian products of {name}, not charged"}
            variables[f"{name}_products"] = (dimensions, products[name], words)
        made = made.assign(variables)
    return made


def require_probes(plan: Plan, probes: Any) -> None:
    """Refuse probes that the first setting of a sweep does not allow, before anything is run."""
    first = plan.setting(plan.places(0), {}, {})
    checked(probes, first.method, first.problem, first.state)


def _coordinates(run: "xarray.DataArray", plan: Plan) -> dict[str, Any]:
    """What says which run it is; NaN stands where there is no such parameter."""
    names = [*(name for axis in plan.axes for name in axis.names), "seed"]
    found = {name: run.coords[name].values[()] for name in names}
    return {name: value for name, value in found.items() if value == value}
