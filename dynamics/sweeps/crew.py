"""Threads that do one thing together: the first begins, and calls the others in once that pays."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from threading import Event

# Seconds of work after which other threads join in, and seconds that are known to be left for which they do at once: to
# start one, and to wait for its end, takes so long that 1,000 runs of 1.3 ms in all took 0.7 ms more with it.
HELP_AFTER, HELP_FOR = 0.003, 0.003

Halted = Callable[[float], bool]
"""Whether to stop, asked between chunks; told how many seconds are ahead, as far as that is known."""


class Crew:
    """So many threads, which stop when `interrupted` says so."""

    def __init__(self, threads: int, interrupted: Callable[[], bool]) -> None:
        self.helpers = threads - 1
        self.interrupted = interrupted
        self.stopped = Event()

    def halted(self, ahead: float = 0.0) -> bool:
        """Whether to stop."""
        if not self.stopped.is_set() and self.interrupted():
            self.stopped.set()
        return self.stopped.is_set()

    def do(self, work: Callable[[Halted], None]) -> None:
        """Let this thread work until there is nothing left to do, and the others too if it takes long.

        Raises
        ------
        KeyboardInterrupt
            Where `interrupted` said so.
        """
        called: list[Future[None]] = []
        began = time.perf_counter()

        def halted_or_helped(ahead: float = 0.0) -> bool:
            if self.helpers and not called and (ahead >= HELP_FOR or time.perf_counter() - began >= HELP_AFTER):
                pool = pools.enter_context(ThreadPoolExecutor(self.helpers))
                called.extend(pool.submit(work, self.halted) for _ in range(self.helpers))
            return self.halted()

        with ExitStack() as pools:
            try:
                work(halted_or_helped)
                for helper in as_completed(called):
                    helper.result()
            except BaseException:
                self.stopped.set()
                raise
        if self.stopped.is_set():
            raise KeyboardInterrupt
