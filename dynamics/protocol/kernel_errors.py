"""What went wrong in somebody's kernel, in one sentence instead of numba's forty lines."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.errors import NumbaError

from dynamics.protocol.rehearsal import KernelError

__all__ = ["KernelError", "explained"]

# How numba's complaints begin; the last one in its account is the innermost.
_COMPLAINTS = (
    "Cannot ",
    "Invalid use",
    "No conversion",
    "No implementation",
    "Unknown attribute",
    "Untyped ",
    "Use of ",
    "Variable ",
    "NameError",
)


@contextmanager
def explained(method: Any, problem: Any) -> Iterator[None]:
    """Turn numba's account of a kernel that can't be compiled into one sentence."""
    try:
        yield
    except NumbaError as error:
        raise KernelError(
            f"{type(method).__name__} on {type(problem).__name__} can't be compiled: {_gist(str(error))} "
            f"NUMBA_DISABLE_JIT=1 runs the same kernels as plain Python, where they can be debugged."
        ) from error


def _gist(text: str) -> str:
    """numba's last complaint and the line of source it is about."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    places = list(re.finditer(r'File "([^"]+)", line (\d+)', plain))
    complaints = [line for line in lines if line.startswith(_COMPLAINTS) and "pipeline" not in line]
    what = complaints[-1] if complaints else lines[0]
    where = f" ({places[-1].group(1)}, line {places[-1].group(2)})" if places else ""
    return f"{what.rstrip('.')}{where}."
