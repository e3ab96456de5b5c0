"""The peak resident memory of long runs, in processes of their own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = 100  # records of every run, however long
MEBIBYTE = 2.0**20


@dataclass(frozen=True)
class Peak:
    """How far the peak rose above that of a run of few steps with as many records, in MiB."""

    peer: str
    steps: int
    peak: float
    rise: float


def peaks(peers: list[str], step_counts: list[int]) -> list[Peak]:
    """Run W4 in two dimensions for each number of steps."""
    return [_peak(peer, steps) for peer in ("optdyn", "c") if peer in peers for steps in step_counts]


def _peak(peer: str, steps: int) -> Peak:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", peer, str(steps)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = json.loads(done.stdout.splitlines()[-1])
    return Peak(peer, steps, after / MEBIBYTE, (after - before) / MEBIBYTE)


def peak_bytes() -> int:
    """The peak resident memory of this process.

    Linux lets a child inherit its parent's peak in `ru_maxrss`; VmHWM is the process's own.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(peer: str, steps: int) -> None:
    """Print the peak before and after the long run, the short one having compiled all that there is."""
    from dataclasses import replace

    from benchmarks.peers import load
    from benchmarks.workloads import noisy_case

    case = noisy_case("memory", runs=1, dimension=2)
    module = load(peer)
    short, long = (replace(case, record_every=every) for every in (ROWS, steps // ROWS))
    module.RUNNERS[case.kind](short)(ROWS * ROWS)
    before = peak_bytes()
    module.RUNNERS[case.kind](long)(steps)
    print(json.dumps([before, peak_bytes()]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
