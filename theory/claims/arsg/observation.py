"""What the observation factor does direction by direction: figure 1's sentences."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from theory.claims.arsg.common import (
    NAMED,
    OBSERVATION,
    PAPER,
    SOME_MOMENTUM,
    gain_matrix,
    spectral_radius,
    symbols,
    variance_limit,
)
from theory.claims.certificates import proofs
from theory.claims.certificates.trees import tree
from theory.claims.constants import decimal, factor, needless, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Step, Verdict, argument, machine, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure

if TYPE_CHECKING:
    from sympy import Expr

NEGATIVE = Hypothesis("tau < 0", lambda *, tau, **_: tau < 0)


def gain_interval(beta: Expr, mu: Expr) -> tuple[Expr, Expr]:
    """Return the ends of the tau where RSG's gain factor is below heavy ball's least one, sqrt(beta)."""
    import sympy as sp

    w = sp.sqrt(beta)
    return (1 - w) / (1 + w - mu * w), (1 + w) / (1 - w + mu * w)


def variance_end(beta: Expr, mu: Expr) -> Expr:
    """Return the tau up to which RSG's error variance is below heavy ball's."""
    return (1 + beta) * (3 * beta - 1 - 2 * beta * mu) / (beta * (1 - beta + 2 * beta * mu))


def _against_heavy_ball() -> Evidence:
    """Show for which tau both quantities are below heavy ball's."""
    import sympy as sp

    w, mu, tau = symbols("w mu tau", positive=True)  # w = sqrt(beta)
    beta = w**2
    matrix, _ = gain_matrix(beta, mu, tau)
    ball, _ = gain_matrix(beta, sp.Integer(0), tau)
    trace, determinant = matrix.trace(), matrix.det()
    low, high = gain_interval(beta, mu)
    width = 1 - beta + 2 * beta * mu
    difference = variance_limit(beta, sp.Integer(0), tau) - variance_limit(beta, mu, tau)
    factor = (
        2
        * beta**2
        * mu
        * width
        * tau**2
        / ((1 - beta + beta * mu * tau) * (2 * (1 + beta) - tau * width) * (2 * (1 + beta) - tau * (1 - beta)))
    )
    return symbolic.identity(
        {
            "heavy ball's determinant": ball.det() - beta,
            "beta - det": beta - determinant - beta * mu * tau,
            "lower end": beta - trace * w + determinant - w * (1 - w) * (1 + w - mu * w) * (tau - low),
            "upper end": beta + trace * w + determinant - w * (1 + w) * (1 - w + mu * w) * (high - tau),
            "variance": difference - factor * (variance_end(beta, mu) - tau),
        },
        text="both",
    )


def _ends_move_inwards() -> Evidence:
    """Show that the lower end rises and the upper ones fall with mu, for every beta in (0, 1) and mu in (0, 1)."""
    import sympy as sp

    a, m, w, mu, beta = symbols("a m w mu beta")
    low, high = ((1 - w) / (1 + w - mu * w), (1 + w) / (1 - w + mu * w))
    inside = {w: a / (1 + a), beta: a / (1 + a), mu: m / (1 + m)}
    return symbolic.inequality(
        {
            "the lower end rises with mu": sp.diff(low, mu).subs(inside),
            "the upper end falls with mu": -sp.diff(high, mu).subs(inside),
            "the variance's end falls with mu": -sp.diff(variance_end(beta, mu), mu).subs(inside),
        },
        text="the interval shrinks with mu",
    )


def _at_the_worst(beta: Expr, mu: Expr, flat: Fraction, steep: Fraction) -> Step:
    """Enclose the ends at the largest mu: below the flat end, and above the steep one."""
    root = ["sqrt", tree(beta)]
    share = ["*", tree(1 - mu), root]
    low = ["/", ["+", 1, ["*", -1, root]], ["+", 1, share]]
    high = ["/", ["+", 1, root], ["+", 1, ["*", -1, share]]]
    return proofs.enclosures(
        f"enclosure: the ends at mu = {mu} and beta = {beta}, which are the worst of the range",
        (["+", ["/", flat.numerator, flat.denominator], ["*", -1, low]], {}, 0),
        (["+", high, -int(steep)], {}, 0),
        (["+", tree(variance_end(beta, mu)), -int(steep)], {}, 0),
    )


