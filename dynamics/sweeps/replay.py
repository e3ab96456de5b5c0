"""The whole trajectory of one run of a sweep."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.checks import Refusal, shown, unknown
from dynamics.runs.interruption import interruption
from dynamics.runs.lane_rehearsal import rehearse_lanes
from dynamics.runs.lane_runs import lane_shape, run_together
from dynamics.runs.observer import checked
from dynamics.runs.probes import Probing
from dynamics.runs.run import as_trajectory, run
from dynamics.runs.trajectory import Trajectory
from dynamics.sweeps.dataset import plan_of

if TYPE_CHECKING:
    import xarray


def replay(dataset: "xarray.Dataset", *, probes: Mapping[str, Probing] | None = None, **coordinates: Any) -> Trajectory:
    """The whole trajectory of one run of a sweep, the same bytes.

    Parameters
    ----------
    dataset
        What `sweep` returned in this process, or a part of it.
    probes : mapping of str to probe, optional
        What to measure along the run, as for `simulate`.
    **coordinates
        The run's value on each axis, and its `seed`; an axis with one value may be left out.

    Returns
    -------
    Trajectory
        Recorded as `simulate` does, or with the sweep's `record_every`.

    Raises
    ------
    ValueError
        For coordinates that lie on no axis or on none of its values, or say less than which run is meant.

    Examples
    --------
    >>> from dynamics import RSG, sweep
    >>> from synthetic import quadratic
    >>> noisy = quadratic(eigenvalues=[1.0, 0.1], noise=0.01)
    >>> made = sweep(RSG, noisy, over={"step_size": [0.1, 0.5]}, seeds=3, steps=20, x0=[1.0, 1.0], reduce="last")
    >>> run = replay(made, step_size=0.5, seed=2)
    >>> bool(run.loss[-1] == made.loss.sel(step_size=0.5, seed=2))
    True
    """
    plan = plan_of(dataset)
    names = [*(name for axis in plan.axes for name in axis.names), "seed"]
    for name in coordinates:
        if name not in names:
            raise Refusal(unknown("coordinate", name, names))
    places = tuple(
        _place({name: axis.coordinate(position) for position, name in enumerate(axis.names)}, coordinates)
        for axis in plan.axes
    )
    setup = plan.run(plan.setting(places, {}, {}), _place({"seed": np.array(plan.seeds)}, coordinates))
    if probes:
        setup = setup._replace(probes=checked(probes, setup.method, setup.problem, setup.state))
    with interruption() as interrupted:
        if lane_shape(setup) is None:
            return as_trajectory(run(setup, plan.steps, interrupted=interrupted))
        rehearse_lanes(setup)
        common = plan.noise == "common" and setup.state.sample is not None
        return as_trajectory(run_together([setup], plan.steps, common_noise=common, interrupted=interrupted)[0])


def _place(columns: dict[str, np.ndarray], coordinates: dict[str, Any]) -> int:
    """The one place along an axis where all its coordinates that are given match."""
    given = {name: coordinates[name] for name in columns if name in coordinates}
    count = len(next(iter(columns.values())))
    found = np.flatnonzero([all(columns[name][i] == value for name, value in given.items()) for i in range(count)])
    if found.size == 1:
        return int(found[0])
    if found.size:
        raise Refusal(f"{found.size} runs match: say which {' or '.join(columns)} is meant.")
    left = np.ones(count, dtype=bool)
    for name, value in given.items():  # the first one that none of those that are left has
        column = columns[name][left]
        left &= columns[name] == value
        if not left.any():
            break
    column = np.unique(column[column == column])  # NaN stands where there is no such parameter
    if column.size and column.dtype.kind in "fiu" and isinstance(value, float | int | np.number):
        near = f"the nearest is {column[np.argmin(np.abs(column - value))]!s}"
    else:
        near = f"there are {shown(column.tolist()) if column.size else 'none'}"
    raise Refusal(f"{name} = {shown(value)} is not in the sweep: {near}.")
