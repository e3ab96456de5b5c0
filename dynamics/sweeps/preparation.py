"""A store made ready for a sweep: made, found to be another one's, or grown; nothing is computed yet."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dynamics.checks import Refusal, shown
from dynamics.sweeps.axes import OWNERS
from dynamics.sweeps.description import described, maker_words
from dynamics.sweeps.extras import needs
from dynamics.sweeps.forms import Form, along, dimensions_of, size_of
from dynamics.sweeps.layout import first_layout, require_same_axes
from dynamics.sweeps.made_with import made_with
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.store import FORMAT, MANIFEST, Store, array_of, opened


def prepared(out: Any, plan: Plan, arrays: Mapping[str, Form], rows: Mapping[str, Any]) -> Store:
    """The store at `out` with room for all runs of a plan, made where there is none.

    Raises
    ------
    ValueError
        For a path that holds something else, a store of another sweep or of other code, or too little disk.
    """
    path = path_of(out)
    bytes_a_run = size_of(arrays)
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        layout = first_layout(plan, bytes_a_run)
        require_disk(path, layout.runs * bytes_a_run)
        told = {
            "format": FORMAT,
            "sweep": described(plan),
            "made_with": made_with(plan),
            "layout": layout.told(),
            "arrays": {
                name: {"dtype": form.dtype, "shape": list(form.shape), "attributes": form.attributes}
                for name, form in arrays.items()
            },
            "rows": list(rows),
        }
        _make(Store(path, told, layout), rows)
    return _grown(opened(path), plan, bytes_a_run)


def path_of(out: Any) -> Path:
    """The path of a store, if it may be one."""
    if not isinstance(out, str | os.PathLike) or not os.fspath(out):
        raise Refusal(f"out = {shown(out)} names no folder: give one such as 'runs.zarr'.")
    path = Path(out)
    if path.exists() and not path.is_dir():
        raise Refusal(f"{path} is a file, and a sweep is stored in a folder: give another out.")
    if path.is_dir() and any(path.iterdir()) and not (path / "zarr.json").exists():
        raise Refusal(f"{path} has other things in it, and no sweep: give another out.")
    nearest = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise Refusal(f"{path} can't be written: {nearest} is no folder, or there is no permission; give another out.")
    return path


def require_disk(path: Path, needed: int) -> None:
    """Refuse a store that its disk has no room for."""
    nearest = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    free = shutil.disk_usage(nearest).free
    if needed > free:
        raise Refusal(
            f"{path} takes up to {needed / 1e9:.3g} GB, and {free / 1e9:.3g} GB are free there: keep less "
            f"(reduce, record_every), leave out settings or seeds, or give another out."
        )


def require_same(path: Path, told: Mapping[str, Any], plan: Plan) -> None:
    """Refuse a store of another sweep, or one made with other code or versions, in a sentence that names which."""
    for name, ours, theirs in _pairs(told["sweep"], described(plan)):
        raise Refusal(
            f"{path} holds a sweep with {name} = {shown(ours)}, and {shown(theirs)} is asked for: give another out."
        )
    for name, ours, theirs in _pairs(told["made_with"], made_with(plan)):
        what = f"{name} has changed since" if "code" in name else f"{name} was {ours}, and is {theirs} now"
        raise Refusal(
            f"{path} was begun otherwise, and its runs would not fit together: {what}; give another out, or go on with "
            f"what it was begun with."
        )


def _pairs(ours: Any, theirs: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The entries in which two descriptions differ."""
    if name in OWNERS and maker_words(ours) != maker_words(theirs):
        yield name, maker_words(ours), maker_words(theirs)
    elif isinstance(ours, dict) and isinstance(theirs, dict) and not ours.keys() & {"array", "tuple", "number"}:
        for key in dict.fromkeys([*ours, *theirs]):
            yield from _pairs(ours.get(key), theirs.get(key), f"{name}.{key}".lstrip("."))
    elif ours != theirs:
        yield name.replace(".ready", "").removeprefix("fixed."), ours, theirs


def _grown(store: Store, plan: Plan, bytes_a_run: int) -> Store:
    """The store with room for all runs of a plan."""
    require_same_axes(str(store.path), store.layout, plan)
    require_same(store.path, store.told, plan)
    if store.layout.grown(plan).told() == store.layout.told():
        return store
    with _alone(store.path):
        store = opened(store.path)  # as another process may have left it meanwhile
        layout = store.layout.grown(plan)
        require_disk(store.path, (layout.runs - store.layout.runs) * bytes_a_run)
        zarr = needs("zarr", "store")
        for name in store.forms():
            array = array_of(zarr, store.path, name)
            array.resize((layout.blocks * layout.block, *array.shape[1:]))
        told = {**store.told, "layout": layout.told()}
        zarr.open_group(store.path, mode="r+").attrs.update({"layout": layout.told()})
        return replace(store, told=told, layout=layout)


def _make(store: Store, rows: Mapping[str, Any]) -> None:
    """Make an empty store under a temporary name, and rename it; another process may have done it first."""
    zarr = needs("zarr", "store")
    store.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = store.path.with_name(f".{store.path.name}.{secrets.token_hex(8)}.partial")
    try:
        group = zarr.create_group(temporary, zarr_format=3, attributes=dict(store.told))
        group.create_group(MANIFEST, attributes={"about": "of each block that is done, what it holds"})
        grouped = store.seeds is not None
        runs, size = store.layout.blocks * store.layout.block, store.layout.block
        for name, form in store.forms().items():
            group.create_array(
                name, shape=(runs, *form.shape), chunks=(size, *form.shape), dtype=form.dtype, fill_value=form.fill,
                attributes=form.attributes,
                dimension_names=("setting" if grouped else "run", *dimensions_of(form, grouped)),
            )  # fmt: skip
        for name, row in rows.items():
            array = group.create_array(name, data=np.asarray(row), dimension_names=(along(name),))
            array.attrs["long_name"] = name
        try:
            os.rename(temporary, store.path)
        except OSError:
            if not (store.path / "zarr.json").exists():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes from growing a store meanwhile; a process that is killed lets go."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        yield
        return
    with open(path / MANIFEST / "zarr.json", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
