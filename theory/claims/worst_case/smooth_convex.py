"""Gradient descent and Nesterov's method over all smooth convex functions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import exponent, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, argument, machine, statement, unmet
from theory.claims.routes.multipliers import MINIMISER, certifies
from theory.claims.routes.performance_estimation import needs_solver, worst_case
from theory.claims.worst_case.methods import accelerated, gradient_descent, over, raised, within

DRORI = "Drori and Teboulle, Performance of first-order methods for smooth convex minimization (2014)"
BECK = "Beck and Teboulle, A fast iterative shrinkage-thresholding algorithm (2009)"
LONGEST = 24  # steps of the exact proof

CONVEX = Hypothesis(
    "every slope of the gradient lies in [0, L]",
    lambda *, slopes, smoothness, **_: all(0 <= slope <= smoothness for slope in slopes),
)


def without_convexity(hypotheses: tuple[Hypothesis, ...]) -> Evidence | None:
    """Refuse a statement that lets -x^2/2 in, which falls without end."""
    if unmet(hypotheses, slopes=(-1.0,), smoothness=1.0):
        return None
    case = {"f": "-x^2/2", "x_0": "1", "f(x_1)": "-2", "inf f": "-inf"}
    return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="A concave function has no minimum to end at.")


def over_one(value: float) -> float:
    """Return 1/(1 + value); infinity at the pole."""
    return 1 / (1 + value) if value != -1 else math.inf


def chain(steps: int) -> dict[tuple[int, int], Fraction]:
    """Return the multipliers of Drori and Teboulle's proof for gradient descent with step size 1/L."""
    ratios = [Fraction(i, 2 * steps + 1 - i) for i in range(1, steps + 1)]
    links = {(i, i + 1): ratio for i, ratio in enumerate(ratios)}
    rises = [ratios[0], *(later - earlier for earlier, later in itertools.pairwise(ratios)), 1 - ratios[-1]]
    return links | {(MINIMISER, i): rise for i, rise in enumerate(rises)}


def huber_end(steps: int) -> Fraction:
    """Return f(x) - f* after gradient descent from x = 1 on Huber's function with its corner at 1/(2N + 1)."""
    corner, x = Fraction(1, 2 * steps + 1), Fraction(1)
    for _ in range(steps):
        x -= max(-corner, min(corner, x))
    return corner * x - corner**2 / 2 if x >= corner else x**2 / 2


