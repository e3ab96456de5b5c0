"""The front door of the laboratory: command line, provenance and reports."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

# A script's own plots.py, beside it on the path, would be imported in place of the package.
for _name in ("plots", "theory", "synthetic", "dynamics"):
    _found = find_spec(_name)
    if _found is None or Path(_found.origin or ".").resolve().parents[1] != Path(__file__).resolve().parents[1]:
        raise ImportError(
            f"optdyn needs optdyn's own package {_name}, and {_found.origin if _found else 'nothing'} stands in its "
            f"place: give that file or folder another name."
        )


def __getattr__(name: str) -> Any:
    """Checking an exercise is imported once it is asked for: the command line needs it for nothing else."""
    if name == "check":
        from optdyn.lessons import check

        return check
    raise AttributeError(f"module 'optdyn' has no attribute {name!r}")
