"""What is kept of a run: all records, the last one, those at given iterations or costs, or the first below a level."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dynamics.checks import Refusal, is_number, require_real, require_whole, shown, unknown
from dynamics.protocol.status import SOUND
from dynamics.sweeps.quantiles import COSTS, shares_of

ROWS = ("loss", "gradient_norm", "step_size", *COSTS)


def reduction_of(given: Any, steps: int, record_every: int | None) -> Any:
    """The reduction that is asked for, checked: None, "last", or a dict with one of the keys.

    Examples
    --------
    >>> reduction_of({"iteration": [0, 10]}, 100, None)
    {'iteration': [0, 10]}
    >>> reduction_of({"quantiles": (0.1, 0.9), "below": 1}, 100, None)
    {'below': 1.0, 'quantiles': [0.1, 0.9]}
    """
    if isinstance(given, Mapping) and "quantiles" in given:
        rest = {word: wanted for word, wanted in given.items() if word != "quantiles"}
        kept = reduction_of(rest, steps, record_every) if rest else {}
        return kept | {"quantiles": shares_of(given["quantiles"])}
    if given is None or (isinstance(given, str) and given == "last"):
        return given
    words = ("iteration", *COSTS, "below")
    if isinstance(given, str):
        raise Refusal(unknown("reduce", given, ("last", *words, "quantiles")))
    if not isinstance(given, Mapping) or len(given) != 1:
        raise Refusal(
            f"reduce = {shown(given)} must be 'last' or a dict with one key of {', '.join(words)}, and quantiles "
            f"beside it or alone."
        )
    ((word, wanted),) = given.items()
    if word not in words:
        raise Refusal(unknown("reduce", str(word), words))
    if word == "below":
        return {word: require_real("reduce['below']", wanted)}
    if is_number(wanted) or not len(wanted):
        raise Refusal(f"reduce[{word!r}] = {shown(wanted)} must be a list, of one at least.")
    rows: list[Any]
    if word == "iteration":
        rows = [require_whole(f"reduce[{word!r}]", k, 0, "iterations begin at 0", most=steps) for k in wanted]
        for k in rows:
            if record_every is not None and k % record_every and k != steps:
                raise Refusal(f"reduce['iteration'] names {k}, and record_every = {record_every}: leave one out.")
    else:
        rows = [require_real(f"reduce[{word!r}]", cost) for cost in wanted]
    if sorted(set(rows)) != rows:
        raise Refusal(f"reduce[{word!r}] = {shown(rows)} must increase.")
    return {word: rows}


def rows_asked(reduce: Any) -> Any:
    """Which rows of a run a reduction keeps, whatever becomes of the seeds: None, "last" or a dict with one key."""
    if not isinstance(reduce, dict) or "quantiles" not in reduce:
        return reduce
    return {word: wanted for word, wanted in reduce.items() if word != "quantiles"} or "last"


def pace(reduce: Any, steps: int) -> int | None:
    """Steps between the records that a reduction needs; None where it looks at all that are usual."""
    if reduce == "last":
        return max(steps, 1)
    if reduce and "iteration" in reduce:
        return math.gcd(*(k for k in reduce["iteration"] if k != steps)) or max(steps, 1)
    return None


def rows_of(reduce: Any, iteration: np.ndarray) -> dict[str, np.ndarray]:
    """The coordinates of what is kept: along the records, none where there is one a run; and along quantiles."""
    if isinstance(reduce, dict) and "quantiles" in reduce:
        return rows_of(rows_asked(reduce), iteration) | {"quantile": np.array(reduce["quantiles"])}
    if reduce is None:
        return {"iteration": iteration}
    if reduce == "last" or "below" in reduce:
        return {}
    ((word, rows),) = reduce.items()
    return {word if word == "iteration" else f"{word}_at": np.array(rows)}


def reduced(reduce: Any, iteration: np.ndarray, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns that are kept, of records of shape (runs, records)."""
    kept = dict(columns)
    if reduce is None or reduce == "last":
        return kept
    ((word, wanted),) = reduce.items()
    if word == "iteration":
        rows = np.searchsorted(iteration, wanted)
        return kept | {name: columns[name][:, rows] for name in ROWS}
    if word == "below":
        met = columns["loss"] <= wanted
        first = np.where(met.any(axis=1), met.argmax(axis=1), -1)[:, np.newaxis]
        picked = {name: _picked(columns[name], first)[:, 0] for name in ROWS}
        return kept | picked | {"iteration": _picked(np.broadcast_to(iteration, met.shape), first)[:, 0]}
    cost = columns[word]
    last = np.stack([np.count_nonzero(cost <= bound, axis=1) - 1 for bound in wanted], axis=1)
    # Where a run had failed before, there is no row.
    final = np.count_nonzero(np.isfinite(cost), axis=1) - 1
    failed = ~np.isin(columns["status"], SOUND)
    last[failed[:, np.newaxis] & (last == final[:, np.newaxis])] = -1
    picked = {name: _picked(columns[name], last) for name in ROWS}
    return kept | picked | {"iteration": _picked(np.broadcast_to(iteration, cost.shape), last)}


def _picked(column: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Of each run the given rows; NaN for row -1."""
    found = np.take_along_axis(column, np.maximum(rows, 0), axis=1).astype(np.float64)
    return np.where(rows < 0, np.nan, found)
