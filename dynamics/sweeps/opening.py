"""A store as a Dataset with named axes."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.checks import require_memory
from dynamics.protocol.status import Status
from dynamics.sweeps.axes import OWNERS, READY, Absent, column_of, dimension_of
from dynamics.sweeps.dataset import remember
from dynamics.sweeps.description import axis_described, counted, listed_from, maker_words
from dynamics.sweeps.extras import needs
from dynamics.sweeps.forms import along, dimensions_of, size_of
from dynamics.sweeps.layout import Layout
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.store import Store, opened

if TYPE_CHECKING:
    import xarray


def open_sweep(path: Any, *, lazy: bool = False) -> "xarray.Dataset":
    """The Dataset of a sweep that was stored by `out=`, as far as it is done.

    Parameters
    ----------
    path
        The store.
    lazy
        Whether arrays are dask arrays, which read a chunk once it is needed, and unchecked; else all is read, and
        each chunk is compared with the manifest.

    Returns
    -------
    xarray.Dataset
        As `sweep` returns it, over all values that the store has of each axis. Runs that are not done have NaN and the
        status RUNNING.

    Raises
    ------
    ValueError
        If there is no store, it does not fit into memory, or a chunk is not what was written; the sentence names it.

    Examples
    --------
    >>> import tempfile
    >>> from dynamics import GradientDescent, open_sweep, sweep
    >>> from synthetic import quadratic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = sweep(
    ...         GradientDescent,
    ...         quadratic(eigenvalues=[1.0, 0.1]),
    ...         over={"step_size": [0.1, 0.5]},
    ...         steps=20,
    ...         x0=[1.0, 1.0],
    ...         out=f"{folder}/runs.zarr",
    ...     )
    ...     bool((open_sweep(f"{folder}/runs.zarr").loss == made.loss).all())
    True
    """
    store = opened(Path(path))
    if not lazy:
        require_memory(f"{path}", store.layout.runs * size_of(store.forms()) / 8, "open it with lazy=True")
    return dataset_from(store, None, lazy=lazy)


def mend_sweep(path: Any) -> list[str]:
    """Count the blocks of a stored sweep that are damaged as not done, so that the next call makes them again.

    Parameters
    ----------
    path
        The store.

    Returns
    -------
    list of str
        Of each such block what is wrong with which chunk.

    Examples
    --------
    >>> import tempfile
    >>> from dynamics import GradientDescent, sweep
    >>> from synthetic import quadratic
    >>> problem, over = quadratic(eigenvalues=[1.0, 0.1]), {"step_size": [0.1, 0.5]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = sweep(GradientDescent, problem, over=over, steps=2, out=f"{folder}/runs.zarr")
    ...     print(mend_sweep(f"{folder}/runs.zarr"))  # none is damaged
    []
    """
    store = opened(Path(path))
    damaged = store.damaged()
    for block in damaged:
        store.forget(block)
    return list(damaged.values())


def dataset_from(store: Store, plan: Plan | None, *, lazy: bool = False) -> "xarray.Dataset":
    """The part of a store that a plan asks for, or all of it, as a Dataset with an axis for each of the sweep's."""
    import xarray

    import dynamics.sweeps.accessor  # noqa: F401 -- gives Datasets what sweeps can do

    layout = store.layout
    axes = [axis_described(axis) for axis in plan.axes] if plan else layout.axes
    seeds = plan.seeds if plan else listed_from(store.told["sweep"].get("seeds", list(layout.seeds)))
    grouped = store.seeds is not None  # quantiles in place of the seeds
    wanted = layout.asked(plan) if plan else [np.arange(size) for size in layout.shape]
    shape = tuple(len(where) for where in wanted)
    dimensions = (
        *(dimension_of(tuple(axis["names"]), _targets(axis)) for axis in axes),
        *([] if grouped else ["seed"]),
    )
    coordinates: dict[str, Any] = {name: (dimension, column) for axis, dimension in zip(axes, dimensions, strict=False)
                   for name, column in _coordinates(axis).items()}  # fmt: skip
    coordinates |= {} if grouped else {"seed": ("seed", list(seeds))}
    rows, errors = _rows(store, wanted, shape)
    read = _lazily if lazy else _eagerly
    names = [name for name in store.forms() if name not in coordinates]
    variables = {}
    for name, column in read(store, rows, names).items():
        form = store.forms()[name]
        named = (*dimensions, *dimensions_of(form, grouped))
        variables[name] = (named, column.reshape(*shape[: len(dimensions)], *form.shape), form.attributes)
    kept = _along_records(store)
    coordinates |= {name: (along(name), column, {"long_name": name}) for name, column in kept.items()}
    failed = None if lazy else _failed(variables, len(seeds))
    told = {"sweep": store.told["sweep"], "axes": axes, "seeds": counted(seeds)}
    attributes = _attributes(store, told, errors, failed) | ({"sweep": remember(plan)} if plan else {})
    return xarray.Dataset(variables, coordinates, attributes)


def _rows(store: Store, wanted: list[np.ndarray], shape: tuple[int, ...]) -> tuple[np.ndarray, set[str]]:
    """Of each wanted run its row along the store's runs, -1 where it is not done; what the runs that raised said."""
    layout: Layout = store.layout
    rows = np.full(math.prod(shape), -1, dtype=np.int64)
    back = []
    for size, where in zip(layout.shape, wanted, strict=True):
        inverse = np.full(size, -1)
        inverse[where] = np.arange(len(where))
        back.append(inverse)
    errors: set[str] = set()
    entries = store.entries()
    for block, places in layout.each():
        if block not in entries:
            continue
        where = np.stack([inverse[places[:, k]] for k, inverse in enumerate(back)])
        inside = (where >= 0).all(axis=0)
        at = np.ravel_multi_index(tuple(where[:, inside]), shape)
        rows[at] = block * layout.block + np.flatnonzero(inside)
        errors |= set(entries[block]["errors"])
    return rows, errors


def _eagerly(store: Store, rows: np.ndarray, names: list[str]) -> dict[str, np.ndarray]:
    """Columns in the order of `rows`, read block by block and checked."""
    forms, size = store.forms(), store.layout.block
    made = {name: np.full((len(rows), *forms[name].shape), forms[name].fill, dtype=forms[name].dtype) for name in names}
    order = np.argsort(rows, kind="stable")
    blocks = rows[order] // size
    for block in np.unique(blocks[blocks >= 0]).tolist():
        there = order[np.searchsorted(blocks, block) : np.searchsorted(blocks, block, side="right")]
        columns = store.read(block)
        for name in names:
            made[name][there] = columns[name][rows[there] - block * size]
    return made


def _lazily(store: Store, rows: np.ndarray, names: list[str]) -> dict[str, Any]:
    """The same as dask arrays."""
    array = needs("dask.array", "cluster")
    made = {}
    for name in names:
        flat = array.from_zarr(str(store.path / name))
        there = flat[np.maximum(rows, 0)] if (rows != np.arange(len(rows))).any() else flat[: len(rows)]
        gaps = rows < 0
        if gaps.any():
            absent = array.from_array(gaps.reshape(-1, *(1,) * (flat.ndim - 1)), chunks=-1)
            there = array.where(absent, store.forms()[name].fill, there)
        made[name] = there
    return made


def _along_records(store: Store) -> dict[str, np.ndarray]:
    """The coordinates along the records, of which each store has one or none."""
    zarr = needs("zarr", "store")
    found = {}
    for name in store.told["rows"]:
        found[name] = np.asarray(zarr.open_array(store.path / name, mode="r", zarr_format=3)[:])
    return found


def _coordinates(axis: dict[str, Any]) -> dict[str, np.ndarray]:
    """The values of an axis as coordinates."""
    found = {}
    for position, name in enumerate(axis["names"]):
        column = [row[position] for row in axis["values"]]
        found[name] = column_of([_shown(value) if isinstance(value, dict) else value for value in column])
    return found


def _shown(told: dict[str, Any]) -> Any:
    return Absent if "absent" in told else told["shown"]


def _targets(axis: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((owner, parameter) for owner, parameter in axis["targets"])


def _failed(variables: dict[str, Any], seeds: int) -> int:
    """How many runs have failed, of those that are done."""
    for name in ("failed", "recorded_failed"):
        if name in variables:
            return round(float(np.nansum(variables[name][1])) * seeds)
    name = "status" if "status" in variables else "recorded_status"
    return int(np.count_nonzero(variables[name][1] > 2))


def _whose(owner: str, told: dict[str, Any], axes: list[dict[str, Any]]) -> str:
    """The name of what was run, or of all that stand along an axis."""
    along = next((axis for axis in axes if axis["targets"][0] == [owner, READY]), None)
    return maker_words(told) if along is None else ", ".join(dict.fromkeys(row[0]["shown"] for row in along["values"]))


def _attributes(store: Store, told: dict[str, Any], errors: set[str], failed: int | None) -> dict[str, Any]:
    """What was run, by what, and how far it is."""
    sweep, done = store.told["sweep"], store.entries()
    whole = len(done) == store.layout.blocks
    return {
        **{owner: _whose(owner, sweep[owner], told["axes"]) for owner in OWNERS},
        "fixed": "; ".join(f"{owner}.{k} = {v}" for owner in OWNERS for k, v in sweep["fixed"][owner].items()),
        "steps": sweep["steps"],
        "seeds": len(listed_from(told["seeds"])),
        "noise": sweep["noise"],
        "statuses": ", ".join(f"{status.value} {status.name}" for status in Status),
        "versions": ", ".join(f"{name} {word}" for name, word in store.told["made_with"].items()),
        "failed": sum(entry["failed"] for entry in done.values()) if failed is None else failed,
        "errors": "; ".join(sorted(errors)),
        "store": str(store.path),
        "state": "finished" if whole else f"{len(done)} of {store.layout.blocks} blocks are done",
        "hash": store.hash(),
        "plan": json.dumps(told),
    }
