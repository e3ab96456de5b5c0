"""What Steihaug and Toint's conjugate gradients are sure to reach, and what not."""

from __future__ import annotations

import collections
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.trust_region.problems import random_metric, symmetric
from theory.claims.trust_region.source import CONVEX_MODEL, PAPER


class Subproblem(NamedTuple):
    """A trust-region subproblem."""

    A: np.ndarray
    g: np.ndarray
    B: np.ndarray
    radius: float


# In exact fractions: the first residual is below a tenth of g, and the decrease below (29).
EARLY_STOP = Subproblem(np.array([[4, -5], [-5, 7]]), np.array([-6, 4]), np.array([[32, -20], [-20, 13]]), 100.0)


# Found by differential evolution over spectra, gradients and radii: hardly more than half.
NEAR_HALF = Subproblem(
    np.eye(2), np.array([10**1.66795361, 10**0.10034393]), np.diag([10**-3.59811858, 10**3.9054606]), 10**0.89803806
)
# Along the gradient the curvature is |B|, and the minimum is inside: the bound by the Cauchy point is attained.
ON_THE_BOUND = Subproblem(np.eye(2), np.array([1.0, 0.0]), np.diag([2.0, 1.0]), 10.0)
# The gradient is an eigenvector of the positive curvature: the step ends there, and misses all the rest.
NOT_CONVEX = Subproblem(np.eye(2), np.array([1.0, 0.0]), np.diag([1.0, -1.0]), 10.0)


def subproblems(count: int, rng: np.random.Generator, *, convex: bool = False) -> Iterator[Subproblem]:
    """Draw subproblems with norms and forms of widely spread eigenvalues."""
    for _ in range(count):
        dimension = int(rng.integers(1, 7))
        form = (
            random_metric(dimension, rng, zeta=100.0)
            if convex
            else symmetric(dimension, rng) * 10 ** rng.uniform(-1, 2)
        )
        slope = rng.normal(size=dimension) * 10 ** rng.uniform(-1, 1)
        yield Subproblem(random_metric(dimension, rng), slope, form, 10 ** rng.uniform(-2, 2))


def scaled_cauchy(problem: Subproblem) -> float:
    """Return the decrease that the Cauchy point along -A^{-1}g is sure to reach."""
    factor = np.linalg.cholesky(problem.A)
    slope = np.linalg.solve(factor, problem.g)
    form = np.linalg.solve(factor, np.linalg.solve(factor, problem.B).T)
    length = float(np.linalg.norm(slope))
    return 0.5 * length * min(length / float(np.linalg.norm(form, 2)), problem.radius)


@statement(
    id="trust_region.steihaug_cauchy",
    paper=PAPER,
    number="F.2",
    title="Conjugate gradients and their Cauchy point",
    statement_latex=r"m(0)-m(s)\ge$half\|g\|_{A^{-1}}\min\left(\frac{\|g\|_{A^{-1}}}{\|A^{-1/2}BA^{-1/2}\|},"
    r"\Delta\right)",
    statement_words="""
        Every end of Steihaug and Toint's method gains at least as much as the Cauchy point along its first direction.
    """,
    constants={"half": number("1/2")},
    also_true=dict.fromkeys(("half / 2", "-half", "half = 0"), "a looser bound"),
)
def steihaug_cauchy(level: Level, rng: np.random.Generator, *, half: Fraction) -> Evidence:
    from theory.trust_region import model_decrease, steihaug
    from theory.trust_region.model import along

    trials, least_point, least_bound = 0, math.inf, math.inf
    reasons: collections.Counter[str] = collections.Counter()
    for problem in (ON_THE_BOUND, *subproblems(300 if level == "quick" else 8000, rng)):
        trials += 1
        run = steihaug(*problem, max_inner=int(rng.integers(1, 9)))
        gained = float(model_decrease(problem.g, problem.B, run.step))
        ray = along(problem.A, problem.g, problem.B, -np.linalg.solve(problem.A, problem.g), problem.radius)
        least_point = min(least_point, gained / float(model_decrease(problem.g, problem.B, ray)))
        bound = 2 * float(half) * scaled_cauchy(problem)
        least_bound = min(least_bound, gained / bound if bound > 0 else math.inf)
        reasons[run.reason] += 1
        if min(least_point, least_bound) < 1 - 1e-9:
            return Evidence(
                verdict=Verdict.REFUTED,
                trials=trials,
                counterexample=problem._asdict(),
                text=f"A run that ended by '{run.reason}' gains {least_point:.4f} of its own Cauchy point.",
            )
    ends = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    return Evidence(
        verdict=Verdict.SUPPORTED,
        margin=least_point - 1,
        tightness=1 / least_bound,
        power=f"a bound {least_bound:.4f} times as large, or more, is refused",
        trials=trials,
        text=f"""
            On {trials} random subproblems (d up to 6, convex and not; ends: {ends}) the step gains at least
            {least_point:.6f} times what the Cauchy point along the first direction -A^{{-1}}g gains, and
            {least_bound:.4f} times |g|_{{A^-1}} min(|g|_{{A^-1}}/|A^(-1/2)BA^(-1/2)|, radius)/2. The first
            conjugate-gradient iterate is that point, and the model falls from one iterate to the next.
        """,
    )