@statement(
    id="worst_case.gradient_descent",
    paper=DRORI,
    number="Theorems 3.1 and 3.2",
    title="The exact worst case of gradient descent",
    statement_latex=r"\max_f\,f(x_N)-f^*=\frac{L\|x_0-x^*\|^2}{$each N+$first},"
    r"\quad x_{k+1}=x_k-\tfrac1L\nabla f(x_k)",
    statement_words="""
        Over smooth convex functions gradient descent with step size 1/L ends, after N up to 24 steps, at most L|x_0 -
        x*|^2/($each N + $first) above the minimum, and nothing smaller bounds it.
    """,
    hypotheses=(CONVEX,),
    constants={"each": number(4), "first": number(2)},
)
def exact_worst_case(
    level: Level,
    rng: np.random.Generator,
    *,
    each: Fraction,
    first: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    if refused := without_convexity(hypotheses):
        return refused
    for steps in range(1, LONGEST + 1):
        bound = 1 / (each * steps + first)
        if not certifies(gradient_descent(1.0, steps), chain(steps), bound):
            return Evidence(verdict=Verdict.UNDECIDED, text=f"The multipliers prove nothing at {steps} steps.")
        if huber_end(steps) != bound:
            return Evidence(verdict=Verdict.UNDECIDED, text=f"Huber's function does not attain it at {steps} steps.")
    return Evidence(
        verdict=Verdict.PROVED,
        tightness=1.0,
        trials=LONGEST,
        steps=(
            proofs.worst_case(
                f"multipliers: the bound for each N from 1 to {LONGEST}",
                (([Fraction(1)] * n, chain(n), Fraction(1, 4 * n + 2)) for n in range(1, LONGEST + 1)),
            ),
            *machine(f"exact fractions: Huber's function attains it for each N from 1 to {LONGEST}"),
            *argument(
                "every smooth convex function meets the interpolation inequalities (Taylor, Hendrickx, Glineur, 2017)",
                "Huber's function is convex, with a gradient of Lipschitz constant 1",
            ),
        ),
        text=f"""
            For each N from 1 to {LONGEST}, the interpolation inequalities with the multipliers i/(2N+1-i) along the
            iterates, added in exact fractions, leave f(x_N) - f* on one side and L|x_0 - x*|^2/(4N+2) minus a matrix
            without negative eigenvalues (by the signs of its characteristic polynomial) on the other. Huber's function
            with its corner at 1/(2N+1) attains the bound exactly.
        """,
    )


@statement(
    id="worst_case.long_steps",
    paper=DRORI,
    number="Conjecture 3.1",
    title="Gradient descent with steps up to 2/L",
    statement_latex=r"f(x_N)-f^*\le$share L\|x_0-x^*\|^2\max\big(\tfrac{1}{$each Nh+1},(1-h)^{$power N}\big),"
    r"\ 0<h<2",
    statement_words="""
        With step size h/L the worst case of gradient descent over smooth convex functions is the larger of two terms,
        one for short and one for long steps.
    """,
    hypotheses=(CONVEX,),
    constants={"share": number("1/2"), "each": number(2), "power": number(2)},
    also_true=dict.fromkeys(
        ("share * 2", "each / 2", "each = 0", "power / 2", "power = 0", "-power"), "a looser bound, 1 - h being below 1"
    ),
)
@needs_solver
def long_steps(
    level: Level,
    rng: np.random.Generator,
    *,
    share: Fraction,
    each: Fraction,
    power: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    if refused := without_convexity(hypotheses):
        return refused
    lengths = (1, 2, 3, 4) if level == "quick" else range(1, 13)
    sizes = (0.5, 1.0, 1.5, 1.9) if level == "quick" else np.linspace(0.1, 1.95, 38)
    cases = [(steps, float(size)) for steps in lengths for size in sizes]
    found = [worst_case(gradient_descent(size, steps)) for steps, size in cases]
    bounds = [
        float(share) * max(over_one(float(each) * steps * size), raised(abs(1 - size), float(power) * steps))
        for steps, size in cases
    ]
    excess = [over(worst.value, bound) for worst, bound in zip(found, bounds, strict=True)]
    return within(
        excess,
        gap=max(worst.gap for worst in found),
        cases=[{"N": steps, "h": size} for steps, size in cases],
        said=f"Solved for N in {list(lengths)} and {len(sizes)} step sizes h/L, {min(sizes):g} <= h <= {max(sizes):g},",
    )


@statement(
    id="worst_case.accelerated",
    paper=BECK,
    number="Theorem 4.4, smooth case",
    title="Nesterov's method on smooth convex functions",
    statement_latex=r"f(x_N)-f^*\le\frac{$factor L\|x_0-x^*\|^2}{(N+1)^{$power}}",
    statement_words="""
        Nesterov's accelerated method ends at most $factor L|x_0 - x*|^2 over N + 1 to the power $power above the
        minimum.
    """,
    constants={"factor": number(2), "power": exponent(2)},
    also_true={"factor * 2": "looser", "power - 1/2": "looser"},
    hypotheses=(CONVEX,),
)
@needs_solver
def nesterovs_method(
    level: Level,
    rng: np.random.Generator,
    *,
    factor: Fraction,
    power: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    if refused := without_convexity(hypotheses):
        return refused
    lengths = range(1, 9) if level == "quick" else range(1, 26)
    found = [worst_case(accelerated(steps)) for steps in lengths]
    bounds = [float(factor) / (steps + 1) ** float(power) for steps in lengths]
    plain = [1 / (4 * steps + 2) for steps in lengths]
    return within(
        [over(worst.value, bound) for worst, bound in zip(found, bounds, strict=True)],
        gap=max(worst.gap for worst in found),
        cases=[{"N": steps} for steps in lengths],
        said=f"Solved for N = 1 to {lengths[-1]}",
        data={
            "steps": list(lengths),
            "worst case": [worst.value for worst in found],
            "bound": bounds,
            "worst case of gradient descent": plain,
        },
    )