@statement(
    id="arsg.observation_range",
    paper=PAPER,
    number="section 3, figure 1",
    title="mu between 0.05 and 0.2",
    statement_latex=r"\mu\in[$least,$most],\ \beta\in\{0.9,0.99,0.999\}\Rightarrow r_g<r_g^{\mathrm{HB}},\ "
    r"l_{\mathrm{Var}}<l_{\mathrm{Var}}^{\mathrm{HB}}\ \text{for}\ $flat\le\tau\le$steep",
    statement_words="Between $least and $most the observation factor lowers both gain factor and error variance.",
    hypotheses=(SOME_MOMENTUM, OBSERVATION),
    constants={"least": decimal("0.05"), "most": decimal("0.2"), "flat": decimal("0.03"), "steep": number(6)},
    also_true={
        **dict.fromkeys(("least * 2", "most / 2", "flat * 2", "steep / 2"), "a narrower range"),
        "least / 2": "the worst of the range is its other end",
        **needless(SOME_MOMENTUM, OBSERVATION, why=NAMED),
    },
)
def observation_range(
    level: Level, rng: np.random.Generator, *, least: Fraction, most: Fraction, flat: Fraction, steep: Fraction
) -> Evidence:
    import sympy as sp

    if not (0 < least <= most and 0 < flat <= steep):
        return Evidence(verdict=Verdict.UNDECIDED, text="At mu = 0 it is heavy ball itself, and no range may be empty.")

    shown = _against_heavy_ball()
    if shown.verdict is not Verdict.PROVED:
        return shown
    betas = [sp.Rational(value) for value in ("9/10", "99/100", "999/1000")]
    mus = [sp.Rational(value) for value in (least, (least + most) / 2, most)]
    table = {}
    for beta in betas:
        for mu in mus:
            low, high = gain_interval(beta, mu)
            low, high = sp.N(low, 30), sp.N(sp.Min(high, variance_end(beta, mu)), 30)
            table[f"beta = {float(beta)}, mu = {float(mu)}"] = [float(low), float(high)]
    common = [max(low for low, _ in table.values()), min(high for _, high in table.values())]
    sgd = (variance_end(sp.Rational(999, 1000), symbols("mu")) - 2).as_numer_denom()[0]
    largest = [float(root) for root in sp.Poly(sgd).nroots()]
    ends = _ends_move_inwards()
    if ends.verdict is not Verdict.PROVED:
        return ends
    if not 0 < common[0] < flat < steep < common[1]:
        return Evidence(
            verdict=Verdict.REFUTED, counterexample={"intervals of tau": table}, text=f"common interval {common}"
        )
    return Evidence(
        verdict=Verdict.PROVED,
        data={"intervals of tau where both are below heavy ball's": table},
        steps=(
            *shown.steps,
            *ends.steps,
            *(_at_the_worst(beta, sp.Rational(most), flat, steep) for beta in betas),
            *argument(
                "heavy ball's gain factor is at least sqrt(beta), as its eigenvalues have the product beta",
                "both roots of a real quadratic lie inside the circle of radius sqrt(beta) under three inequalities "
                "(Jury's test)",
            ),
        ),
        text=f"""
            Heavy ball's gain factor is at least sqrt(beta) everywhere, because its determinant is beta. RSG's is below
            sqrt(beta) for tau between (1 - w)/(1 + w - mu w) and (1 + w)/(1 - w + mu w), w = sqrt(beta), and its error
            variance below heavy ball's exactly for tau up to (1 + beta)(3 beta - 1 - 2 beta mu)/(beta (1 - beta + 2
            beta mu)). The lower end rises and the upper ones fall with mu, so mu = 0.2 is the worst of the range: for
            beta = 0.9, 0.99, 0.999 and every mu in [0.05, 0.2] both are below heavy ball's for all tau from
            {common[0]:.4f} to {common[1]:.2f}. The range is feasible, as the paper says, but nothing in these two
            measures singles it out: at beta = 0.999 every mu up to {largest[0]:.3f} does the same on all of SGD's
            domain from the lower end on, and below the lower end (tau < 0.0003 at beta = 0.999) a larger mu gives a
            larger gain factor. With beta = 0.9, NAG has mu = 0.1 and lies in the range itself.
        """,
    )


