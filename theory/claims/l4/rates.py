"""Section 3.2: how much the effective learning rate changes within a short time."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.constants import number
from theory.claims.evidence import NOT_RUN
from theory.claims.l4.source import PAPER
from theory.claims.ledger import Evidence, Level, Verdict, statement
from theory.claims.routes import statistical

ERROR_LEVEL = 0.001


def spans(rates: np.ndarray, window: int) -> np.ndarray:
    """Return log10 of the largest over the least positive rate in each window, shape (windows,)."""
    whole = len(rates) // window * window
    pieces = np.asarray(rates)[:whole].reshape(-1, window)
    least = np.where(pieces > 0, pieces, np.inf).min(axis=1)
    return np.asarray(np.log10(pieces.max(axis=1) / least))


@functools.cache
def measured_spans(instances: int, epochs: int, entropy: int) -> tuple[dict[str, np.ndarray], int, list[int]]:
    """Return each instance's widest span within an epoch, for both optimisers, the steps of an epoch, and the seeds of
    the instances.

    Kept, as variants of the claim speak of the same experiment.
    """
    from dynamics import L4Adam, L4Mom
    from synthetic import digits_mlp, info
    from theory.claims.l4.kept_rates import rates_along

    seeds = [int(seed) for seed in np.random.default_rng(entropy).integers(2**31, size=instances)]
    problems = [digits_mlp(8, regularisation=0.0, batch_size=64, sampling="epoch", rng=seed) for seed in seeds]
    window = int(np.ceil(info(problems[0]).samples / 64))
    widest = {
        type(method).__name__: np.array(
            [spans(rates_along(method, problem, epochs * window), window).max() for problem in problems]
        )
        for method in (L4Mom(), L4Adam())
    }
    return widest, window, seeds


@statement(
    id="l4.effective_rate",
    paper=PAPER,
    number="section 3.2, figure 3(b)",
    title="The effective rate spans orders of magnitude",
    origin="ours",
    statement_latex=r"P\Big(\max_{k\in\mathrm{epoch}}\eta_k\ge10^{$orders}\min_{k\in\mathrm{epoch}}\eta_k"
    r"\ \text{in one of 60 epochs}\Big)>\tfrac12",
    statement_words="""
        Training a network for the digits, the effective learning rate of both optimisers spans $orders or more orders
        of magnitude within a single one of the first 60 epochs, from more than half of all starts.
    """,
    constants={"orders": number(2)},
    also_true=dict.fromkeys(("orders / 2", "-orders", "orders = 0"), "less is asked for"),
)
def effective_rate(level: Level, rng: np.random.Generator, *, orders: Fraction) -> Evidence:
    if level == "quick":
        text = "A span takes some fifty epochs to show, which are too many for this level: nothing was run."
        return Evidence(verdict=Verdict.UNDECIDED, text=text)
    instances, epochs = 40, 60
    try:
        found, window, seeds = measured_spans(instances, epochs, int(rng.integers(2**31)))
    except ImportError as error:
        return Evidence(verdict=Verdict.UNDECIDED, data={NOT_RUN: "scikit-learn"}, text=f"The digits: {error}")
    each = statistical.corrected(ERROR_LEVEL, len(found))
    shares = {
        name: statistical.share_of_wins(np.full(len(values), float(orders)), values, error_level=each)
        for name, values in found.items()
    }
    data: dict[str, Any] = {f"{name}: orders of magnitude": np.sort(values) for name, values in found.items()}
    told = ", ".join(f"{name} {np.median(values):.2f}" for name, values in found.items())
    text = f"""
        {instances} draws of the tanh network with 8 hidden units on the digits, mini-batches of 64, {epochs} epochs of
        {window} steps each: log10 of the largest over the least effective rate within an epoch, the widest of the
        epochs; medians over the draws: {told}. The paper says it of a larger network on MNIST, "even in short time
        period"; an epoch here is {window} steps, and {epochs} of them were chosen as such a span takes about fifty to
        show. Signs test (exact, together at {1 - ERROR_LEVEL:.1%}) of more draws
        above {orders} than below.
    """
    fields: dict[str, Any] = {"trials": 2 * instances, "error_level": ERROR_LEVEL, "data": data, "text": text}
    if any(share.high < 0.5 for share in shares.values()):
        worst = min(shares, key=lambda name: shares[name].high)
        narrowest = int(np.argmin(found[worst]))
        case = {"rng of the problem": seeds[narrowest], f"{worst}: orders of magnitude": found[worst][narrowest]}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, **fields)
    if all(share.low > 0.5 for share in shares.values()):
        least = min(float(values.min()) for values in found.values())
        middle = min(float(np.median(values)) for values in found.values())
        return Evidence(
            verdict=Verdict.SUPPORTED,
            margin=least - float(orders),
            power=f"more than {middle:.2f} orders of magnitude, the median of one of them, are not supported",
            **fields,
        )
    return Evidence(verdict=Verdict.UNDECIDED, **fields)
