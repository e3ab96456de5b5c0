"""A sweep put together from names, settings and axes; what it comes to; how far a store is."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dynamics import methods, sweep
from dynamics.checks import unknown
from dynamics.sweeps.blocks import Block
from dynamics.sweeps.forms import coordinate_forms, forms, size_of
from dynamics.sweeps.pieces import iterations, piece
from dynamics.sweeps.plan import Plan, planned
from dynamics.sweeps.reduction import reduction_of, rows_of
from dynamics.sweeps.store import Store, opened
from optdyn.axes import axes
from optdyn.names import resolve
from optdyn.refusals import BadInput
from optdyn.settings import assign, parameters_of

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["Estimate", "Progress", "Request", "estimated", "kept_by", "progress_of", "requested", "seeds_from"]

SAMPLE = 256  # runs by which a sweep's time is measured
RECENT = 20  # blocks from which the rate is taken


class Request(NamedTuple):
    """What `sweep` is asked for."""

    method_name: str
    problem_name: str
    method: Any
    problem: Any
    over: Mapping[Any, list[Any]]
    fixed: dict[str, Any]
    rest: dict[str, Any]  # seeds, steps and the like

    def run(self, **how: Any) -> "Dataset":
        """Sweep, into `out` where it is given."""
        return sweep(self.method, self.problem, over=self.over, fixed=self.fixed, **self.rest, **how)

    def plan(self) -> Plan:
        """The plan of the sweep, checked as to its names."""
        rest = self.rest | {"reduce": reduction_of(self.rest["reduce"], self.rest["steps"], self.rest["record_every"])}
        seeds = rest["seeds"]
        rest["seeds"] = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
        return planned(self.method, self.problem, self.over, self.fixed, x0=None, stop=None, **rest)


def requested(problem: str, method: str, over: Iterable[str], settings: Iterable[str], **rest: Any) -> Request:
    """A request from names, `key=VALUES` and `key=value`.

    Raises
    ------
    ValueError
        For names, keys and values that do not exist or do not fit, and for parameters that are missing.
    """
    from synthetic import problems

    factories, classes = problems(), methods()
    problem_name, method_name = resolve("problem", problem, factories), resolve("method", method, classes)
    factory, kind = factories[problem_name], classes[method_name]
    owners = {"method": parameters_of(kind), "problem": parameters_of(factory)}
    along = axes(over, owners)
    values = assign(settings, owners)
    names = {name.partition(".")[2] or name for key in along for name in (key if isinstance(key, tuple) else (key,))}
    for owner, parameters in owners.items():
        for name, parameter in parameters.items():
            if parameter.required and name not in names and name not in values[owner]:
                raise BadInput(f"{owner} needs {name}: give --set {name}=… or --over {name}=….")
    fixed = {f"{owner}.{name}": value for owner, given in values.items() for name, value in given.items()}
    return Request(method_name, problem_name, kind, factory, along, fixed, rest)


def seeds_from(text: str) -> int | list[int]:
    """How many seeds, or which.

    Examples
    --------
    >>> seeds_from("20"), seeds_from("3,7")
    (20, [3, 7])
    """
    try:
        listed = [int(part) for part in text.split(",")]
    except ValueError:
        raise BadInput(f"--seeds {text} is neither a number nor a list such as 3,7,11.") from None
    return listed if "," in text else listed[0]


def kept_by(text: str) -> Any:
    """What `--keep` says of the records.

    Examples
    --------
    >>> kept_by("last"), kept_by("iteration=10,100"), kept_by("below=1e-3")
    ('last', {'iteration': [10, 100]}, {'below': 0.001})
    """
    if text in ("last", "all"):
        return None if text == "all" else text
    word, equals, rest = text.partition("=")
    words = ("iteration", "values", "gradients", "hessian_products", "below")
    if not equals or word not in words:
        raise BadInput(f"--keep: {unknown('kind of record', word, ('all', 'last', *words))}")
    try:
        numbers = [float(part) for part in rest.split(",")]
    except ValueError:
        raise BadInput(f"--keep {text}: write numbers, as in {word}=10,100.") from None
    if word == "below":
        if len(numbers) > 1:
            raise BadInput(f"--keep {text}: give one loss.")
        return {word: numbers[0]}
    return {word: [int(k) if k.is_integer() else k for k in numbers] if word == "iteration" else numbers}


class Estimate(NamedTuple):
    """What a sweep comes to."""

    settings: int
    seeds: int
    seconds: float
    bytes: int  # uncompressed

    @property
    def runs(self) -> int:
        """Settings times seeds."""
        return self.settings * self.seeds


def estimated(request: Request, workers: int) -> Estimate:
    """Check all settings, and measure some runs spread over them, once what they need has been compiled."""
    plan = request.plan()
    iteration = iterations(plan)
    runs = plan.settings * len(plan.seeds)
    places = np.unique(np.linspace(0, runs - 1, min(SAMPLE, runs)).astype(np.int64))
    block = Block(places // len(plan.seeds), places % len(plan.seeds))
    piece(plan, Block(block.settings[:1], block.seeds[:1]), iteration, threads=1)
    taken = piece(plan, block, iteration, threads=workers).seconds
    stored = forms(plan, rows_of(plan.reduce, iteration)) | coordinate_forms(plan)
    return Estimate(plan.settings, len(plan.seeds), taken * runs / len(block), size_of(stored) * runs)


class Progress(NamedTuple):
    """How far a store is."""

    done: int  # blocks
    blocks: int
    runs: int
    all_runs: int
    failed: int
    rate: float | None  # runs a second, of late
    silent: float | None  # seconds since the last block
    hash: str

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take."""
        return (self.all_runs - self.runs) / self.rate if self.rate else None


def progress_of(path: Path) -> Progress:
    """How far the store at a path is, by its manifest."""
    store: Store = opened(path)
    entries = store.entries()
    times = sorted(((store.path / "manifest" / f"{block:06d}.json").stat().st_mtime, entry["runs"])
                   for block, entry in entries.items())[-RECENT:]  # fmt: skip
    rate = None
    if len(times) > 1 and times[-1][0] > times[0][0]:
        rate = sum(runs for _, runs in times[1:]) / (times[-1][0] - times[0][0])
    elif entries:
        rate = sum(e["runs"] for e in entries.values()) / max(sum(e["seconds"] for e in entries.values()), 1e-9)
    return Progress(
        len(entries),
        store.layout.blocks,
        sum(entry["runs"] for entry in entries.values()),
        store.layout.runs,
        sum(entry["failed"] for entry in entries.values()),
        rate,
        time.time() - times[-1][0] if times else None,
        store.hash(),
    )
