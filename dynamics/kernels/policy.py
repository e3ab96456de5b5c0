"""The one numba policy of every kernel."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any

import numba

from dynamics.kernels.pipeline import CalledPipeline, InlinedPipeline
from dynamics.kernels.reloading import note_origin

# Fast-math only as far as NaN and infinity keep their meaning: sums may be reassociated and products fused, but a
# comparison with NaN stays false, which is what the status tests rest on. References to arrays are not counted: who
# calls a kernel holds them until it returns, counts take a step on a small problem ten times as long (160 ns for 14),
# and the instructions that would make them are a seventh of what there is to compile.
KERNEL_OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
    "nogil": True,
    "_nrt": False,
    "no_cfunc_wrapper": True,  # nobody calls a kernel from C
}

# What makes new arrays, or returns one, has to count the references to them.
COUNTING_OPTIONS: dict[str, Any] = {**KERNEL_OPTIONS, "forceinline": True, "_nrt": True}

# A generic function passes whole NamedTuples by value; inlined, that costs nothing, called it costs 50 ns.
_INLINED: dict[str, Any] = {"no_cpython_wrapper": True, "pipeline_class": InlinedPipeline}
GENERIC_OPTIONS: dict[str, Any] = {**COUNTING_OPTIONS, **_INLINED, "_nrt": False}
COUNTING_GENERIC_OPTIONS: dict[str, Any] = {**COUNTING_OPTIONS, **_INLINED}
# Of two options this one counts for generic functions that take long beside a call.
CALLED: dict[str, Any] = {"pipeline_class": CalledPipeline}

_OWN = ("dynamics", "synthetic")  # packages whose kernels do arithmetic on numbers, never on whole arrays
_MAKE_ARRAYS = frozenset(
    {"arange", "array", "copy", "empty", "empty_like", "eye", "full", "linalg", "ones", "zeros", "zeros_like"}
)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a helper of other kernels under the one policy, to be inlined; the driver carries its cached code.

    Examples
    --------
    >>> @kernel
    ... def cubed(x):
    ...     return x**3
    >>> cubed(2.0)
    8.0
    """
    made = numba.njit(inline="always", **COUNTING_OPTIONS)(function)
    made._compile_for_args = partial(_called_from_python, made, function)
    note_origin(made, function.__module__)
    return made


def _called_from_python(made: Any, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What numba calls next where it has no machine code for these types: the plain function, or what it compiles."""
    return function if _plain else type(made)._compile_for_args(made, *arguments, **named)


_plain: list[None] = []  # not empty while kernels run as plain Python


@contextmanager
def as_python() -> Iterator[None]:
    """Helpers that are called from Python run as Python, and are not compiled for it."""
    _plain.append(None)
    try:
        yield
    finally:
        _plain.pop()


_runs_plain: ContextVar[bool] = ContextVar("runs_plain", default=False)  # of this thread alone


@contextmanager
def runs_as_python() -> Iterator[None]:
    """Runs inside a `with` go as plain Python in this thread, as all do with NUMBA_DISABLE_JIT=1: nothing is compiled.

    Examples
    --------
    >>> from dynamics import GradientDescent, runs_as_python, simulate
    >>> from synthetic import quadratic
    >>> with runs_as_python():
    ...     simulate(GradientDescent(0.5), quadratic(eigenvalues=[1.0]), steps=2, x0=[16.0]).x
    array([4.])
    """
    token = _runs_plain.set(True)
    try:
        with as_python():
            yield
    finally:
        _runs_plain.reset(token)


def threads_at_hand() -> int:
    """Threads for runs where nobody says how many: NUMBA_NUM_THREADS, or one for each core that this process may use.

    Examples
    --------
    >>> threads_at_hand() >= 1
    True
    """
    return int(numba.config.NUMBA_NUM_THREADS)


def compiles() -> bool:
    """Whether templates are compiled here and now."""
    return not (numba.config.DISABLE_JIT or _runs_plain.get())


@cache
def counts_references(body: Callable[..., Any]) -> bool:
    """Whether a kernel, or a helper inlined into it, makes arrays: any of a user's may, ours where they say so."""
    if body.__module__.partition(".")[0] not in _OWN:
        return True
    names = body.__code__.co_names
    helpers = [getattr(body.__globals__.get(name), "py_func", None) for name in names]
    return not _MAKE_ARRAYS.isdisjoint(names) or any(counts_references(helper) for helper in helpers if helper)