def early_stop() -> tuple[Fraction, Fraction]:
    """Return, in exact fractions, the squared first residual over |g|^2, and the decrease of the first step."""
    (a, b), (_, c) = ([Fraction(int(v)) for v in row] for row in EARLY_STOP.A)
    g = [Fraction(int(v)) for v in EARLY_STOP.g]
    form = [[Fraction(int(v)) for v in row] for row in EARLY_STOP.B]
    det = a * c - b * b
    scaled = [(c * g[0] - b * g[1]) / det, (a * g[1] - b * g[0]) / det]
    image = [sum(form[i][j] * scaled[j] for j in range(2)) for i in range(2)]
    inner, curvature = (
        sum(x * y for x, y in zip(g, scaled, strict=True)),
        sum(x * y for x, y in zip(scaled, image, strict=True)),
    )
    residual = [x - inner / curvature * y for x, y in zip(g, image, strict=True)]
    left = Fraction(sum(x * x for x in residual)) / sum(x * x for x in g)
    return left, Fraction(inner**2) / (2 * curvature)


@statement(
    id="trust_region.steihaug_gradient_cauchy",
    paper=PAPER,
    number="C.2, after Assumption 3; F.2",
    title="Conjugate gradients and the paper's Cauchy point",
    statement_latex=r"m(0)-m(s)\ge$share(m(0)-m(s_C)),\quad s_C=\arg\min_{t\ge0}\{m(-tg):t\|g\|_A\le\Delta\}",
    statement_words="""
        Conjugate gradients with the ellipsoid's matrix as preconditioner gain at least $share times what the Cauchy
        point along the gradient gains.
    """,
    constants={"share": number(1)},
    also_true={
        "share / 2": "under the same condition",
        **dict.fromkeys(("-share", "share = 0"), "each step lowers the model, in every ellipsoid"),
    },
)
def steihaug_gradient_cauchy(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    from theory.trust_region import cauchy_decrease, cauchy_point, model_decrease, steihaug

    residual, gained = early_stop()
    run, bound = steihaug(*EARLY_STOP), cauchy_decrease(*EARLY_STOP)
    below = {"own": math.inf, "point": math.inf}
    trials = misses = 0
    sphere = math.inf
    for problem in subproblems(300 if level == "quick" else 8000, rng):
        trials += 1
        found = float(model_decrease(problem.g, problem.B, steihaug(*problem).step))
        ratio = found / cauchy_decrease(*problem)
        point = found / float(model_decrease(problem.g, problem.B, cauchy_point(*problem)))
        misses += min(ratio, point) < 1 - 1e-9
        below = {"own": min(below["own"], ratio), "point": min(below["point"], point)}
        round_problem = problem._replace(A=np.eye(len(problem.g)))
        found = float(model_decrease(problem.g, problem.B, steihaug(*round_problem).step))
        sphere = min(sphere, found / float(model_decrease(problem.g, problem.B, cauchy_point(*round_problem))))
    if not (run.reason == "residual" and len(run.iterates) == 2 and residual < Fraction(1, 100) and gained < bound):
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="The example is not as stated.")
    if sphere < share - 1e-9:
        case = {"A": "I", "g": [1, 0], "B": "I", "radius": 10, "share of the Cauchy point's gain": 1}
        return Evidence(verdict=Verdict.REFUTED, trials=trials, counterexample=case, text="A sphere gains no more.")
    if min(below.values()) >= share:
        return Evidence(
            verdict=Verdict.SUPPORTED,
            margin=min(below.values()) - float(share),
            trials=trials,
            power=f"a share of {min(below.values()):.3f} or more is refused",
            text="All steps gain as much.",
        )
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.SUPPORTED,
        margin=float(gained) / bound - 1,
        trials=trials,
        hypothesis="the Cauchy point is the one along -A^{-1}g (for a sphere that is -g)",
        counterexample={**EARLY_STOP._asdict(), "kappa": 0.1, "theta": 0.5, "decrease": gained, "bound (29)": bound},
        text=f"""
            Krylov spaces contain the gradient, so that any Krylov method improves on the Cauchy point: true for a
            sphere. Preconditioned with the ellipsoid's matrix the space begins with A^{{-1}}g and need not contain g.
            For A = [[4, -5], [-5, 7]], B = [[32, -20], [-20, 13]], g = (-6, 4) and any radius that does not bind,
            conjugate gradients stop after one step by (52), with a residual of {math.sqrt(residual):.4f} |g| <= |g|/10,
            having gained {float(gained):.5f}, below the {bound:.5f} of (29). So Assumption 2 as printed does not follow
            from (52). In {misses} of {trials} random subproblems the step falls short of the Cauchy point along -g, or
            of (29); the least ratios are {below["point"]:.3f} and {below["own"]:.3f}. With A = I the least ratio is
            {sphere:.6f}.
        """,
    )


