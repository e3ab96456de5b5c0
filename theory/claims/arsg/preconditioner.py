"""Section 2 on the preconditioner: (5) to (8), as printed and as meant, and what a step of ARSG costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.arsg.common import PAPER, symbols
from theory.claims.constants import exponent, factor, number
from theory.claims.ledger import Evidence, Level, Verdict, argument, machine, statement
from theory.claims.routes import symbolic


@statement(
    id="arsg.preconditioned_problem",
    paper=PAPER,
    number="(5), (6)",
    title="Descent on the preconditioned problem",
    statement_latex=r"\check x=\hat V^{1/4}x:\quad \check x-\alpha\nabla\check\Phi(\check x)"
    r"\ \longleftrightarrow\ x-$length\alpha\hat V^{$power}\nabla\hat\Phi(x)",
    statement_words="""
        A gradient step on the preconditioned problem (6) is the step $length α V^($power) ∇Φ on the problem itself.
    """,
    constants={"length": factor(1), "power": exponent("-1/2")},
)
def preconditioned_problem(level: Level, rng: np.random.Generator, *, length: Fraction, power: Fraction) -> Evidence:
    import sympy as sp

    size = 2 if level == "quick" else 4
    alpha = symbols("alpha")
    roots = sp.symbols(f"q1:{size + 1}", positive=True)  # fourth roots of V's diagonal
    x = sp.Matrix(sp.symbols(f"x1:{size + 1}"))
    best = sp.Matrix(sp.symbols(f"y1:{size + 1}"))
    hessian = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"h{min(i, j)}{max(i, j)}"))
    scale, back = sp.diag(*roots), sp.diag(*(1 / root for root in roots))
    gradient = hessian * (x - best)
    checked_gradient = back * hessian * back * (scale * x - scale * best)
    moved = back * (scale * x - alpha * checked_gradient)
    weights = sp.diag(*(root ** sp.Rational(4 * power) for root in roots))
    stated = x - sp.Rational(length) * alpha * weights * gradient
    return symbolic.identity(
        {f"coordinate {i + 1}": moved[i] - stated[i] for i in range(size)},
        text=f"""
            With q = V^(1/4) on the diagonal, the gradient of (6) is q⁻¹H(x − x*), and a step along it, taken back
            by q⁻¹, is the step αV^(−1/2)H(x − x*): entry by entry, here for {size} coordinates and every symmetric H.
            The step is linear in the gradient, so the same holds for heavy ball and for RSG: ARSG with a fixed
            preconditioner is RSG on (6), and Section 3 applies to it with the spectrum of V^(−1/4)HV^(−1/4).
        """,
        arguments=("more coordinates have sums of more terms of the same form",),
    )


@statement(
    id="arsg.deviation",
    paper=PAPER,
    number="section 3, above (9)",
    title="The deviation, as printed",
    origin="slip",
    statement_latex=r"s_t=\langle v_e,x_t\rangle,\ \langle v_e,x^*\rangle=$distance\ \Rightarrow\ (9)",
    statement_words="""
        With the deviation measured from the origin, and the minimiser at $distance on the direction, (9) is the update
        (3) on it.
    """,
    constants={"distance": number(1)},
    also_true={"distance = 0": "the minimiser is the origin then, and the two deviations are the same"},
)
def deviation(level: Level, rng: np.random.Generator, *, distance: Fraction) -> Evidence:
    alpha, beta, mu, curvature, old, x, best = symbols("alpha beta mu lambda m x x_star")

    def step(point: Any, slope: Any) -> Any:
        momentum = beta * old + (1 - beta) * slope
        return point - alpha * ((1 - mu) * momentum + mu * slope)

    taken = step(x, curvature * (x - best))
    printed = step(x, curvature * x)
    meant = step(x - best, curvature * (x - best))
    shown = symbolic.identity(
        {
            "measured from x*": taken - best - meant,
            "measured from the origin": printed - taken + alpha * curvature * best * (1 - beta * (1 - mu)),
        },
        text="both",
    )
    if shown.verdict is not Verdict.PROVED:
        return shown
    apart = (printed - taken).subs(best, distance)
    if symbolic.vanishes(apart):
        return symbolic.identity({"measured from the origin": apart}, text="(9) holds.", before=shown.steps)
    case = {alpha: 1, beta: Fraction(1, 2), mu: 0, curvature: 1, old: 0, x: distance, best: distance}
    return Evidence(
        verdict=Verdict.REFUTED,
        counterexample={
            "α": "1",
            "β": "1/2",
            "μ": "0",
            "λ": "1",
            "m": "0",
            "x": str(distance),
            "x*": str(distance),
            "next x by (3)": str(taken.subs(case)),
            "next s by (9), s = ⟨v_e, x⟩": str(printed.subs(case)),
        },
        text="""
            The paper defines s_t = ⟨v_e, x_t⟩. With x* ≠ 0, as in (5), (9) then misses αλ⟨v_e, x*⟩(1 − β(1 − μ)):
            started at the minimiser x = x* = 1 it moves. With s_t = ⟨v_e, x_t − x*⟩, which is a deviation, both lines
            hold identically. A slip of the pen: nothing else uses the origin.
        """,
    )


@statement(
    id="arsg.printed_division",
    paper=PAPER,
    number="(7), (8)",
    title="What is divided by the root, as printed",
    origin="slip",
    statement_latex=r"\nabla f_t\equiv0,\ m_0=0,\ \sqrt{\hat v_t}+\epsilon=$denominator\ \Rightarrow\ "
    r"x_{t+1}=\big(x_t-\alpha_tm_t\big)/\big(\sqrt{\hat v_t}+\epsilon\big)=x_t",
    statement_words="""
        With the brackets of (7) and (8) as printed, and the denominator $denominator, a point without gradient stays
        where it is.
    """,
    constants={"denominator": number(2)},
    also_true={"denominator / 2": "a denominator of 1 divides nothing"},
)
def printed_division(level: Level, rng: np.random.Generator, *, denominator: Fraction) -> Evidence:
    import sympy as sp

    x, alpha, momentum, root, gradient, mu = symbols("x alpha m q g mu")
    printed = (x - alpha * momentum) / root
    meant = x - alpha * momentum / root
    general = (x - alpha * (1 - mu) * momentum + mu * gradient) / root
    at_rest = {momentum: 0, gradient: 0, root: sp.Rational(denominator)}
    moved = {name: form.subs(at_rest) - x for name, form in (("(8)", printed), ("(7)", general), ("meant", meant))}
    found = symbolic.identity(moved, text="Nothing is divided.")
    if found.verdict is not Verdict.REFUTED or not symbolic.vanishes(moved["meant"]):
        return found
    return Evidence(
        verdict=Verdict.REFUTED,
        counterexample={
            "x": "1",
            "gradient": "0",
            "√v + ε": str(denominator),
            "next x by (8)": str(printed.subs(at_rest).subs(x, 1)),
            "next x with the step alone divided": str(meant.subs(at_rest).subs(x, 1)),
        },
        text="""
            In (7) and (8) the brackets close around the iterate and the step, so that both are divided by the root: a
            point with gradient 0 and denominator 2 is halved. In (7) the bracket after m_t also takes the gradient
            out of the factor α_t, with the sign turned. Algorithm 1 has it as meant: the step alone is divided. Slips
            of the pen on which nothing hangs.
        """,
    )


class _Counted:
    """A vector that counts what is done with it, by kind."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts

    def _kind(self, name: str) -> _Counted:
        self.counts[name] += 1
        return self

    def __rmul__(self, scalar: float) -> _Counted:
        return self._kind("products with a number")

    def __add__(self, other: Any) -> _Counted:
        return self._kind("additions")

    __sub__ = __add__

    def __truediv__(self, other: _Counted) -> _Counted:
        return self._kind("divisions")

    def squared(self) -> _Counted:
        """Return the vector of squares."""
        return self._kind("squares")

    def root(self) -> _Counted:
        """Return the vector of roots."""
        return self._kind("roots")

    def largest(self, other: _Counted) -> _Counted:
        """Return the entrywise maximum."""
        return self._kind("maxima")


