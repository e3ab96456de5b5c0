"""Which functions are sigma-nice (Definition 2.2) and new sigma-nice (Definition 3.1): Rastrigin's as the example."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import needless, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, argument, machine, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure
from theory.claims.routes.enclosure import prove_positive
from theory.claims.sigma_nice.convex_region import curvature_cap
from theory.claims.sigma_nice.source import LIPSCHITZ, PAPER, STRONGLY_CONVEX, smoothed_slope
from theory.claims.sigma_nice.stages import rastrigin_curvature

if TYPE_CHECKING:
    from collections.abc import Callable

    from flint import arb


def cosine_factor(delta: arb, dimension: int) -> arb:
    """Enclose what smoothing over a ball leaves of cos(2 pi x): 0F1(; d/2 + 1; -(pi delta)^2)."""
    from flint import arb as ball
    from flint import fmpq

    return (-((ball.pi() * delta) ** 2)).hypgeom_0f1(ball(fmpq(dimension + 2, 2)))


def keeps_its_sign(largest: Fraction, dimension: int) -> bool:
    """Prove that the factor is positive for 0 <= delta <= largest.

    The smoothed curvature along an axis, 2 + 40 pi^2 factor cos(2 pi x), is then at least 2 for |x| <= 1/4.
    """
    return prove_positive(lambda delta: cosine_factor(delta, dimension), [(0, largest)], max_boxes=2000).proved


def least_curvature(delta: float, radius: float, dimension: int) -> float:
    """Return the least curvature along an axis within `radius` of 0, from the closed form."""
    from theory.sigma_nice import attenuation

    factor = float(attenuation(dimension, 2 * math.pi * delta))
    farthest = min(radius, 0.5)
    cosine = math.cos(2 * math.pi * farthest) if factor > 0 else 1.0
    return 2 + 40 * math.pi**2 * factor * cosine


def shares(radius_factor: float, dimension: int, points: int) -> list[tuple[float, float]]:
    """Return the intervals of noise levels below 2 on which the curvature is positive within radius_factor * delta."""
    deltas = np.linspace(0.0005, 2, points)
    good = np.array([least_curvature(delta, radius_factor * delta, dimension) > 0 for delta in deltas])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(int), [0]])))
    return [(float(deltas[a]), float(deltas[b - 1])) for a, b in edges.reshape(-1, 2)]


def mean_over_interval(expression: Any, u: Any) -> Any:
    """Return the mean over -1 < u < 1 of a polynomial in u, term by term."""
    import sympy as sp

    primitive = sp.Poly(expression, u).integrate(u)
    return (primitive.eval(u, 1) - primitive.eval(u, -1)) / 2


def parabola() -> Evidence:
    """Return what there is to say of x^2, which smoothing raises and leaves as it is."""
    import sympy as sp

    x, u, delta = sp.symbols("x u delta")
    smoothed = mean_over_interval((x - delta * u) ** 2, u)
    return symbolic.identity(
        {"smoothed, x^2 gains a constant": smoothed - x**2 - delta**2 / 3},
        text="x^2 keeps its minimiser and its curvature 2 at every noise level, on all of the line.",
    )


@statement(
    id="sigma_nice.rastrigin_sigma_nice",
    paper=PAPER,
    number="Definition 2.2",
    title="Is Rastrigin's function sigma-nice?",
    origin="ours",
    statement_latex=r"\exists\sigma>0:\ x^2-$height\cos2\pi x+10\ \text{is}\ \sigma\text{-nice}",
    statement_words="""
        The function on which smoothing is illustrated, with ripples of height $height, is sigma-nice for some sigma.
    """,
    hypotheses=(STRONGLY_CONVEX,),
    constants={"height": number(10)},
    also_true={"height = 0": "x^2 is 2-nice"},
)
def rastrigin_sigma_nice(level: Level, rng: np.random.Generator, *, height: Fraction) -> Evidence:
    from flint import arb, fmpq

    if height == 0:
        return parabola()
    dimensions = (1, 2, 10) if level == "quick" else (1, 2, 3, 10, 50, 200)
    # Within 3 delta of 0 at a small noise level; and not at delta = 1/4, where x = 1/2 is within reach.
    small = all(keeps_its_sign(Fraction(1, 12), d) for d in dimensions)
    # The cosine is -1 at x = 1/2; and every ball of radius 3/4 has a point where it is -1, and one where it is 1.
    bend = 4 * arb.pi() ** 2 * arb(fmpq(abs(height).numerator, height.denominator))
    broken = 2 - bend * cosine_factor(arb(fmpq(1, 4)), 1)
    if not (small and broken < 0):
        return Evidence(
            verdict=Verdict.UNDECIDED, text="The enclosure decides neither the small nor the medium noise level."
        )
    found = shares(3.0, 1, 4001)
    return Evidence(
        verdict=Verdict.REFUTED,
        margin=float(broken),
        trials=len(dimensions),
        counterexample={
            "f": "x^2 - 10 cos(2 pi x) + 10",
            "delta": "1/4",
            "x": "1/2",
            "f^''(x)": "2 - 80 pi",
            "ball": "|x| <= 3/4",
        },
        data={"noise levels below 2 that meet (ii)": found},
        text=f"""
            Definition 2.2 asks every noise level for strong convexity within 3 delta of the smoothed minimiser.
            Rastrigin's function on the line has the smoothed curvature 2 + 40 pi^2 sin(s)/s cos(2 pi x), s = 2 pi
            delta. At delta = 1/4 it is 2 - 80 pi at x = 1/2, which is within 3/4: so the function is not sigma-nice for
            any sigma. Single noise levels do meet (ii): all up to 1/12 with sigma = 2 (the factor is enclosed in balls,
            in dimensions {", ".join(map(str, dimensions))}), all from 10 pi on (there |sin(s)/s| 40 pi^2 <= 2), and
            windows about the multiples of 1/2, where the cosine averages out (in the data those below 2). In
            the gaps between, sin(s) can be negative; then 0 is not even the smoothed minimiser.
        """,
    )


@statement(
    id="sigma_nice.rastrigin_new_sigma_nice",
    paper=PAPER,
    number="Definition 3.1",
    title="Is Rastrigin's function new sigma-nice?",
    origin="ours",
    statement_latex=r"\exists\sigma>0:\ x^2-$height\cos2\pi x+10\ \text{is new}\ "
    r"\sigma\text{-nice for every}\ |\delta_1|",
    statement_words="""
        The function on which smoothing is illustrated, with ripples of height $height, is new sigma-nice at every noise
        level.
    """,
    hypotheses=(STRONGLY_CONVEX,),
    constants={"height": number(10)},
    also_true={
        **dict.fromkeys(("height * 2", "height / 2"), "on the same condition, up to the noise level 1/4"),
        "height = 0": "x^2 is new 2-nice",
    },
)
def rastrigin_new_sigma_nice(level: Level, rng: np.random.Generator, *, height: Fraction) -> Evidence:
    if height == 0:
        return parabola()
    if height < 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="0 is not the minimiser of this function.")
    dimensions = (1, 2, 10) if level == "quick" else (1, 2, 3, 10, 50, 200)
    # Where the factor is positive the minimiser stays at 0, the least point of both terms.
    small = all(keeps_its_sign(Fraction(1, 4), d) for d in dimensions)
    at = Fraction(3, 10)
    broken = rastrigin_curvature(float(at), float(at), float(height))
    if not (small and broken < 0):
        return Evidence(verdict=Verdict.UNDECIDED, text="The enclosure does not decide the noise levels.")
    found = shares(1.0, 1, 4001)
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        hypothesis="|delta_1| < 1/4 (or levels in the windows about multiples of 1/2)",
        trials=len(dimensions),
        margin=broken,
        counterexample={"f": "x^2 - 10 cos(2 pi x) + 10", "delta": str(at), "x": str(at), "f^''(x)": broken},
        data={"noise levels below 2 that meet (ii) with d_m = 1": found},
        text=f"""
            Up to the noise level 1/4 the factor of the cosine is positive, x* = 0 stays the minimiser, so that (i)
            holds with 0 on its left side, and the curvature is at least 2 for |x| <= 1/4 (the factor is enclosed in
            balls in dimensions {", ".join(map(str, dimensions))}): Rastrigin's function is new sigma-nice there, with
            d_m = 1/(4 |delta_m|) > 1. At |delta| = {at} the curvature at x = {at} is {broken:.1f}. The levels below 2
            that satisfy (ii) with d_m near 1 are in the data: no ladder with slow decay passes the gaps, only
            one that leaps from multiple to multiple of 1/2, where f^ is exactly a parabola. At the levels the
            definition favours, up to 1/4, the other minimisers at distance 1 are all still there, and graduated
            optimisation is no more global than descent started within 1/4 of x*.
        """,
    )


def staircase(x: Fraction) -> Fraction:
    """Return the convex function with slope 1 on (0, 2), 3 beyond, and its mirror image: 3-Lipschitz."""
    return abs(x) + 2 * max(abs(x) - 2, Fraction(0))


@statement(
    id="sigma_nice.old_class_high_noise",
    paper=PAPER,
    number="section 3.2",
    title="Sigma-nice at high noise levels",
    statement_latex=r"f\ L_f\text{-Lipschitz},\ \hat f_\delta\ \sigma\text{-s.c. on}\ B(x^*_\delta;3\delta)"
    r"\Rightarrow$times\sigma\delta\le L_f",
    statement_words="""
        The old definition cannot be met when the noise level is large: $times times sigma times the level is at most
        the Lipschitz constant.
    """,
    hypotheses=(LIPSCHITZ, STRONGLY_CONVEX),
    constants={"times": number(3)},
    also_true={
        **dict.fromkeys(("times / 2", "-times", "times = 0"), "a looser cap"),
        **needless(STRONGLY_CONVEX, why="for sigma <= 0 the cap is no cap"),
    },
)
def old_class_high_noise(
    level: Level, rng: np.random.Generator, *, times: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    def is_capped(*, sigma: int, slope: int, lipschitz: int) -> bool:
        """At delta = 1, where the smoothed slope is sigma x up to |x| = 3 and f has slopes up to `slope`."""
        return times * sigma <= lipschitz

    points = [Fraction(k, 20) for k in range(-60, 61)]
    attained = all(smoothed_slope(staircase, x, Fraction(1)) == x for x in points)
    # The staircase; and x^2, whose slope at the end of the ball is 6.
    cases = [{"sigma": 1, "slope": 3, "lipschitz": 3}, {"sigma": 2, "slope": 6, "lipschitz": 3}]
    if attained and (failure := first_failure(hypotheses, cases, is_capped)):
        return failure
    share = times / 3
    if not curvature_cap(share) or curvature_cap(factor=2) or not attained:
        return Evidence(verdict=Verdict.UNDECIDED, text="The cap on the radius is not established.")
    return Evidence(
        verdict=Verdict.PROVED,
        tightness=1.0,
        margin=0.0,
        steps=(
            proofs.recorded("multipliers: sigma times the radius is at most L_f", curvature_cap, share),
            *machine("exact fractions: a convex function attains it"),
            *argument("smoothing keeps the Lipschitz constant (sigma_nice.smoothing_keeps_lipschitz)"),
        ),
        text="""
            On a ball of radius 3 delta, sigma-strong convexity makes the slopes at the ends of a diameter differ by 6
            sigma delta, and they differ by at most 2 L_f: so delta <= L_f/(3 sigma). The convex function with slope 1
            up to 2 and 3 beyond attains it: smoothed at delta = 1 its slope is exactly x for |x| <= 3. Since Definition
            2.2 speaks of every delta > 0, no function that is Lipschitz on R^d is sigma-nice at all, for no sigma; x^2
            is, but is not Lipschitz. The paper's argument is another: (8), which does not hold as printed. The same
            cap, without the 3, binds the new class (claim large_noise).
        """,
    )


def contains_half_step(d: Fraction = Fraction(2)) -> bool:
    """Certify B(x*; d delta) inside B(x*_delta; 3 delta) from |x*_delta - x*| <= delta."""
    import sympy as sp

    delta, distance, from_centre, from_smoothed = sp.symbols("delta distance p q")
    one = sp.Integer(1)
    return symbolic.certifies(
        3 * delta - from_smoothed,
        [
            (one, sp.Rational(d) * delta - from_centre),  # the point lies in B(x*; d delta)
            (one, from_centre + distance - from_smoothed),
            (one, delta - distance),
        ],
    )


def one_more_halving() -> bool:
    """Check that minimisers which have moved 1 - p, and now p/2 more, have moved 1 - p/2: by induction less than 1."""
    import sympy as sp

    share = sp.Symbol("p")  # 2^-m, what the noise level has come down to
    moved = sp.Add(sp.Add(1, -share, evaluate=False), share / 2, evaluate=False)
    return symbolic.vanishes(moved - 1 + share / 2)


def halvings_reach(stages: int) -> Fraction:
    """Return the sum of delta/2 over halvings from delta = 1: how far the minimisers can move in all."""
    return sum((Fraction(1, 2 ** (k + 1)) for k in range(stages)), Fraction(0))


def bent(x: Fraction) -> Fraction:
    """Return the slope x up to |x| = 5/2, and 5 - |x| towards the outside beyond."""
    return x if abs(x) <= Fraction(5, 2) else (5 - abs(x)) * (1 if x > 0 else -1)


def convex_about_zero(slope: Callable[[Fraction], Fraction]) -> bool:
    """Check f'(x + 1) - f'(x - 1) >= 2 for |x| <= 3/2: f smoothed at 1 is 1-strongly convex there.

    The slopes are linear between multiples of 1/2, so that these points decide.
    """
    return all(slope(Fraction(k, 2) + 1) - slope(Fraction(k, 2) - 1) >= 2 for k in range(-3, 4))


def edge_curvature_gap(factor: int = 2) -> object:
    """Return f^''(x* + delta) - f'(x* + factor delta)/(2 delta) on the line, for a quintic f with f'(x*) = 0."""
    import sympy as sp

    t, x, u, delta, minimiser = sp.symbols("t x u delta x0")
    slope = sum(c * (t - minimiser) ** (k + 1) for k, c in enumerate(sp.symbols("c:4")))
    f = sp.Poly(slope, t).integrate(t).as_expr()
    smoothed = mean_over_interval(f.subs(t, x - delta * u), u)
    return sp.diff(smoothed, x, 2).subs(x, minimiser + delta) - slope.subs(t, minimiser + factor * delta) / (2 * delta)


@statement(
    id="sigma_nice.one_minimum",
    paper=PAPER,
    number="Definition 3.1 (ii), on the line",
    title="New sigma-nice functions of one variable",
    origin="ours",
    statement_latex=r"d=1,\ \hat f_\delta\ \sigma\text{-s.c. on}\ N(x^*;d_m|\delta|),\ d_m>1\Rightarrow "
    r"f'(x^*+$place\delta)\ge$slope\sigma\delta",
    statement_words="""
        On the line the new class leaves no second minimum at $place times any of its noise levels δ: the slope there is
        at least $slope σδ.
    """,
    hypotheses=(STRONGLY_CONVEX,),
    constants={"place": number(2), "slope": number(2)},
    also_true={
        **dict.fromkeys(("slope / 2", "-slope", "slope = 0"), "a smaller slope"),
        **needless(STRONGLY_CONVEX, why="the identity holds whatever sign sigma has"),
    },
)
def one_minimum(level: Level, rng: np.random.Generator, *, place: Fraction, slope: Fraction) -> Evidence:
    steep = {"x^2/2": lambda x: x, "x^2/2 up to |x| = 5/2, bent down beyond": bent}
    for name, derivative in steep.items():  # both with x* = 0, delta = sigma = 1
        if not convex_about_zero(derivative):
            return Evidence(verdict=Verdict.UNDECIDED, text=f"{name} is not of the class.")
        if derivative(place) < slope:
            case = {"f": name, "δ": "1", "σ": "1", "d_m": "3/2", "x": str(place), "f'(x)": str(derivative(place))}
            return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="The slope is smaller there.")
    # Where Rastrigin's slope is not positive at 2 delta, the curvature of f^ at delta must not be either.
    deltas = np.linspace(0.01, 2, 400)
    slopes = 4 * deltas + 20 * np.pi * np.sin(4 * np.pi * deltas)
    curvatures = np.array([rastrigin_curvature(delta, delta) for delta in deltas])
    agree = bool(np.allclose(curvatures, slopes / (2 * deltas), rtol=1e-9, atol=1e-9))
    if not agree:
        return Evidence(verdict=Verdict.UNDECIDED, text="Rastrigin's function contradicts the identity.")
    return symbolic.identity(
        {"f^''(x* + delta) = f'(x* + 2 delta)/(2 delta)": edge_curvature_gap()},
        trials=len(deltas),
        tightness=1.0,
        text=f"""
            On the line f^''(x) = (f'(x + delta) - f'(x - delta))/(2 delta), and at x = x* + delta the second slope is
            f'(x*) = 0 (checked for every quintic; it needs no more than a continuous f'). Since d_m > 1 puts x* + delta
            into the region of (ii), f'(x* + 2 delta_m) >= 2 sigma delta_m at every noise level of the ladder, and
            likewise to the left. A function that is nice at all levels up to |delta_1|, as slow decay wants it, rises
            away from x* all the way to 2 |delta_1|: it has no second minimum there, and plain gradient descent finds x*
            without any smoothing. Other minima are possible only between the levels of a ladder that leaps over them,
            or in more than one dimension, where the identity holds for means over a sphere only. Rastrigin's function
            agrees at {len(deltas)} noise levels.
        """,
        arguments=(
            "f^'' is the difference quotient of f' over [x - delta, x + delta] for every f with a continuous f' "
            "(fundamental theorem of calculus), not for quintics alone",
        ),
    )


@statement(
    id="sigma_nice.generalises",
    paper=PAPER,
    number="section 1.3.5; Definition 3.1",
    title="The new class and the old",
    statement_latex=r"\sigma\text{-nice}\Rightarrow\text{Definition 3.1 with}\ \gamma_m=$rate,\ d_m=$radius",
    statement_words="A sigma-nice function meets the new definition at the decay rate $rate, with d_m = $radius.",
    hypotheses=(STRONGLY_CONVEX,),
    constants={"rate": number("1/2"), "radius": number(2)},
    also_true={"rate / 2": "two halvings"},
)
def generalises(level: Level, rng: np.random.Generator, *, rate: Fraction, radius: Fraction) -> Evidence:
    if radius <= 1 or not 0 < rate < 1:
        case = {"d_m": str(radius), "γ_m": str(rate), "asked for": "d_m > 1 and 0 < γ_m < 1"}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="Definition 3.1 excludes these numbers.")
    # k halvings move the minimiser by (1 - 2^-k) delta at most, which is what (i) allows.
    halvings = math.log2(1 / rate)
    follows = contains_half_step(radius) and halvings.is_integer() and halvings_reach(int(halvings)) == 1 - rate
    if not (follows and one_more_halving()) or contains_half_step(Fraction(3)) or halvings_reach(60) >= 1:
        return Evidence(verdict=Verdict.UNDECIDED, text="The inclusion does not follow.")
    return Evidence(
        verdict=Verdict.PROVED,
        margin=0.0,
        steps=(
            proofs.recorded("multipliers: B(x*; 2 delta) lies in B(x*_delta; 3 delta)", contains_half_step, radius),
            proofs.recorded(
                "identity: after one more halving the minimisers have moved delta (1 - p/2)", one_more_halving
            ),
            *argument("f^ tends to f as the noise level falls, so that the limit of the minimisers minimises f"),
        ),
        text="""
            With gamma_m = 1/2, (i) of the two definitions is the same inequality, |delta|/2 on the right. Summed over
            all further halvings the minimisers move by at most delta (1/2 + 1/4 + ...) = delta, and their limit
            minimises f because f^ tends to f; so B(x*; 2 delta) lies in B(x*_delta; 3 delta), and (ii) of the new
            definition holds with d_m = 2, not 3. Several halvings give gamma_m = 1/4, 1/8 ... too. For other gamma_m
            Definition 2.2 (i) says nothing; on the line its functions meet (i) of the new one for all of them all the
            same (claim every_rate), in more dimensions that is not settled here.
        """,
    )
