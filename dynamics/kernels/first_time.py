"""What numba does before it compiles or loads for the first time in a process, less what takes long for nothing."""

from functools import cache

from numba.np import linalg


@cache
def begin() -> None:
    """Import the part of numba that would import all of scipy.linalg to see that it is there.

    Kernels that multiply matrices import it still, when they are compiled.
    """
    asks, linalg.ensure_blas = linalg.ensure_blas, lambda: None
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        linalg.ensure_blas = asks
