"""A small sweep that goes into stores: one method, one problem and one set of kernels for all tests of stores."""

from pathlib import Path
from typing import Any

import numpy as np

from dynamics import RSG, sweep
from dynamics.sweeps.store import Store, opened
from synthetic import quadratic

# 1,200 runs, a sixth of which diverge, in three blocks.
OVER = {"step_size": [0.1, 0.2, 60.0], "noise": [0.01, 0.1]}
REST: dict[str, Any] = {
    "fixed": {"beta": 0.9, "eigenvalues": [1.0, 0.1]},
    "seeds": 200,
    "steps": 25,
    "x0": [1.0, -1.0],
    "record_every": 5,
}


def swept(out: Any = None, *, over: Any = OVER, **changes: Any) -> Any:
    """The sweep, with some of its arguments changed."""
    return sweep(RSG, quadratic, over=over, out=out, **(REST | changes))


def same_bytes(one: Any, other: Any) -> bool:
    """Whether two Datasets hold the same variables and coordinates to the last bit."""
    assert set(one.variables) == set(other.variables)
    return all(
        np.ascontiguousarray(one[name].values).tobytes() == np.ascontiguousarray(other[name].values).tobytes()
        for name in one.variables
    )


def store_at(path: Path) -> Store:
    return opened(path)


def chunks(path: Path) -> dict[str, bytes]:
    """All files of a store but the manifest, which says how long blocks took."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.parent.name != "manifest"
    }
