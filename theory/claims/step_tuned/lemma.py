"""Lemma 3: from a finite weighted sum to a limit."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, argument, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure
from theory.claims.step_tuned.source import PAPER

if TYPE_CHECKING:
    import sympy as sp

STEPS_SUM_TO_INFINITY = Hypothesis("the sum of u_k is infinite", lambda *, partial_sums, **_: partial_sums[-1] > 1e3)


@statement(
    id="step_tuned.lemma3",
    paper=PAPER,
    number="Lemma 3, (48)",
    title="From a summable product to a limit",
    statement_latex=r"\sum u_k=\infty,\ \sum u_kv_k<\infty,\ |v_{k+1}-v_k|\le Ku_k\ \Rightarrow\ v_k\to0,\quad "
    r"v:\varepsilon\to\tfrac{\varepsilon}{2}\ \text{costs}\ \sum u_kv_k\ge$part\frac{\varepsilon^2}{K}",
    statement_words="""
        A non-negative sequence with a finite weighted sum that changes no faster than K times its weights tends to 0:
        each fall from epsilon to epsilon/2 adds at least $part epsilon^2/K to that sum.
    """,
    hypotheses=(STEPS_SUM_TO_INFINITY,),
    constants={"part": number("3/8")},
    also_true=dict.fromkeys(("part / 2", "-part", "part = 0"), "less is said of the sum"),
)
def lemma3(level: Level, rng: np.random.Generator, *, part: Fraction, hypotheses: tuple[Hypothesis, ...]) -> Evidence:
    def tends_to_zero(*, partial_sums: np.ndarray) -> bool:
        """With v = 1 throughout: the sum of u v must not be finite."""
        return bool(partial_sums[-1] > 1e3)

    cases = [{"partial_sums": np.arange(1.0, 2001.0)}, {"partial_sums": 2.0 - 0.5 ** np.arange(2000.0)}]
    if failure := first_failure(hypotheses, cases, tends_to_zero):
        return failure
    if part > cost_of_a_straight_fall(1000):
        case = {"K": 1, "v": "1, 1 - 1/2000, ..., 1/2", "u": "1/2000", "sum": str(cost_of_a_straight_fall(1000))}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="A straight fall costs less.")
    further, whole = fall_by_one_step(), whole_fall(part)
    if not (symbolic.certifies(*further) and symbolic.certifies(*whole)):
        return Evidence(verdict=Verdict.UNDECIDED, text="The induction over the length of a fall fails.")
    total, largest = one_sided_example(20)
    return Evidence(
        verdict=Verdict.PROVED,
        tightness=float(Fraction(3, 8) / part) if part else None,
        data={
            "one-sided example: sum of u v over 20 pairs": str(total),
            "largest v": largest,
            "a straight fall of 1000 steps costs": str(cost_of_a_straight_fall(1000)),
        },
        steps=(
            proofs.combination("multipliers: a fall that is one step longer (from 0 = 0 on)", *further),
            proofs.combination(f"multipliers: a fall from eps or more to eps/2 or less costs {part} eps^2/K", *whole),
            *argument(
                "as the sum of u is infinite and that of u v finite, v comes below eps/2 again and again",
                "a finite sum allows finitely many such falls, so that v exceeds eps finitely often: it tends to 0",
            ),
        ),
        text="""
            While v falls from eps or more to eps/2 or less, the sum of u v grows by at least 3 eps^2/(8K) (an exact
            certificate, by induction over the length of the fall): a step from v to w costs u v, at least (v^2 -
            w^2)/(2K). A straight fall in many short steps comes as close to that as one likes. Since the sum of u v is
            finite and that of u infinite, v comes below every eps/2 again and again, so it can rise above eps only
            finitely often. The proof uses only that v falls slowly, v_k - v_{k+1} <= K u_k. That v rises slowly is not
            enough: with u = 1, 1/2, 1, 1/4, 1, ... and v = 0, 1, 0, 1, ... the sum of u v stays below 1, v_{k+1} - v_k
            <= u_k, and v does not converge.
        """,
    )


def fall_by_one_step() -> tuple[sp.Expr, list[tuple[sp.Expr, sp.Expr]]]:
    """Write that a fall from v_first to v costs (v_first^2 - v^2)/(2K) or more, from one step to the next."""
    import sympy as sp

    u, v, later, first, spent, K = sp.symbols("u v v_next v_first spent K")
    return (
        spent + u * v - (first**2 - later**2) / (2 * K),
        [
            (sp.Integer(1), spent - (first**2 - v**2) / (2 * K)),
            (v / K, K * u - (v - later)),
            (1 / (2 * K), (v - later) ** 2),
        ],
    )


def whole_fall(part: Fraction) -> tuple[sp.Expr, list[tuple[sp.Expr, sp.Expr]]]:
    """Write that a fall from eps or more to eps/2 or less costs `part` eps^2/K."""
    import sympy as sp

    first, spent, now, eps, K = sp.symbols("v_first spent v_last eps K")
    room = sp.Rational(Fraction(3, 8) - part)
    return (
        spent - sp.Rational(part) * eps**2 / K,
        [
            (sp.Integer(1), spent - (first**2 - now**2) / (2 * K)),
            ((first + eps) / (2 * K), first - eps),
            ((eps / 2 + now) / (2 * K), eps / 2 - now),
            *([(room / K, eps**2)] if room else []),
        ],
    )


def cost_of_a_straight_fall(steps: int) -> Fraction:
    """Return the sum of u v while v falls from 1 to 1/2 in equal steps, for K = 1."""
    u = Fraction(1, 2 * steps)
    return sum((u * (1 - j * u) for j in range(steps)), start=Fraction(0))


def one_sided_example(pairs: int) -> tuple[Fraction, int]:
    """Return the sum of u v, and the largest v of the last pair, in the example of the lemma's proof."""
    u = [value for j in range(pairs) for value in (Fraction(1), Fraction(1, 2 ** (j + 1)))]
    v = [0, 1] * pairs
    assert all(v[k + 1] - v[k] <= u[k] for k in range(len(v) - 1))
    return sum((a * b for a, b in zip(u, v, strict=True)), start=Fraction(0)), max(v[-2:])
