"""A bound on the gain factor over a box of parameters, by ball arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.claims.arsg.common import PAPER, REGION
from theory.claims.certificates import proofs
from theory.claims.constants import needless, number
from theory.claims.ledger import Evidence, Level, Verdict, argument, statement
from theory.claims.routes import enclosure

if TYPE_CHECKING:
    from flint import arb


def contraction(beta: arb, mu: arb, share: arb) -> arb:
    """Return 1 - r_g at tau = share * tau_rb, in an order that names each variable as seldom as possible."""
    ratio = 1 / (1 + 2 * mu * (1 / (1 - beta) - 1))
    trace = (1 + beta) * (1 - share * (1 + ratio))
    determinant = beta - share * (1 + beta) * (1 - ratio)
    real_pair = (abs(trace) + enclosure.square_root(trace**2 - 4 * determinant)) / 2
    # |det| <= r_g^2 for real eigenvalues and = r_g^2 for a complex pair, so the larger of the two is r_g.
    return (1 - real_pair).min(1 - enclosure.square_root(determinant))


def _contraction() -> tuple[list[Any], list[tuple[str, Any]]]:
    """Write the same as a certificate has it, with its parts; |x| is the larger of x and -x."""

    def minus(tree: Any) -> list[Any]:
        return ["*", -1, tree]

    where = [
        ("ratio", ["/", 1, ["+", 1, ["*", 2, "mu", ["+", ["/", 1, ["+", 1, minus("beta")]], -1]]]]),
        ("trace", ["*", ["+", 1, "beta"], ["+", 1, minus(["*", "share", ["+", 1, "ratio"]])]]),
        ("det", ["+", "beta", minus(["*", "share", ["+", 1, "beta"], ["+", 1, minus("ratio")]])]),
    ]
    root = ["sqrt", ["+", ["^", "trace", 2], ["*", -4, "det"]]]
    real_pair = ["/", ["+", ["max", "trace", minus("trace")], root], 2]
    return ["+", 1, minus(["max", real_pair, ["sqrt", "det"]])], where


@statement(
    id="arsg.gain_factor_box",
    paper=PAPER,
    number="(11)",
    title="A bound on the gain factor over a box",
    statement_latex=r"r_g(\tau,\beta,\mu)<$bound\ \text{on}\ [0,\tfrac{19}{20}]\times[0,\tfrac9{10}]"
    r"\times[\tfrac1{20},\tfrac{19}{20}]\ni(\beta,\mu,\tau/\tau_{rb})",
    statement_words="On a stated part of the convergence region the gain factor stays below a stated number.",
    hypotheses=REGION,
    constants={"bound": number(1)},
    also_true={"bound * 2": "a looser bound", **needless(*REGION, why="the box lies within it")},
)
def gain_factor_box(level: Level, rng: np.random.Generator, *, bound: Fraction) -> Evidence:
    from flint import arb

    end, gap = (Fraction(19, 20), Fraction(1, 20)) if level == "quick" else (Fraction(99, 100), Fraction(1, 50))
    box = [(Fraction(0), end), (Fraction(0), Fraction(9, 10)), (gap, 1 - gap)]
    room = arb(bound.numerator) / bound.denominator - 1
    found = enclosure.prove_positive(
        lambda *point: room + contraction(*point),
        box,
        max_boxes=60_000,
        relative_gap=0.5 if level == "quick" else float("inf"),
    )
    words = f"beta in [0, {end}], mu in [0, 9/10], tau/tau_rb in [{gap}, {1 - gap}]"
    data = {"box": words, "boxes": found.boxes, "remaining boxes": len(found.remaining)}
    if not found.proved:
        return Evidence(
            verdict=Verdict.UNDECIDED,
            data=data,
            text=f"{len(found.remaining)} boxes of {words} remain open after {found.boxes}.",
        )
    expression, where = _contraction()
    if bound != 1:
        expression = ["+", (bound - 1).numerator, expression]
    return Evidence(
        verdict=Verdict.PROVED,
        margin=found.lower,
        data=data,
        steps=(
            proofs.enclosures(
                f"enclosure: 1 - r_g on {found.boxes} boxes",
                (expression, dict(zip(("beta", "mu", "share"), box, strict=True)), 0),
                where=where,
            ),
            *argument("the gain factor is the larger of |det|^(1/2) and the modulus of a real eigenvalue"),
        ),
        text=f"""
            Enclosed in ball arithmetic on {found.boxes} boxes that cover {words}: there the gain factor is at most
            {1 - found.lower:.8f} (the margin is what is left to 1). The largest value met at a midpoint is
            {1 - found.upper:.6f}.
        """,
    )
