"""The command: what is measured, printed and written."""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console

from benchmarks import bandwidth, calls, comparison, curves, latency, memory, sizes, summary, table, updates
from benchmarks.harness import CLOCKS, measure, set_clock
from benchmarks.machine import commit, description
from benchmarks.peers import MODULES, Unavailable, load
from benchmarks.reference.build import compiler_version
from benchmarks.workloads import cases, cores

DESCRIPTION = "optdyn beside hand-written C, NumPy, JAX, PyTorch and SciPy."
WIDTH = 175  # characters that the widest table needs; a narrower terminal breaks its lines
SECTIONS = ("times", "sizes", "bandwidth", "calls", "updates", "latency", "memory")


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=DESCRIPTION)
    parser.add_argument("--workloads", type=_names, default=[], help="such as W1,W4; all unless given")
    parser.add_argument("--peers", type=_names, default=list(MODULES), help=",".join(MODULES))
    parser.add_argument("--sections", type=_names, default=list(SECTIONS), help=",".join(SECTIONS))
    parser.add_argument("--repeats", type=int, help="rounds, in each of which every peer runs once (11; quick: 3)")
    parser.add_argument(
        "--clock", choices=list(CLOCKS), default="wall", help="processor: its time, for a machine that is busy"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, fewer sizes, shorter runs of slow peers")
    parser.add_argument("--json", type=Path, help="a file to write all numbers to")
    parser.add_argument("--add", action="store_true", help="keep what that file has of the same commit and machine")
    parser.add_argument("--figure", type=Path, help="a file to draw the cost against size to, all that --json has")
    parser.add_argument(
        "--compare",
        type=Path,
        nargs="+",
        metavar="JSON",
        help="say what is slower or faster than in this report, with status 1 where something is slower; with a second "
        "one, compare the two and measure nothing",
    )
    given = parser.parse_args(arguments)
    if given.compare and len(given.compare) > 2:
        parser.error("--compare takes one report, or an old and a new one.")
    if given.add and not given.json:
        parser.error("--add says what becomes of the file that --json names: give both.")
    unknown = [name for name in given.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"there is no section {', '.join(unknown)}: there are {', '.join(SECTIONS)}.")
    return given


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
    set_clock(given.clock)
    report: dict[str, Any] = {"commit": commit(), "clock": given.clock, "date": datetime.now(UTC).date().isoformat()}
    report |= {"machine": description(cores(), _compiler())}
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
            {"what": what, "size": size} | summary.as_json(row) for what, size, rows in by_size for row in rows
        ]
    if "bandwidth" in given.sections and "c" in peers:
        with console.status("bandwidth"):
            rates = bandwidth.rates(rounds=repeats)
        console.print(table.bandwidth(rates))
        report["bandwidth"] = [bandwidth.as_json(rate) for rate in rates]
    if "calls" in given.sections:
        with console.status("calls"):
            measured = calls.calls(rounds=repeats)
        console.print(table.calls(measured))
        report["calls"] = [vars(call) | {"time": call.time._asdict()} for call in measured]
    if "updates" in given.sections:
        with console.status("updates"):
            costs = updates.costs(rounds=repeats, with_c="c" in peers)
        console.print(table.updates(costs))
        report["updates"] = [updates.as_json(cost) for cost in costs]
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


def _compiler() -> str | None:
    """The compiler of the references, if any, whichever peers are asked for: pieces of a report go together."""
    try:
        return compiler_version()
    except Unavailable:
        return None


def compare(old: Path, report: dict[str, Any], console: Console) -> int:
    """Print what has changed; the exit status, 1 where something is slower."""
    found = comparison.compared(comparison.read(old), report)
    if not found.changes:
        raise ValueError(f"{old} has nothing in common with this report that could be compared.")
    for sentence in found.differing:
        console.print(sentence, highlight=False)
    console.print(table.changes(found))
    for label, names in (("Not measured now", found.gone), ("Not measured before", found.new)):
        if names:
            console.print(f"{label}: {', '.join(names)}.", highlight=False)
    return int(bool(found.slower))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 1 where something is slower than before, and 2 for a user's fault."""
    given = options(arguments)
    console = Console(width=max(Console().width, WIDTH))
    try:
        for path in given.compare or ():
            comparison.read(path)
        before = comparison.read(given.json) if given.add and given.json.exists() else None
        if given.compare and len(given.compare) == 2:
            return compare(given.compare[0], comparison.read(given.compare[1]), console)
        report = run(given, console)
        report = comparison.joined(before, report) if before else report
        if given.json:
            written(report, given.json)
        if given.figure:
            curves.draw(report, given.figure)
        return compare(given.compare[0], report, console) if given.compare else 0
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


def written(report: dict[str, Any], path: Path) -> None:
    """Write a report, a row a line; whole or not at all."""
    lines = []
    for name, value in report.items():
        rows = isinstance(value, list)
        text = "[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]" if rows else json.dumps(value)
        lines.append(f' "{name}": {text}')
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    aside.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    os.replace(aside, path)
