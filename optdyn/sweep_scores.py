"""What a sweep says of its settings: the best one, those that are not worse, and how many runs failed."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dynamics import Status
from plots.choice import at_edge, best_setting, not_worse

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["Scores", "scored", "variable"]

SOUND = (Status.MAX_ITERATIONS, Status.CONVERGED)
LEAST_TRIALS = 5  # for a bootstrap of medians


class Scores(NamedTuple):
    """The settings of a sweep by their last loss, or by their cost to a level; failed runs count as infinite."""

    word: str  # what is compared
    axes: tuple[str, ...]  # dimensions
    shape: tuple[int, ...]
    table: NDArray  # (settings, seeds)
    median: NDArray  # (settings,)
    best: int | None  # None where there are too few settings
    close: NDArray | None  # which settings are not worse; None where seeds are too few to tell
    edge: bool
    failed: int
    waiting: int  # runs that are not done


def variable(dataset: "Dataset", name: str) -> Any:
    """A variable of a sweep, whatever an axis has taken the name of."""
    return dataset[name] if name in dataset.data_vars else dataset[f"recorded_{name}"]


def scored(dataset: "Dataset") -> Scores:
    """Rank the settings of a sweep."""
    status = variable(dataset, "status")
    axes = tuple(str(name) for name in status.dims if name != "seed")
    shape = tuple(dataset.sizes[name] for name in axes)
    level = "iteration" in dataset.data_vars and "record" not in dataset.dims
    score = dataset["iteration"] if level else variable(dataset, "loss")
    if "record" in score.dims:
        score = score.isel(record=-1)
    failed = ~np.isin(status.values, [*SOUND, Status.RUNNING])
    sound = np.isin(status.values, SOUND) | (level & np.isfinite(score.values))
    table = np.where(sound & ~np.isnan(score.values), score.values, np.inf).reshape(int(np.prod(shape)), -1)
    median = np.sort(table, axis=1)[:, table.shape[1] // 2]
    best = best_setting(table) if len(table) >= 3 else int(np.argmin(median))
    trials = table.shape[1]
    close = not_worse(table[:, np.newaxis], best) if trials >= LEAST_TRIALS else None
    waiting = int((status.values == Status.RUNNING).sum())
    word = "iterations to the level" if level else "last loss"
    edge = at_edge(best, shape) if shape else False
    return Scores(word, axes, shape, table, median, best, close, edge, int(failed.sum()), waiting)


def described_scores(dataset: "Dataset", scores: Scores) -> list[tuple[str, str]]:
    """The same in words, as pairs."""
    settings, trials = scores.table.shape
    done = scores.table.size - scores.waiting
    rows = [("runs", f"{done} done of {settings} settings × {trials} seeds, {scores.failed} failed")]
    if scores.failed:
        kinds, counts = np.unique(variable(dataset, "status").values, return_counts=True)
        said = [f"{n} {Status(k).name}" for k, n in zip(kinds, counts, strict=True) if k not in (*SOUND, 0)]
        rows.append(("failures", ", ".join(said)))
        if dataset.attrs.get("errors"):
            rows.append(("errors", str(dataset.attrs["errors"])))
    if scores.best is None or not np.isfinite(scores.median).any():
        return [*rows, ("best", "none: no setting has a finite result")]
    place = np.unravel_index(scores.best, scores.shape) if scores.shape else ()
    words = [setting_words(dataset, name, int(at)) for name, at in zip(scores.axes, place, strict=True)]
    edge = "; at the edge of its axis" if scores.edge else ""
    if words:
        rows.append(("best", ", ".join(words) + edge))
    median = scores.median[scores.best]
    rows.append((scores.word, f"{median:.6g}" + (f", the median of {trials} seeds" if trials > 1 else "")))
    if scores.close is not None:
        rows.append(("not worse", f"{int(scores.close.sum()) - 1} other settings of {settings - 1}, at 95 %"))
    return rows


def setting_words(dataset: "Dataset", dimension: str, place: int) -> str:
    """The values of the parameters that change along a dimension, at one place."""
    names = [str(name) for name in dataset.coords if dataset[name].dims == (dimension,)]
    parts = [(name, dataset[name].values[place]) for name in names]
    return ", ".join(
        f"{name} = {value:.4g}" if isinstance(value, float | np.floating) else f"{name} = {value}"
        for name, value in parts
    )
