"""Steps of Theorem 1's proof: where the worst curvature lies, and where the smallest one turns complex."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.arsg.common import MOMENTUM, OBSERVATION, PAPER, gain_matrix, spectral_radius, symbols
from theory.claims.arsg.theorem1 import CONSTANTS
from theory.claims.constants import factor, needless
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure

BETWEEN = Hypothesis("0 ≤ u ≤ 1", lambda *, u, **_: 0 <= u <= 1)


@statement(
    id="arsg.worst_at_an_end",
    paper=PAPER,
    number="Theorem 1, supplement",
    title="The worst curvature is at an end of the spectrum",
    origin="ours",
    statement_latex=r"r_g\big(u\tau_{\min}+(1-u)\tau_{\max}\big)\le$bound\max\big(r_g(\tau_{\min}),r_g(\tau_{\max})\big)",
    statement_words="""
        A curvature between two others has a gain factor of at most $bound r, where r is the larger one of theirs, so
        that the ends of the spectrum decide the rate.
    """,
    hypotheses=(MOMENTUM, OBSERVATION, BETWEEN),
    constants={"bound": factor(1)},
    also_true={
        "bound * 2": "a looser bound",
        **needless(MOMENTUM, OBSERVATION, why="trace and determinant are affine in tau whatever beta and mu are"),
    },
)
def worst_at_an_end(
    level: Level, rng: np.random.Generator, *, bound: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    def is_below(*, beta: float, mu: float, u: float, low: float, high: float) -> bool:
        ends = max(spectral_radius(beta, mu, tau) for tau in (low, high))
        return spectral_radius(beta, mu, u * low + (1 - u) * high) <= float(bound) * ends + 1e-12

    known = {"beta": 0.5, "mu": 0.25, "low": 0.1, "high": 1.0}
    if failure := first_failure(hypotheses, ({**known, "u": 1.0}, {**known, "u": 0.5}, {**known, "u": -9.0}), is_below):
        return failure
    beta, mu, one, two, u, c = symbols("beta mu tau_1 tau_2 u c")

    def margins(tau: Any) -> dict[str, Any]:
        """What is not negative exactly where both eigenvalues have at most the modulus c (Jury's test)."""
        matrix, _ = gain_matrix(beta, mu, tau)
        trace, determinant = matrix.trace(), matrix.det()
        return {
            "c² − det": c**2 - determinant,
            "c² − c·trace + det": c**2 - c * trace + determinant,
            "c² + c·trace + det": c**2 + c * trace + determinant,
        }

    between, first, second = margins(u * one + (1 - u) * two), margins(one), margins(two)
    return symbolic.identity(
        {name: between[name] - u * first[name] - (1 - u) * second[name] for name in between},
        text="""
            Both eigenvalues have at most the modulus c where none of c² − det, c² − c·trace + det and c² + c·trace +
            det is negative. Trace and determinant are affine in τ, so that each of the three is, between two
            curvatures, the mean of its values there: with c the larger of the two gain factors none is negative in
            between. So the curvatures with a gain factor of at most c are an interval, for every β and μ, and the
            rate over a spectrum is the larger one of its two ends. The supplement says only which end it is, under
            its constants: the claim arsg.theorem1_worst_curvature.
        """,
        arguments=("both roots of a real quadratic have at most the modulus c under three inequalities (Jury's test)",),
    )


@statement(
    id="arsg.turning_curvature",
    paper=PAPER,
    number="Theorem 1, supplement",
    title="Where the smallest curvature turns complex",
    origin="ours",
    statement_latex=r"${four}c_\alpha\le c_\beta\ \Rightarrow\ \alpha\lambda_{\min}<\tau_{cb1},\qquad"
    r"${four}c_\alpha>c_\beta\ \Rightarrow\ \tau_{cb1}<\alpha\lambda_{\min}<\tau_{cb2}\ \text{for all large}\ \kappa",
    statement_words="""
        Where $four c_α is at most c_β the smallest curvature has real eigenvalues, at every condition number; and every
        larger c_α makes them complex from some condition number on.
    """,
    hypotheses=(CONSTANTS,),
    constants={"four": factor(4)},
)
def turning_curvature(
    level: Level, rng: np.random.Generator, *, four: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    def is_real_where_it_should(*, c_alpha: float, c_beta: float, c_mu: float, kappa: float) -> bool:
        root = kappa**0.5
        matrix, _ = gain_matrix(1 - c_beta / root, c_mu / root, c_alpha / root)
        return four * c_alpha > c_beta or bool(matrix.trace() ** 2 >= 4 * matrix.det())

    case = {"c_alpha": 0.25, "c_beta": 1.0, "c_mu": 0.5, "kappa": 4.0}
    cases = (case, {**case, "c_mu": -4.0}, {**case, "c_alpha": 1.0})
    if failure := first_failure(hypotheses, cases, is_real_where_it_should):
        return failure
    beta, k, small, u = symbols("beta k epsilon u", positive=True)  # k = √(β(1 − μ)), ε = 1/√κ
    c_beta, c_mu = symbols("c_beta c_mu", positive=True)
    tau = symbols("tau", positive=True)
    matrix, _ = gain_matrix(beta, 1 - k**2 / beta, tau)
    scaled = c_beta / (1 + k) ** 2  # √κ τ_cb1, as 1 − β = c_β ε
    shown = symbolic.identity(
        {
            "the discriminant is ((1 + k)²τ − (1 − β))((1 − k)²τ − (1 − β))": matrix.trace() ** 2
            - 4 * matrix.det()
            - ((1 + k) ** 2 * tau - (1 - beta)) * ((1 - k) ** 2 * tau - (1 - beta)),
            "k² tends to 1": ((1 - c_beta * small) * (1 - c_mu * small)).subs(small, 0) - 1,
            "the limit": scaled.subs(k, 1) - c_beta / sp.Rational(four),
        },
        text="τ_cb1 and its limit",
    )
    if shown.verdict is not Verdict.PROVED:
        return shown
    inside = symbolic.on_orthant(sp.Integer(0), sp.Integer(1), u)
    return symbolic.inequality(
        {"√κτ_cb1 less c_β/4": (scaled - c_beta / sp.Rational(four)).subs(k, inside)},
        before=shown.steps,
        text="""
            The discriminant is ((1 + k)²τ − (1 − β))((1 − k)²τ − (1 − β)) with k = √(β(1 − μ)) < 1: the pair is
            complex between τ_cb1 = (1 − β)/(1 + k)² and τ_cb2 = (1 − β)/(1 − k)², and real outside. √κτ_cb1 = c_β/(1 +
            k)² lies above c_β/4 at every κ, and tends to it, while √κτ_cb2 = c_β/(1 − k)² grows beyond all bounds. So
            4c_α ≤ c_β, the case distinction of (16), is enough for a real pair at λ_min, at every κ, while a larger c_α
            has a complex pair there as soon as c_α > c_β/(1 + k)². Up to that κ the pair is real, though (16) has the
            formula of the complex one: a band that closes as κ grows.
        """,
        arguments=(
            "k = √(β(1 − μ)) is a continuous function of 1/√κ, below 1 and with the limit 1",
            "below τ_cb1 both factors of the discriminant are negative; between τ_cb1 and τ_cb2 the first alone is "
            "positive",
            "c_β/(1 − k)² exceeds every c_α as k tends to 1",
        ),
    )
