"""Polyak's step size as a special case of L4, and the rate that comes with it."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import exponent, factor, needless, number
from theory.claims.l4.source import CONVEX, FRACTION, PAPER, SMOOTH
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure

if TYPE_CHECKING:
    from sympy import Expr


@statement(
    id="l4.polyak",
    paper=PAPER,
    number="(3)",
    title="Polyak's step as a special case",
    statement_latex=r"\|x_{+}-x^*\|^2\le\|x-x^*\|^2-$share\alpha($two-\alpha)(L-L_{\min})^2/\|g\|^2",
    statement_words="With v = g the core rule never moves away from a minimiser of a convex loss.",
    hypotheses=(CONVEX,),
    constants={"share": factor(1), "two": number(2)},
    also_true=dict.fromkeys(
        ("share / 2", "-share", "share = 0", "two / 2", "-two", "two = 0"), "it promises a smaller decrease"
    ),
)
def polyak(
    level: Level, rng: np.random.Generator, *, share: Fraction, two: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    def is_closer(*, gap: Fraction, inner: Fraction, alpha: Fraction) -> bool:
        """With |g| = 1, of the change of |x - x*|^2, which is step^2 - 2 step inner for the step alpha gap."""
        return (alpha * gap) ** 2 - 2 * alpha * gap * inner <= -share * alpha * (two - alpha) * gap**2

    one = Fraction(1)  # inner = gap is |x| in one dimension; below it no loss is convex
    cases = [{"gap": one, "inner": inner, "alpha": k * one / 2} for inner in (one, one / 4) for k in (1, 2, 3)]
    if failure := first_failure(hypotheses, cases, is_closer):
        return failure

    alpha, gap, square, inner, distance = sp.symbols("alpha gap G p D")
    step = alpha * gap / square
    moved = distance - 2 * step * inner + step**2 * square
    guaranteed = distance - alpha * (2 - alpha) * gap**2 / square - moved
    added = (guaranteed, [(2 * step, inner - gap)])
    if not symbolic.certifies(*added):
        return Evidence(verdict=Verdict.UNDECIDED, text="The certificate does not add up.")
    part = sp.Symbol("t")
    decrease = (alpha * (2 - alpha)).subs(alpha, symbolic.on_orthant(sp.Integer(0), sp.Integer(2), part))
    if not symbolic.positive_on_orthant(decrease):
        return Evidence(verdict=Verdict.UNDECIDED, text="The guaranteed decrease has no sign.")
    return Evidence(
        verdict=Verdict.PROVED,
        tightness=1.0,
        steps=(
            proofs.combination(
                "multipliers: <g, x - x*> >= L - L_min times 2 eta, for positive alpha, L - L_min and |g|^2", *added
            ),
            proofs.positive("positive coefficients: alpha (2 - alpha) for 0 < alpha < 2", decrease),
        ),
        text="""
            With v = g = grad L and L_min = min L the core rule is Polyak's step. For a convex loss each step lowers |x
            - x*|^2 by at least alpha (2 - alpha)(L - L_min)^2/|g|^2, so for 0 < alpha < 2 it never moves away from a
            minimiser, whatever the scale of the loss. Equality holds for |x| in one dimension.
        """,
    )


def step_gap(problem: Any, start: np.ndarray, *, steps: int, share: float = 1.0) -> float:
    """Return how far a step of L4's special case and a share of one of Polyak's part, along a run of Polyak's.

    Step by step, as on a quadratic Polyak's method soon magnifies any rounding.
    """
    from dynamics import L4Mom, Polyak, simulate

    special = L4Mom(alpha=1.0, gamma=0.0, regularizer=0.0, tau_m=1.0)
    path = simulate(Polyak(minimum=0.0), problem, steps=steps, x0=start, record_iterates=True)
    gaps = [
        np.abs(simulate(special, problem, steps=1, x0=here).x - here - share * (there - here)).max()
        / np.abs(here).max()
        for here, there in itertools.pairwise(np.asarray(path.iterates))
    ]
    return float(max(gaps))


@statement(
    id="l4.polyak_run",
    paper=PAPER,
    number="section 2.1",
    title="The same method as Polyak's",
    statement_latex=r"v=g=\nabla L,\ \alpha=1,\ \gamma L_{\min}=f^*,\ \varepsilon=0:\quad"
    r"\eta=$share(f-f^*)/\|\nabla f\|^2",
    statement_words="With plain gradients and the true minimum L4 is Polyak's method.",
    hypotheses=(CONVEX,),
    constants={"share": factor(1)},
    also_true=needless(CONVEX, why="the two formulas are the same wherever the gradient is not 0"),
)
def polyak_run(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    from synthetic import quadratic

    problems, steps = (4, 10) if level == "quick" else (50, 40)
    gap = 0.0
    for _ in range(problems):
        problem = quadratic(eigenvalues=np.exp(rng.uniform(-3, 3, size=4)))
        gap = max(gap, step_gap(problem, rng.normal(size=4), steps=steps, share=float(share)))
    trials = problems * steps
    if gap > 1e-13:
        return Evidence(
            verdict=Verdict.REFUTED, counterexample={"gap": gap}, trials=trials, text="The two methods part."
        )
    return Evidence(
        verdict=Verdict.SUPPORTED,
        trials=trials,
        margin=1e-13 - gap,
        power="a step that is off by 1e-13 of the distance from the minimiser is refused",
        text=f"""
            L4 with plain gradients (tau_m = 1), alpha = 1, epsilon = 0 and the true minimum 0 as its target (gamma = 0)
            takes Polyak's step at each of {trials} iterates on random convex quadratics, within {gap:.0e} of the
            distance from the minimiser. The identity of the formulas is plain; this is the kernels of both methods.
        """,
    )


def _over_the_horizon() -> tuple[tuple[Expr, list[tuple[Expr, Expr]]], ...]:
    """Combine what k steps took off |x_0 - x*|^2 with one step more, and draw the bound from it."""
    import sympy as sp

    lipschitz, half, start, now, later, gap, ratio, least, count = sp.symbols("L t D0 D D_next gap r least k")
    alpha = 2 * half / (1 + half)
    weight, one = alpha * (2 - alpha), sp.Integer(1)
    share = weight * least / (2 * lipschitz)  # what each step takes off at least
    further = (
        start - later - (count + 1) * share,
        [
            (one, start - now - count * share),
            (one, now - weight * gap * ratio - later),  # l4.polyak, with r = gap/|g|^2
            (weight * gap, ratio - 1 / (2 * lipschitz)),
            (weight / (2 * lipschitz), gap - least),
        ],
    )
    return further, (start - count * share, [(one, start - now - count * share), (one, now)])


# x^2/2 from 1 at its first step; the same with too long a step; 3|x| from 1; and 1 - cos x from pi, where it stays.
RATE_CASES: tuple[dict[str, float], ...] = (
    {"gap": 0.5, "inner": 1, "square": 1, "lipschitz": 1, "alpha": 1, "distance": 1, "k": 1},
    {"gap": 0.5, "inner": 1, "square": 1, "lipschitz": 1, "alpha": 3, "distance": 1, "k": 1},
    {"gap": 3, "inner": 3, "square": 9, "lipschitz": 1, "alpha": 1, "distance": 1, "k": 1},
    {"gap": 2, "inner": 0, "square": 0, "lipschitz": 1, "alpha": 1, "distance": 3.1416, "k": 20},
)


@statement(
    id="l4.polyak_rate",
    paper=PAPER,
    number="section 2.1",
    title="Polyak's rate",
    statement_latex=r"\min_{j<k}f(x_j)-f^*\le\frac{${two}L\|x_0-x^*\|^2}{\alpha(2-\alpha)k^{$power}}",
    statement_words="On a smooth convex loss with the true minimum as target the least loss falls like 1/k.",
    hypotheses=(CONVEX, SMOOTH, FRACTION),
    constants={"two": number(2), "power": exponent(1)},
    also_true=dict.fromkeys(("two * 2", "power - 1/2"), "a looser bound"),
)
def polyak_rate(
    level: Level, rng: np.random.Generator, *, two: Fraction, power: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    from dynamics import L4Mom, simulate
    from synthetic import quadratic

    alpha, lipschitz = sp.symbols("alpha L")
    if two <= 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="The bound is not positive.")

    def is_below(*, alpha: float, lipschitz: float, gap: float, distance: float, k: int, **_: float) -> bool:
        share = alpha * (2 - alpha) * k ** float(power)
        return gap <= float(two) * lipschitz * distance**2 / share

    if failure := first_failure(hypotheses, RATE_CASES, is_below):
        return failure
    longest = 3 if level == "quick" else 7
    for length in range(1, longest + 1):
        # |x_0 - x*|^2 >= sum alpha (2 - alpha) gap_j^2/|g_j|^2, and gap_j/|g_j|^2 >= 1/(2L), gap_j >= least
        least, distance = sp.symbols("least D")
        gaps, ratios = sp.symbols(f"f0:{length}"), sp.symbols(f"r0:{length}")  # r = gap/|g|^2
        weight = alpha * (2 - alpha)
        decrease = distance - sum(weight * gap * ratio for gap, ratio in zip(gaps, ratios, strict=True))
        terms = [(weight * gap, ratio - 1 / (2 * lipschitz)) for gap, ratio in zip(gaps, ratios, strict=True)]
        terms += [(weight / (2 * lipschitz), gap - least) for gap in gaps]
        target = distance - weight * sp.Integer(length) ** power * least / (two * lipschitz)
        slack = sp.Rational(length, 2) - sp.Integer(length) ** power / sp.Rational(two)
        terms += [(weight * slack / lipschitz, least)] if slack != 0 else []
        half = sp.Symbol("t", positive=True)
        inside = {alpha: 2 * half / (1 + half)}
        if not symbolic.certifies(
            target.subs(inside), [(a.subs(inside), b.subs(inside)) for a, b in [(sp.Integer(1), decrease), *terms]]
        ):
            return Evidence(verdict=Verdict.UNDECIDED, text=f"The certificate fails over {length} steps.")
    further, whole = _over_the_horizon()
    if not (symbolic.certifies(*further) and symbolic.certifies(*whole)):
        return Evidence(verdict=Verdict.UNDECIDED, text="The induction over the horizon fails.")
    tightest, trials = np.inf, 10 if level == "quick" else 200
    for _ in range(trials):
        fraction, eigenvalues = float(rng.uniform(0.1, 1.9)), np.exp(rng.uniform(-3, 3, size=4))
        start = rng.normal(size=4)
        method = L4Mom(alpha=fraction, gamma=0.0, regularizer=0.0, tau_m=1.0)
        losses = simulate(method, quadratic(eigenvalues=eigenvalues), steps=50, x0=start).loss
        bounds = (
            2
            * eigenvalues.max()
            * (start @ start)
            / (fraction * (2 - fraction) * np.arange(1, 52) ** float(power))
            * float(two / 2)
        )
        tightest = min(tightest, float((bounds / np.minimum.accumulate(losses)).min()))
    if tightest < 1:
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text=f"A run exceeds the bound: {tightest}.")
    return Evidence(
        verdict=Verdict.PROVED,
        trials=trials,
        tightness=tightest,
        steps=(
            proofs.combination("multipliers: one step more, 0 < alpha < 2 (from 0 = 0 on)", *further),
            proofs.combination("multipliers: the bound after k steps", *whole),
        ),
        text=f"""
            Summing the decrease of |x - x*|^2 and using |g|^2 <= 2L (f - f*) for a convex function with an L-Lipschitz
            gradient gives min over k steps of f - f* <= 2L |x_0 - x*|^2 / (alpha (2 - alpha) k) (an exact certificate,
            by induction over k, and once more for small k as a whole). In {trials} runs on random quadratics the bound
            is at least {tightest:.1f} times what happens. It needs the true minimum as the target; gamma L_min with
            gamma = 0.9 is not that.
        """,
    )
