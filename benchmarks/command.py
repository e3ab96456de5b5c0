"""The command: what is measured, printed and written."""

import argparse
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console

from benchmarks import latency, memory, sizes, summary, table, updates
from benchmarks.harness import measure
from benchmarks.machine import description
from benchmarks.peers import MODULES, Unavailable, load
from benchmarks.reference.build import compiler_version
from benchmarks.workloads import cases, cores

DESCRIPTION = "optdyn beside hand-written C, NumPy, JAX, PyTorch and SciPy."
WIDTH = 175  # characters that the widest table needs; a narrower terminal breaks its lines
SECTIONS = ("times", "sizes", "updates", "latency", "memory")


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=DESCRIPTION)
    parser.add_argument("--workloads", type=_names, default=[], help="such as W1,W4; all unless given")
    parser.add_argument("--peers", type=_names, default=list(MODULES), help=",".join(MODULES))
    parser.add_argument("--sections", type=_names, default=list(SECTIONS), help=",".join(SECTIONS))
    parser.add_argument("--repeats", type=int, help="rounds, in each of which every peer runs once (11; quick: 3)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, fewer sizes, shorter runs of slow peers")
    parser.add_argument("--json", type=Path, help="a file to write all numbers to")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def available(names: list[str], console: Console) -> dict[str, ModuleType]:
    """The peers that can run here; of each other one, a sentence says why."""
    found = {}
    for name in names:
        try:
            found[name] = load(name)
        except Unavailable as reason:
            console.print(str(reason), highlight=False)
    return found


def run(given: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Measure, print, and return all numbers ready for JSON."""
    chosen = list(cases(given.workloads))
    workloads = sorted({case.workload for case in chosen})
    repeats = given.repeats or (3 if given.quick else 11)
    budget = 0.1 if given.quick else 0.5
    peers = available(given.peers, console)
    report: dict[str, Any] = {"machine": description(cores(), compiler_version() if "c" in peers else None)}
    table.heading(console, report["machine"])
    if "times" in given.sections:
        rows = []
        for case in chosen:
            with console.status(f"{case.workload} {case.name}"):
                measurement = measure(case, peers, repeats=repeats, budget=budget)
            for peer, reason in measurement.left_out.items():
                console.print(f"{case.workload} {case.name}: {peer} is left out ({reason}).", highlight=False)
            rows += summary.rows(measurement)
        console.print(table.timings(rows))
        report["times"] = [summary.as_json(row) for row in rows]
    if "sizes" in given.sections:
        with console.status("cost against size"):
            grown = sizes.measured(workloads, peers, quick=given.quick, repeats=repeats, budget=budget)
            by_size = [(what, size, summary.rows(measurement)) for what, size, measurement in grown]
        console.print(table.sizes(by_size))
        report["sizes"] = [
            {"what": what, "size": size, "rows": [summary.as_json(row) for row in rows]} for what, size, rows in by_size
        ]
    if "updates" in given.sections:
        with console.status("updates"):
            costs = updates.costs(rounds=repeats)
        console.print(table.updates(costs))
        report["updates"] = [vars(cost) for cost in costs]
    if "latency" in given.sections:
        with console.status("first results"):
            starts = latency.latencies(list(peers), repeats=2 if given.quick else 5)
        console.print(table.latency(starts))
        report["latency"] = [latency.as_json(row) for row in starts]
    if "memory" in given.sections:
        with console.status("memory"):
            peaks = memory.peaks(list(peers), [10**5, 10**6] if given.quick else [10**5, 10**6, 10**7])
        console.print(table.memory(peaks))
        report["memory"] = [vars(peak) for peak in peaks]
    return report


def main() -> None:
    """Run the command."""
    given = options()
    console = Console(width=max(Console().width, WIDTH))
    try:
        report = run(given, console)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")
