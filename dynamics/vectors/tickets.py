"""A count that threads share: each takes the next number, and none gets one that another has."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin, type_callable


def next_ticket(count: np.ndarray) -> Any:
    """The number in an array of one, shape (1,) and dtype int64, which becomes the next one; at once, in machine code.

    Examples
    --------
    >>> count = np.zeros(1, dtype=np.int64)
    >>> int(next_ticket(count)), int(next_ticket(count)), count.tolist()
    (0, 1, [2])
    """
    taken = count[0]
    count[0] += 1
    return taken


@type_callable(next_ticket)
def _(context):
    def typer(count):
        if isinstance(count, types.Array) and count.dtype == types.int64 and count.ndim == 1:
            return types.int64

    return typer


@lower_builtin(next_ticket, types.Array)
def _(context, builder, signature, args):
    place = cgutils.create_struct_proxy(signature.args[0])(context, builder, args[0]).data
    # Nothing but the number itself has to be seen by other threads.
    return builder.atomic_rmw("add", place, ir.Constant(ir.IntType(64), 1), "monotonic")
