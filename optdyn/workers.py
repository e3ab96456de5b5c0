"""Worker processes: tasks off a list, results as they come, and nothing left running at the end.

A process pool of the standard library would do but for two things: it cannot say which task killed a worker, and it
cannot be stopped while tasks run.
"""

import atexit
import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

__all__ = ["LAST", "Lost", "cores", "work_off"]

# One thread each: sums that are split among threads differ in the last digit from machine to machine.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
RUNS = "NUMBA_NUM_THREADS"  # threads over which a process spreads its runs: these change no digit
COLLECTED = (
    100_000  # new objects from which garbage is looked for: drawing makes as many that live, and all are looked at
)
LAST: Hashable = object()  # the family of tasks that use what all others leave
PATIENCE = 3.0  # seconds that a worker has to clean up before it is killed


class Lost(NamedTuple):
    """What comes back for a task whose process died under it."""

    exit_code: int | None

    @property
    def reason(self) -> str:
        """What may have happened, in a sentence."""
        return (
            f"The worker process died with exit code {self.exit_code}; a common cause is that memory ran out: "
            f"try --jobs 1."
        )


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def work_off(
    function: Callable[[Any], Any],
    tasks: Sequence[Any],
    *,
    workers: int,
    families: Sequence[Hashable] = (),
    started: Callable[[int], None] = lambda index: None,
) -> Generator[tuple[int, Any]]:
    """Call a function on every task, in fresh processes, and yield results as they come.

    Parameters
    ----------
    function : callable
        At the top level of a module, since each process imports it.
    tasks : sequence
        Arguments, one call each; pickled.
    workers : int
        Processes at a time.
    families : sequence, optional
        What each task has in common with others, such as libraries or what a process remembers; None for nothing. A
        process goes on with the families that it knows, then takes the next task whose family no busy process knows,
        and any other before it has none; those of the family `LAST` only when there is no other.
    started : callable
        Told the index of each task that begins.

    Yields
    ------
    int, object
        Index of the task and what the function returned, or `Lost`.

    Notes
    -----
    Processes share the cores: in each, runs get as many threads as its share. Close the generator to stop early: the
    processes end with it. Ctrl-C reaches the calling process alone.
    """
    waiting = deque(range(len(tasks)))
    share = max(1, cores() // max(1, min(workers, len(tasks))))
    idle: list[tuple[Connection, BaseProcess]] = []
    busy: dict[Connection, tuple[BaseProcess, int]] = {}
    knows: dict[Connection, set[Hashable]] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < workers:
                connection, process = idle.pop() if idle else _hire(function, share)
                known = knows.setdefault(connection, set())
                index = _next(waiting, families, known, set().union(*(knows[other] for other in busy)))
                waiting.remove(index)
                known |= {*families[index : index + 1]} - {None, LAST}
                busy[connection] = (process, index)
                with suppress(OSError):  # a process that died already is found out below
                    connection.send(tasks[index])
                started(index)
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                process, index = busy.pop(ready)
                try:
                    result = ready.recv()
                    idle.append((ready, process))
                except (EOFError, OSError):
                    process.join()
                    result = Lost(process.exitcode)
                yield index, result
    finally:
        _dismiss([process for _, process in idle] + [process for process, _ in busy.values()])


def _next(waiting: Sequence[int], families: Sequence[Hashable], known: Set[Hashable], others: Set[Hashable]) -> int:
    """The task for a process that knows some families, while others are at work.

    Examples
    --------
    >>> families = ["b", "a", None, "c", "b"]
    >>> _next([1, 2, 3, 4], families, {"b"}, {"a"}), _next([1, 2, 3], families, {"b"}, {"a"})
    (4, 2)
    >>> _next([1, 3], [None, "a", None, LAST], set(), {"a"}), _next([1, 2], (), set(), set())
    (1, 1)
    """
    if not families:
        return waiting[0]
    ours = (index for index in waiting if families[index] in known)
    free = (index for index in waiting if families[index] not in {*others, LAST})
    return next(ours, next(free, waiting[0]))


def _hire(function: Callable[[Any], Any], share: int) -> tuple[Connection, BaseProcess]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(function, theirs), daemon=True)
    with _inherited_by_workers(share):
        process.start()
    theirs.close()
    return ours, process


@contextmanager
def _inherited_by_workers(share: int) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in (*THREADS, RUNS)}
    os.environ.update(dict.fromkeys(THREADS, "1"), **{RUNS: str(share)})
    # A terminal sends Ctrl-C to all processes. A blocked signal stays blocked in the child, whatever handlers it sets.
    blocking = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocking else set()
    try:
        yield
    finally:
        if blocking:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _work(function: Callable[[Any], Any], connection: Connection) -> None:
    # As an exception, so that half-written files are cleaned up on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Called after whatever a task leaves to the end: to take libraries apart lasts a second, for which all would wait.
    atexit.register(os._exit, 1)
    gc.set_threshold(COLLECTED, 20, 20)
    with suppress(EOFError, OSError):  # whoever hired us is gone
        while True:
            connection.send(function(connection.recv()))


def _end_with_parent() -> None:
    """End this process as soon as the one that hired it is gone, killed without a chance to say so."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _dismiss(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
