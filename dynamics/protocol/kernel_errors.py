"""What went wrong in somebody's kernel, in one sentence instead of numba's forty lines."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numba.core.errors import NumbaError

from dynamics.checks import KindRefusal
from dynamics.protocol.canonical import own_work
from dynamics.protocol.oracle import draw, new_sample, sampled_gradient, sampled_value_and_gradient, value_and_gradient

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


class KernelError(TypeError):
    """A kernel that can't be compiled."""


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


def rehearse(problem: Any, x0: np.ndarray, sampled: bool) -> None:
    """Call a user's kernels once as plain Python at the start, where a mistake has a short name.

    Machine code does not check indices, so a wrong shape there would read or overwrite memory. optdyn's own problems
    are tested and skip this.

    Raises
    ------
    KernelError
        With the kernel, the class and what went wrong.
    """
    kind = type(problem)
    if kind.__module__.partition(".")[0] in ("dynamics", "synthetic"):
        return
    problem = own_work(problem)
    out = np.full_like(x0, np.nan)
    _try(value_and_gradient, kind, lambda f: _number(f(problem, x0.copy(), out)))
    _filled(value_and_gradient, kind, out, x0)
    if not sampled:
        return
    sample, rng = new_sample(problem), np.random.default_rng(0)
    _try(draw, kind, lambda f: f(problem, rng, sample))
    for function in (sampled_value_and_gradient, sampled_gradient):
        if function.has(kind):
            out = np.full_like(x0, np.nan)
            _try(function, kind, lambda f, out=out: f(problem, x0.copy(), sample, out))
            _filled(function, kind, out, x0)


def _try(function, kind, call):
    try:
        with np.errstate(all="ignore"):
            call(function)
    except Exception as error:
        raise KernelError(
            f"{function.name} of {kind.__name__} fails at the initial point: {type(error).__name__}: {error}."
        ) from error


def _number(value):
    if not isinstance(value, float | int | np.floating | np.integer):
        raise KindRefusal(f"it returns {value!r}, and must return the value as a number")


def _filled(function, kind, out, x0):
    if np.isnan(out).all() and np.isfinite(x0).all():
        raise KernelError(
            f"{function.name} of {kind.__name__} leaves `out` as it was: write the gradient into it, out[j] = ..., "
            f"instead of returning it."
        )


def _gist(text: str) -> str:
    """numba's last complaint and the line of source it is about."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    places = list(re.finditer(r'File "([^"]+)", line (\d+)', plain))
    complaints = [line for line in lines if line.startswith(_COMPLAINTS) and "pipeline" not in line]
    what = complaints[-1] if complaints else lines[0]
    where = f" ({places[-1].group(1)}, line {places[-1].group(2)})" if places else ""
    return f"{what.rstrip('.')}{where}."
