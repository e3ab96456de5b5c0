"""The geometry in the proof of Proposition B.1: when a line meets the ball, and the range (8) of d_m."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement
from theory.claims.routes import symbolic
from theory.claims.routes.statistical import bernstein_interval, corrected
from theory.claims.sigma_nice.source import ENLARGES, PAPER
from theory.sigma_nice import decay_rate_band, tangent_probability

OUTSIDE = Hypothesis("x lies outside the ball", lambda *, distance, radius, **_: distance > radius)
ERROR_LEVEL = 1e-3


def meets(distance: float, dimension: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw rays from a point at that distance of the unit ball's centre and say which of them meet it."""
    directions = rng.standard_normal((draws, dimension))
    cosine = directions[:, 0] / np.linalg.norm(directions, axis=1)
    # The discriminant of (10), s^2 cos^2 - s^2 + 1, on the side that faces the ball.
    return (cosine > 0) & (distance**2 * (cosine**2 - 1) + 1 >= 0)


@statement(
    id="sigma_nice.tangent_probability",
    paper=PAPER,
    number="(11); appendix B",
    title="How often a line meets the ball",
    statement_latex=r"P\big(|\cos\theta|\ge\sqrt{a^2-1}/a,\ \pm\cos\theta>0\big)\le"
    r"\tfrac{$share}\pi\arccos(\sqrt{a^2-1}/a)",
    statement_words="""
        The probability that (10) has a solution is bounded by $share/π of an arc cosine, in every dimension.
    """,
    hypotheses=(ENLARGES, OUTSIDE),
    constants={"share": number(1)},
    also_true={"share * 2": "a looser bound, on the same condition"},
)
def probability_of_a_tangent(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    cases = [(a, d) for a in (1.1, 1.5, 3.0) for d in (1, 2, 3, 10)]
    draws = 4_000 if level == "quick" else 100_000
    each = corrected(ERROR_LEVEL, len(cases))
    agree = all(
        bernstein_interval(meets(a, d, draws, rng), lower=0, upper=1, error_level=each).contains(
            float(tangent_probability(a, d))
        )
        for a, d in cases
    )
    ratios = np.linspace(1.001, 50, 500)
    arc = np.arccos(np.sqrt(ratios**2 - 1) / ratios) / math.pi
    printed = float(share) * arc
    exact = np.array([tangent_probability(ratios, d) for d in (2, 3, 4, 8, 16, 64, 256)])
    below = bool(
        np.all(exact[1:] < printed)
        and np.all(exact[0] <= printed * (1 + 1e-9))
        and np.allclose(exact[0], arc, rtol=1e-9)
        and np.all(np.diff(exact, axis=0) <= 0)
    )
    line = float(tangent_probability(1.5, 1))
    formula = float(share) * math.acos(math.sqrt(1.25) / 1.5) / math.pi
    if not (agree and below and line > formula):
        return Evidence(verdict=Verdict.UNDECIDED, text="The exact law is not confirmed.")
    thin = float(tangent_probability(1.5, 50))
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.SUPPORTED,
        hypothesis="d >= 2",
        trials=len(cases) * draws,
        error_level=ERROR_LEVEL,
        margin=formula - line,
        tightness=1.0,
        counterexample={"d": 1, "a": 1.5, "probability for one sign of the cosine": line, "printed bound": formula},
        text=f"""
            With s = a r, a uniform direction meets (11) with probability I_{{1/a^2}}((d-1)/2, 1/2)/2 for each sign of
            the cosine. At d = 2 that is the printed arccos(sqrt(a^2-1)/a)/pi itself. It falls with d, because a further
            dimension weights the angles by another sine, which is small where the cap is: so the printed value is a
            bound for d >= 2. On the line it fails: half of all draws point at the ball whatever a is, above
            {formula:.4f} at a = 3/2. In the dimensions the paper has in mind it says little: {thin:.1e} at a = 3/2, d =
            50, against {formula:.4f}; the condition on which the proposition rests is then met by next to no draw.
            {len(cases)} pairs of a and d, {draws} draws each, agree with the exact law (empirical Bernstein, joint
            error level {ERROR_LEVEL}).
        """,
    )


