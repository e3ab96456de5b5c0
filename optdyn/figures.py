"""Figures made to order: what is on disk already and still holds is not made again."""

import hashlib
import json
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from optdyn.provenance import compute_hash, data_hash, package_of, source_hash, versions
from optdyn.recomputation import read_dataset
from optdyn.writing import write_figure

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["Made", "Order", "make", "try_to_make"]


class Order(NamedTuple):
    """A figure with the parameters that differ from its defaults, and the files that are wanted of it.

    `reference` is the module or file of a figure that no paper announces.
    """

    id: str
    parameters: Mapping[str, Any]
    folder: Path
    formats: tuple[str, ...] = ("png",)
    tables: tuple[str, ...] = ("nc", "csv")
    size: str = "page"
    reference: str = ""

    @property
    def names(self) -> list[str]:
        """The files that are wanted, beside the sidecar."""
        return [f"{self.id}.{ending}" for ending in (*self.formats, *self.tables)]


class Made(NamedTuple):
    """How an order ended. `reused` is "files" or "numbers" where these were on disk and still hold, else empty."""

    paths: tuple[Path, ...] = ()
    reused: str = ""
    seconds: float = 0.0
    traceback: str = ""


def make(order: Order) -> Made:
    """Compute, draw and write a figure, as far as that has not been done.

    Numbers hold while parameters, versions and the sources that they depend on are unchanged; pictures, while all
    sources and the size are.
    """
    import plots

    began = time.perf_counter()
    if order.reference:
        from plots.registry import adopt_figures

        adopt_figures(order.reference)
    sidecar = _sidecar(order)
    if sidecar and _files_hold(order, sidecar):
        paths = tuple(order.folder / name for name in [*order.names, f"{order.id}.json"])
        return Made(paths, "files", time.perf_counter() - began)
    stored = _numbers(order, sidecar) if sidecar else None
    dataset = plots.compute(order.id, **order.parameters) if stored is None else stored
    paths = write_figure(
        dataset,
        order.folder,
        formats=order.formats,
        tables=order.tables,
        size=order.size,
        request=order.parameters,
    )
    return Made(paths, "" if stored is None else "numbers", time.perf_counter() - began)


def try_to_make(order: Order) -> Made:
    """Make a figure; whatever goes wrong ends up in the result, so that other figures are made all the same."""
    try:
        return make(order)
    except Exception:
        return Made(traceback=traceback.format_exc())


def _sidecar(order: Order) -> dict[str, Any] | None:
    """The sidecar on disk, if its numbers were made to the same order by the same sources and libraries."""
    try:
        sidecar = json.loads((order.folder / f"{order.id}.json").read_text(encoding="utf-8"))
        wanted = {
            "figure": order.id,
            "request": json.loads(json.dumps(dict(order.parameters))),  # as it will be read back: lists for tuples
            "compute_hash": compute_hash(order.id),
            "versions": versions(),
        }
        is_whole = isinstance(sidecar["files"], dict) and {"source_hash", "size", "data_hash"} <= sidecar.keys()
        return dict(sidecar) if is_whole and {name: sidecar[name] for name in wanted} == wanted else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # missing, damaged or from another version
        return None


def _files_hold(order: Order, sidecar: Mapping[str, Any]) -> bool:
    if (sidecar["source_hash"], sidecar["size"]) != (source_hash(package_of(order.id)), order.size):
        return False
    digests = sidecar["files"]
    paths = [order.folder / name for name in order.names]
    return all(
        path.name in digests and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digests[path.name]
        for path in paths
    )


def _numbers(order: Order, sidecar: Mapping[str, Any]) -> "Dataset | None":
    """The dataset on disk, if it is the one that the sidecar belongs to."""
    path = order.folder / f"{order.id}.nc"
    try:
        # The file as it was written: an edited caption or parameter must not get into a new picture either.
        if hashlib.sha256(path.read_bytes()).hexdigest() != sidecar["files"].get(path.name):
            return None
        dataset = read_dataset(path)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return dataset if data_hash(dataset) == sidecar["data_hash"] else None
