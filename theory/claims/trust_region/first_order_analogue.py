"""Figure 4: first-order trust regions against their analogues with a constant step size."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from dynamics.checks import Refusal
from theory.claims.constants import number
from theory.claims.ledger import Evidence, Level, Verdict, statement
from theory.claims.routes import statistical
from theory.claims.trust_region.quadratics import EPS, GRID, Quadratics, axis_aligned
from theory.claims.trust_region.source import PAPER

STEPS = 30
ERROR_LEVEL = 0.002
SIMILAR = 0.25  # relative difference in decades of the loss
ETA1, ETA2, INCREASE, DECREASE = 0.01, 0.95, 1.1, 1.5
FLOOR = 1e-30  # of the first loss: below it rounding decides


def _losses(problems: Quadratics, x: np.ndarray) -> np.ndarray:
    return 0.5 * np.einsum("nki,nij,nkj->nk", x, problems.forms, x)


def _metric(ellipsoid: bool, gradient: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Return the diagonal of the norm's matrix, and take the gradient into Adagrad's sums."""
    if not ellipsoid:
        return np.ones_like(gradient)
    sums += gradient**2
    return np.sqrt(sums + EPS)


def losses_of(problems: Quadratics, *, ellipsoid: bool, region: str) -> np.ndarray:
    """Return the share of the first loss that is left under each step size or first radius, shape (n, grid).

    `region` is "none" (constant step size), "adaptive" (Algorithm 1 with B = 0) or "fixed" (radius kept, every step
    taken).
    """
    x = np.repeat(problems.starts[:, None, :], len(GRID), axis=1)
    largest = np.linalg.eigvalsh(problems.forms)[:, -1][:, None]
    scale = 1 / largest if region == "none" and not ellipsoid else np.ones_like(largest)
    radius = np.repeat(GRID[None, :], len(x), axis=0) * scale
    sums = np.zeros_like(x)
    first = _losses(problems, x)
    for _ in range(STEPS):
        gradient = np.einsum("nij,nkj->nki", problems.forms, x)
        metric = _metric(ellipsoid, gradient, sums)
        direction = gradient / metric
        slope = np.sqrt(np.sum(gradient * direction, axis=-1))
        if region == "none":
            x = np.clip(x - radius[..., None] * direction, -1e6, 1e6)
            continue
        step = radius / np.maximum(slope, 1e-300)
        trial = x - step[..., None] * direction
        if region == "fixed":
            x = trial
            continue
        rho = (_losses(problems, x) - _losses(problems, trial)) / np.maximum(radius * slope, 1e-300)
        x = np.where((rho >= ETA1)[..., None], trial, x)
        radius = np.where(rho >= ETA2, INCREASE * radius, np.where(rho >= ETA1, radius, radius / DECREASE))
    return np.maximum(_losses(problems, x) / first, FLOOR)


def difference(region_losses: np.ndarray, constant_losses: np.ndarray) -> np.ndarray:
    """Return |log F_TR - log F| / |log F|, F the share of the first loss left under the best setting of each."""
    ours, theirs = np.log(region_losses.min(axis=1)), np.log(constant_losses.min(axis=1))
    return np.abs(ours - theirs) / np.abs(theirs)


def median_interval(samples: np.ndarray, *, error_level: float) -> statistical.Interval:
    """Enclose a median between two order statistics, exactly for independent samples of any continuous law."""
    ordered, count = np.sort(samples), len(samples)
    # The k-th smallest exceeds the median when fewer than k of them fall below it: a binomial probability.
    below, rank = 0.0, 0
    while rank < count // 2 and below + math.comb(count, rank) / 2**count <= error_level / 2:
        below += math.comb(count, rank) / 2**count
        rank += 1
    if rank == 0:
        raise Refusal(f"{count} samples cannot enclose a median at error level {error_level}: draw more")
    return statistical.Interval(float(ordered[rank - 1]), float(ordered[count - rank]), error_level)


