"""The arrays that hold a sweep: by name the type, and the shape and the words of what one run has in it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dynamics.sweeps.dataset import CALLS, WORDS
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.quantiles import FAILED_WORDS, RANKED
from dynamics.sweeps.reduction import ROWS


class Form(NamedTuple):
    """An array along the runs of a sweep."""

    dtype: str
    shape: tuple[int, ...]  # of one run
    attributes: dict[str, str]

    @property
    def fill(self) -> Any:
        """What stands where no run is."""
        return float("nan") if self.dtype == "<f8" else 0


def forms(plan: Plan, rows: Mapping[str, np.ndarray]) -> dict[str, Form]:
    """The arrays of a sweep's results; `rows` has the coordinates of what is kept of a run."""
    names = [name for axis in plan.axes for name in axis.names]
    lengths = {along(name): len(column) for name, column in rows.items()}
    shape = tuple(lengths[dimension] for dimension in ("quantile", "record") if dimension in lengths)
    made = {}
    floats = ROWS + (("iteration",) if plan.rows not in (None, "last") and "iteration" not in plan.rows else ())
    for name in floats:
        if plan.quantiles and name not in RANKED:
            continue
        words = {"long_name": WORDS.get(name, name)} | ({"units": "full-batch evaluations"} if name in CALLS else {})
        made[variable(names, name)] = Form("<f8", shape, words)
    if plan.quantiles:
        return made | {variable(names, "failed"): Form("<f8", (), {"long_name": FAILED_WORDS})}
    for name in ("status", "stopped_at"):
        made[variable(names, name)] = Form("<i8", (), {"long_name": WORDS[name]})
    return made


def along(coordinate: str) -> str:
    """The dimension of a coordinate of what is kept of a run."""
    return "quantile" if coordinate == "quantile" else "record"


def dimensions_of(form: Form, quantiles: bool) -> tuple[str, ...]:
    """The dimensions of what one run has in an array; one setting, where quantiles are kept in place of the seeds."""
    names = ("quantile", "record") if quantiles else ("record",)
    return names[: len(form.shape)]


def coordinate_forms(plan: Plan) -> dict[str, Form]:
    """The arrays by which other readers of a store tell runs apart."""
    made = {}
    for axis in plan.axes:
        for position, name in enumerate(axis.names):
            number = axis.coordinate(position).dtype.kind in "fiu"
            made[name] = Form("<f8" if number else "<i4", (), {} if number else {"long_name": f"place along {name}"})
    if plan.quantiles:
        return made
    made["seed"] = Form("<i8", (), {"long_name": "seed; -1 where it is beyond 64 bits"})
    return made


def variable(names: Iterable[str], name: str) -> str:
    """The name of a column where axes may have taken its own: they keep it, since runs are selected by them."""
    return f"recorded_{name}" if name in names else name


def size_of(arrays: Mapping[str, Form]) -> int:
    """Bytes that a run takes, uncompressed."""
    return sum(int(np.prod(form.shape, initial=1)) * np.dtype(form.dtype).itemsize for form in arrays.values())
