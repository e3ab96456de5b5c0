"""Where code comes from: a release, which its version names; optdyn, which stays as it is in a process; or a user."""

import sys

OURS = frozenset({"dynamics", "synthetic", "theory", "plots", "optdyn"})
_RELEASED = frozenset({"numba", "numpy", "llvmlite", "scipy"}) | sys.stdlib_module_names


def is_versioned(module: str | None) -> bool:
    """Whether a version says all about a module: numba, NumPy and the standard library."""
    return module is not None and module.partition(".")[0] in _RELEASED - {"__main__"}


def is_runtime(module: str | None) -> bool:
    """Whether a module defines types, lowerings or the policy: such code shapes machine code without being called."""
    return module is not None and module.startswith(("dynamics.kernels.", "dynamics.vectors."))


def is_users(module: str | None) -> bool:
    """Whether code may change while the process lives: whatever is neither released nor optdyn's."""
    return module is None or not (is_versioned(module) or module.partition(".")[0] in OURS)
