"""Section 3 beside Theorem 1: the rates of SGD and heavy ball, the symmetric point, and how the step size enters."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claims.arsg.common import PAPER, gain_matrix, symbols
from theory.claims.arsg.theorem1 import CONSTANTS
from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure

SPECTRUM = Hypothesis("κ ≥ 1", lambda *, kappa, **_: kappa >= 1)
BALL_CONSTANTS = Hypothesis(
    "0 < c_β ≤ 4√κ/5 and 0 < c_α ≤ 2/c_β",
    lambda *, c_alpha, c_beta, kappa, **_: 0 < c_beta <= 0.8 * kappa**0.5 and 0 < c_alpha * c_beta <= 2,
)
MORE_OBSERVATION = "c_μ ≥ c_β"
REAL_PAIR = Hypothesis("0 < 4c_α < c_β", lambda *, c_alpha, c_beta, **_: 0 < 4 * c_alpha < c_beta)


@statement(
    id="arsg.sgd_rate",
    paper=PAPER,
    number="section 3, below Theorem 1",
    title="The rate of SGD without momentum",
    statement_latex=r"\min_\alpha\max_{\lambda}|1-\alpha\lambda|=1-\frac{$gap}{\kappa+1}",
    statement_words="The best rate of SGD without momentum over a spectrum is one less $gap/(κ + 1).",
    hypotheses=(SPECTRUM,),
    constants={"gap": number(2)},
)
def sgd_rate(level: Level, rng: np.random.Generator, *, gap: Fraction, hypotheses: tuple[Hypothesis, ...]) -> Evidence:
    import sympy as sp

    if not unmet(hypotheses, kappa=Fraction(1, 2)):
        case = {"κ": "1/2", "rate": str(1 - gap / Fraction(3, 2))}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="A rate is no negative number.")
    step, low, kappa = symbols("alpha lambda_min kappa")
    high = kappa * low
    rate = 1 - sp.Rational(gap) / (kappa + 1)
    # κ (1 - αλ_min) - (1 - αλ_max) is κ - 1, whatever α is: not both |1 - αλ| are below (κ - 1)/(κ + 1).
    best = 2 / (low + high)
    return symbolic.identity(
        {
            "no step size does better": kappa * (1 - step * low) + (step * high - 1) - (kappa + 1) * rate,
            "attained at λ_min": 1 - best * low - rate,
            "attained at λ_max": best * high - 1 - rate,
        },
        tightness=1.0,
        text="""
            With λ_max = κλ_min, κ(1 − αλ_min) + (αλ_max − 1) = κ − 1 for every α, so that the larger of |1 − αλ_min|
            and |1 − αλ_max| is at least (κ − 1)/(κ + 1) = 1 − 2/(κ + 1); α = 2/(λ_min + λ_max) attains it at both
            ends. That is the 1 − O(1/κ) of the paper, with its constant: against RSG's 1 − O(1/√κ), SGD needs √κ times
            as many steps.
        """,
        arguments=("|1 − αλ| is convex in λ, so that the ends of the spectrum decide",),
    )


@statement(
    id="arsg.heavy_ball_rate",
    paper=PAPER,
    number="section 3, below Theorem 1",
    title="Heavy ball and Nesterov's method share the rate",
    statement_latex=r"c_\mu=0:\ r_c=\sqrt\beta\ \text{or}\ r_g(\tau_{\min}),\quad"
    r"1-\sqrt\beta-\frac{c_\beta}{2\sqrt\kappa}\in\Big[0,\frac{c_\beta^2}{$remainder\kappa}\Big]",
    statement_words="""
        Heavy ball has the rate of (16) as well: without observation the rest of the spectrum never does worse than √β
        or than its lowest curvature, and √β is 1 − c_β/(2√κ) up to c_β²/($remainder κ).
    """,
    hypotheses=(BALL_CONSTANTS,),
    constants={"remainder": factor(4)},
    also_true={"remainder / 2": "a looser bound"},
)
def heavy_ball_rate(
    level: Level, rng: np.random.Generator, *, remainder: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    # Without the hypothesis: at β = 0 and c_α = 2/c_β, κ = 4 the top of the spectrum has τ = 2 and the gain factor 1.
    if not unmet(hypotheses, c_alpha=1.0, c_beta=2.0, kappa=4.0):
        case = {"c_α": "1", "c_β": "2", "κ": "4", "β": "0", "τ_max": "2", "gain factor": "1"}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="There the top of the spectrum stalls.")
    if remainder <= 0:
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"c_β": "1", "κ": "4", "1 − √β − c_β/(2√κ)": "3/4 − √(1/2), about 0.0429"},
            text="The remainder is positive.",
        )
    w, tau, k, small, c, u = symbols("w tau k epsilon c_beta u", positive=True)  # w = √β; k stands for √(1 - c_β ε)
    ball, _ = gain_matrix(w**2, sp.Integer(0), tau)
    low, high = (1 - w) / (1 + w), (1 + w) / (1 - w)
    square = k**2 - (1 - c * small)
    left_out = 1 - k - c * small / 2
    exact = symbolic.identity(
        {
            "discriminant": ball.trace() ** 2 - 4 * ball.det() - (1 - w**2) ** 2 * (tau - low) * (tau - high),
            "determinant": ball.det() - w**2,
            # With k² = 1 - c_β ε the remainder is (1 - k)²/2, and 1 - k = c_β ε/(1 + k).
            "remainder": (left_out, (1 - k) ** 2 / 2 - square / 2),
            "1 − √β": ((1 - k) * (1 + k), c * small - square),
        },
        text="exact",
    )
    if exact.verdict is not Verdict.PROVED:
        return exact
    # β ≥ 1/5 makes √β and k larger than 3/7, whose square is 9/49.
    inside = symbolic.on_orthant(sp.Rational(3, 7), sp.Integer(1), u)
    top = {
        "1/5 is above (3/7)²": sp.Rational(1, 5) - sp.Rational(9, 49),
        "τ_cb2 less the largest τ": (high - 2 / (1 - w**2)).subs(w, inside),
        "remainder": 1 / sp.Rational(remainder) - 1 / (2 * (1 + inside) ** 2),
    }
    return symbolic.inequality(
        top,
        before=exact.steps,
        text="""
            At μ = 0 the determinant is β, so that the gain factor is √β wherever the eigenvalues are complex, which is
            between τ_cb1 = (1 − √β)/(1 + √β) and τ_cb2 = (1 + √β)/(1 − √β). The largest τ that Theorem 1 allows,
            2/(1 − β), is below τ_cb2: above the lowest curvature nothing is worse than √β, and where the lowest
            curvature has a real pair that pair decides, as in (16). √β = 1 − c_β/(2√κ) with a remainder of
            (1 − √β)²/2. Theorem 1 asks for a positive c_μ; heavy ball has none, and Nesterov's method, c_μ = c_β, is
            covered by the theorem itself.
        """,
        arguments=("below τ_cb1 the gain factor falls with τ, so that the lowest curvature is the worst",),
    )


@statement(
    id="arsg.symmetric_point",
    paper=PAPER,
    number="supplement, proof of Theorem 1",
    title="The top of the spectrum and the symmetric point",
    statement_latex=r"c_\alpha\le\frac{$two}{c_\beta+c_\mu}\ \Rightarrow\ \tau_{\max}=c_\alpha\sqrt\kappa\le"
    r"\tau_{sym}=\frac{1+\beta}{1-\beta+\beta\mu}",
    statement_words="""
        With the step sizes of Theorem 1, c_α up to $two/(c_β + c_μ), no curvature lies above the symmetric point of the
        gain factor.
    """,
    hypotheses=(CONSTANTS,),
    constants={"two": number(2)},
    also_true={
        "two / 2": "half the step stays below the symmetric point whatever c_μ is",
        **dict.fromkeys(("-two", "two = 0"), "it allows no step"),
    },
)
def symmetric_point(
    level: Level, rng: np.random.Generator, *, two: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    def is_below(*, c_alpha: float, c_beta: float, c_mu: float, kappa: float) -> bool:
        small = kappa**-0.5
        beta, mu = 1 - c_beta * small, c_mu * small
        return c_alpha / small <= (1 + beta) / (1 - beta + beta * mu)

    cases = [{"c_alpha": c_alpha, "c_beta": 1.0, "c_mu": 1.0, "kappa": 1e6} for c_alpha in (0.9, 3.0)]
    if failure := first_failure(hypotheses, cases, is_below):
        return failure
    c_beta, c_mu, small, extra, room = symbols("c_beta c_mu epsilon e r", positive=True)  # ε = 1/√κ
    beta, mu = 1 - c_beta * small, c_mu * small
    point = (1 + beta) / (1 - beta + beta * mu)
    largest = sp.Rational(two) / ((c_beta + c_mu) * small)
    width = c_beta + c_mu - c_beta * c_mu * small
    inside = {small: 1 / (c_beta + room)}  # c_β ≤ √κ
    more = {c_mu: c_beta + extra}
    always = symbolic.inequality({"τ_sym − τ_max": (point - largest).subs(inside)}, text="For every c_μ.")
    if always.verdict is Verdict.PROVED:
        return always
    # At two = 2 this is c_β(c_μ − c_β)/(width (c_β + c_μ)), which the sign of c_μ − c_β decides.
    ordered = symbolic.inequality(
        {
            "τ_sym − τ_max where c_μ > c_β": (point - largest).subs(more).subs(inside),
            "width": width.subs(more | inside),
        },
        text="ordered",
    )
    if ordered.verdict is not Verdict.PROVED:
        return ordered
    gap = symbolic.identity(
        {"τ_sym − τ_max": point - largest - c_beta * (c_mu - c_beta) / (width * (c_beta + c_mu))},
        text="gap",
    )
    if gap.verdict is not Verdict.PROVED:
        return gap
    case = {c_beta: 2, c_mu: 1, small: sp.Rational(1, 1000)}
    at_top, at_point = largest.subs(case), point.subs(case)
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        hypothesis=MORE_OBSERVATION,
        counterexample={
            "c_α": "2/3",
            "c_β": "2",
            "c_μ": "1",
            "κ": "10^6",
            "τ_max": str(at_top),
            "τ_sym": str(at_point),
        },
        steps=(*gap.steps, *ordered.steps),
        text=f"""
            At the largest step size τ_sym − τ_max = c_β(c_μ − c_β)/((c_β + c_μ)(c_β + c_μ − c_βc_μ/√κ)): where c_μ ≥
            c_β every curvature lies below the symmetric point (a smaller step only helps), and where c_μ < c_β the top
            lies above it, at every κ: c_β = 2, c_μ = 1, κ = 10⁶ has τ_max = {at_top} and τ_sym = {at_point}. The gap
            does not grow with κ while both grow like √κ, so that the relative one vanishes: for κ ≫ 1, which is all
            that Theorem 1 is about, nothing hangs on it.
        """,
    )


@statement(
    id="arsg.theorem1_step_size",
    paper=PAPER,
    number="section 3, below Theorem 1",
    title="How the step size enters the rate",
    statement_latex=r"4c_\alpha<c_\beta:\ \frac{\partial}{\partial c_\alpha}\Big(1-\frac{c_\beta-"
    r"\sqrt{c_\beta(c_\beta-4c_\alpha)}}{2\sqrt\kappa}\Big)=-\frac{$slope c_\beta}{\sqrt{c_\beta(c_\beta-4c_\alpha)"
    r"\kappa}}<0",
    statement_words="""
        Below the kink a larger step size improves the rate of (16), with slope −$slope c_β/√(c_β(c_β − 4c_α)κ); above
        it only c_β matters.
    """,
    hypotheses=(REAL_PAIR,),
    constants={"slope": factor(1)},
)
def theorem1_step_size(
    level: Level, rng: np.random.Generator, *, slope: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    if not unmet(hypotheses, c_alpha=1.0, c_beta=1.0):
        case = {"c_α": "1", "c_β": "1", "rate of (16)": "1 − 1/(2√κ), whatever c_α is"}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="Above the kink the slope is 0.")
    c_alpha, c_beta, q, small, rest = symbols("c_alpha c_beta q epsilon s", positive=True)
    # q² = c_β(c_β - 4c_α): along the curve 2q dq = -4c_β dc_α, and the rate is 1 - (c_β - q)ε/2.
    of_root = sp.diff(1 - (c_beta - q) * small / 2, q)
    along = sp.diff(c_beta * (c_beta - 4 * c_alpha), c_alpha) / (2 * q)
    shown = symbolic.identity(
        {"slope": of_root * along + sp.Rational(slope) * c_beta * small / q}, text="the chain rule"
    )
    if shown.verdict is not Verdict.PROVED:
        return shown
    return symbolic.inequality(
        {"it falls": -(of_root * along), "q is below c_β": (c_beta**2 - q**2).subs(c_beta, q + rest)},
        before=shown.steps,
        text="""
            With q = √(c_β(c_β − 4c_α)) the rate is 1 − (c_β − q)/(2√κ), and q falls with c_α: the slope is
            −c_β/(q√κ) < 0 up to the kink, where it is infinite. From there on (16) has no c_α in it, so that a
            larger step size only adds noise, as the paper says.
        """,
    )
