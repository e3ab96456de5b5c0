"""Where smoothed functions are strongly convex: Propositions B.1 and B.2, and what holds in their place."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import pairwise

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, argument, machine, statement, unmet
from theory.claims.routes import symbolic
from theory.claims.sigma_nice.source import (
    ENLARGES,
    LEVELS_DECREASE,
    LIPSCHITZ,
    PAPER,
    STRONGLY_CONVEX,
    huber,
    smoothed_slope,
)

HUBER = "|x|^2/2 for |x| <= 1, |x| - 1/2 beyond"


@statement(
    id="sigma_nice.convex_region_grows",
    paper=PAPER,
    number="Proposition B.1",
    title="The convex region grows",
    quote="the radius of the strongly convex region of the function extends to",
    statement_latex=r"f\ \sigma\text{-s.c. on }N(x^*;r),\ |\delta_m|=|\delta_m^-|\Rightarrow "
    r"\hat f_{\delta_m}\ \sigma\text{-s.c. on }N(x^*;${growth}a_mr)",
    statement_words="Smoothing by the stated amount carries the strong convexity of f over to a larger ball.",
    hypotheses=(STRONGLY_CONVEX, ENLARGES),
    constants={"growth": factor(1)},
    also_true=dict.fromkeys(("-growth", "growth = 0"), "said of an empty ball"),
)
def convex_region_grows(
    level: Level, rng: np.random.Generator, *, growth: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    if growth <= 0:
        return Evidence(
            verdict=Verdict.PROVED,
            steps=machine("a radius that is not positive leaves no point"),
            text="Nothing is said of any point.",
        )
    enlargement = Fraction(3, 2) / min(growth, Fraction(1))
    point = Fraction(5, 4)  # inside the ball of radius growth a r, outside that of radius r = 1
    count = 200 if level == "quick" else 5000
    deltas = [Fraction(step, 20) for step in range(1, count + 1)]
    # f^ is 1-strongly convex between -point and point only if its slope there differs by 2 * point.
    slopes = [smoothed_slope(huber, point, delta) for delta in deltas]
    met = not unmet(hypotheses, sigma=1, enlargement=enlargement)
    if not met or max(slopes) > 1 or not curvature_cap():
        return Evidence(verdict=Verdict.UNDECIDED, text="The Huber function does not settle the statement.")
    best = max(slopes) / point
    return Evidence(
        verdict=Verdict.REFUTED,
        margin=float(best - 1),
        trials=len(deltas),
        counterexample={
            "f": HUBER,
            "sigma": 1,
            "r": 1,
            "a_m": str(enlargement),
            "points": ["-5/4", "5/4"],
            "strong convexity modulus there, at most": str(best),
        },
        text=f"""
            Take the Huber function: 1-strongly convex on the ball of radius r = 1 and 1-Lipschitz. Smoothing keeps it
            1-Lipschitz, and a function with |gradient| <= L_f cannot be sigma-strongly convex on a ball of radius above
            L_f/sigma = r, in any dimension and for any noise level: so not on N(x*; a_m r) with a_m > 1, whatever the
            expression for |delta_m^-|; rescaling covers every r. At a_m = 3/2 (above sqrt(2) too) in one dimension,
            {len(deltas)} noise levels from 1/20 to {deltas[-1]} give a modulus of at most {best} between the points
            -5/4 and 5/4, in exact fractions.
        """,
    )


def curvature_cap(factor: Fraction | int = 1) -> bool:
    """Check that strong convexity on a ball of radius R and |gradient| <= L imply factor * R <= L/sigma."""
    import sympy as sp

    lipschitz, sigma, radius, right, left = sp.symbols("L sigma R right left")  # slopes at the ends of a diameter
    one, room = sp.Integer(1), 2 * sp.Rational(1 - Fraction(factor))
    return symbolic.certifies(
        2 * lipschitz - 2 * sp.Rational(factor) * sigma * radius,
        [
            (one, lipschitz - right),
            (one, lipschitz + left),
            (one, right - left - 2 * sigma * radius),
            *([(room * sigma, radius)] if room else []),
        ],
    )


def line_cap(factor: Fraction | int = 1) -> bool:
    """Check that (ii) at one level of the line caps it: factor * 2 sigma delta <= L.

    (f'(x + delta) - f'(x - delta))/(2 delta) >= sigma for |x| <= d delta with d > 1, at x = -delta and x = delta: the
    slopes at -2 delta, 0 and 2 delta differ by 2 sigma delta each.
    """
    import sympy as sp

    lipschitz, sigma, level, left, middle, right = sp.symbols("L sigma delta left middle right")
    one, room = sp.Integer(1), 4 * sp.Rational(1 - Fraction(factor))
    return symbolic.certifies(
        2 * lipschitz - 4 * sp.Rational(factor) * sigma * level,
        [
            (one, lipschitz - right),
            (one, lipschitz + left),
            (one, right - middle - 2 * sigma * level),
            (one, middle - left - 2 * sigma * level),
            *([(room * sigma, level)] if room else []),
        ],
    )


def shelf(x: Fraction) -> Fraction:
    """Return the convex 2-Lipschitz function that is 0 up to 1/2 and has the slope 2 beyond."""
    return 2 * max(abs(x) - Fraction(1, 2), Fraction(0))


def _excluded(times: Fraction | int = 2) -> bool:
    """Derive -L/sigma >= 0 from (9) and the cap d |delta| <= L/sigma: no function meets both.

    `times` is the 2 of (9): more of it leaves no function either.
    """
    import sympy as sp

    reach, level, following, excess = sp.symbols("reach delta following excess")  # L_f/sigma; d_m = 1 + excess
    one = sp.Integer(1)
    return times > 1 and symbolic.certifies(
        -sp.Rational(Fraction(times) - 1) * reach,
        [
            (one, level - following - sp.Rational(Fraction(times)) * reach),  # (9)
            (one, following),
            (level, excess),
            (one, reach - (1 + excess) * level),  # the cap
        ],
    )


@statement(
    id="sigma_nice.sufficient_condition",
    paper=PAPER,
    number="Proposition B.2, (9)",
    title="A sufficient condition for new sigma-nice",
    origin="ours",
    statement_latex=r"|\delta_m|=|\delta_m^-|,\ |\delta_m|-|\delta_{m+1}|\ge${times}L_f/\sigma"
    r"\Rightarrow f\ \text{new }\sigma\text{-nice}",
    statement_words="Every function is new sigma-nice if its noise levels satisfy condition (9).",
    hypotheses=(STRONGLY_CONVEX, LEVELS_DECREASE),
    constants={"times": number(2)},
)
def sufficient_condition(
    level: Level, rng: np.random.Generator, *, times: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    decay = Fraction(1, 2)
    least = times / (1 - decay)  # 2 L_f/(sigma (1 - gamma)) with L_f = sigma = 1
    if unmet(hypotheses, decay_rate=decay, sigma=1) or times <= 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="The trial is void.")
    points = [(delta, delta * Fraction(101, 100)) for delta in (least * k for k in range(1, 20))]
    moduli = [smoothed_slope(huber, point, delta) / point for delta, point in points]
    if max(moduli) >= 1 or not (_excluded(times) and curvature_cap()):
        return Evidence(verdict=Verdict.UNDECIDED, text="Huber's function does not settle the statement.")
    return Evidence(
        verdict=Verdict.REFUTED,
        margin=float(max(moduli) - 1),
        trials=len(points),
        counterexample={
            "f": HUBER,
            "sigma": 1,
            "L_f": 1,
            "gamma_m": str(decay),
            "|delta_m|": str(least),
            "d_m": "101/100",
            "modulus between -4.04 and 4.04": str(moduli[0]),
        },
        text=f"""
            Condition (9) is lost in the text. It is read as |delta_m| = |delta_m^-| together with |delta_m| -
            |delta_{{m+1}}| >= 2 L_f/sigma, the form in which the proofs of Propositions 3.1 and B.2 end up comparing
            with Lemma E.4. So read it excludes what it should imply: it puts |delta_m| above 2 L_f/sigma, while (ii) of
            the definition forces d_m |delta_m| <= L_f/sigma; the two add up to -L_f/sigma >= 0 (a certificate), for
            every f, M and d_m > 1. Huber's function meets the assumptions with r = 1; at gamma = 1/2 the condition
            starts at |delta_m| = {least}, where its smoothed version has a modulus of at most {moduli[0]} on the ball
            that (ii) names, not 1; at 19 multiples of that level it is no larger. Nor does (9) help without its second
            part: |delta_m| = |delta_m^-| rests on Proposition B.1. A condition that does imply (ii): |delta_m| < r/2
            (claim guaranteed_region).
        """,
    )


@statement(
    id="sigma_nice.large_noise",
    paper=PAPER,
    number="section 3.1",
    title="New sigma-nice at high noise levels",
    statement_latex=r"f\ L_f\text{-Lipschitz, new }\sigma\text{-nice with arbitrarily large }|\delta_m|",
    statement_words="The new class, unlike the old one, is defined even when the noise level is large.",
    quote="that can be defined even when the noise level is large",
    hypotheses=(LIPSCHITZ, STRONGLY_CONVEX),
    nothing_to_turn="a level without bound has no number; the cap that takes its place is turned in noise_cap",
)
def large_noise(level: Level, rng: np.random.Generator) -> Evidence:
    delta = Fraction(1)
    # Above the cap: at x* = 0 and delta = L_f/sigma the slope over [-t, t] must stay below 2 sigma t; d_m > 1 needs t >
    # delta. At the cap on the line: L_f = 2, sigma = 1, delta = 1 and d = 3/2.
    point = Fraction(5, 4)
    slope = smoothed_slope(huber, point, delta)
    grid = [Fraction(k, 20) for k in range(-30, 31)]
    rises = [smoothed_slope(shelf, b, delta) - smoothed_slope(shelf, a, delta) - (b - a) for a, b in pairwise(grid)]
    proved = curvature_cap() and line_cap() and not line_cap(2) and min(rises) >= 0
    if not proved or slope >= point or unmet((LIPSCHITZ,), slope=slope, lipschitz=1):
        return Evidence(verdict=Verdict.UNDECIDED, text="The cap on the noise level is not established.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        hypothesis="|delta_m| <= L_f/(2 sigma) on the line, and |delta_m| < L_f/sigma in any dimension",
        counterexample={
            "f": HUBER,
            "sigma": 1,
            "L_f": 1,
            "delta": "1",
            "d_m": "5/4",
            "points": ["-5/4", "5/4"],
            "modulus between them": str(slope / point),
        },
        text="""
            Definition 3.1 (ii) asks for sigma-strong convexity on a ball of radius d_m |delta_m| with d_m > 1. The
            slopes at the two ends of a diameter differ by at least 2 sigma d_m |delta_m| and by at most 2 L_f, so every
            L_f-Lipschitz new sigma-nice function has d_m |delta_m| <= L_f/sigma: the noise is capped at L_f/sigma, as
            Hazan's class caps it at L_f/(3 sigma). On the line the cap is L_f/(2 sigma), since the slopes of f itself
            at -2 |delta_m|, 0 and 2 |delta_m| differ by 2 sigma |delta_m| each (a certificate); and there it is
            reached: 2 max(|x| - 1/2, 0), with L_f = 2 and sigma = 1, is 1-strongly convex on |x| <= 3/2 after smoothing
            at 1 (exact fractions). So larger noise than before is possible, by a factor of 3/2 on the line, but not
            arbitrarily large noise.
        """,
    )


def averages_to_strong_convexity(share: Fraction = Fraction(1)) -> bool:
    """Certify the slope inequality of a mean of three shifts from that of each; `share` scales the modulus."""
    import sympy as sp

    sigma, square = sp.symbols("sigma square")
    weights, slopes = sp.symbols("w:3"), sp.symbols("s:3")  # <grad f(x - u_i) - grad f(y - u_i), x - y>
    target = sum(w * s for w, s in zip(weights, slopes, strict=True)) - sp.Rational(share) * sigma * square * sum(
        weights
    )
    return symbolic.certifies(target, [(w, s - sigma * square) for w, s in zip(weights, slopes, strict=True)])


def one_more_shift() -> bool:
    """Certify the slope inequality of a mean to which one more shift of weight w is added."""
    import sympy as sp

    sigma, square, total, weights, weight, slope = sp.symbols("sigma square total W w s")
    return symbolic.certifies(
        total + weight * slope - sigma * square * (weights + weight),
        [(sp.Integer(1), total - sigma * square * weights), (weight, slope - sigma * square)],
    )


@statement(
    id="sigma_nice.guaranteed_region",
    paper=PAPER,
    number="in place of Proposition B.1",
    title="The region that smoothing keeps",
    origin="ours",
    statement_latex=r"f\ \sigma\text{-s.c. on }B(x^*;r)\Rightarrow "
    r"\hat f_\delta\ \sigma\text{-s.c. on }B(x^*;r-$share|\delta|)",
    statement_words="Smoothing keeps strong convexity on the ball that is smaller by the noise level.",
    hypotheses=(STRONGLY_CONVEX,),
    constants={"share": factor(1)},
    also_true={"share * 2": "a smaller region"},
)
def guaranteed_region(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    deltas = [Fraction(k, 20) for k in range(1, 20)]
    edges = [(1 - share * delta, delta) for delta in deltas if share * delta <= 1]
    inside = [smoothed_slope(huber, edge, delta) - edge for edge, delta in edges]
    beyond = [smoothed_slope(huber, x, delta) - x for delta in deltas for x in (1 - delta + Fraction(1, 100),)]
    if not (averages_to_strong_convexity() and one_more_shift()) or any(inside) or max(beyond) >= 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="The region is not established.")
    return Evidence(
        verdict=Verdict.PROVED,
        margin=0.0,
        tightness=1.0,
        trials=len(deltas),
        steps=(
            proofs.recorded(
                "multipliers: the slope inequality of a mean of three shifts", averages_to_strong_convexity
            ),
            proofs.recorded("multipliers: of a mean of one more shift, and so on", one_more_shift),
            *machine("exact fractions: Huber's function allows no larger radius"),
            *argument(
                "the mean over the ball is a limit of means of finitely many shifts, and a limit keeps the bound"
            ),
        ),
        text=f"""
            For x and y within r - |delta| of x* all the shifts lie in the ball of radius r, so their slope inequalities
            average to that of f^ (certificates
            for means of three and of one more, a limit for the ball). No larger radius is
            possible: Huber's function, r = sigma = 1, has a smoothed slope of exactly x up to 1 - delta and less
            beyond, at {len(deltas)} noise levels in exact fractions. So d_m = r/|delta_m| - 1 is what can be promised,
            above 1 for |delta_m| < r/2, and the threshold on the decay rate becomes |delta_m| + |delta_{{m+1}}| <= r:
            the guaranteed region shrinks with noise, where Proposition B.1 lets it grow.
        """,
    )


def two_curvatures(x: Fraction, kappa: Fraction) -> Fraction:
    """Return x^2/2 on [-1, 1], continued with curvature -kappa."""
    beyond = max(abs(x) - 1, Fraction(0))
    return x * x / 2 - (1 + kappa) * beyond * beyond / 2


@statement(
    id="sigma_nice.modulus_at_centre",
    paper=PAPER,
    number="in place of Proposition B.1",
    title="Convexity at the centre under large noise",
    origin="ours",
    statement_latex=r"\nabla^2f\succeq\sigma\text{ on }B(x^*;r),\ \succeq-\kappa\text{ elsewhere}"
    r"\Rightarrow\nabla^2\hat f_\delta(x^*)\succeq$own\sigma q-$other\kappa(1-q),\ q=(r/|\delta|)^d,\ |\delta|\ge r",
    statement_words="At the minimiser curvature is kept in the proportion in which the two balls overlap.",
    hypotheses=(STRONGLY_CONVEX,),
    constants={"own": factor(1), "other": factor(1)},
    also_true=dict.fromkeys(("own / 2", "-own", "own = 0", "other * 2"), "a smaller modulus"),
)
def modulus_at_centre(level: Level, rng: np.random.Generator, *, own: Fraction, other: Fraction) -> Evidence:
    import sympy as sp

    sigma, kappa, inside, outside, u = sp.symbols("sigma kappa inside outside u")
    share = u / (1 + u)  # q, strictly between 0 and 1
    mixture = (
        inside * share + outside * (1 - share) - (sigma * share - kappa * (1 - share)),
        [(share, inside - sigma), (sp.cancel(1 - share), outside + kappa)],
    )
    width = Fraction(1, 10**6)
    gaps = []
    for k in range(1, 9):
        delta, bend = 1 + Fraction(k, 4), Fraction(1, k)
        slopes = [smoothed_slope(partial(two_curvatures, kappa=bend), x, delta) for x in (width, -width)]
        expected = own / delta - other * bend * (1 - 1 / delta)
        gaps.append((slopes[0] - slopes[1]) / (2 * width) - expected)
    if not symbolic.certifies(*mixture) or min(gaps) < 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="The modulus is not established.")
    return Evidence(
        verdict=Verdict.PROVED,
        margin=0.0,
        tightness=1.0,
        trials=len(gaps),
        steps=(
            proofs.combination("multipliers: the mean of the two shares of the ball", *mixture),
            *machine("exact fractions: in one dimension it is attained"),
            *argument(
                "the Hessian of f^ at x* is the mean of those over the ball (differentiation under the integral)",
                "a ball of radius r takes the share (r/|delta|)^d of the volume of one of radius |delta|",
            ),
        ),
        text=f"""
            The Hessian of f^ at x* is the mean of the Hessians over the ball of radius |delta|, of which the share q =
            (r/|delta|)^d lies where the curvature is at least sigma. It is positive for |delta| < r ((sigma +
            kappa)/kappa)^(1/d): more noise than r is allowed, at the price of the modulus, which the paper keeps at
            sigma. In high dimension the factor tends to 1. In one dimension the bound is attained by x^2/2 continued
            with curvature -kappa, exactly, at {len(gaps)} pairs of noise level and kappa.
        """,
    )
