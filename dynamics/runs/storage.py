"""Trajectories on disk: one NumPy archive of arrays and one JSON header; nothing in it is ever executed."""

import importlib
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.protocol.status import Status

if TYPE_CHECKING:
    from dynamics.runs.trajectory import Trajectory

FORMAT = "optdyn trajectory 1"


def save(made: "Trajectory", path: str | Path) -> None:
    """Write a trajectory under a temporary name, then rename it, so that no half of it is ever found."""
    path = Path(path)
    arrays: dict[str, np.ndarray] = {}
    header = {
        "format": FORMAT,
        "status": made.status.name,
        "stopped_at": made.stopped_at,
        "record_every": made.record_every,
        "rng_state": _packed(made.rng_state, arrays, "rng_state"),
        "method": _packed(made.method, arrays, "method"),
        "problem": _packed(made.problem, arrays, "problem"),
        "state": _packed(made.state, arrays, "state"),
        "records": _packed(made.records, arrays, "records"),
    }
    # Not tempfile: its files are for their owner alone.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "xb") as file:
            np.savez(file, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)  # type: ignore[arg-type]
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load(path: str | Path) -> "Trajectory":
    """Read a trajectory that `save` wrote.

    Raises
    ------
    ValueError
        If the file is damaged or no trajectory, or names a class that can't be imported.
    """
    from dynamics.protocol.oracle import summands
    from dynamics.runs.trajectory import trajectory

    try:
        header, arrays = _read(path)
        parts = {
            name: _unpacked(header[name], arrays) for name in ("method", "problem", "state", "records", "rng_state")
        }
        return trajectory(
            parts["records"],
            parts["state"],
            status=Status[header["status"]],
            stopped_at=int(header["stopped_at"]),
            method=parts["method"],
            problem=parts["problem"],
            rng=parts["rng_state"],
            record_every=int(header["record_every"]),
            summands=summands(parts["problem"]),
        )
    except (_Damaged, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is damaged or no trajectory of optdyn ({error}): start the run again, or give a file that "
            f"Trajectory.save wrote."
        ) from error


class _Damaged(Exception):
    """An archive that can't be read to its end."""


def _read(path: str | Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(arrays["header"].tobytes())
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise _Damaged(type(error).__name__) from error
    if header.get("format") != FORMAT:
        raise _Damaged("another format")
    return header, arrays


def _packed(value: Any, arrays: dict[str, np.ndarray], name: str) -> Any:
    """`value` as JSON; arrays go to `arrays` under their path, classes are named."""
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    if hasattr(type(value), "_fields"):
        kind = type(value)
        fields = {key: _packed(part, arrays, f"{name}.{key}") for key, part in zip(kind._fields, value, strict=True)}
        return {"class": f"{kind.__module__}:{kind.__qualname__}", "fields": fields}
    if isinstance(value, tuple):
        return {"tuple": [_packed(part, arrays, f"{name}.{i}") for i, part in enumerate(value)]}
    if isinstance(value, dict):
        return {"dict": {key: _packed(part, arrays, f"{name}.{key}") for key, part in value.items()}}
    return value


def _unpacked(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "tuple" in value:
        return tuple(_unpacked(part, arrays) for part in value["tuple"])
    if "dict" in value:
        return {key: _unpacked(part, arrays) for key, part in value["dict"].items()}
    fields = {key: _unpacked(part, arrays) for key, part in value["fields"].items()}
    return _named_tuple_class(value["class"])(**fields)


def _named_tuple_class(name: str) -> Any:
    module, _, qualified = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in qualified.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(
            f"the trajectory was made with the class {qualified} of the module {module}, which can't be imported here: "
            f"import or define it first."
        ) from error
    if not hasattr(found, "_fields"):
        raise KeyError(name)
    return found