def compare(
    level: Level, rng: np.random.Generator, *, ellipsoid: bool, name: str, similar: float = SIMILAR
) -> Evidence:
    """Judge whether the median difference of Algorithm 1 with B = 0 from its analogue lies below `similar`."""
    problems = axis_aligned(50 if level == "quick" else 400, (30.0, 300.0), rng)
    constant = losses_of(problems, ellipsoid=ellipsoid, region="none")
    adaptive = difference(losses_of(problems, ellipsoid=ellipsoid, region="adaptive"), constant)
    fixed = difference(losses_of(problems, ellipsoid=ellipsoid, region="fixed"), constant)
    interval = median_interval(adaptive, error_level=ERROR_LEVEL)
    outcome = statistical.judge([interval], [(0.0, similar)])
    verdict = {"inside": Verdict.SUPPORTED, "outside": Verdict.REFUTED, "open": Verdict.UNDECIDED}[outcome]
    worst = int(np.argmax(adaptive))
    ours, theirs = (
        np.median(np.log10(v.min(axis=1)))
        for v in (losses_of(problems, ellipsoid=ellipsoid, region="adaptive"), constant)
    )
    return Evidence(
        verdict=verdict,
        margin=similar - interval.high,
        trials=len(adaptive),
        error_level=ERROR_LEVEL,
        power=f"a bound of {interval.low:.3f} or less is refused",
        counterexample={
            "H": problems.forms[worst],
            "x0": problems.starts[worst],
            "steps": STEPS,
            "difference": adaptive[worst],
        }
        if verdict is Verdict.REFUTED
        else None,
        data={"median": np.median(adaptive), "median, radius fixed": np.median(fixed)},
        text=f"""
            Measure: |log F_TR - log F| / |log F|, where F is the share of the first loss left after {STEPS} iterations
            of {name} and F_TR that of the first-order trust region in the same norm (Algorithm 1 with B = 0), each with
            its best of {len(GRID)} step sizes or first radii; 'similar' is a median below {similar}. Over
            {len(adaptive)} random quadratics with condition numbers in [30, 300] the median is
            {np.median(adaptive):.3f}, {1 - ERROR_LEVEL:.1%} interval [{interval.low:.3f}, {interval.high:.3f}]; the
            median of log10 F is {theirs:.2f}, of log10 F_TR {ours:.2f}. With the radius held fixed and every step taken
            the median of the measure is {np.median(fixed):.3f}: steps of one length cannot converge.
        """,
    )


@statement(
    id="trust_region.figure_4_sphere",
    paper=PAPER,
    number="Figure 4, appendix B",
    title="First-order trust region and gradient descent",
    origin="ours",
    statement_latex=r"\mathrm{median}\,\frac{|\log F_{\mathrm{TR}}-\log F_{\mathrm{GD}}|}{|\log F_{\mathrm{GD}}|}"
    r"<$similar",
    statement_words="In spheres the first-order trust region behaves very similarly to gradient descent.",
    constants={"similar": number("1/4")},
    also_true={"similar * 2": "looser", "similar / 2": "the trials are as close as that"},
)
def figure_4_sphere(level: Level, rng: np.random.Generator, *, similar: Fraction) -> Evidence:
    return compare(level, rng, ellipsoid=False, name="gradient descent", similar=float(similar))


@statement(
    id="trust_region.figure_4_ellipsoid",
    paper=PAPER,
    number="Figure 4, appendix B",
    title="First-order trust region and Adagrad",
    origin="ours",
    statement_latex=r"\mathrm{median}\,\frac{|\log F_{\mathrm{TR}}-\log F_{\mathrm{ada}}|}{|\log F_{\mathrm{ada}}|}"
    r"<$similar",
    statement_words="In Adagrad's ellipsoids the first-order trust region behaves very similarly to Adagrad.",
    constants={"similar": number("1/4")},
)
def figure_4_ellipsoid(level: Level, rng: np.random.Generator, *, similar: Fraction) -> Evidence:
    return compare(level, rng, ellipsoid=True, name="Adagrad", similar=float(similar))
