"""Theorem 1 along long runs: what becomes of gradient and loss at horizons far apart."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.constants import decimal
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement
from theory.claims.routes.cases import first_failure
from theory.claims.step_tuned.convergence import regression_setting
from theory.claims.step_tuned.source import DECAY, PAPER

HORIZONS = (100, 1000, 10_000, 100_000)
FURTHER = 1_000_000  # at the full level
DELTAS = (0.001, 0.25)
STEP_SIZE = 0.5
ERROR_LEVEL = 0.0004  # probability with which runs of the share that `power` names would have been missed


def windows(
    problem: Any, delta: float, *, horizons: tuple[int, ...], runs: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest gradient over all runs in the last half of each horizon, and the largest range of the loss.

    Each half is looked at in 40 places.
    """
    from dynamics import StepTunedSGD
    from theory.claims.step_tuned.visits import loss_and_norm_at

    places = [np.unique(np.linspace(K // 2 + 1, K, 40).astype(int)) for K in horizons]
    kept = [int(k) for k in np.unique(np.concatenate(places))]
    method = StepTunedSGD(STEP_SIZE, delta=delta)
    losses, norms = loss_and_norm_at(kept, method, problem, range(seed, seed + runs))
    within = [np.isin(kept, place) for place in places]
    largest = [norms[:, chosen].max() for chosen in within]
    ranges = [np.ptp(losses[:, chosen], axis=1).max() for chosen in within]
    return np.array(largest), np.array(ranges)


def ratios(values: np.ndarray) -> np.ndarray:
    """Return each value over the one before; infinity where a value is not finite."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = values[1:] / values[:-1]
    return np.where(np.isfinite(found), found, np.inf)


@statement(
    id="step_tuned.long_runs",
    paper=PAPER,
    number="Theorem 1",
    title="Gradients along long runs",
    origin="ours",
    statement_latex=r"\max_{K/2<k\le K}\|\nabla J(\theta_k)\|\le$share\max_{K/20<k\le K/10}\|\nabla J(\theta_k)\|,"
    r"\quad K=10^3,10^4,10^5\quad\text{(each maximum over 40 places)}",
    statement_words="""
        From one horizon to another ten times as far the largest gradient that is seen at 40 places of the last half of
        the runs falls to $share of what it was or less, and so does the range of the loss.
    """,
    hypotheses=(DECAY,),
    constants={"share": decimal("0.75")},
    also_true={"share * 2": "less is asked for"},
)
def long_runs(
    level: Level, rng: np.random.Generator, *, share: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    horizons = HORIZONS if level == "quick" else (*HORIZONS, FURTHER)
    runs, instances = (20, 1) if level == "quick" else (100, 3)
    drawn = [(regression_setting(rng).problem, int(rng.integers(2**31))) for _ in range(instances)]

    def falls(*, delta: float) -> bool:
        problem, seed = drawn[0]
        return bool((ratios(windows(problem, delta, horizons=HORIZONS, runs=10, seed=seed)[0]) <= float(share)).all())

    if failure := first_failure(hypotheses, [{"delta": -0.5}], falls):  # no decay
        return failure
    worst: dict[str, float] = {}
    data: dict[str, Any] = {"horizons": horizons}
    for delta in DELTAS:
        for index, (problem, seed) in enumerate(drawn):
            largest, ranges = windows(problem, delta, horizons=horizons, runs=runs, seed=seed)
            data[f"delta = {delta}, instance {index}: largest gradient"] = largest
            data[f"delta = {delta}, instance {index}: range of the loss"] = ranges
            for name, values in (("gradient", largest), ("loss", ranges)):
                worst[name] = max(worst.get(name, 0.0), float(ratios(values).max()))
    trials = runs * instances * len(DELTAS)
    told = f"by {worst['gradient']:.2f} for the gradient and {worst['loss']:.2f} for the loss"
    if max(worst.values()) > share:
        return Evidence(
            verdict=Verdict.UNDECIDED, trials=trials, data=data, text=f"The slowest fall from a horizon on is {told}."
        )
    missed = 1 - ERROR_LEVEL ** (1 / trials)
    return Evidence(
        verdict=Verdict.SUPPORTED,
        trials=trials,
        error_level=ERROR_LEVEL,
        margin=float(share) - max(worst.values()),
        data=data,
        power=f"""
            a fall to less than {max(worst.values()):.2f} is not supported; runs that stay up would have been seen, but
            for a probability of {ERROR_LEVEL:.2%}, if they were {missed:.1%} of all runs on the instances drawn
        """,
        text=f"""
            {runs} runs of Algorithm 2 (alpha = {STEP_SIZE}) on {instances} random one-dimensional regressions for each
            delta in {DELTAS}, at the horizons {", ".join(f"{K:,}" for K in horizons)}: in 40 places of their last
            halves the largest gradient of all runs, and the largest range that the loss of a run goes through, fall
            from each horizon to the next at least {told}. Without decay (delta = -1/2) they do not. Theorem 1 says that
            both tend to 0 almost surely; no run that ends can show it.
        """,
    )
