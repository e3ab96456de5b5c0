"""What numba does before it compiles or loads for the first time in a process, less what takes long for nothing."""

from functools import cache
from typing import Any

import numpy as np
from numba import types
from numba.core.entrypoints import init_all
from numba.core.runtime import rtsys
from numba.extending import typeof_impl
from numba.np.numpy_support import from_dtype, map_layout

# In symbols that numba defines: its hashing of strings once that is imported, its runtime once that is compiled.
HASHES = b"_numba_hashsecret"
COUNTS = b"NRT_"
RECURSES = b".numba.unresolved$"

_PLAIN = frozenset(map(np.dtype, (np.float64, np.int64, np.bool_)))

_type_of_any_array = typeof_impl.dispatch(np.ndarray)


@typeof_impl.register(np.ndarray)
def _type_of_array(array: np.ndarray, context: Any) -> types.Type:
    """The type of an array; numba's own question whether it is masked imports all of numpy.ma."""
    if type(array) is not np.ndarray or array.dtype not in _PLAIN:
        return _type_of_any_array(array, context)
    return types.Array(from_dtype(array.dtype), array.ndim, map_layout(array), readonly=not array.flags.writeable)


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
    """Make ready what other packages add to numba, and of numba what the code needs, but not all to compile with."""
    if COUNTS in code or RECURSES in code:
        rtsys.initialize(context)
    init_all()
    if HASHES in code:
        before_compiling()
        context.refresh()
