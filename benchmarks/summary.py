"""Medians, quartiles and ratios of what was measured, and whether a goal is met."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from benchmarks.harness import Measurement, Timing

# How many times faster optdyn is to be than a peer: on single runs, and on sweeps.
SPEEDUPS = {"jax": (3.0, 2.0), "torch": (90.0, None)}


class Spread(NamedTuple):
    """A median between its quartiles."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Row:
    """One peer on one case; times in nanoseconds for a unit of work, ratios round by round."""

    workload: str
    case: str
    peer: str
    steps: int
    time: Spread
    over_c: Spread | None
    over_c_product: Spread | None  # for each Hessian product, where these are counted
    products: int
    over_optdyn: Spread | None
    goal: str
    met: bool | None
    first_call: float
    overhead: float
    overhead_share: float  # of a timed run, at its median


def spread(values: Sequence[float]) -> Spread:
    """The quartiles.

    Examples
    --------
    >>> spread([4.0, 1.0, 2.0, 3.0, 5.0])
    Spread(low=2.0, median=3.0, high=4.0)
    """
    return Spread(*(float(q) for q in np.quantile(values, [0.25, 0.5, 0.75])))


def ratio(timing: Timing, base: Timing | None) -> Spread | None:
    """The time of a unit of work over that of another peer in the same round: slow drifts of the machine cancel."""
    if base is None:
        return None
    return spread([own / other for own, other in zip(timing.per_unit(), base.per_unit(), strict=True)])


def for_each_product(timing: Timing, base: Timing | None, over_c: Spread | None) -> Spread | None:
    """The ratio to C's time for each Hessian product: rounding may lead the two through other iterations."""
    if base is None or over_c is None or not (timing.products and base.products):
        return None
    return Spread(*(value * base.products / timing.products for value in over_c))


def rows(measurement: Measurement) -> list[Row]:
    """A row for each peer of a case."""
    case, timings = measurement.case, measurement.timings
    made = []
    for timing in timings.values():
        over_c, over_optdyn = ratio(timing, timings.get("c")), ratio(timing, timings.get("optdyn"))
        product = for_each_product(timing, timings.get("c"), over_c)
        goal, met = judged(timing.peer, case.goal, case.runs, product or over_c, over_optdyn)
        share = timing.overhead / float(np.median(timing.seconds))
        made.append(
            Row(
                workload=case.workload,
                case=case.name,
                peer=timing.peer,
                steps=timing.steps,
                time=spread(timing.per_unit()),
                over_c=over_c,
                over_c_product=product,
                products=timing.products,
                over_optdyn=over_optdyn,
                goal=goal,
                met=met,
                first_call=timing.first_call,
                overhead=timing.overhead,
                overhead_share=share,
            )
        )
    return made


def judged(
    peer: str, goal: float | None, runs: int, over_c: Spread | None, over_optdyn: Spread | None
) -> tuple[str, bool | None]:
    """The goal of a row in words, and whether its median meets it; None where there is none.

    Examples
    --------
    >>> judged("optdyn", 1.1, 1, Spread(1.0, 1.2, 1.3), None)
    ('≤ 1.1 × C', False)
    >>> judged("jax", None, 64, None, Spread(3.0, 4.0, 5.0))
    ('≥ 2 × optdyn', True)
    """
    if peer == "optdyn" and goal is not None:
        return f"≤ {goal:g} × C", None if over_c is None else over_c.median <= goal
    least = SPEEDUPS.get(peer, (None, None))[runs > 1] if runs else None
    if least is None:
        return "", None
    return f"≥ {least:g} × optdyn", None if over_optdyn is None else over_optdyn.median >= least


def as_json(row: Row) -> dict[str, Any]:
    """A row as plain dictionaries and numbers."""
    return asdict(row) | {
        name: None if value is None else value._asdict()
        for name, value in vars(row).items()
        if value is None or isinstance(value, Spread)
    }
