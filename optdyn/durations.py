"""How long pieces of work took on this machine, so that the longest can begin first and workers end together."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

__all__ = ["remember", "seconds_before"]


def seconds_before() -> Mapping[str, float]:
    """Seconds by the command that does the same piece alone: only the order of the work hangs on it."""
    try:
        return {str(command): float(value) for command, value in json.loads(_record().read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):  # none yet, or damaged
        return {}


def remember(took: Mapping[str, float]) -> None:
    """Add what took how long; where it can't be written, it is forgotten."""
    if took:
        from optdyn.exports import write_file

        with suppress(OSError):
            write_file(_record(), json.dumps({**seconds_before(), **took}, indent=1).encode())


def _record() -> Path:
    """The file that keeps it."""
    from dynamics.kernels.folder import cache_folder

    return cache_folder() / "seconds.json"
