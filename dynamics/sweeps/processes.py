"""A sweep over processes of this machine."""

import os
import signal
import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from typing import Any

import numpy as np

from dynamics.checks import Refusal
from dynamics.sweeps.backends import Results
from dynamics.sweeps.blocks import Block
from dynamics.sweeps.pieces import Piece
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.shipping import computed, receive, shipped, users_modules

TRIES = 3  # times that workers may die with no block done in between
AHEAD = 2  # blocks for each worker that are on their way


def in_processes(plan: Plan, blocks: Mapping[int, Block], iteration: np.ndarray, workers: int) -> Results:
    """Blocks over fresh processes of one thread each. Where one dies, its block goes to another.

    Raises
    ------
    ValueError
        If the plan can't be sent, or workers die again and again.
    """
    payload = shipped(plan, iteration)
    if "__main__" in users_modules(plan) and not hasattr(__import__("__main__"), "__file__"):
        raise Refusal("what is defined in a notebook or at the prompt is not known to other processes: use threads.")
    left, deaths = dict(blocks), 0
    while left:
        before = len(left)
        pool = ProcessPoolExecutor(
            min(workers, len(left)), mp_context=get_context("spawn"), initializer=_begin, initargs=(payload,)
        )
        try:
            for number, piece in _results(pool, left, workers):
                del left[number]
                yield number, piece
        except BrokenProcessPool as error:
            deaths = deaths + 1 if len(left) == before else 1
            if deaths >= TRIES:
                raise Refusal(
                    f"worker processes died {deaths} times in a row with no block done in between: memory may have run "
                    f"out (give fewer threads, or keep less), or a script that sweeps lacks `if __name__ == "
                    f"'__main__':`."
                ) from error
        finally:
            _dismiss(pool)


def _results(pool: ProcessPoolExecutor, left: Mapping[int, Block], workers: int) -> Results:
    waiting = list(left.items())[::-1]
    running: set[Future[tuple[int, Piece]]] = set()
    while waiting or running:
        while waiting and len(running) < AHEAD * workers:
            running.add(pool.submit(computed, *waiting.pop()))
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


def _begin(payload: bytes) -> None:
    """What a worker does first: it leaves Ctrl-C to the process that hired it, and ends with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    receive(payload)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _dismiss(pool: ProcessPoolExecutor) -> None:
    """End the workers, whatever they are at."""
    workers: Any = getattr(pool, "_processes", None) or {}
    for worker in list(workers.values()):
        worker.terminate()
    pool.shutdown(wait=True, cancel_futures=True)
