"""Where RSG converges on an eigen-direction, and the curvatures at which its behaviour changes."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from theory.claims.arsg.common import (
    MOMENTUM,
    OBSERVATION,
    PAPER,
    SOME_MOMENTUM,
    gain_matrix,
    spectral_radius,
    symbols,
)
from theory.claims.constants import exponent, factor, needless, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure

if TYPE_CHECKING:
    pass

IDENTITY = "an identity wherever both sides are defined"
POSITIVE_OBSERVATION = Hypothesis("0 < mu < 1", lambda *, mu, **_: 0 < mu < 1)


@statement(
    id="arsg.convergence_region",
    paper=PAPER,
    number="(A9)",
    title="Where RSG converges",
    statement_latex=r"r_g<1\iff 0<\tau<\tau_{rb}=\frac{$outer(1+\beta)}{1-\beta+$inner\beta\mu}",
    statement_words="On one eigen-direction RSG contracts exactly for tau between 0 and tau_rb.",
    hypotheses=(MOMENTUM, OBSERVATION),
    constants={"outer": factor(2), "inner": factor(2)},
    also_true={f"without {OBSERVATION.name}": "the ends are the same for every mu that leaves tau_rb positive"},
)
def convergence_region(
    level: Level,
    rng: np.random.Generator,
    *,
    outer: Fraction,
    inner: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    import sympy as sp

    # Outside the hypotheses: at beta = 3/2 the determinant, beta at mu = 0, is above 1 wherever tau is.
    if not unmet(hypotheses, beta=Fraction(3, 2), mu=Fraction(0)):
        case = {"beta": "3/2", "mu": "0", "det A": "3/2"}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="There it contracts for no tau.")
    beta, mu, tau = symbols("beta mu tau")
    matrix, _ = gain_matrix(beta, mu, tau)
    trace, determinant = matrix.trace(), matrix.det()
    boundary = sp.Rational(outer) * (1 + beta) / (1 - beta + sp.Rational(inner) * beta * mu)
    if boundary == 0:
        return Evidence(verdict=Verdict.REFUTED, counterexample={"tau_rb": 0}, text="No tau lies below 0 and above.")
    return symbolic.identity(
        {
            "1 - det": 1 - determinant - ((1 - beta) + beta * mu * tau),
            "1 + det - trace": 1 + determinant - trace - tau * (1 - beta),
            "1 + det + trace": 1 + determinant + trace - 2 * (1 + beta) * (1 - tau / boundary),
        },
        text="""
            Jury's test: both eigenvalues lie inside the unit circle exactly if 1 - det, 1 + det - trace and 1 + det +
            trace are positive. They equal (1 - beta) + beta mu tau, tau (1 - beta) and 2 (1 + beta)(1 - tau/tau_rb):
            all three are positive for 0 < tau < tau_rb, the second fails for tau <= 0 and the third for tau >= tau_rb.
            So the region is exact, not sufficient only.
        """,
        arguments=("both roots of a real quadratic lie inside the unit circle under three inequalities (Jury's test)",),
    )


@statement(
    id="arsg.critical_points",
    paper=PAPER,
    number="(A13), (A14), (A16), (A17)",
    title="Critical points",
    statement_latex=r"r_g=\sqrt{\beta(1-$observed\mu\tau)}\ \text{on}\ [\tau_{cb1},\tau_{cb2}],\ "
    r"\tau_{cb1,2}=\frac{(1-\beta)(1+\beta-$less\beta\mu\mp$twice\sqrt{\beta(1-\mu)})}{(1-\beta+$more\beta\mu)^2}",
    statement_words="The eigenvalues turn complex at tau_cb1 and real again at tau_cb2.",
    hypotheses=(SOME_MOMENTUM, OBSERVATION),
    constants={"observed": factor(1), "less": factor(1), "twice": factor(2), "more": factor(1)},
    also_true={
        "-twice": "the same two ends in the other order",
        **needless(SOME_MOMENTUM, OBSERVATION, why=IDENTITY),
    },
)
def critical_points(level: Level, rng: np.random.Generator, **numbers: Fraction) -> Evidence:
    beta, root, tau = symbols("beta k tau")  # k = sqrt(beta (1 - mu)) makes everything rational
    mu = 1 - root**2 / beta
    matrix, _ = gain_matrix(beta, mu, tau)
    trace, determinant = matrix.trace(), matrix.det()
    width = 1 - beta + numbers["more"] * beta * mu
    first, second = (
        (1 - beta) * (1 + beta - numbers["less"] * beta * mu + sign * numbers["twice"] * root) / width**2
        for sign in (-1, 1)
    )
    symmetric = (1 + beta) / width
    touching = ((1 - beta) * root + beta * mu) / width
    return symbolic.identity(
        {
            "(A14)": trace**2 - 4 * determinant - width**2 * (tau - first) * (tau - second),
            "(A16)": determinant - beta * (1 - numbers["observed"] * mu * tau),
            "zero of the trace": trace.subs(tau, symmetric),
            "(A13)": determinant.subs(tau, symmetric) - beta * (1 - beta - mu) / width,
            "(A17)": determinant.subs(tau, min(first, second, key=lambda end: end.subs({beta: 0.25, root: 0.4})))
            - touching**2,
        },
        text="""
            With k = sqrt(beta (1 - mu)) all of it is rational: the discriminant is (1 - beta + beta mu)^2 (tau -
            tau_cb1)(tau - tau_cb2), so the eigenvalues are complex exactly in between, where the gain factor is
            sqrt(beta (1 - mu tau)); its values at tau_sym and tau_cb1 follow.
        """,
    )


@statement(
    id="arsg.touching_point",
    paper=PAPER,
    number="(A17)",
    title="The gain factor where the pair turns complex",
    statement_latex=r"r_g(\tau_{cb1})=1-$slope\frac{c_\beta}{\sqrt\kappa}+O(\kappa^{-$order})",
    statement_words="At tau_cb1 the gain factor is 1 - $slope c_beta/sqrt(kappa) up to the order 1/kappa^$order.",
    hypotheses=(SOME_MOMENTUM, OBSERVATION),
    constants={"slope": number("1/2"), "order": exponent(1)},
    also_true={
        "order - 1/2": "a larger remainder is allowed",
        **needless(SOME_MOMENTUM, OBSERVATION, why="where kappa is large enough, both are met"),
    },
)
def touching_point(level: Level, rng: np.random.Generator, *, slope: Fraction, order: Fraction) -> Evidence:
    import sympy as sp

    c_beta, c_mu, small = symbols("c_beta c_mu epsilon", positive=True)  # epsilon = 1/sqrt(kappa)
    beta, mu = 1 - c_beta * small, c_mu * small
    k, width = symbols("k", positive=True), c_beta + c_mu - c_beta * c_mu * small
    square = k**2 - beta * (1 - mu)  # k stands for the root
    bounded = symbolic.inequality(
        {"(c_beta + c_mu)/2 less the remainder's factor": (c_beta + c_mu) / 2 - width / (2 * (1 + k) ** 2)},
        text="bounded",
    )
    if bounded.verdict is not Verdict.PROVED:
        return bounded
    # Numerator and denominator both begin with epsilon: divided by it they have derivatives at 0.
    over, under = (sp.expand(part / small) for part in ((1 - beta) * k + beta * mu, 1 - beta + beta * mu))
    smooth = over.subs(k, sp.sqrt(beta * (1 - mu))) / under
    terms = [sp.diff(smooth, small, order).subs(small, 0) / math.factorial(order) for order in range(3)]
    second = sp.factor(terms[2])
    return symbolic.identity(
        {
            "constant": terms[0] - 1,
            "slope": terms[1] + slope * c_beta,
            **({"next term": second} if order > 1 else {}),
            "closed form, a multiple of k^2 - beta (1 - mu) = 0": (
                ((1 - beta) * k + beta * mu) / (1 - beta + beta * mu) - 1 + c_beta * small / (1 + k),
                c_beta / (width * (1 + k)) * square,
            ),
            "remainder, a multiple of it too": (
                c_beta * small / 2 - c_beta * small / (1 + k) + c_beta * small**2 * width / (2 * (1 + k) ** 2),
                c_beta * small / (2 * (1 + k) ** 2) * square,
            ),
        },
        before=bounded.steps,
        data={"next term times kappa": str(second)},
        text=f"""
            Expanded in 1/sqrt(kappa) with beta = 1 - c_beta/sqrt(kappa) and mu = c_mu/sqrt(kappa): the gain factor at
            tau_cb1 is 1 - c_beta/(2 sqrt(kappa)) + ({second})/kappa + ..., as (A17) says, and mu first enters at the
            order 1/kappa. Exactly it is 1 - c_beta/(sqrt(kappa) (1 + sqrt(beta (1 - mu)))), so that it stays within
            c_beta (c_beta + c_mu)/(2 kappa) of the first two terms at every kappa.
        """,
    )


@statement(
    id="arsg.best_curvature",
    paper=PAPER,
    number="section 3, policy OBSB",
    title="Where the gain factor is least",
    statement_latex=r"\mu>0\Rightarrow\operatorname{argmin}_\tau r_g(\tau)=\tau_{cb2}"
    r"=\frac{$scale(1-\beta)}{(1-\sqrt{\beta(1-$observed\mu)})^{2}}",
    statement_words="For mu > 0 the gain factor has its only minimum at the second real-complex boundary.",
    hypotheses=(SOME_MOMENTUM, POSITIVE_OBSERVATION),
    constants={"scale": factor(1), "observed": factor(1)},
    also_true=needless(SOME_MOMENTUM, why="at beta = 0 the gain factor is |1 - tau| and tau_cb2 = 1"),
)
def best_curvature(
    level: Level,
    rng: np.random.Generator,
    *,
    scale: Fraction,
    observed: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    def is_least(*, beta: float, mu: float) -> bool:
        place = float(scale) * (1 - beta) / (1 - (beta * (1 - float(observed) * mu)) ** 0.5) ** 2
        least = spectral_radius(beta, mu, place)
        return all(spectral_radius(beta, mu, place * share) > least + 1e-6 for share in (0.5, 0.9, 1.1, 2.0))

    cases = ({"beta": 0.25, "mu": 0.5}, {"beta": 0.0, "mu": 0.5}, {"beta": 0.25, "mu": 0.0})
    if failure := first_failure(hypotheses, cases, is_least):
        return failure
    beta, k, tau, u, w = symbols("beta k tau u w")  # k = sqrt(beta (1 - mu))
    mu = 1 - k**2 / beta
    matrix, _ = gain_matrix(beta, mu, tau)
    trace, determinant = matrix.trace(), matrix.det()
    best = scale * (1 - beta) / (1 - k) ** 2
    least = (beta - k) / (1 - k)  # its absolute value is the gain factor at tau_cb2
    positive = symbolic.inequality({"k (1 - beta)": (k * (1 - beta)).subs({beta: u / (1 + u), k: w})}, text="positive")
    if positive.verdict is not Verdict.PROVED:
        return positive
    return symbolic.identity(
        {
            "determinant at tau_cb2": determinant.subs(tau, best) - least**2,
            "determinant falls": determinant - least**2 - (beta - k**2) * (best - tau),
            "z^2 - trace z + det": least**2 - trace * least + determinant + k * (1 - beta) * (tau - best),
        },
        text="""
            With k = sqrt(beta (1 - mu)) and r* = (beta - k)/(1 - k), the eigenvalue at tau_cb2: for tau < tau_cb2 the
            determinant exceeds r*^2 by beta mu (tau_cb2 - tau), and r_g^2 is at least the determinant; for tau >
            tau_cb2 the characteristic polynomial at r* is -k (1 - beta)(tau - tau_cb2) < 0, so that it has a root on
            either side of r*, one of them larger in modulus (0 lies on the other side, or r* = 0). So r_g > |r*| for
            every tau other than tau_cb2 where mu > 0. For mu = 0 the minimum is flat: r_g = sqrt(beta) on all of
            [tau_cb1, tau_cb2].
        """,
        before=positive.steps,
        arguments=(
            "r_g^2 is at least the determinant, and a quadratic that is negative at r* has a root on either side of it",
        ),
    )


@statement(
    id="arsg.convergence_domain",
    paper=PAPER,
    number="section 3, figure 1",
    title="RSG's domain and SGD's",
    statement_latex=r"\tau_{rb}(\beta,\mu)>$least=\tau_{rb}(0,\mu),\quad$rise\partial_\beta\tau_{rb}>0>$fall\partial_\mu\tau_{rb}",
    statement_words="Momentum enlarges the domain of convergence beyond SGD's, the more the larger beta.",
    hypotheses=(SOME_MOMENTUM, OBSERVATION),
    constants={"least": number(2), "rise": factor(1), "fall": factor(1)},
    also_true=dict.fromkeys(("rise * 2", "rise / 2", "fall * 2", "fall / 2"), "only the sign matters"),
)
def convergence_domain(
    level: Level,
    rng: np.random.Generator,
    *,
    least: Fraction,
    rise: Fraction,
    fall: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    import sympy as sp

    def is_larger(*, beta: Fraction, mu: Fraction) -> bool:
        width = 1 - beta + 2 * beta * mu
        return 2 * (1 + beta) / width > least

    half, none, one = Fraction(1, 2), Fraction(0), Fraction(1)
    cases = ({"beta": half, "mu": half}, {"beta": none, "mu": half}, {"beta": half, "mu": one})
    if failure := first_failure(hypotheses, cases, is_larger):
        return failure

    beta, mu, a, m = symbols("beta mu a m")
    width = 1 - beta + 2 * beta * mu
    boundary = 2 * (1 + beta) / width
    inside = {beta: a / (1 + a), mu: m / (1 + m)}
    falls = -fall * sp.diff(boundary, mu)
    exact = symbolic.identity(
        {
            "tau_rb - 2": boundary - least - 4 * beta * (1 - mu) / width,
            "slope in beta": sp.diff(boundary, beta) - 4 * (1 - mu) / width**2,
        },
        text="identities",
    )
    if exact.verdict is not Verdict.PROVED:
        return exact
    return symbolic.inequality(
        {
            "beyond 2": (boundary - least).subs(inside),
            "rises with beta": rise * sp.diff(boundary, beta).subs(inside),
            "falls with mu": falls.subs(inside),
        },
        before=exact.steps,
        data={
            "tau_rb at beta = 0.999": {
                str(value): float(boundary.subs({beta: sp.Rational(999, 1000), mu: value}))
                for value in map(sp.Rational, ("0", "1/1000", "1/10", "2/5"))
            }
        },
        text="""
            tau_rb - 2 = 4 beta (1 - mu)/(1 - beta + 2 beta mu) and its slope in beta is 4 (1 - mu)/(1 - beta + 2 beta
            mu)^2: for 0 < beta < 1 and 0 <= mu < 1 the domain of RSG contains SGD's (0, 2) strictly, widens with beta
            and narrows as mu grows. At beta = 0.999 it reaches 3998 for mu = 0, 1333.6 for NAG, 19.91 for mu = 0.1 and
            5.00 for mu = 0.4. So the large domain is the momentum's doing, and mu is the price.
        """,
    )


@statement(
    id="arsg.sgd_largest_step",
    paper=PAPER,
    number="section 3",
    title="The largest step of SGD without momentum",
    statement_latex=r"\beta=0:\ r_c<1\iff0<\alpha<$two/\lambda_{\max}",
    statement_words="Without momentum the step size must stay below $two/lambda_max.",
    hypotheses=(MOMENTUM,),
    constants={"two": number(2)},
    also_true=needless(MOMENTUM, why="it speaks of beta = 0 alone"),
)
def sgd_largest_step(level: Level, rng: np.random.Generator, *, two: Fraction) -> Evidence:
    import sympy as sp

    beta, tau, mu, r = symbols("beta tau mu r")
    matrix, _ = gain_matrix(sp.Integer(0), mu, tau)
    general, _ = gain_matrix(beta, mu, tau)
    characteristic = (r - general[0, 0]) * (r - general[1, 1]) - general[0, 1] * general[1, 0]
    return symbolic.identity(
        {
            "an eigenvalue 0": matrix.det(),
            "the other 1 - tau": matrix.trace() - (1 - tau),
            "for any beta": (characteristic, r * (r - 1 + tau) - beta * (r - 1 + mu * tau + tau * (1 - mu) * r)),
            "1 - (1 - tau)^2, positive on (0, 2) alone": (1 - (1 - tau) ** 2, tau * (two - tau)),
        },
        text="""
            At beta = 0 the eigenvalues are 0 and 1 - tau: SGD0 contracts on every eigen-direction exactly if 0 < alpha
            lambda < 2 for all of them, that is alpha < 2/lambda_max. Its best rate (kappa - 1)/(kappa + 1) = 1 -
            2/kappa + ..., at alpha = 2/(lambda_max + lambda_min), is the equioscillation of 1 - tau at the two ends.
        """,
    )
