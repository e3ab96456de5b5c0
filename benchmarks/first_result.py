"""A fresh process: import a peer, run W1 for a few steps, and print when the first result was there.

`python -m benchmarks.first_result optdyn`; `benchmarks.latency` starts it.
"""

import json
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

STEPS = 100


def optdyn() -> Callable[[], Any]:
    """A run through the public calls."""
    from dynamics import BarzilaiBorwein, simulate
    from synthetic import carmon

    method = BarzilaiBorwein(step_size=1.0, negative="absolute")
    return lambda: simulate(method, carmon(rng=0), steps=STEPS).loss[-1]


def jax() -> Callable[[], Any]:
    """The same in JAX, on data of the same law, without importing optdyn."""
    import numpy as np

    from benchmarks.peers.jax_scans import barzilai_borwein

    rng = np.random.default_rng(0)
    A = rng.standard_normal((500, 30))
    b = A @ (2.0 * rng.standard_normal(30)) + 3.0 * rng.standard_normal(500) + (rng.random(500) < 0.3)
    method = SimpleNamespace(step_size=1.0, nu=2.0)
    problem = SimpleNamespace(A=A, b=b)

    def run() -> Any:
        case = SimpleNamespace(problem=problem, methods=(method,), runs=1, noise="own")
        runner.append(barzilai_borwein(case)) if not runner else None
        return runner[0](STEPS)[0][0, -1]

    runner: list[Callable[[int], Any]] = []
    return run


def main(peer: str) -> None:
    """Run and print the clock's readings."""
    run = {"optdyn": optdyn, "jax": jax}[peer]()
    imported = time.monotonic()
    run()
    first = time.monotonic()
    run()
    later = time.monotonic()
    print(
        json.dumps({"imported": imported, "first": first, "first_call": first - imported, "later_call": later - first})
    )


if __name__ == "__main__":
    main(sys.argv[1])
