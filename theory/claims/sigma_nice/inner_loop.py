"""Algorithm 2, descent on one smoothed function: Lemmas E.1, E.2 and E.4."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import factor, needless, number
from theory.claims.ledger import Evidence, Level, Verdict, argument, statement
from theory.claims.routes import symbolic
from theory.claims.sigma_nice.source import LIPSCHITZ, PAPER, SMALL_STEP, STRONGLY_CONVEX


@statement(
    id="sigma_nice.inner_loop",
    paper=PAPER,
    number="Lemmas E.1, E.2",
    title="One step of the inner loop",
    statement_latex=r"\mathbb E[F(x_t)-F^*]\le\tfrac{1-$convexity\sigma\eta}{2\eta}X_t-\tfrac{X_{t+1}}{2\eta}"
    r"+$squares\eta\mathbb E\|g_t\|^2;\quad\eta(1-${bend}L_g\eta)\mathbb E\|\nabla F(x_t)\|^2\le"
    r"\mathbb E[F(x_t)-F(x_{t+1})]+${noise}L_g\eta^2C^2",
    statement_words="The two inequalities whose sum over t is Theorem 3.1 hold at every step.",
    hypotheses=(STRONGLY_CONVEX, SMALL_STEP),
    constants={
        "convexity": factor(1),
        "squares": number("1/2"),
        "bend": number("1/2"),
        "noise": number("1/2"),
    },
    also_true={
        **dict.fromkeys(("squares * 2", "bend * 2", "noise * 2"), "a looser bound"),
        **dict.fromkeys(("convexity / 2", "-convexity", "convexity = 0"), "a looser bound"),
        **needless(SMALL_STEP, why="the two inequalities hold for every step size; their sum needs small ones"),
    },
)
def inner_loop(level: Level, rng: np.random.Generator, **numbers: Fraction) -> Evidence:
    import sympy as sp

    eta, sigma, smoothness = sp.symbols("eta sigma L_g")
    # gap, later: F - F* before and after the step; distance: |x - x*|^2; inner: <grad F, x - x*>;
    # square: E|g|^2; gradient: |grad F|^2; noise: C^2
    convexity, squares, bend, spread = numbers.values()
    half = Fraction(1, 2)
    gap, later, distance, inner, square, gradient, noise = sp.symbols("gap later X p G D C2")
    next_distance = distance - 2 * eta * inner + eta**2 * square
    first = (
        (1 - convexity * sigma * eta) / (2 * eta) * distance - next_distance / (2 * eta) + squares * eta * square - gap
    )
    # What a looser bound has beside the stated one is not negative either.
    slack = [(half * (1 - convexity) * sigma, distance), ((squares - half) * eta, square)]
    e1 = (first, [(sp.Integer(1), inner - gap - sigma / 2 * distance), *(pair for pair in slack if pair[0] != 0)])
    second = gap - later + spread * smoothness * eta**2 * noise - eta * (1 - bend * smoothness * eta) * gradient
    slack = [((bend - half) * smoothness * eta**2, gradient), ((spread - half) * smoothness * eta**2, noise)]
    descent = gap - eta * gradient + smoothness / 2 * eta**2 * square - later
    e2 = (
        second,
        [
            (sp.Integer(1), descent),
            (smoothness * eta**2 / 2, gradient + noise - square),
            *(pair for pair in slack if pair[0] != 0),
        ],
    )
    if not (symbolic.certifies(*e1) and symbolic.certifies(*e2)):
        return Evidence(verdict=Verdict.UNDECIDED, text="A certificate does not add up.")
    return Evidence(
        verdict=Verdict.PROVED,
        steps=(
            proofs.combination("multipliers: E.1, from strong convexity", *e1),
            proofs.combination("multipliers: E.2, from the descent lemma and the variance bound", *e2),
            *argument(
                "F lies below its parabolas where its gradient is L_g-Lipschitz (descent lemma), and E|g|^2 exceeds "
                "|grad F|^2 by the variance, as the noise has the mean 0"
            ),
        ),
        text="""
            E.1 is the expansion of |x - eta g - x*|^2 plus strong convexity, with nothing else; E.2 is the descent
            lemma plus L_g eta^2/2 times the variance bound. Both add up exactly, for every eta > 0; summed over t they
            give (3), where eta < 2/L_g and eta < 1/sigma keep the coefficients positive.
        """,
    )


@statement(
    id="sigma_nice.distance_to_minimiser",
    paper=PAPER,
    number="Lemma E.4",
    title="Distance to the minimiser",
    statement_latex=r"\|x-x^*\|\le${two}L_f/\sigma",
    statement_words="Where f is strongly convex and Lipschitz, no point is farther than $two L_f/sigma from x*.",
    hypotheses=(LIPSCHITZ, STRONGLY_CONVEX),
    constants={"two": number(2)},
    also_true={"two * 2": "a looser bound", "two / 2": "the certificate gives half of what is printed"},
)
def distance_to_minimiser(level: Level, rng: np.random.Generator, *, two: Fraction) -> Evidence:
    import sympy as sp

    ends = {"f": "sigma x^2/2 on |x| <= L_f/sigma", "|x - x*| sigma/L_f": "1"}
    if two < 1:
        return Evidence(verdict=Verdict.REFUTED, counterexample=ends, text="The end of the interval is farther away.")

    # gap = f(x) - f*, slope = <grad f(x), x - x*> / |x - x*|, distance = |x - x*|
    gap, slope, distance, lipschitz, sigma = sp.symbols("gap slope distance L sigma")
    at_point = -gap + slope * distance - sigma * distance**2 / 2
    at_minimiser = gap - sigma * distance**2 / 2
    added = (
        lipschitz * distance - sigma * distance**2,
        [(distance, lipschitz - slope), (sp.Integer(1), at_point), (sp.Integer(1), at_minimiser)],
    )
    if not symbolic.certifies(*added):
        return Evidence(verdict=Verdict.UNDECIDED, text="The certificate does not add up.")
    return Evidence(
        verdict=Verdict.PROVED,
        tightness=2.0,
        steps=(proofs.combination("multipliers: L_f s - sigma s^2 >= 0", *added),),
        text="""
            With s = |x - x*|, strong convexity written at x and at x* and |grad f| <= L_f add up to L_f s - sigma s^2
            >= 0: the distance is at most L_f/sigma, half of the printed bound, and f = sigma x^2/2 on |x| <= L_f/sigma
            attains it. Read on a bounded convex set: on all of R^d no function is both strongly convex and Lipschitz.
        """,
    )
