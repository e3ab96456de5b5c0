"""Below the threshold on the decay rate: functions of the new class that lead Algorithm 1 astray."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np

from theory.claims.constants import number
from theory.claims.ledger import Evidence, Level, Verdict, machine, statement
from theory.claims.sigma_nice.source import LEVELS_DECREASE, PAPER


@dataclass(frozen=True)
class Trap:
    """A function f >= 0 = f(0) of the new class on which the ladder 1, rate < 1/d, 0 strands.

    To the left its slope is that of a wall. To the right it rises gently, with bumps of period 2 rate that smoothing at
    the level `rate` averages out, up to (d + 1) rate; then comes a narrow dip, and a slope beyond.
    """

    d: Fraction
    rate: Fraction
    wall: Fraction = Fraction(10_000)
    gentle: Fraction = Fraction(1, 1000)

    @property
    def dip(self) -> tuple[Fraction, Fraction]:
        """Where the fall begins and ends."""
        crest = (self.d + 1) * self.rate
        return crest, crest + (1 - self.d * self.rate) / 1000

    @cached_property
    def knots(self) -> list[tuple[Fraction, Fraction, Fraction]]:
        """Return the pieces of the right side: from where, and slope and value there; inside, slopes rise gently."""
        crest, bottom = self.dip
        turns, centre, width = {Fraction(0): Fraction(0)}, self.rate, self.rate / 10
        while centre - width < crest:
            turns |= {centre - width: self.gentle * 9, centre: -self.gentle * 9, centre + width: Fraction(0)}
            centre += 2 * self.rate
        pieces = [(at, extra) for at, extra in sorted(turns.items()) if at < crest]
        found: list[tuple[Fraction, Fraction, Fraction]] = []
        value = Fraction(0)
        for (at, extra), (following, _) in pairwise([*pieces, (crest, Fraction(0))]):
            slope = self.gentle * (1 + at) + extra
            found.append((at, slope, value))
            value += (following - at) * slope + self.gentle * (following - at) ** 2 / 2
        left = self.gentle * (self.d - 1) * self.rate / 2  # what is left of the height in the dip
        width = bottom - crest
        found.append((crest, (left - value) / width - self.gentle * width / 2, value))
        found.append((bottom, Fraction(1), left))
        return found

    def piece(self, x: Fraction) -> tuple[Fraction, Fraction, Fraction]:
        """Return the piece of the right side that holds x."""
        return [knot for knot in self.knots if knot[0] <= x][-1]

    def slope(self, x: Fraction) -> Fraction:
        """Return f'(x), from the right at a kink."""
        if x < 0:
            return self.gentle * x - self.wall
        at, slope, _ = self.piece(x)
        return slope + self.gentle * (x - at)

    def value(self, x: Fraction) -> Fraction:
        """Return f(x)."""
        if x < 0:
            return self.gentle * x * x / 2 - self.wall * x
        at, slope, value = self.piece(x)
        return value + slope * (x - at) + self.gentle * (x - at) ** 2 / 2

    def smoothed_slope(self, x: Fraction, delta: Fraction) -> Fraction:
        """Return the slope of f smoothed over [x - delta, x + delta]."""
        return (self.value(x + delta) - self.value(x - delta)) / (2 * delta)


def convex_within(f: Trap, delta: Fraction, radius: Fraction, modulus: Fraction) -> bool:
    """Decide exactly whether f smoothed at delta is strongly convex on [-radius, radius].

    Its curvature is (f'(x + delta) - f'(x - delta))/(2 delta). Every piece of f has one and the same curvature, so the
    difference is constant between the places where x + delta or x - delta crosses a knot.
    """
    breaks = {knot[0] + side * delta for knot in f.knots for side in (1, -1)} | {radius, -radius}
    inside = sorted(x for x in breaks if -radius <= x <= radius)
    middles = [(a + b) / 2 for a, b in pairwise(inside)]
    return all(f.slope(x + delta) - f.slope(x - delta) >= 2 * delta * modulus for x in middles)


def minimiser(f: Trap, delta: Fraction, bits: int = 60) -> tuple[Fraction, Fraction]:
    """Enclose by bisection the zero of the smoothed slope in [0, delta], where it is convex."""
    low, high = Fraction(0), delta
    for _ in range(bits):
        middle = (low + high) / 2
        low, high = (middle, high) if f.smoothed_slope(middle, delta) < 0 else (low, middle)
    return low, high


