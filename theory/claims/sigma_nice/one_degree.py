"""Sections 2.2 and 3.3 at a fixed degree of smoothing: the best one, and how soon SGD leaves a local minimum."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claims.constants import number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.routes import statistical
from theory.claims.sigma_nice.source import PAPER

ERROR_LEVEL = 0.002
TWO_SIDED = Hypothesis("f is not symmetric and has local minima", lambda *, skewed, minima, **_: skewed and minima > 1)


def ends(
    degrees: np.ndarray, skew: np.ndarray, frequency: np.ndarray, height: np.ndarray, *, steps: int = 2500
) -> tuple[np.ndarray, np.ndarray]:
    """Return f where gradient descent on f smoothed by each degree ends from −2, and which draws were stuck at −2.

    f(x) = (e^(ax) − ax − 1)/a² + c(1 − cos ωx), or x²/2 in place of the first part where a = 0; its minimum is 0 at 0.
    """
    a, w, c = (values[:, None] for values in (skew, frequency, height))
    safe = np.where(a == 0, 1.0, a)
    rise = np.sinh(safe * degrees) / np.where(safe * degrees == 0, 1.0, safe * degrees)
    rise = np.where(degrees == 0, 1.0, rise)
    fade = np.sinc(w * degrees / np.pi)
    x = np.full(rise.shape, -2.0)
    step = 1 / (np.exp(safe.max()) + (c * w**2).max())
    for _ in range(steps):
        bowl = np.where(a == 0, x, (rise * np.exp(safe * x) - 1) / safe)
        x = x - step * (bowl + c * w * fade * np.sin(w * x))
    bowl = np.where(a == 0, x**2 / 2, (np.exp(safe * x) - safe * x - 1) / safe**2)
    return bowl + c * (1 - np.cos(w * x)), x[:, 0] < -1


@statement(
    id="sigma_nice.best_degree",
    paper=PAPER,
    number="section 2.2, below Lemma 2.4",
    title="A fixed degree of smoothing has a best value",
    statement_latex=r"\exists\,0<\delta^\circ<\delta_{\max}:\ f(x_{\delta^\circ})<\min\{f(x_0),f(x_{\delta_{\max}})\},"
    r"\ x_\delta=\lim\mathrm{GD}(\hat f_\delta)",
    statement_words="""
        With one degree of smoothing throughout, neither none nor the largest is best: the loss where gradient descent
        ends is lowest at a degree in between.
    """,
    hypotheses=(TWO_SIDED,),
)
def best_degree(level: Level, rng: np.random.Generator, *, hypotheses: tuple[Hypothesis, ...]) -> Evidence:
    count = 40 if level == "quick" else 1000
    degrees = np.linspace(0, 3, 31)
    # Each landscape is tried with a bent bowl and with a symmetric one.
    skew = np.append(rng.uniform(0.8, 1.5, count), np.zeros(count))
    frequency = np.tile(rng.uniform(6, 12, count), 2)
    height = np.tile(rng.uniform(1.5, 2.5, count), 2) / frequency
    loss, stuck = ends(degrees, skew, frequency, height)
    met = np.array([not unmet(hypotheses, skewed=a != 0, minima=1 + kept) for a, kept in zip(skew, stuck, strict=True)])
    best, at_ends = loss.min(axis=1), np.minimum(loss[:, 0], loss[:, -1])
    trials, worse = int(met.sum()), met & (at_ends <= best + 1e-9)
    if worse.any():
        row = int(np.flatnonzero(worse)[0])
        case = {"a": float(skew[row]), "ω": float(frequency[row]), "c": float(height[row]), "start": -2}
        return Evidence(
            verdict=Verdict.REFUTED, counterexample=case, trials=trials, text="An end of the range is as good as any."
        )
    if not trials:
        return Evidence(verdict=Verdict.UNDECIDED, text="No landscape holds gradient descent.")
    gain, at = at_ends[met] / best[met], degrees[loss[met].argmin(axis=1)]
    return Evidence(
        verdict=Verdict.SUPPORTED,
        trials=trials,
        void_trials=2 * count - trials,
        margin=float(gain.min() - 1),
        power="said of symmetric bowls too, the statement is refused: there the largest degree is as good as any",
        data={
            "best degree, quartiles": np.quantile(at, (0.25, 0.5, 0.75)),
            "loss at the ends over the best, least and median": [float(gain.min()), float(np.median(gain))],
        },
        text=f"""
            On {trials} landscapes, a bent bowl with ripples, gradient descent from −2 is stuck where nothing is
            smoothed, and the largest degree, 3, moves the minimiser of the bowl. In every one of them a degree in
            between does better than both, by a factor of {gain.min():.1f} or more. Where the bowl is symmetric about
            the minimiser smoothing moves nothing, and the trade-off is not there: then the more the better.
        """,
    )


def escape_steps(degrees: np.ndarray, runs: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return the steps until SGD has left the well at 0 of sin(2πx), shape (degrees, runs); `most` where it has not."""
    step_size = 0.05
    x, left = np.zeros((len(degrees), runs)), np.full((len(degrees), runs), most)
    for k in range(most):
        x += -step_size * np.sin(2 * np.pi * x) - degrees[:, None] * rng.standard_normal(x.shape)
        left = np.where((np.abs(x) > 0.5) & (left == most), k + 1, left)
        if (left < most).all():
            break
    return left