@statement(
    id="trust_region.steihaug_monotone",
    paper=PAPER,
    number="F.2",
    title="Norms grow and the model falls",
    statement_latex=r"$growth(\|s_{j+1}\|_A-\|s_j\|_A)>0,\quad$fall(m(s_j)-m(s_{j+1}))>0",
    statement_words="Along the iterates of conjugate gradients the norm of the ellipsoid grows and the model falls.",
    constants={"growth": factor(1), "fall": factor(1)},
    also_true=dict.fromkeys(("growth * 2", "growth / 2", "fall * 2", "fall / 2"), "only the sign matters"),
)
def steihaug_monotone(level: Level, rng: np.random.Generator, *, growth: Fraction, fall: Fraction) -> Evidence:
    from theory.trust_region import model_decrease, steihaug

    trials, least_growth, least_fall = 0, math.inf, math.inf
    for problem in subproblems(400 if level == "quick" else 8000, rng):
        run = steihaug(*problem, kappa=0.01)
        trials += 1
        norms = np.sqrt(np.einsum("ki,ij,kj->k", run.iterates, problem.A, run.iterates))
        falls = model_decrease(problem.g, problem.B, run.iterates)
        least_growth = min(least_growth, float(np.min(float(growth) * np.diff(norms)) / norms.max()))
        least_fall = min(least_fall, float(np.min(float(fall) * np.diff(falls)) / falls.max()))
        if min(least_growth, least_fall) < -1e-9 or not growth * fall or norms.max() > problem.radius * (1 + 1e-9):
            return Evidence(
                verdict=Verdict.REFUTED,
                trials=trials,
                counterexample=problem._asdict(),
                text="A norm shrinks, the model rises, or a step leaves the region.",
            )
    return Evidence(
        verdict=Verdict.SUPPORTED,
        margin=min(least_growth, least_fall),
        power="a norm that shrinks, or a model that rises, by 1e-9 of the whole is refused",
        trials=trials,
        text=f"""
            On {trials} random subproblems, run to a residual of a hundredth of g, the norms |s_j|_A grow from one
            iterate to the next (by {least_growth:.1e} of the last or more), the model falls (by {least_fall:.1e} of the
            whole fall or more), and no step leaves the region. So an iterate that has left would not come back, and
            stopping at the boundary loses none.
        """,
    )