def variance_crossing(beta: Fraction, one: Fraction, other: Fraction) -> list[Expr]:
    """Return the positive tau in both domains at which two observation factors give the same error variance."""
    import sympy as sp

    tau = sp.Symbol("tau", positive=True)
    beta, one, other = map(sp.Rational, (beta, one, other))
    boundary = min(2 * (1 + beta) / (1 - beta + 2 * beta * mu) for mu in (one, other))
    difference = sp.fraction(sp.cancel(variance_limit(beta, one, tau) - variance_limit(beta, other, tau)))[0]
    return [root for root in sp.Poly(difference, tau).real_roots() if 0 < root < boundary]


def _larger_on_ranges(
    beta: Fraction, default: Fraction, nesterov: Fraction, large: Fraction, flat: Fraction, far: Fraction
) -> Evidence:
    """Show on both ranges of tau, mapped to u > 0, that the other mu has the larger error variance."""
    import sympy as sp

    rate, u = sp.Rational(beta), symbols("u")
    boundary = 2 * (1 + rate) / (1 - rate + 2 * rate * sp.Rational(large))

    def excess(mu: Fraction, low: Expr, high: Expr) -> Expr:
        tau = symbolic.on_orthant(low, high, u)
        return variance_limit(rate, sp.Rational(mu), tau) - variance_limit(rate, sp.Rational(default), tau)

    steep = symbolic.inequality(
        {f"mu = {large} from tau = {float(flat)} to the end of its domain": excess(large, sp.Rational(flat), boundary)},
        closed=True,
        text="larger",
    )
    end = sp.Rational(far + Fraction(1, 100))
    gentle = {f"mu = {nesterov} up to tau = {float(end)}": excess(nesterov, sp.Integer(0), end)}
    return symbolic.inequality(gentle, before=steep.steps, text="larger") if steep.steps else steep


