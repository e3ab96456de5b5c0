"""What numba does before it compiles or loads for the first time in a process, less what takes long for nothing."""

from functools import cache
from typing import Any

from numba.core.entrypoints import init_all
from numba.core.runtime import rtsys

HASHES = b"_numba_hashsecret"  # symbols that numba's hashing of strings defines once it is imported


@cache
def before_compiling() -> None:
    """Import the part of numba that would import all of scipy.linalg to see that it is there.

    Kernels that multiply matrices import it still, when they are compiled.
    """
    from numba.np import linalg

    asks, linalg.ensure_blas = linalg.ensure_blas, lambda: None
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        linalg.ensure_blas = asks


def before_loading(context: Any, code: bytes) -> None:
    """Make numba's runtime ready, and what other packages add to numba, but not all that it would compile with."""
    rtsys.initialize(context)
    init_all()
    if HASHES in code:
        before_compiling()
        context.refresh()
