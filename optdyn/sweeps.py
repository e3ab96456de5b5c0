"""A sweep put together from names, settings and axes; what it comes to; how far a store is."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dynamics import sweep
from dynamics.checks import unknown
from dynamics.sweeps.blocks import Block
from dynamics.sweeps.forms import coordinate_forms, forms, size_of
from dynamics.sweeps.pieces import iterations, piece
from dynamics.sweeps.plan import Plan, planned
from dynamics.sweeps.reduction import reduction_of, rows_of
from dynamics.sweeps.store import Store, opened
from optdyn.axes import axes
from optdyn.chosen import chosen_method, chosen_problem
from optdyn.refusals import BadInput
from optdyn.settings import Parameter, assign, parameters_of

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
    over: Mapping[Any, Any]
    fixed: Mapping[Any, Any]
    rest: dict[str, Any]  # seeds, steps and the like

    def run(self, **how: Any) -> "Dataset":
        """Sweep, into `out` where it is given."""
        return sweep(self.method, self.problem, over=self.over, fixed=self.fixed, **self.rest, **how)

    def plan(self) -> Plan:
        """The plan of the sweep, checked as to its names."""
        rest = {"x0": None} | self.rest
        rest["reduce"] = reduction_of(rest["reduce"], rest["steps"], rest["record_every"])
        seeds = rest["seeds"]
        rest["seeds"] = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
        return planned(self.method, self.problem, self.over, self.fixed, stop=None, **rest)


def requested(problem: str, method: str, over: Iterable[str], settings: Iterable[str], **rest: Any) -> Request:
    """A request from names, `key=VALUES` and `key=value`.

    Raises
    ------
    ValueError
        For names, keys and values that do not exist or do not fit, and for parameters that are missing.
    """
    chosen = {
        "method": _chosen("method", method, chosen_method),
        "problem": _chosen("problem", problem, chosen_problem),
    }
    several = {name: thing for things in chosen.values() if len(things) > 1 for name, thing in things.items()}
    shared = {owner: _shared([parameters_of(thing) for thing in things.values()]) for owner, things in chosen.items()}
    own_over, over = _apart(over, several, shared)
    own_settings, settings = _apart(settings, several, shared)
    along: dict[Any, Any] = axes(over, shared)
    values = assign(settings, shared)
    fixed: dict[Any, Any] = {
        f"{owner}.{name}": value for owner, given in values.items() for name, value in given.items()
    }
    for owner, things in chosen.items():
        for word, thing in things.items():
            parameters = parameters_of(thing)
            own = axes(own_over.get(word, []), {owner: parameters})
            own_values = assign(own_settings.get(word, []), {owner: parameters})[owner]
            along |= {thing: own} if own else {}
            fixed |= {thing: own_values} if own_values else {}
            named = {*_names(along), *_names(own), *own_values, *values[owner]}
            for name, parameter in parameters.items():
                if parameter.required and name not in named:
                    whose, key = (word, f"{word}.{name}") if word in several else (f"{owner} {word}", name)
                    raise BadInput(f"{whose} needs {name}: give --set {key}=… or --over {key}=….")
    made_by = {owner: list(things.values()) if len(things) > 1 else next(iter(things.values()))
               for owner, things in chosen.items()}  # fmt: skip
    return Request(
        ", ".join(chosen["method"]),
        ", ".join(chosen["problem"]),
        made_by["method"],
        made_by["problem"],
        along,
        fixed,
        rest,
    )


def _chosen(owner: str, given: str, choose: Callable[[str], tuple[str, Any]]) -> dict[str, Any]:
    """The methods or problems that are named, with commas between them."""
    named = [choose(part) for part in given.split(",")]
    if len({name for name, _ in named}) < len(named):
        raise BadInput(f"{given} names one {owner} twice: leave one out.")
    return dict(named)


def _shared(owners: list[dict[str, Parameter]]) -> dict[str, Parameter]:
    """The parameters that all have."""
    return {name: parameter for name, parameter in owners[0].items() if all(name in other for other in owners)}


def _apart(
    words: Iterable[str], several: Mapping[str, Any], shared: Mapping[str, Mapping[str, Parameter]]
) -> tuple[dict[str, list[str]], list[str]]:
    """`key=…` by the name in front of a dot in the key, where it is one of several; and the others."""
    own: dict[str, list[str]] = {}
    rest = []
    for word in words:
        key = word.partition("=")[0].strip()
        plain = key.lower().replace("_", "-")
        whose = [name for name in several if plain.startswith(f"{name.lower().replace('_', '-')}.")]
        if whose:
            own.setdefault(whose[0], []).append(word.strip()[len(whose[0]) + 1 :])
            continue
        having = [name for name, thing in several.items() if key in parameters_of(thing)]
        if having and not any(key in parameters for parameters in shared.values()):
            raise BadInput(f"{word}: not all of {', '.join(several)} have {key}; write {having[0]}.{word}.")
        rest.append(word)
    return own, rest


def _names(along: Mapping[Any, Any]) -> set[str]:
    """The parameters that axes change."""
    keys = [key for key in along if isinstance(key, str | tuple)]
    names = [name for key in keys for name in (key if isinstance(key, tuple) else (key,))]
    return {name.partition(".")[2] or name for name in names}


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
    words = ("iteration", "values", "gradients", "hessian_products", "below", "quantiles")
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
        store.runs,
        sum(entry["failed"] for entry in entries.values()),
        rate,
        time.time() - times[-1][0] if times else None,
        store.hash(),
    )
