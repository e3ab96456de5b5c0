"""From process start to the first result, in fresh processes, with cold and with warm caches."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.summary import Spread, spread

ROOT = Path(__file__).parents[1]
GOALS = {"warm": 0.6, "compile": 1.0}  # seconds, of optdyn


@dataclass(frozen=True)
class Start:
    """Seconds of one fresh process until its first result: a short run of W1."""

    total: float
    imports: float
    first_call: float
    later_call: float


@dataclass(frozen=True)
class Latency:
    """The starts of one peer."""

    peer: str
    cold: Spread  # to the first result, nothing compiled before
    warm: Spread  # with the caches that an earlier process has left
    cold_call: Spread  # the first call alone
    warm_call: Spread
    later_call: Spread


def latencies(peers: list[str], *, repeats: int) -> list[Latency]:
    """Measure the peers that compile, interleaved."""
    compiling = [peer for peer in ("optdyn", "jax") if peer in peers]
    starts: dict[tuple[str, bool], list[Start]] = {(peer, warm): [] for peer in compiling for warm in (False, True)}
    with tempfile.TemporaryDirectory(prefix="optdyn-latency-") as folder:
        for peer in compiling:
            _start(peer, Path(folder) / "first")  # leaves byte code behind, which is not what is timed
        for repeat in range(repeats):
            for peer in compiling:
                caches = Path(folder) / f"{peer}-{repeat}"
                for warm in (False, True):
                    starts[peer, warm].append(_start(peer, caches))
    return [_latency(peer, starts[peer, False], starts[peer, True]) for peer in compiling]


def _latency(peer: str, cold: list[Start], warm: list[Start]) -> Latency:
    return Latency(
        peer=peer,
        cold=spread([start.total for start in cold]),
        warm=spread([start.total for start in warm]),
        cold_call=spread([start.first_call for start in cold]),
        warm_call=spread([start.first_call for start in warm]),
        later_call=spread([start.later_call for start in cold + warm]),
    )


def _start(peer: str, caches: Path) -> Start:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "PYTHONDONTWRITEBYTECODE": "",  # an environment that keeps no byte code would time Python's own compiler
        "PYTHONPYCACHEPREFIX": str(caches.parent / "bytecode"),
        "NUMBA_CACHE_DIR": str(caches / "numba"),
        "JAX_COMPILATION_CACHE_DIR": str(caches / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    began = time.monotonic()  # one clock for all processes of a machine
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.first_result", peer],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Start(told["first"] - began, told["imported"] - began, told["first_call"], told["later_call"])


def as_json(latency: Latency) -> dict[str, Any]:
    """Plain dictionaries and numbers."""
    return {
        name: value if isinstance(value, str) else dict(zip(Spread._fields, value, strict=True))
        for name, value in asdict(latency).items()
    }


def compile_seconds(latency: Latency) -> float:
    """What compilation adds to a cold first call."""
    return float(np.subtract(latency.cold_call.median, latency.later_call.median))