def chord_root(distance: float, cosine: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return the smaller root of (10) for r = 1: where the ray from x first meets the unit ball, over |u|."""
    along = distance * cosine
    return (along - np.sqrt(np.maximum(along**2 - distance**2 + 1, 0.0))) / length


def _roots_bounded() -> bool:
    """Certify that the roots of (10) multiply to s^2 - r^2 for |u| = 1, so that the smaller is at least s - r.

    The larger root is at most s + r, where the ray passes the centre, and at least sqrt(s^2 - r^2), where it is
    tangent; the smaller is (s^2 - r^2) over it.
    """
    import sympy as sp

    radius, beyond = sp.symbols("r beyond")  # s = r + beyond
    cosine, chord = sp.symbols("cosine chord")  # chord^2 = s^2 cos^2 - s^2 + r^2
    distance = radius + beyond
    product = (distance * cosine - chord) * (distance * cosine + chord)
    on_sphere = sp.expand(product).subs(chord**2, distance**2 * cosine**2 - distance**2 + radius**2)
    passing_centre = (distance**2 - radius**2) / (distance + radius)
    return symbolic.vanishes(on_sphere - (distance**2 - radius**2)) and symbolic.vanishes(passing_centre - beyond)


@statement(
    id="sigma_nice.region_factor",
    paper=PAPER,
    number="(8)",
    title="The range of d_m",
    statement_latex=r"1<$low\frac{a_m}{\sqrt{a_m^2-1}}\le d_m\le$high\frac{a_m}{a_m-1},\quad d_m=a_mr/|\delta_m^-|",
    statement_words="The factor between the convex region and the noise level lies between two functions of a_m.",
    hypotheses=(ENLARGES,),
    constants={"low": factor(1), "high": factor(1)},
    also_true={"high * 2": "a looser upper end, on the same condition"},
)
def region_factor(level: Level, rng: np.random.Generator, *, low: Fraction, high: Fraction) -> Evidence:
    below, above = float(low), float(high)
    a, dimension = 3.0, 2
    draws = 2_000 if level == "quick" else 200_000
    sine = rng.uniform(-1 / a, 1 / a, draws)  # importance does not matter for the range, only the cone does
    cosine = np.sqrt(1 - sine**2)
    on_sphere = chord_root(a, cosine, np.ones(draws))
    least, most = a - 1, math.sqrt(a * a - 1)
    mean_inverse = dimension / (dimension - 1)  # E 1/|u| in the ball
    noise = mean_inverse * least  # a lower bound of |delta_m^-|
    factors = np.array([1.01, 1.5, 2.0, 3.0, 10.0])
    band = [decay_rate_band(delta, 1.0) for delta in (factors - 1, np.sqrt(factors**2 - 1))]
    ends = np.allclose(band[0][1], factors / (factors - 1)) and np.allclose(
        band[1][0], factors / np.sqrt(factors**2 - 1)
    )
    inside = bool(on_sphere.min() >= least - 1e-12 and on_sphere.max() <= most + 1e-12)
    # d = a/root on the sphere lies between the stated ends, and the lower one exceeds 1 for large a too.
    drawn = a / on_sphere
    stated = below * a / most <= drawn.min() + 1e-12 and drawn.max() - 1e-12 <= above * a / least
    exceeds = below * 1e3 / math.sqrt(1e6 - 1) > 1
    if not (stated and exceeds and inside and ends and _roots_bounded() and noise > most):
        return Evidence(verdict=Verdict.UNDECIDED, text="The range of the root is not established.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        hypothesis="u is uniform on the unit sphere, |u| = 1",
        trials=draws,
        margin=a / noise - a / most,
        tightness=1.0,
        counterexample={
            "d": dimension,
            "a_m": a,
            "r": 1,
            "E 1/|u|": mean_inverse,
            "|delta_m^-| at least": noise,
            "sqrt(a^2-1)": most,
            "d_m at most": a / noise,
        },
        text=f"""
            The smaller root of (10) is (s^2 - r^2)/(s cos + sqrt(s^2 cos^2 - s^2 + r^2)) for |u| = 1: between s - r,
            through the centre, and sqrt(s^2 - r^2), where the ray is tangent. At s = a r this is (8), its ends a/(a-1)
            and a/sqrt(a^2-1) for d_m = a r/|delta|. But u is drawn from the ball, the root is divided by |u|, and E
            1/|u| = d/(d-1), which is infinite on the line and 2 in the plane. There |delta_m^-| is at least 2 (a-1) r,
            above sqrt(a^2-1) r as soon as a > 5/3; at a = 3 it is at least {noise:g} r, so d_m is at most
            {a / noise:g}: below 1, where (8) promises more than 1. As d grows the factor tends to 1 and (8) to the
            truth. (|delta_m^-| is read as the supremum over x of the mean of the smaller root over the u that satisfy
            (11).)
        """,
    )
