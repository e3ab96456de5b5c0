"""What a sweep says of its settings: the best one on each problem, those that are not worse, and how many failed."""

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dynamics import Status
from dynamics.sweeps.axes import dimension_of
from plots.choice import best_setting, not_worse

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["Scores", "described_scores", "scored", "setting_words", "variable", "waiting"]

SOUND = (Status.MAX_ITERATIONS, Status.CONVERGED)
LEAST_TRIALS = 5  # for a bootstrap of medians
MOST_PROBLEMS = 12  # that are told one by one


class Scores(NamedTuple):
    """The settings of a sweep by their last loss, or by their cost to a level; failed runs count as infinite.

    Settings on different problems are not compared: `problem` numbers the values of the problem's axes.
    """

    word: str  # what is compared
    axes: tuple[str, ...]  # dimensions
    shape: tuple[int, ...]
    of_problem: tuple[bool, ...]  # which dimensions change the problem
    seeds: int
    table: NDArray  # (settings, seeds); the median alone where quantiles were kept
    median: NDArray  # (settings,)
    problem: NDArray  # (settings,)
    best: NDArray  # which settings are the best on their problems
    close: NDArray | None  # which settings are not worse; None where seeds are too few to tell
    failed: int
    waiting: int  # runs that are not done

    def place(self, setting: int) -> tuple[int, ...]:
        """Where a setting stands along each dimension."""
        return tuple(int(at) for at in np.unravel_index(setting, self.shape)) if self.shape else ()

    @property
    def rule(self) -> str:
        """By what settings are compared."""
        if self.seeds == 1:
            return "best: lowest"
        return f"best: lowest median over {self.seeds} seeds, failed runs as the worst"


def variable(dataset: "Dataset", name: str) -> Any:
    """A variable of a sweep, whatever an axis has taken the name of."""
    return dataset[name] if name in dataset.data_vars else dataset[f"recorded_{name}"]


def waiting(dataset: "Dataset") -> int:
    """How many runs are not done."""
    if "quantile" in dataset.dims:
        missing = dataset["failed"] if "failed" in dataset.data_vars else dataset["recorded_failed"]
        return int(np.isnan(missing.values).sum()) * int(dataset.attrs.get("seeds", 1))
    return int((variable(dataset, "status").values == Status.RUNNING).sum())


