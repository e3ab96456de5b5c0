"""Methods of the Step-Tuned family on random regressions: equal grids, the best setting, its curve on other seeds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from theory.claims.ledger import Level

EARLY, TUNED_AT, END = 3, 50, 250  # epochs
MANY, LONG = 100, 50  # instances at the full level: where no run is long, and where some are
SGD_NAME, STEP_TUNED, TWICE = "SGD", "Step-Tuned SGD", "SGD, batches twice"
FAMILY = (STEP_TUNED, "Exact-GV", "Stochastic-GV", "Expected-GV")
# The defaults; and bounds that leave gamma to the curvature, whose inverse is far above 2 on this problem.
BOUNDS = {"defaults": {"m": 0.5, "M": 2.0}, "wide": {"m": 0.01, "M": 200.0}}


def settings(bounds: str, size: int) -> dict[str, list[Any]]:
    """Return as many settings for each method; with wide bounds half of the grid goes to nu."""
    from dynamics import SGD, StepTunedSGD, StochasticGV, inverse_power
    from dynamics.algorithms.exact_variation import ExactGV, ExpectedGV

    if bounds == "defaults":
        grid = [{"step_size": alpha, **BOUNDS[bounds]} for alpha in np.geomspace(6, 40, size)]
    else:
        grid = [
            {"step_size": alpha, "nu": nu, **BOUNDS[bounds]}
            for alpha in np.geomspace(0.2, 10, size // 2)
            for nu in (20.0, 80.0)
        ]
    makers: tuple[Callable[..., Any], ...] = (StepTunedSGD, ExactGV, StochasticGV, ExpectedGV)
    plain = [SGD(inverse_power(alpha, power=0.501)) for alpha in np.geomspace(12, 80, size)]
    tuned = {name: [make(**point) for point in grid] for name, make in zip(FAMILY, makers, strict=True)}
    twice = [StepTunedSGD(alpha, m=1.0, M=1.0) for alpha in np.geomspace(8, 56, size)]
    return tuned | {SGD_NAME: plain, TWICE: twice}


def tuned(name: str, bounds: str, size: int, problem: Any, *, seeds: range) -> Any:
    """Return the setting of a method that is best after `TUNED_AT` epochs."""
    from dynamics import ensemble

    grid = settings(bounds, size)[name]
    steps = TUNED_AT * _per_epoch(name)
    run = ensemble(grid, problem, steps=steps, seeds=seeds, noise="common", record_every=steps)
    return grid[int(np.nanargmin(run.loss[:, :, -1].mean(axis=1)))]


def curve(name: str, method: Any, problem: Any, *, seeds: range, end: int) -> np.ndarray:
    """Return mean losses at the epochs 0, ..., `end`.

    An epoch is as many mini-batch gradients as the data has batches; full-batch work of Exact-GV and Expected-GV is not
    counted, as in the paper. All methods see the same mini-batches.
    """
    from dynamics import ensemble

    each = _per_epoch(name)
    run = ensemble([method], problem, steps=end * each, seeds=seeds, noise="common", record_every=each)
    return np.asarray(run.loss[0].mean(axis=0))


def _per_epoch(name: str) -> int:
    """Updates of an epoch: mini-batches are 50 of 500, and two methods take two gradients on each."""
    return 5 if name in (STEP_TUNED, TWICE) else 10


class Tuned(NamedTuple):
    """What is known of a method on an instance: its best setting, and the longest of its curves so far."""

    method: Any
    losses: np.ndarray  # at the epochs 0, ..., END or fewer


_known: dict[tuple[Any, ...], Tuned] = {}  # claims about other horizons, and about fewer instances, share these runs


def tuned_curve(name: str, bounds: str, size: int, seed: int, *, seeds: int, end: int) -> np.ndarray:
    """Return a method's curve on an instance, tuned on so many seeds and followed on twice as many others."""
    key = (name, bounds, size, seed, seeds)
    known = _known.get(key)
    if known is None or len(known.losses) <= end:
        problem = _instance(seed)
        method = known.method if known else tuned(name, bounds, size, problem, seeds=range(seed, seed + seeds))
        fresh = range(seed + seeds, seed + 3 * seeds)
        known = _known[key] = Tuned(method, curve(name, method, problem, seeds=fresh, end=end))
    return known.losses[: end + 1]


@functools.lru_cache(maxsize=MANY)  # with its instance a sweep keeps its places of work
def _instance(seed: int) -> Any:
    from synthetic import carmon

    return carmon(rng=seed)


def curves(name: str, bounds: str, level: Level, entropy: int, end: int) -> np.ndarray:
    """Return a method's tuned curves over random instances, shape (instances, epochs)."""
    instances, size, seeds = (
        (LONG if end == END else MANY, 8, 2) if level == "full" else (3 if end == END else 16, 4, 1)
    )
    draws = [int(seed) for seed in np.random.default_rng(entropy).integers(2**31, size=instances)]
    return np.array([tuned_curve(name, bounds, size, seed, seeds=seeds, end=end) for seed in draws])
