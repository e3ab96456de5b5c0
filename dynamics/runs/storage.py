"""Trajectories on disk: one NumPy archive of arrays and one JSON header; nothing in it is ever executed.

A file may come from anybody. Classes are those of an explicit table, or such as the user has imported already. The
state is put into the buffers that method and problem make themselves, so that no kernel meets an array of another
shape; whole numbers that kernels count with pass the checks of their classes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import Refusal
from dynamics.protocol.canonical import canonical
from dynamics.protocol.compatibility import check_pair
from dynamics.protocol.method import full_batch_only
from dynamics.protocol.oracle import initial_point, new_sample
from dynamics.protocol.status import Status
from dynamics.protocol.trees import arrays_in, is_named, with_arrays
from dynamics.runs.archive import DamagedError, packed, read, unpacked, write
from dynamics.runs.driver import Records
from dynamics.runs.generators import restored
from dynamics.runs.measured import Measured
from dynamics.runs.public_names import class_named, public_name
from dynamics.runs.state import Pair, State, first_state

FORMAT = "optdyn trajectory 2"
_PROBE_COLUMNS = {"iteration": np.int64, "values": np.float64, "products": np.int64}


class Parts(NamedTuple):
    """What a trajectory is made of."""

    given: Pair
    inner: Pair  # in canonical form
    records: Records
    state: State
    status: Status
    stopped_at: int
    rng_state: dict[str, Any]
    record_every: int
    probes: Mapping[str, Measured]


def save(path: str | Path, parts: Parts) -> None:
    """Write the parts of a trajectory to one file."""
    arrays: dict[str, np.ndarray] = dict(zip(Records._fields, parts.records, strict=True))
    arrays |= {f"state.{i}": array for i, array in enumerate(arrays_in(parts.state))}
    for name, probe in parts.probes.items():
        arrays |= {f"probe.{name}.{column}": getattr(probe, column) for column in _PROBE_COLUMNS}
    header = {
        "probes": {name: probe.label for name, probe in parts.probes.items()},
        "format": FORMAT,
        "status": parts.status.name,
        "stopped_at": parts.stopped_at,
        "record_every": parts.record_every,
        "rng_state": packed(parts.rng_state, arrays, "rng_state", public_name),
        "method": packed(parts.given.method, arrays, "method", public_name),
        "problem": packed(parts.given.problem, arrays, "problem", public_name),
    }
    write(Path(path), header, arrays)


def load(path: str | Path) -> Parts:
    """Read what `save` wrote.

    Raises
    ------
    ValueError
        If the file is damaged or no trajectory, or names a class that is not known here.
    """
    try:
        header, arrays = read(path)
        if header.get("format") == "optdyn trajectory 1":
            raise DamagedError("an earlier version wrote it, with the names of modules that have moved since")
        if header.get("format") != FORMAT:
            raise DamagedError("its format is another")
        method, problem, rng_state = (
            unpacked(header[name], arrays, class_named) for name in ("method", "problem", "rng_state")
        )
        stopped_at, record_every = _whole(header, "stopped_at", 0), _whole(header, "record_every", 1)
        records, x = _records(arrays, stopped_at)
        restored(rng_state)
        given, inner = Pair(method, problem), Pair(canonical(method), canonical(problem))
        state, status = _state(*inner, x, arrays), Status[header["status"]]
        probes = {name: _measured(name, label, arrays, stopped_at) for name, label in header.get("probes", {}).items()}
        return Parts(given, inner, records, state, status, stopped_at, rng_state, record_every, probes)
    except (DamagedError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Refusal(
            f"{path} is damaged or no trajectory of optdyn ({str(error).rstrip('.') or type(error).__name__}): start "
            f"the run again, or give a file that Trajectory.save wrote."
        ) from error


def _measured(name: str, label: Any, arrays: dict[str, np.ndarray], stopped_at: int) -> Measured:
    """What a probe left, of one length and in order."""
    k, values, products = (arrays[f"probe.{name}.{column}"] for column in _PROBE_COLUMNS)
    for column, kind in zip((k, values, products), _PROBE_COLUMNS.values(), strict=True):
        if column.ndim != 1 or column.shape != k.shape or column.dtype != kind:
            raise DamagedError(f"the probe {name} has columns of shape {column.shape} and type {column.dtype}")
    if len(k) and (k[0] < 0 or k[-1] > stopped_at or (np.diff(k) <= 0).any()):
        raise DamagedError(f"the iterations of the probe {name} are out of order")
    return Measured(k, values, products, str(label))


def _whole(header: dict[str, Any], name: str, least: int) -> int:
    value = header[name]
    if type(value) is not int or not least <= value < 2**62:
        raise DamagedError(f"{name} = {value!r}")
    return value


def _records(arrays: dict[str, np.ndarray], stopped_at: int) -> tuple[Records, np.ndarray]:
    """The rows of the run, of one length and in order; and the last iterate, which says the dimension."""
    records, x = Records(*(arrays[name] for name in Records._fields)), arrays["state.0"]
    rows = len(records.iteration)
    shapes = {"calls": (rows, 3), "iterates": (rows * x.size,) if records.iterates.size else (0,)}
    for name, array in zip(Records._fields, records, strict=True):
        dtype = np.int64 if name in ("iteration", "calls") else np.float64
        if array.shape != shapes.get(name, (rows,)) or array.dtype != dtype:
            raise DamagedError(f"the records' {name} have shape {array.shape} and type {array.dtype}")
    k = records.iteration
    if rows and (k[0] < 0 or k[-1] > stopped_at or (np.diff(k) <= 0).any()):
        raise DamagedError("the recorded iterations are out of order")
    return records, x


def _state(method: Any, problem: Any, x: np.ndarray, arrays: dict[str, np.ndarray]) -> State:
    """The state in the form that the method and the problem give it, with the file's numbers."""
    start = initial_point(problem)
    if x.ndim != 1 or not x.size or (start is not None and x.shape != np.shape(start)):
        raise DamagedError(f"the last iterate has shape {x.shape}")
    sample = None if full_batch_only(method) else new_sample(problem)
    check_pair(method, problem, sample is not None)
    form = first_state(method, np.zeros(x.size), sample, problem)
    places = len(arrays_in(form))
    if arrays[f"state.{places - 1}"].size:
        form = form._replace(seen=np.zeros(2 + x.size))
    wanted = arrays_in(form)
    found = [arrays[f"state.{i}"] for i in range(places)]
    for i, (ours, theirs) in enumerate(zip(wanted, found, strict=True)):
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            raise DamagedError(f"array {i} of the state has shape {theirs.shape}, where {ours.shape} is needed")
    state = with_arrays(form, iter(found))
    _checked(state)
    return state


def _checked(part: Any) -> None:
    """Ask each class in the state that checks its numbers."""
    if is_named(part):
        if hasattr(part, "check"):
            part.check()
        for field in part:
            _checked(field)
