"""Who is timed: one module each, imported only when asked for."""

import importlib
from types import ModuleType

from benchmarks.reference.build import Unavailable, library

MODULES = {
    "optdyn": "optdyn_runs",
    "c": "c_reference",
    "numpy": "numpy_loops",
    "jax": "jax_scans",
    "torch": "torch_optim",
    "scipy": "scipy_solvers",
}


def load(name: str) -> ModuleType:
    """The module of a peer, whose `RUNNERS` maps a kind to a function that makes a runner of a case.

    A runner takes the steps and returns the records of the loss and of the gradient norm, shape (runs, rows), or the
    two surfaces of W5. A function may return None: the peer doesn't do such a case.

    Raises
    ------
    Unavailable
        If it can't run here, with one sentence.
    """
    if name not in MODULES:
        raise ValueError(f"there is no peer {name}: there are {', '.join(MODULES)}.")
    try:
        module = importlib.import_module(f".{MODULES[name]}", __package__)
    except ModuleNotFoundError as error:
        raise Unavailable(f"{error.name} is not installed, so the column of {name} is left out.") from None
    if name == "c":
        library()
    return module
