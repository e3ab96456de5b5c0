"""Methods of the Step-Tuned family on random regressions: equal grids, the best setting, its curve on other seeds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

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


def curve(name: str, grid: list[Any], problem: Any, *, seeds: range, end: int) -> np.ndarray:
    """Return mean losses at the epochs 0, ..., `end`, with the setting that is best after `TUNED_AT` on other seeds.

    An epoch is as many mini-batch gradients as the data has batches; full-batch work of Exact-GV and Expected-GV is not
    counted, as in the paper. All methods see the same mini-batches.
    """
    from dynamics import ensemble

    per_epoch = 5 if name in (STEP_TUNED, TWICE) else 10
    tuning = ensemble(
        grid, problem, steps=TUNED_AT * per_epoch, seeds=seeds, noise="common", record_every=TUNED_AT * per_epoch
    )
    best = grid[int(np.nanargmin(tuning.loss[:, :, -1].mean(axis=1)))]
    fresh = range(seeds.stop, seeds.stop + 2 * len(seeds))
    run = ensemble([best], problem, steps=end * per_epoch, seeds=fresh, noise="common", record_every=per_epoch)
    return np.asarray(run.loss[0].mean(axis=0))


@functools.cache
def curves(name: str, bounds: str, level: Level, entropy: int, end: int) -> np.ndarray:
    """Return a method's tuned curves over random instances, shape (instances, epochs).

    Kept, as several claims speak of the same experiment.
    """
    from synthetic import carmon

    instances, size, seeds = (
        (LONG if end == END else MANY, 8, 2) if level == "full" else (3 if end == END else 16, 4, 1)
    )
    grid = settings(bounds, size)[name]
    draws = [int(seed) for seed in np.random.default_rng(entropy).integers(2**31, size=instances)]
    return np.array([curve(name, grid, carmon(rng=seed), seeds=range(seed, seed + seeds), end=end) for seed in draws])
