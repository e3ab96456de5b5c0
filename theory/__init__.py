"""Closed forms, derivations, bounds and random-matrix shares; `theory.claims` is the ledger of theorems.

Submodules are imported when they are first named, so that a closed form does not pay for SymPy.
"""

import importlib
import pkgutil
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

__all__ = ["arsg", "claims", "diagonal_share", "l4", "linear", "sigma_nice", "step_tuned", "trust_region"]

# A script's own synthetic.py, beside it on the path, would be imported in place of the package.
for _name in ("synthetic", "dynamics"):
    _found = find_spec(_name)
    if _found is None or Path(_found.origin or ".").resolve().parents[1] != Path(__file__).resolve().parents[1]:
        raise ImportError(
            f"theory needs optdyn's own package {_name}, and {_found.origin if _found else 'nothing'} stands in its "
            f"place: give that file or folder another name."
        )


def __dir__() -> list[str]:
    return sorted({*_modules(), *(name for name in globals() if name.startswith("__"))})


def _modules() -> set[str]:
    return {module.name for module in pkgutil.iter_modules(__path__)}


def __getattr__(name: str) -> ModuleType:
    if name in _modules():
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