def amsgrad_step(x: Any, m: Any, v: Any, top: Any, g: Any) -> tuple[Any, ...]:
    """One step of (8), as meant, its momentum kept without the factor 1 − β."""
    m = 0.9 * m + g
    v = 0.99 * v + 0.01 * g.squared()
    top = top.largest(v)
    return x - (0.1 * m) / (top.root() + 1e-8), m, v, top


def arsg_step(x: Any, m: Any, v: Any, top: Any, g: Any) -> tuple[Any, ...]:
    """One step of Algorithm 1 in the fast form, its coefficients gathered beforehand into numbers."""
    m = 0.9 * m + g
    v = 0.99 * v + 0.01 * g.squared()
    top = top.largest(v)
    return x - (0.1 * m + 0.2 * g) / top.root(), m, v, top


def counted(step: Callable[..., tuple[Any, ...]]) -> Counter[str]:
    """Count the operations of a step by kind."""
    counts: Counter[str] = Counter()
    step(*(_Counted(counts) for _ in range(5)))
    return counts


@statement(
    id="arsg.cost_beside_amsgrad",
    paper=PAPER,
    number="section 2, Algorithm 1",
    title="The cost of a step beside AMSGrad's",
    statement_latex=r"\mathrm{ARSG}-\mathrm{AMSGrad}=$more\ \text{product of a vector with a number per step}",
    statement_words="A step of ARSG takes AMSGrad's operations and $more product of a vector with a number besides.",
    constants={"more": number(1)},
)
def cost_beside_amsgrad(level: Level, rng: np.random.Generator, *, more: Fraction) -> Evidence:
    ours, theirs = counted(arsg_step), counted(amsgrad_step)
    apart = {kind: ours[kind] - theirs[kind] for kind in sorted(ours | theirs) if ours[kind] != theirs[kind]}
    if apart != {"products with a number": more}:
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"ARSG": dict(ours), "AMSGrad": dict(theirs)},
            text=f"The two differ by {apart}.",
        )
    return Evidence(
        verdict=Verdict.PROVED,
        data={"ARSG": dict(ours), "AMSGrad": dict(theirs)},
        steps=machine("counted: operations of one step of each, run on vectors that count")
        + argument("the steps that are run are Algorithm 1 and (8), their coefficients gathered beforehand"),
        text=f"""
            Counted by running both steps on vectors that count, in the fast form: {ours["products with a number"]}
            products with a number against {theirs["products with a number"]}, and as many additions, squares, roots,
            maxima and divisions. The gradient's product is the one more; its addition takes the place of the one that
            ε in the denominator of (8) costs. Both keep the same three vectors besides the iterate: "almost no more
            memory".
        """,
    )
