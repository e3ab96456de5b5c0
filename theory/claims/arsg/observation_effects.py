"""Section 3 on small curvatures and on the least gain: where the observation factor matters, and where it does not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claims.arsg.common import OBSERVATION, PAPER, SOME_MOMENTUM, gain_matrix, symbols
from theory.claims.constants import factor
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.rational_functions import reduced
from theory.claims.routes import symbolic

BEYOND_NESTEROV = Hypothesis("0 < 1 − β < μ < 1", lambda *, beta, mu, **_: 0 < 1 - beta < mu < 1)


@statement(
    id="arsg.small_curvature",
    paper=PAPER,
    number="section 3, figure 1",
    title="Very small curvatures do not see the observation factor",
    statement_latex=r"r_1=1-$slope\tau-\frac{\beta(1-\mu)}{1-\beta}\tau^2+O(\tau^3)",
    statement_words="""
        For a very small curvature the gain factor is one less $slope τ whatever β and μ are: the observation factor
        enters at the second order only.
    """,
    hypotheses=(SOME_MOMENTUM, OBSERVATION),
    constants={"slope": factor(1)},
)
def small_curvature(level: Level, rng: np.random.Generator, *, slope: Fraction) -> Evidence:
    import sympy as sp

    beta, mu, tau = symbols("beta mu tau")
    matrix, _ = gain_matrix(beta, mu, tau)
    second = beta * (1 - mu) / (1 - beta)
    guess = 1 - sp.Rational(slope) * tau - second * tau**2
    characteristic = guess**2 - matrix.trace() * guess + matrix.det()
    rest = reduced(reduced(characteristic) / tau**3)
    r = symbols("r")
    slope_at_one = sp.diff(r**2 - matrix.trace() * r + matrix.det(), r).subs({tau: 0, r: 1})
    if sp.fraction(rest)[1].subs(tau, 0) == 0:
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"what is left over τ³": str(rest)},
            text="The characteristic polynomial does not vanish up to the third order.",
        )
    return symbolic.identity(
        {
            "what is left is of third order": (characteristic, tau**3 * rest),
            "the eigenvalue 1 at τ = 0 is simple": (slope_at_one, 1 - beta),
        },
        text="""
            Put into the characteristic polynomial, 1 − τ − β(1 − μ)τ²/(1 − β) leaves nothing of the orders 0, 1
            and 2 in τ, and the eigenvalue 1 at τ = 0 is simple (the slope there is 1 − β). So r_g falls with slope −1
            for every β and μ: the paper's "for a very small positive λ, the observation factor has little effect".
            The second-order term is where μ enters, and it is 1/(1 − β) times τ²: at β = 0.999 the first order holds
            for τ well below 0.001 alone.
        """,
        arguments=("a simple root of a polynomial is an analytic function of its coefficients",),
    )


@statement(
    id="arsg.least_gain",
    paper=PAPER,
    number="section 3, figure 1",
    title="A smaller μ has the better least gain",
    statement_latex=r"1-\beta<\mu<1:\ \min_\tau r_g=\frac{\beta-k}{1-k},\ k=\sqrt{\beta(1-\mu)},\quad"
    r"\frac{\partial}{\partial k}\min_\tau r_g=-\frac{$slope(1-\beta)}{(1-k)^2}<0",
    statement_words="""
        The least gain factor over all curvatures is improved when μ is slightly smaller: it falls with k = √(β(1 − μ))
        at the slope $slope(1 − β)/(1 − k)².
    """,
    hypotheses=(BEYOND_NESTEROV,),
    constants={"slope": factor(1)},
)
def least_gain(
    level: Level, rng: np.random.Generator, *, slope: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    # Below Nesterov's μ = 1 - β it is the other way round: at β = 1/4 and μ = 0 the least gain is √β = 1/2, and at
    # μ = 1/2 it is (√(1/8) - 1/4)/(1 - √(1/8)), less than 1/6.
    if not unmet(hypotheses, beta=Fraction(1, 4), mu=Fraction(1, 2)):
        case = {"β": "1/4", "μ": "0 and 1/2", "least gain": "1/2 and 0.1602"}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="There a larger μ has the smaller gain.")
    beta, k, u, v = symbols("beta k u v", positive=True)
    least = (beta - k) / (1 - k)
    mu = 1 - k**2 / beta
    shown = symbolic.identity(
        {
            "slope": sp.diff(least, k) + sp.Rational(slope) * (1 - beta) / (1 - k) ** 2,
            # β - k is positive exactly where μ > 1 - β.
            "k against μ": mu - (1 - beta) - (beta - k) * (beta + k) / beta,
        },
        text="slope",
    )
    if shown.verdict is not Verdict.PROVED:
        return shown
    inside = {k: (u / (1 + u)) * (v / (1 + v)), beta: u / (1 + u)}  # 0 < k < β < 1
    return symbolic.inequality(
        {
            "it falls with k": -sp.diff(least, k).subs(inside),
            "k falls with μ": -sp.diff(beta * (1 - symbols("mu")), symbols("mu")).subs(inside),
            "it is positive": least.subs(inside),
        },
        before=shown.steps,
        data={
            f"least gain at β = 0.999, μ = {m}": float(
                (0.999 - (0.999 * (1 - m)) ** 0.5) / (1 - (0.999 * (1 - m)) ** 0.5)
            )
            for m in (0.05, 0.1, 0.2, 0.4)
        },
        text="""
            The least gain factor is reached at τ_cb2 and is |β − k|/(1 − k) there (arsg.best_curvature). Where μ is
            above Nesterov's 1 − β, β > k, and it falls with k, so that it grows with μ: the minimum of figure 1 is the
            better the smaller μ, as the paper says. It reaches 0 at μ = 1 − β, and below that it grows again as μ
            falls, up to heavy ball's √β.
        """,
    )