@statement(
    id="sigma_nice.escape_times",
    paper=PAPER,
    number="sections 2.2 and 3.3.2",
    title="The larger the degree of smoothing, the sooner SGD leaves",
    statement_latex=r"\delta=\eta C/\sqrt b,\ \delta<\delta':\quad P\big(T_{\delta'}<T_\delta\big)>$share",
    statement_words="""
        At a fixed step size SGD leaves a local minimum the sooner the larger the degree of smoothing: of two runs the
        one with the larger degree is first with a probability above $share.
    """,
    constants={"share": number("1/2")},
    also_true=dict.fromkeys(("share / 2", "-share", "share = 0"), "a smaller probability"),
)
def escape_times(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    stated = float(share)
    runs, most = (400, 20_000) if level == "quick" else (2000, 60_000)
    degrees = np.sqrt(2 * 0.05 * np.array([0.08, 0.13, 0.21, 0.34]))  # δ²/(2η): the temperature
    steps = escape_steps(degrees, runs, most, rng)
    each = statistical.corrected(ERROR_LEVEL, len(degrees) - 1)
    shares = [statistical.share_of_wins(steps[i + 1], steps[i], error_level=each) for i in range(len(degrees) - 1)]
    data = {
        "δ": degrees,
        "median steps": np.median(steps, axis=1),
        "share of wins of the next δ, from and to": [[found.low, found.high] for found in shares],
    }
    if any(found.high < stated for found in shares):
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"δ": degrees, "median steps": np.median(steps, axis=1)},
            error_level=ERROR_LEVEL,
            trials=steps.size,
            data=data,
            text="A larger degree keeps SGD longer.",
        )
    if not all(found.low > stated for found in shares):
        return Evidence(
            verdict=Verdict.UNDECIDED, error_level=ERROR_LEVEL, trials=steps.size, data=data, text="Too close to call."
        )
    return Evidence(
        verdict=Verdict.SUPPORTED,
        error_level=ERROR_LEVEL,
        trials=steps.size,
        margin=min(found.low for found in shares) - stated,
        power=f"a share of wins of {min(found.low for found in shares):.2f} or less would be refused",
        data=data,
        text=f"""
            SGD with η = 0.05 and normal noise in a well of sin(2πx), {runs} runs at each of four degrees a factor of
            about 1.3 apart: the median number of steps until it leaves falls from {np.median(steps[0]):.0f} to
            {np.median(steps[-1]):.0f}, and each degree beats the one before with a share above 1/2 (exact intervals,
            Bonferroni). The smoothed function has this well for all of them, {np.sinc(2 * degrees[-1]):.2f} of its
            depth at the largest: it is the noise itself that leaves, which "f smoothed" does not say.
        """,
    )
