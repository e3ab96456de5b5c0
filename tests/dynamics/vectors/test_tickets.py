"""Numbers that threads take from one count."""

from threading import Barrier, Thread

import numba
import numpy as np
import pytest

from dynamics.kernels.policy import KERNEL_OPTIONS
from dynamics.vectors.tickets import next_ticket


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="in plain Python nothing is taken at once")
def test_each_number_is_taken_once():
    @numba.njit(**KERNEL_OPTIONS)
    def take_all(count, times):
        own = next_ticket(count)
        while own < len(times):
            times[own] += 1
            own = next_ticket(count)

    count, times, together = np.zeros(1, dtype=np.int64), np.zeros(2 * 10**6, dtype=np.int8), Barrier(2)
    take_all(count.copy(), times[:0])  # compiled
    (code,) = take_all.inspect_llvm().values()
    assert "atomicrmw add" in code  # whether or not the threads below meet

    def take() -> None:
        together.wait()
        take_all(count, times)

    threads = [Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (times == 1).all()
    assert count[0] == len(times) + len(threads)