def strands(f: Trap) -> bool:
    """Prove that f is new sigma-nice on the ladder 1, rate, 0 with this d, and that descent along it misses x* = 0."""
    rate, modulus = f.rate, f.gentle / 2
    if f.d * rate >= 1:
        return False  # the first minimiser, within 1 of x*, cannot lie beyond the second region
    (first_low, first_high), (low, high) = minimiser(f, Fraction(1)), minimiser(f, rate)
    nice = (
        convex_within(f, Fraction(1), Fraction(101, 100), modulus)
        and convex_within(f, rate, f.d * rate, modulus)
        and max(first_high - low, high - first_low) <= 1 - rate  # Definition 3.1 (i) at the first level
        and 0 < low < high <= rate  # and at the second
        and min(value for _, _, value in f.knots[1:]) > 0
    )
    # The second level's minimiser is the lowest point of f smoothed: between the end of the region and that of the dip
    # it falls by less than it rose from the minimiser on.
    crest, bottom = f.dip
    barrier = f.d * rate + bottom - crest
    rise = modulus * (f.d * rate - high) ** 2 / 2
    lowest = rise > (bottom - crest) * f.value(barrier - rate) / (2 * rate)
    # Right beyond the region f smoothed falls outwards, so descent from the first level's minimiser stays out there;
    # and on f itself the bump at `rate` is between it and x*.
    astray = f.smoothed_slope(barrier, rate) < 0 and barrier < first_low and f.slope(rate) < 0 and rate < barrier
    return nice and lowest and astray


@statement(
    id="sigma_nice.threshold_sharp",
    paper=PAPER,
    number="section 3.2, Proposition 3.2",
    title="The threshold is sharp for the class",
    origin="ours",
    statement_latex=r"\gamma<$share/d\ \Rightarrow\ \exists f\ \text{new}\ \sigma\text{-nice with}\ d_2=d,\ "
    r"\gamma_1=\gamma:\ \text{Algorithm 1 misses}\ x^*",
    statement_words="""
        Below the threshold $share/d on the decay rate some function of the class leads Algorithm 1 away from the
        optimum.
    """,
    hypotheses=(LEVELS_DECREASE,),
    constants={"share": number(1)},
    also_true={
        "share / 2": "fewer rates",
        **dict.fromkeys(("-share", "share = 0"), "there are no such rates"),
    },
)
def threshold_sharp(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    if share <= 0:
        return Evidence(
            verdict=Verdict.PROVED,
            steps=machine("no rate between 0 and 1 is below a threshold that is not positive"),
            text="There is no such rate.",
        )
    shares = [share * part for part in (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(99, 100))]
    radii = [Fraction(k, 10) for k in ((11, 15, 20, 30) if level == "quick" else range(11, 41))]
    cases = [(d, part / d) for d in radii for part in shares]
    missed = [case for case in cases if not strands(Trap(*case))]
    if missed:
        return Evidence(
            verdict=Verdict.UNDECIDED, text=f"The trap does not hold at d, gamma = {[*map(str, missed[0])]}."
        )
    return Evidence(
        verdict=Verdict.SUPPORTED,
        trials=len(cases),
        tightness=float(1 / max(shares)),
        power="with gamma = 1/d or above no such function exists (Proposition 3.2)",
        data={"d, gamma": [[str(d), str(rate)] for d, rate in cases]},
        text=f"""
            For each of {len(cases)} pairs with gamma d from {shares[0]} to {shares[-1]} a function in exact fractions:
            a wall to the left of x* = 0, a gentle rise with bumps of period 2 gamma, a dip at (d + 1) gamma, and a
            slope beyond. Smoothed at |delta| = 1 and at gamma it is strongly convex on the balls that Definition 3.1
            asks for (the bumps average out), its minimisers move by no more than 1 - gamma, and f > 0 away from 0. But
            smoothed at gamma it falls outwards right beyond d gamma, and the minimiser of the first level lies farther
            out: descent from there stays beyond d gamma, and descent on f itself then stops at a bump. gamma d comes as
            close to 1 as one likes, so no smaller threshold serves the class.
        """,
    )
