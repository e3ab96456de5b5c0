"""Blocks shared among any number of processes, on one machine or on many that see one disk, without a server.

A process claims a block by a file that only one can create, and keeps the file fresh while it computes. A claim that is
not fresh, or whose process is gone, may be taken over; should two take it at once, both write the same bytes.
"""

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from dynamics.sweeps.pieces import piece
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.store import MANIFEST, Store
from dynamics.sweeps.stored import block_of, keep

BEAT = 10.0  # seconds between signs of life
PATIENCE = 120.0  # seconds without one after which a claim is void; clocks must agree better than that
PAUSE = 0.2  # seconds between looks at blocks that others are computing


def share(
    store: Store,
    plan: Plan,
    missing: Mapping[int, np.ndarray],
    iteration: np.ndarray,
    *,
    threads: int,
    told: Any = lambda done: None,
) -> None:
    """Compute those blocks that no other process has claimed, until all are done; `told` hears how many runs are."""
    left = _from_own_place(list(missing))
    done = 0
    while left:
        idle = True
        for number in list(left):
            if store.entry(number) is None:
                with _claimed(store, number) as mine:
                    if not mine:
                        continue
                    if store.entry(number) is None:  # nobody finished it just before
                        block = block_of(store.layout, missing[number], plan)
                        keep(store, number, missing[number], piece(plan, block, iteration, threads=threads))
            idle = False
            left.remove(number)
            done += len(missing[number]) * (store.seeds or 1)
            told(done)
        if left and idle:
            time.sleep(PAUSE)


def _from_own_place(numbers: list[int]) -> list[int]:
    """Each process begins elsewhere, so that they seldom ask for the same block."""
    begin = (hash(socket.gethostname()) + 7919 * os.getpid()) % max(len(numbers), 1)
    return numbers[begin:] + numbers[:begin]


@contextmanager
def _claimed(store: Store, number: int) -> Iterator[bool]:
    """Whether the block is this process's own meanwhile."""
    file = store.path / MANIFEST / f"{number:06d}.claim"
    if not _created(file) and not (_void(file) and _taken_over(file)):
        yield False
        return
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(file, ended), daemon=True)
    beating.start()
    try:
        yield True
    finally:
        ended.set()
        beating.join()
        file.unlink(missing_ok=True)


def _created(file: Path) -> bool:
    try:
        with open(file, "x", encoding="utf-8") as made:
            json.dump({"host": socket.gethostname(), "process": os.getpid()}, made)
    except FileExistsError:
        return False
    return True


def _void(file: Path) -> bool:
    """Whether a claim's process is gone, as far as can be told."""
    try:
        age = time.time() - file.stat().st_mtime
        owner = json.loads(file.read_text(encoding="utf-8"))
        gone = owner["host"] == socket.gethostname() and not _lives(int(owner["process"]))
    except FileNotFoundError:
        return False
    except (ValueError, LookupError, TypeError):  # killed while it wrote
        return age > 1.0
    return gone or age > PATIENCE


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _taken_over(file: Path) -> bool:
    """Put a void claim away, which one process can do, and make one's own."""
    away = file.with_name(f".{file.name}.{secrets.token_hex(8)}.partial")
    try:
        file.rename(away)
    except FileNotFoundError:
        return False
    away.unlink(missing_ok=True)
    return _created(file)


def _beat(file: Path, ended: threading.Event) -> None:
    while not ended.wait(BEAT):
        with suppress(OSError):
            os.utime(file)