@statement(
    id="arsg.figure1_variances",
    paper=PAPER,
    number="section 3, figure 1",
    title="Too small and too large mu",
    statement_latex=r"l_{\mathrm{Var}}(0.4)>l_{\mathrm{Var}}(0.1)\ \text{for}\ \tau\ge$flat,\quad "
    r"l_{\mathrm{Var}}(0.001)>l_{\mathrm{Var}}(0.1)\ \text{for}\ 0<\tau\le$far,\ \text{at}\ \beta=0.999",
    statement_words="""
        At beta = 0.999, mu = 0.4 has a larger error variance than mu = 0.1 for a very large range of curvatures, and mu
        = 0.001 for small ones.
    """,
    hypotheses=(SOME_MOMENTUM, OBSERVATION),
    constants={"flat": decimal("0.02"), "far": number(3)},
    also_true={
        **dict.fromkeys(("flat * 2", "far / 2"), "a narrower range"),
        **needless(SOME_MOMENTUM, OBSERVATION, why=NAMED),
    },
)
def figure1_variances(level: Level, rng: np.random.Generator, *, flat: Fraction, far: Fraction) -> Evidence:
    import sympy as sp

    if flat <= 0 or far <= 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="Both ranges lie at positive tau.")

    beta, default, nesterov, large = Fraction(999, 1000), Fraction(1, 10), Fraction(1, 1000), Fraction(2, 5)

    def limit(mu: Fraction, tau: Fraction) -> Expr:
        return variance_limit(*map(sp.Rational, (beta, mu, tau)))

    with_nesterov, with_large, with_ball = (
        variance_crossing(beta, *pair) for pair in ((default, nesterov), (default, large), (Fraction(0), large))
    )
    tau = Fraction(1, 100)
    signs = (
        limit(nesterov, tau) > limit(default, tau),
        limit(large, Fraction(1)) > limit(default, Fraction(1)),
        limit(large, Fraction(1)) < limit(Fraction(0), Fraction(1)),
    )
    if not all(signs) or [len(with_nesterov), len(with_large), len(with_ball)] != [1, 1, 1]:
        return Evidence(verdict=Verdict.UNDECIDED, text=f"crossings {with_nesterov}, {with_large}, {with_ball}")
    ranges = _larger_on_ranges(beta, default, nesterov, large, flat, far)
    if ranges.verdict is not Verdict.PROVED:
        return ranges
    ratio = float(limit(nesterov, tau) / limit(default, tau))
    small = float(limit(large, Fraction(1, 1000)) / limit(default, Fraction(1, 1000)))
    starts, ends = float(with_large[0]), float(with_nesterov[0])
    if not (starts < flat and ends > far):
        return Evidence(verdict=Verdict.UNDECIDED, text=f"The ranges begin at {starts} and end at {ends}.")
    return Evidence(
        verdict=Verdict.PROVED,
        margin=min(float(flat) - starts, ends - float(far)),
        data={
            "crossings": {"0.001 and 0.1": ends, "0.4 and 0.1": starts, "0.4 and 0": float(with_ball[0])},
        },
        steps=ranges.steps
        + machine(
            "roots of a polynomial: one crossing of each pair, isolated exactly",
            "signs of three differences at rational points",
        ),
        text=f"""
            At beta = 0.999, by the exact roots of the difference of two closed forms. NAG (mu = 0.001) has a larger
            error variance than mu = 0.1 for all tau up to {ends:.4g}: {ratio:.2f} times as large at tau = 0.01. mu =
            0.4 has a larger one than mu = 0.1 from tau = {starts:.4g} to the end of its domain, as the paper says.
            'Large' is against a moderate mu: below the crossing the ratio is {small:.3f} (tau = 0.001), and against
            heavy ball mu = 0.4 stays smaller up to tau = {float(with_ball[0]):.4g}.
        """,
    )


