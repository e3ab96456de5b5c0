"""Scripts in processes of their own, with a kernel cache of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# A user's problem in a module of their own, with a helper in another one.
BOWL = """
from typing import NamedTuple
import numpy as np
from dynamics import implements, value_and_gradient
from {helper} import stretched

class Bowl(NamedTuple):
    weights: np.ndarray

@implements(value_and_gradient, Bowl)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        out[j] = stretched(problem.weights[j] * x[j])
        total += 0.5 * out[j] * x[j]
    return total
"""

HELPER = """
from dynamics import kernel
{constant}
@kernel
def stretched(t):
    return {expression}
"""

# Prints the final iterate to the last bit, then how many drivers were loaded and how many compiled. scipy.linalg, which
# numba imports to see that it is there, is not waited for, nor, to load machine code, is what numba compiles with.
RUN = """
import sys
import numpy as np
from dynamics import {method}, simulate
from dynamics.kernels.cache import _dispatchers
from {module} import Bowl

run = simulate({method}({step_size}), Bowl(np.array([1.0, 0.5])), steps=7, x0=[1.0, 2.0], rng=0)
assert "scipy.linalg" not in sys.modules
print(run.x.tobytes().hex())
hits = sum(sum(d.stats.cache_hits.values()) for d in _dispatchers.values())
misses = sum(sum(d.stats.cache_misses.values()) for d in _dispatchers.values())
assert misses or "numba.typed.typedlist" not in sys.modules
print(hits, misses)
"""


def environment(folder: Path, **changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "XDG_"))}
    path = os.pathsep.join([str(folder), str(ROOT)])
    return {**kept, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(folder / "cache"), **changes}


def write_bowl(folder: Path, module: str = "bowl", helper: str = "helper", constant: str = "", expression: str = "t"):
    (folder / f"{module}.py").write_text(BOWL.format(helper=helper))
    (folder / f"{helper}.py").write_text(HELPER.format(constant=constant, expression=expression))


def start(folder: Path, script: str, **changes: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment(folder, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> tuple[str, str]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out, err


def run_bowl(
    folder: Path, module: str = "bowl", method: str = "GradientDescent", **changes: str
) -> tuple[str, int, int]:
    """The final iterate in hexadecimal, the drivers loaded from the cache, and the drivers compiled."""
    script = RUN.format(module=module, method=method, step_size=0.25)
    out, _ = finish(start(folder, script, **changes))
    iterate, counts = out.split("\n")[:2]
    hits, misses = map(int, counts.split())
    return iterate, hits, misses
