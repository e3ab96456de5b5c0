"""The policy OBSB: what doubling the observation factor does to the step size."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.claims.arsg.common import NAMED, PAPER, SOME_MOMENTUM
from theory.claims.certificates import proofs
from theory.claims.certificates.trees import tree
from theory.claims.constants import decimal, needless, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement

if TYPE_CHECKING:
    from flint import arb

HALF = Hypothesis("0 < mu < 1/2", lambda *, mu, **_: 0 < mu < 0.5)


def _boost_factor(beta: Fraction, mu: Fraction) -> list[Any]:
    """Write tau*(2 mu)/tau*(mu) as a certificate has it."""
    ends = [["+", 1, ["*", -1, ["sqrt", tree(beta * (1 - share))]]] for share in (mu, 2 * mu)]
    return ["^", ["/", *ends], 2]


@statement(
    id="arsg.boost",
    paper=PAPER,
    number="section 3, policy OBSB",
    title="The step size after doubling mu",
    statement_latex=r"|\tau^*(0.1)/\tau^*(0.05)-$quarter|<$within\cdot$quarter\ \text{at}\ \beta=0.999",
    statement_words="When mu is doubled from its default start, the step size is roughly divided by four.",
    hypotheses=(SOME_MOMENTUM, HALF),
    constants={"quarter": number("1/4"), "within": decimal("0.01")},
    also_true={"within * 2": "looser", **needless(SOME_MOMENTUM, HALF, why=NAMED)},
)
def boost(level: Level, rng: np.random.Generator, *, quarter: Fraction, within: Fraction) -> Evidence:
    from flint import arb

    def factor(beta: Fraction, mu: Fraction) -> arb:
        b, m = (arb(value.numerator) / value.denominator for value in (beta, mu))
        return ((1 - (b * (1 - m)).sqrt()) / (1 - (b * (1 - 2 * m)).sqrt())) ** 2

    start = Fraction(1, 20)
    default = factor(Fraction(999, 1000), start)
    others = {
        f"beta = {float(beta)}, mu from {float(mu)} to {float(2 * mu)}": float(factor(beta, mu).mid())
        for beta in (Fraction(9, 10), Fraction(99, 100), Fraction(999, 1000))
        for mu in (start, 2 * start)
    }
    told, room = (arb(value.numerator) / value.denominator for value in (quarter, within * quarter))
    apart = abs(default - told)
    if not apart < room:
        return Evidence(
            verdict=Verdict.REFUTED, counterexample={"factor": str(default)}, text=f"The factor is not near {quarter}."
        )
    return Evidence(
        verdict=Verdict.PROVED,
        margin=float(((room - apart) / told).mid()),
        data=others,
        steps=(
            proofs.enclosures(
                f"enclosure: within {float(100 * within):g} % of {quarter} at beta = 0.999",
                *(
                    (["+", tree(within * quarter), tree(sign * quarter), ["*", -sign, found]], {}, 0)
                    for found in [_boost_factor(Fraction(999, 1000), start)]
                    for sign in (1, -1)
                ),
            ),
        ),
        text=f"""
            Scaling the step size by tau*(2 mu)/tau*(mu) leaves the best curvature where it is, by definition; with tau*
            = tau_cb2 (arsg.best_curvature) the factor at beta = 0.999 from mu = 0.05 to 0.1 is
            {float(default.mid()):.6f}, enclosed by balls within {float(100 * within):g} % of {quarter}. It depends on
            beta and mu: a second doubling has {others["beta = 0.999, mu from 0.1 to 0.2"]:.4f}, and the first one
            {others["beta = 0.99, mu from 0.05 to 0.1"]:.4f} at beta = 0.99 and
            {others["beta = 0.9, mu from 0.05 to 0.1"]:.4f} at beta = 0.9.
        """,
    )
