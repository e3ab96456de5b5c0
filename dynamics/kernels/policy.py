"""The one numba policy of every kernel."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numba

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

# A generic function passes whole NamedTuples by value; inlined, that costs nothing, called it costs 50 ns.
GENERIC_OPTIONS: dict[str, Any] = {**KERNEL_OPTIONS, "forceinline": True}

# What makes new arrays, or returns one, has to count the references to them.
COUNTING_OPTIONS: dict[str, Any] = {**GENERIC_OPTIONS, "_nrt": True}

_OWN = ("dynamics", "synthetic")  # packages whose kernels do arithmetic on numbers, never on whole arrays
_MAKE_ARRAYS = frozenset(
    {"arange", "array", "copy", "empty", "empty_like", "eye", "full", "linalg", "ones", "zeros", "zeros_like"}
)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a helper of other kernels under the one policy, to be inlined; the driver carries its cached code."""
    made = numba.njit(inline="always", **COUNTING_OPTIONS)(function)
    # Called from Python it runs as Python: machine code for such a call would take seconds to make.
    made._compile_for_args = lambda *arguments, **names: function
    note_origin(made, function.__module__)
    return made


@cache
def counts_references(body: Callable[..., Any]) -> bool:
    """Whether a kernel, or a helper inlined into it, makes arrays: any of a user's may, ours where they say so."""
    if body.__module__.partition(".")[0] not in _OWN:
        return True
    names = body.__code__.co_names
    helpers = [getattr(body.__globals__.get(name), "py_func", None) for name in names]
    return not _MAKE_ARRAYS.isdisjoint(names) or any(counts_references(helper) for helper in helpers if helper)
