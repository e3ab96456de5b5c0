"""Two reports side by side: what has become slower or faster by more than their rounds scatter.

A time is compared as its ratio to C's where both reports have it, so that another machine, or one that is slower today,
says nothing of optdyn. Seconds and nanoseconds are compared on one kind of machine alone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.summary import Spread

LEAST = 0.03  # a median that moves by less is said to stay, however little the rounds scatter
# What names a row of each section, and its quantities: (field, unit, whether it belongs to its machine). The first one
# that both reports have is compared.
KEYS = {
    "times": ("workload", "case", "peer"),
    "sizes": ("what", "size", "peer"),
    "bandwidth": ("what", "peer", "threads"),
    "calls": ("method", "problem"),
    "updates": ("method", "parameters"),
    "latency": ("peer",),
    "memory": ("peer", "steps"),
}
QUANTITIES = {
    "times": (("over_c", "× C", False), ("time", "ns", True)),
    "sizes": (("over_c", "× C", False), ("time", "ns", True)),
    "bandwidth": (("over_read", "× reading", False),),
    "calls": (("time", "ms", True),),
    "updates": (("over_c", "× C", False), ("over_sgd", "× SGD", False)),
}
SEVERAL = {"latency": (("cold", "s", True), ("warm", "s", True))}  # each of these is compared


class Entry(NamedTuple):
    """A quantity of a report."""

    spread: Spread
    unit: str
    bound: bool  # to the machine


@dataclass(frozen=True)
class Change:
    """A quantity in two reports."""

    what: str
    unit: str
    before: Spread
    now: Spread

    @property
    def ratio(self) -> float:
        """The median now over that of before."""
        return self.now.median / self.before.median

    @property
    def verdict(self) -> str:
        """`slower` or `faster` where the middle halves of the rounds are apart and the medians differ, or `same`."""
        if self.now.low > self.before.high and self.ratio > 1 + LEAST:
            return "slower"
        if self.now.high < self.before.low and self.ratio < 1 / (1 + LEAST):
            return "faster"
        return "same"


@dataclass(frozen=True)
class Comparison:
    """What two reports have in common, slower things first, and what only one of them has."""

    changes: list[Change]
    gone: list[str]  # in the old report alone
    new: list[str]
    differing: list[str]  # sentences about machines and versions

    @property
    def slower(self) -> list[Change]:
        """What has become slower."""
        return [change for change in self.changes if change.verdict == "slower"]


def read(path: Path) -> dict[str, Any]:
    """A report that `--json` has written.

    Raises
    ------
    ValueError
        If there is none, with one sentence.
    """
    try:
        report = json.loads(path.read_text())
        if "processor" in report["machine"] and any(section in report for section in KEYS):
            return report
    except OSError as error:
        raise ValueError(f"{path} can't be read ({error.strerror}): name a file that --json has written.") from None
    except (ValueError, KeyError, TypeError):
        pass
    raise ValueError(f"{path} is no report of benchmarks: name a file that --json has written.")


def named(section: str, row: dict[str, Any]) -> tuple[Any, ...]:
    """What tells a row from all others of its section."""
    return tuple(row[key] for key in KEYS[section])


def rows(report: dict[str, Any], section: str) -> list[dict[str, Any]]:
    """The rows of a section."""
    return report.get(section, [])


def joined(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The old report with the rows of the new one, which take the place of theirs.

    Raises
    ------
    ValueError
        If the two are of different code or machines.
    """
    for what in ("commit", "machine", "clock"):
        ours, theirs = (
            {**report[what], "load": None} if what == "machine" else report.get(what) for report in (new, old)
        )
        if ours != theirs:
            raise ValueError(f"the report to add to is of another {what}: write to another file, or leave out --add.")
    made = dict(new)
    for section in KEYS:
        if section in old or section in new:
            kept = {named(section, row): row for row in rows(old, section)}
            made[section] = list((kept | {named(section, row): row for row in rows(new, section)}).values())
    return made


def entries(report: dict[str, Any]) -> dict[str, list[Entry]]:
    """All that is compared, by its name in words; of several entries the first one that both reports have counts."""
    found: dict[str, list[Entry]] = {}
    for section, row in _of_optdyn(report):
        name = " ".join(str(part) for part in (section, *named(section, row)) if part not in ("optdyn", "times"))
        for field, unit, bound in SEVERAL.get(section, ()):
            found[f"{name} {field}"] = [Entry(Spread(**row[field]), unit, bound)]
        quantities = QUANTITIES.get(section, ())
        if quantities:
            found[name] = [
                Entry(Spread(**row[field]), unit, bound) for field, unit, bound in quantities if row.get(field)
            ]
    return found


def _of_optdyn(report: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for section in KEYS:
        for row in rows(report, section):
            if row.get("peer", "optdyn") == "optdyn":
                yield section, row


def compared(old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    """Compare two reports."""
    before, now = entries(old), entries(new)
    alike = all(old["machine"].get(key) == new["machine"].get(key) for key in ("processor", "cores"))
    alike = alike and old.get("clock") == new.get("clock")
    changes = []
    for name in before.keys() & now.keys():
        units = {entry.unit: entry for entry in now[name]}
        for entry in before[name]:
            if entry.unit in units and (alike or not entry.bound):
                changes.append(Change(name, entry.unit, entry.spread, units[entry.unit].spread))
                break
    order = {"slower": 0, "faster": 1, "same": 2}
    changes.sort(key=lambda change: (order[change.verdict], -abs(change.ratio - 1), change.what))
    return Comparison(changes, sorted(before.keys() - now), sorted(now.keys() - before), _differing(old, new, alike))


def _differing(old: dict[str, Any], new: dict[str, Any], alike: bool) -> list[str]:
    """What else differs between the two reports."""
    then, now = old["machine"], new["machine"]
    said = []
    if not alike:
        machines = [
            f"{machine['processor']}, {machine['cores']} cores, {report.get('clock', 'wall')} clock"
            for machine, report in ((then, old), (now, new))
        ]
        said.append(f"before on {machines[0]}; now on {machines[1]}: ratios alone are compared.")
    changed = [
        f"{name} {then['versions'].get(name, 'missing')} → {now['versions'].get(name, 'missing')}"
        for name in sorted({*then["versions"], *now["versions"]} - {"optdyn"})
        if then["versions"].get(name) != now["versions"].get(name)
    ]
    if then.get("compiler") != now.get("compiler"):
        changed.append(f"{then.get('compiler')} → {now.get('compiler')}")
    if changed:
        said.append(f"other versions: {', '.join(changed)}.")
    return said
