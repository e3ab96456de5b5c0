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
    ValueError
        For anything but None, "threads", "processes", a client of dask or the address of its scheduler.
    """
    if given is None or (isinstance(given, str) and given == "threads"):
        return in_threads
    # Imported when asked for: most sweeps need neither.
    if isinstance(given, str) and given == "processes":
        from dynamics.sweeps.processes import in_processes

        return in_processes
    if hasattr(given, "scheduler_info") or (isinstance(given, str) and "://" in given):
        from dynamics.sweeps.cluster import in_cluster

        return in_cluster(given)
    raise Refusal(
        f"backend = {shown(given)} must be 'threads', 'processes', a dask client or a scheduler's address such as "
        f"'tcp://127.0.0.1:8786'."
    )


def in_threads(plan: Plan, blocks: Mapping[int, Block], iteration: np.ndarray, workers: int) -> Results:
    """One block after the other, the runs of each over threads."""
    for number, block in blocks.items():
        yield number, piece(plan, block, iteration, threads=workers)