def scored(dataset: "Dataset") -> Scores:
    """Rank the settings of a sweep, on each problem by themselves."""
    level = "iteration" in dataset.data_vars
    score = dataset["iteration"] if level else variable(dataset, "loss")
    if "record" in score.dims:
        score = score.isel(record=-1)
    quantiles = "quantile" in dataset.dims
    if quantiles:
        middle = int(np.argmin(np.abs(dataset["quantile"].values - 0.5)))
        score = score.isel(quantile=middle)
    axes = tuple(str(name) for name in score.dims if name != "seed")
    shape = tuple(dataset.sizes[name] for name in axes)
    count = int(np.prod(shape))
    if quantiles:
        share = float(dataset["quantile"].values[middle])
        what = "median" if share == 0.5 else f"quantile {share:g}"
        values, seeds = score.values, int(dataset.attrs.get("seeds", 1))
        failed = int(dataset.attrs["failed"])
        table = np.where(np.isnan(values), np.inf, values).reshape(count, 1)
    else:
        what, status = "", variable(dataset, "status").values
        sound = np.isin(status, SOUND) | (level & np.isfinite(score.values))
        table = np.where(sound & ~np.isnan(score.values), score.values, np.inf).reshape(count, -1)
        seeds = table.shape[1]
        failed = int((~np.isin(status, [*SOUND, Status.RUNNING])).sum())
    median = np.sort(table, axis=1)[:, table.shape[1] // 2]
    of_problem = tuple(name in _problems(dataset) for name in axes)
    problem = _numbers(shape, of_problem)
    best = np.zeros(count, dtype=bool)
    close = np.zeros(count, dtype=bool)
    for number in range(int(problem.max()) + 1):
        members = np.flatnonzero(problem == number)
        rows = table[members]
        chosen = best_setting(rows) if len(rows) >= 3 else int(np.argmin(median[members]))
        best[members[chosen]] = len(members) > 1 and bool(np.isfinite(median[members[chosen]]))
        if table.shape[1] >= LEAST_TRIALS and len(members) > 1:
            close[members] = not_worse(rows[:, np.newaxis], chosen)
    told = close if table.shape[1] >= LEAST_TRIALS else None
    word = f"{what} {'iterations to the level' if level else 'last loss'}".strip()
    return Scores(word, axes, shape, of_problem, seeds, table, median, problem, best, told, failed, waiting(dataset))


def _problems(dataset: "Dataset") -> set[str]:
    """The dimensions along which the problem changes."""
    axes = json.loads(dataset.attrs["plan"])["axes"] if "plan" in dataset.attrs else []
    return {
        dimension_of(tuple(axis["names"]), tuple((owner, name) for owner, name in axis["targets"]))
        for axis in axes
        if any(owner == "problem" for owner, _ in axis["targets"])
    }


def _numbers(shape: tuple[int, ...], of_problem: tuple[bool, ...]) -> NDArray:
    """Of each setting the number of its problem."""
    number = np.zeros(shape, dtype=np.int64)
    for k, (size, own) in enumerate(zip(shape, of_problem, strict=True)):
        if own:
            along = np.arange(size).reshape([-1 if k == i else 1 for i in range(len(shape))])
            number = number * size + along
    return number.reshape(-1)


def described_scores(dataset: "Dataset", scores: Scores) -> list[tuple[str, str]]:
    """The same in words, as pairs."""
    settings, runs = len(scores.table), len(scores.table) * scores.seeds
    done = runs - scores.waiting
    rows = [("runs", f"{done} done of {settings} settings × {scores.seeds} seeds, {scores.failed} failed")]
    if scores.failed:
        if "quantile" not in dataset.dims:
            kinds, counts = np.unique(variable(dataset, "status").values, return_counts=True)
            said = [f"{n} {Status(k).name}" for k, n in zip(kinds, counts, strict=True) if k not in (*SOUND, 0)]
            rows.append(("failures", ", ".join(said)))
        if dataset.attrs.get("errors"):
            rows.append(("errors", str(dataset.attrs["errors"])))
    if not np.isfinite(scores.median).any():
        return [*rows, ("best", "none: no setting has a finite result")]
    problems = int(scores.problem.max()) + 1
    for number in range(min(problems, MOST_PROBLEMS)):
        rows += _best_on(dataset, scores, number, problems)
    if problems > MOST_PROBLEMS:
        rows.append(("", f"and {problems - MOST_PROBLEMS} more problems: --plot draws them"))
    return rows


def _best_on(dataset: "Dataset", scores: Scores, number: int, problems: int) -> list[tuple[str, str]]:
    """The best setting on one of the problems, in words."""
    members = np.flatnonzero(scores.problem == number)
    chosen = int(members[np.argmax(scores.best[members])])
    place = scores.place(chosen)
    words: dict[bool, list[str]] = {True: [], False: []}
    for name, at, of_problem in zip(scores.axes, place, scores.of_problem, strict=True):
        words[of_problem].append(setting_words(dataset, name, at))
    rows = [("problem", ", ".join(words[True]))] if problems > 1 else []
    if not np.isfinite(scores.median[members]).any():
        return [*rows, ("best", "none: no setting has a finite result")]
    told = f"{scores.median[chosen]:.6g}"
    if scores.seeds > 1 and "quantile" not in dataset.dims:
        told += f", the median of {scores.seeds} seeds"
    setting = words[False] if problems > 1 else words[True] + words[False]
    if setting and (len(members) > 1 or problems == 1):
        rows.append(("best", ", ".join(setting) + _edge(dataset, scores, chosen)))
    rows.append((scores.word, told))
    rows += _best_of_others(dataset, scores, members, chosen)
    if scores.close is not None and len(members) > 1:
        close = int(scores.close[members].sum()) - 1
        rows.append(("not worse", f"{close} other settings of {len(members) - 1}, at 95 %"))
    return rows


def _best_of_others(dataset: "Dataset", scores: Scores, members: NDArray, chosen: int) -> list[tuple[str, str]]:
    """The best setting of each method but the best one's, where several are compared."""
    methods = _along(dataset, scores, "method")
    if methods is None:
        return []
    rows = []
    for name in dict.fromkeys(methods[members]):
        own = members[methods[members] == name]
        best = int(own[np.argmin(scores.median[own])])
        if name == methods[chosen]:
            continue
        if not np.isfinite(scores.median[best]):
            rows.append((f"best of {name}", "none: no setting has a finite result"))
            continue
        words = [
            setting_words(dataset, axis, at, but="method")
            for axis, at, of_problem in zip(scores.axes, scores.place(best), scores.of_problem, strict=True)
            if not of_problem
        ]
        setting = ", ".join(word for word in words if word)
        told = f"{setting}{_edge(dataset, scores, best)}: " if setting else ""
        rows.append((f"best of {name}", f"{told}{scores.median[best]:.6g}"))
    return rows


def _edge(dataset: "Dataset", scores: Scores, setting: int) -> str:
    """The numbers of a setting that are the least or the greatest which its method was given, in words."""
    methods = _along(dataset, scores, "method")
    rivals = np.ones(len(scores.table), dtype=bool) if methods is None else methods == methods[setting]
    at_ends = []
    for name in dataset.coords:
        values = _along(dataset, scores, str(name), own=True)
        if values is not None and np.issubdtype(values.dtype, np.number):
            given = np.unique(values[rivals & ~np.isnan(values.astype(float))])
            if len(given) > 1 and values[setting] in (given[0], given[-1]):
                at_ends.append(str(name))
    return f"; at the edge of {' and '.join(at_ends)}" if at_ends else ""


def _along(dataset: "Dataset", scores: Scores, name: str, *, own: bool = False) -> NDArray | None:
    """The value of a coordinate for each setting; none where it changes along no axis, or along a problem's (`own`)."""
    dimensions = dataset[name].dims if name in dataset.coords else ()
    if len(dimensions) != 1 or dimensions[0] not in scores.axes:
        return None
    axis = scores.axes.index(str(dimensions[0]))
    if own and scores.of_problem[axis]:
        return None
    places = np.indices(scores.shape)[axis].reshape(-1)
    return np.asarray(dataset[name].values[places])


def setting_words(dataset: "Dataset", dimension: str, place: int, *, but: str = "") -> str:
    """The values of the parameters that change along a dimension, at one place."""
    names = [str(name) for name in dataset.coords if dataset[name].dims == (dimension,) and name != but]
    parts = [(name, dataset[name].values[place]) for name in names]
    return ", ".join(
        f"{name} = {value:.4g}" if isinstance(value, float | np.floating) else f"{name} = {value}"
        for name, value in parts
        if value == value and value != ""  # what the method has not
    )
