"""The arrays that hold a sweep: by name the type, and the shape and the words of what one run has in it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dynamics.sweeps.dataset import CALLS, WORDS
from dynamics.sweeps.plan import Plan
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
    """The arrays of a sweep's results; `rows` has the coordinate along the records that are kept, or nothing."""
    names = [name for axis in plan.axes for name in axis.names]
    shape = (len(next(iter(rows.values()))),) if rows else ()
    made = {}
    floats = ROWS + (("iteration",) if plan.reduce not in (None, "last") and "iteration" not in plan.reduce else ())
    for name in floats:
        words = {"long_name": WORDS.get(name, name)} | ({"units": "full-batch evaluations"} if name in CALLS else {})
        made[variable(names, name)] = Form("<f8", shape, words)
    for name in ("status", "stopped_at"):
        made[variable(names, name)] = Form("<i8", (), {"long_name": WORDS[name]})
    return made


def coordinate_forms(plan: Plan) -> dict[str, Form]:
    """The arrays by which other readers of a store tell runs apart."""
    made = {}
    for axis in plan.axes:
        for position, name in enumerate(axis.names):
            number = axis.coordinate(position).dtype.kind in "fiu"
            made[name] = Form("<f8" if number else "<i4", (), {} if number else {"long_name": f"place along {name}"})
    made["seed"] = Form("<i8", (), {"long_name": "seed; -1 where it is beyond 64 bits"})
    return made


def variable(names: Iterable[str], name: str) -> str:
    """The name of a column where axes may have taken its own: they keep it, since runs are selected by them."""
    return f"recorded_{name}" if name in names else name


def size_of(arrays: Mapping[str, Form]) -> int:
    """Bytes that a run takes, uncompressed."""
    return sum(int(np.prod(form.shape, initial=1)) * np.dtype(form.dtype).itemsize for form in arrays.values())