@statement(
    id="trust_region.steihaug_half",
    paper=PAPER,
    number="F.2 (Yuan's theorem)",
    title="Half of the best decrease",
    statement_latex=r"B\succ0:\quad m(0)-m(s)\ge$share\,(m(0)-\min_{\|s'\|_A\le\Delta}m(s'))",
    statement_words="""
        On convex models conjugate gradients run to the boundary or the minimiser gain $share of the global decrease or
        more.
    """,
    hypotheses=(CONVEX_MODEL,),
    constants={"share": number("1/2")},
    also_true=dict.fromkeys(("share / 2", "-share", "share = 0"), "a looser bound"),
)
def steihaug_half(
    level: Level, rng: np.random.Generator, *, share: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    from theory.trust_region import model_decrease, model_minimiser, steihaug

    trials = void = 0
    least, early, promised = math.inf, math.inf, float(share)
    drawn = subproblems(300 if level == "quick" else 8000, rng, convex=True)
    for problem in (NEAR_HALF, NOT_CONVEX, *drawn):
        if unmet(hypotheses, lowest=float(np.linalg.eigvalsh(problem.B)[0])):
            void += 1
            continue
        trials += 1
        best = float(model_decrease(problem.g, problem.B, model_minimiser(*problem)))
        reached = float(model_decrease(problem.g, problem.B, steihaug(*problem, kappa=0.0, max_inner=200).step)) / best
        early = min(
            early, float(model_decrease(problem.g, problem.B, steihaug(*problem, kappa=0.9, theta=0.0).step)) / best
        )
        least = min(least, reached)
        if reached < promised - 1e-9 or reached > 1 + 1e-9:
            return Evidence(
                verdict=Verdict.REFUTED,
                margin=reached - promised,
                trials=trials,
                counterexample=problem._asdict(),
                text=f"Conjugate gradients gain {reached:.6f} of the global decrease.",
            )
    return Evidence(
        verdict=Verdict.SUPPORTED,
        margin=least - promised,
        tightness=least / promised if promised > 0 else None,
        power=f"a share of {least:.5f} or more is refused",
        trials=trials,
        void_trials=void,
        text=f"""
            On {trials} convex subproblems, run to the boundary or the minimiser, conjugate gradients gain at least
            {least:.5f} of the global decrease: a search by differential evolution found a case in two dimensions, kept
            among the trials, that leaves no more room above the theorem's 1/2. The theorem says nothing of a stop
            by (52): with a tolerance of 0.9 the least share is {early:.4f}.
        """,
    )


@statement(
    id="trust_region.steihaug_eigenpoint",
    paper=PAPER,
    number="C.2, after Assumption 3",
    title="Conjugate gradients miss the eigenpoint",
    statement_latex=r"\exists\,(A,g,B,\Delta):\quad m(0)-m(s)=$gained<$sure=m(0)-m(s_E)",
    statement_words="""
        Steihaug and Toint's method does not guarantee the eigenpoint's decrease: it may gain $gained where that is
        $sure.
    """,
    constants={"gained": number("1/2"), "sure": number(50)},
)
def steihaug_eigenpoint(level: Level, rng: np.random.Generator, *, gained: Fraction, sure: Fraction) -> Evidence:
    from theory.trust_region import eigenpoint_decrease, model_decrease, steihaug

    problem = NOT_CONVEX
    run = steihaug(*problem)
    reached = float(model_decrease(problem.g, problem.B, run.step))
    bound = eigenpoint_decrease(problem.A, problem.B, np.array([0.0, 1.0]), problem.radius)
    trials = misses = 0
    for other in subproblems(200 if level == "quick" else 5000, rng):
        values, vectors = np.linalg.eigh(other.B)
        if values[0] < 0:
            trials += 1
            found = float(model_decrease(other.g, other.B, steihaug(*other).step))
            misses += found < eigenpoint_decrease(other.A, other.B, vectors[:, 0], other.radius)
    if reached != gained or bound != sure:
        return Evidence(verdict=Verdict.UNDECIDED, text="The example is not as stated.")
    return Evidence(
        verdict=Verdict.PROVED,
        margin=bound - reached,
        trials=trials,
        data={"g": problem.g, "B": problem.B, "A": problem.A, "radius": problem.radius},
        steps=(
            proofs.zero(
                "exact fractions: the first step (-1, 0) leaves the residual 0 and lowers the model by 1/2",
                (["+", 1, ["*", 1, -1]], ["+", 0, 0]),
                (
                    ["*", -1, ["+", ["*", 1, -1], ["/", ["*", -1, 1, -1], 2]]],
                    ["/", gained.numerator, gained.denominator],
                ),
            ),
            proofs.zero(
                "exact fractions: the eigenpoint's decrease is 50",
                (["*", ["/", 1, 2], 1, 1, ["^", 10, 2]], ["/", sure.numerator, sure.denominator]),
            ),
        ),
        text=f"""
            One example proves it: with A = I, B = diag(1, -1), g = (1, 0) and radius 10 the first step (-1, 0) makes
            the residual 0, and conjugate gradients end inside with a decrease of 1/2; the eigenpoint is sure of 50. The
            gradient has no part along the curved direction, so no Krylov space of it does. Of {trials} random
            subproblems with a negative eigenvalue {misses} end below the eigenpoint's bound.
        """,
    )