@statement(
    id="arsg.negative_curvature",
    paper=PAPER,
    number="section 3, figure 1",
    title="Escape along negative curvature",
    statement_latex=r"\tau<0\Rightarrow$rise\partial r_g/\partial\mu>0",
    statement_words="Where the curvature is negative, a larger observation factor accelerates the divergence.",
    hypotheses=(SOME_MOMENTUM, OBSERVATION, NEGATIVE),
    constants={"rise": factor(1)},
    also_true={
        **dict.fromkeys(("rise * 2", "rise / 2"), "only the sign matters"),
        **needless(OBSERVATION, why="the identity holds for every mu"),
    },
)
def negative_curvature(
    level: Level, rng: np.random.Generator, *, rise: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    def rises(*, beta: float, mu: float, tau: float) -> bool:
        return rise * (spectral_radius(beta, mu + 0.05, tau) - spectral_radius(beta, mu, tau)) > 1e-9

    cases = [{"beta": beta, "mu": mu, "tau": tau} for beta in (0.5, 0.0) for mu in (0.1, 1.1) for tau in (-0.5, 0.5)]
    if failure := first_failure(hypotheses, cases, rises):
        return failure
    beta, one, two, tau, z = symbols("beta mu_1 mu_2 tau z")
    polynomials = []
    for mu in (one, two):
        matrix, _ = gain_matrix(beta, mu, tau)
        polynomials.append(z**2 - matrix.trace() * z + matrix.det())
    return symbolic.identity(
        {
            "difference of the characteristic polynomials": polynomials[1]
            - polynomials[0]
            - beta * tau * (two - one) * (z - 1),
            "value at 1": polynomials[0].subs(z, 1) - tau * (1 - beta),
        },
        text="""
            For tau < 0 the characteristic polynomial is tau (1 - beta) < 0 at z = 1, so that one root exceeds 1.
            Raising mu from mu_1 to mu_2 adds beta tau (mu_2 - mu_1)(z - 1), which is negative for z > 1: at the old
            root the new polynomial is negative, and the new root is larger. So for beta > 0 a larger mu makes every
            direction of negative curvature diverge faster. The same identity for 0 < tau < tau_cb1, where z < 1, shows
            that a larger mu makes the convergence of very flat directions slower there.
        """,
        arguments=("a quadratic that is negative at the old root has a larger one (intermediate value)",),
    )


@statement(
    id="arsg.small_observation_divergence",
    paper=PAPER,
    number="section 3, policy OBSB",
    title="A small mu and negative curvature",
    statement_latex=r"\tau<0:\quad r_g($longer\tau;\mu=$small)>r_g(\tau;\mu=$large)",
    statement_words="""
        A large step size and a small observation factor together accelerate the divergence of tiny negative curvatures.
    """,
    quote="a large step size and a small mu [...] also accelerate the divergence of tiny negative",
    hypotheses=(SOME_MOMENTUM, OBSERVATION, NEGATIVE),
    constants={"longer": number(4), "small": decimal("0.05"), "large": decimal("0.1")},
    also_true={
        "longer * 2": "a longer step diverges faster still",
        "longer / 2": "twice the step is enough",
        **dict.fromkeys(("small / 2", "-small", "small = 0"), "the step does it: four times it outweighs any small mu"),
        "large * 2": "four times the step outweighs four times the mu",
        **needless(SOME_MOMENTUM, OBSERVATION, NEGATIVE, why=NAMED),
    },
)
def small_observation_divergence(
    level: Level, rng: np.random.Generator, *, longer: Fraction, small: Fraction, large: Fraction
) -> Evidence:
    beta, start, doubled = Fraction(999, 1000), small, large
    taus = [-Fraction(k, 10**power) for power in (7, 6, 5, 4) for k in (1, 3)] + [Fraction(-3, 1000)]
    apart = [separated(beta, (start, longer * tau), (doubled, tau)) for tau in taus]
    alone = [separated(beta, (doubled, tau), (start, tau)) for tau in taus]
    if not all(apart) or not all(alone):
        return Evidence(verdict=Verdict.UNDECIDED, text="A pair of gain factors is not told apart.")
    return Evidence(
        verdict=Verdict.SUPPORTED,
        trials=len(taus),
        power="at one step size the same change of mu slows the divergence, at each of these tau",
        text=f"""
            At beta = 0.999, mu = 0.05 with the step size that OBSB starts from, four times the one at mu = 0.1, has the
            larger gain factor for each of {len(taus)} tau from {float(taus[0]):.0e} to {float(taus[-1])} (the range of
            figure 1): a rational number lies between the two largest roots, by exact signs. It is the step size that
            does it: with the step size kept, the smaller mu has the smaller gain (exact signs again, and
            arsg.negative_curvature in general).
        """,
    )


def separated(beta: Fraction, above: tuple[Fraction, Fraction], below: tuple[Fraction, Fraction]) -> bool:
    """Prove that the largest root at one (mu, tau < 0) exceeds that at another, by a rational number between them."""

    def polynomial(mu: Fraction, tau: Fraction, z: Fraction) -> Fraction:
        return z * z - (1 + beta - tau * (1 - beta * (1 - mu))) * z + beta * (1 - mu * tau)

    def root(mu: Fraction, tau: Fraction) -> Fraction:
        low, high = Fraction(1), Fraction(2)  # negative at 1 where tau < 0, and positive at 2 where |tau| is small
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if polynomial(mu, tau, middle) < 0 else (low, middle)
        return low

    between = (root(*above) + root(*below)) / 2
    # Beyond 1 the polynomial is negative up to its largest root, and positive from there.
    return bool(between > 1 and polynomial(*above, between) < 0 < polynomial(*below, between))
