"""Where the blocks of a sweep are computed: each back end takes blocks and yields pieces, as they come."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from dynamics.checks import Refusal, shown
from dynamics.sweeps.blocks import Block
from dynamics.sweeps.pieces import Piece, piece
from dynamics.sweeps.plan import Plan

Results = Iterator[tuple[int, Piece]]
Backend = Callable[[Plan, Mapping[int, Block], np.ndarray, int], Results]
"""Of a plan, blocks by number, the recorded iterations and the number of workers."""


def backend_of(given: Any) -> Backend:
    """The back end that is asked for.

    Raises
    ------
    ValueError, TypeError
        For anything but None, "threads", "processes", a dask client or the address of its scheduler.
    """
    if given in (None, "threads"):
        return in_threads
    raise Refusal(f"backend = {shown(given)} must be 'threads'.")


def in_threads(plan: Plan, blocks: Mapping[int, Block], iteration: np.ndarray, workers: int) -> Results:
    """One block after the other, the runs of each over threads."""
    for number, block in blocks.items():
        yield number, piece(plan, block, iteration, threads=workers)
