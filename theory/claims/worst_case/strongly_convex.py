"""RSG over all smooth strongly convex functions, where its rates are proved on quadratics."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.routes.performance_estimation import Method, available, needs_solver, worst_case
from theory.claims.worst_case.methods import over, raised, remote_gradient, within

ARSG = "Chen et al., arXiv:1905.01422, beyond the quadratics on which its rates are proved"
BETA, STEP_SIZE = Fraction(4, 9), Fraction(1, 5)  # the fastest on quadratics with curvatures from 1 to 25
START = Fraction(33, 10)
CYCLE = (Fraction(792, 1225), Fraction(-2208, 1225), Fraction(2592, 1225))

STRONGLY_CONVEX = Hypothesis(
    "every slope of the gradient lies in [mu, L]",
    lambda *, slopes, strong_convexity, smoothness, **_: all(
        strong_convexity <= slope <= smoothness for slope in slopes
    ),
)


def on_quadratics(method: Method, strong_convexity: float, points: int = 4001) -> float:
    """Return the largest |x - x*|^2 after a method on curvatures of [mu, 1], from a start at distance 1."""
    curvatures = np.linspace(strong_convexity, 1, points)
    return float((method(np.ones(points), lambda x: curvatures * x) ** 2).max())


def kinked_gradient(x: Fraction) -> Fraction:
    """Return the gradient of a function with curvature 25, but 1 between its kinks at 1 and 2."""
    return 25 * x if x < 1 else x + 24 if x < 2 else 25 * x - 24


def trajectory(x: Fraction, average: Fraction, steps: int) -> list[Fraction]:
    """Return the iterates of RSG with mu = 0 on that function, in exact fractions."""
    iterates = [x]
    for _ in range(steps):
        average = BETA * average + (1 - BETA) * kinked_gradient(iterates[-1])
        iterates.append(iterates[-1] - STEP_SIZE * average)
    return iterates


@statement(
    id="worst_case.rsg_quadratic_rate",
    paper=ARSG,
    number="the minimisation stated below Theorem 1",
    title="Does the rate on quadratics carry over?",
    origin="ours",
    statement_latex=r"\|x_t-x^*\|=O(r^t),\ r=\tfrac{\sqrt\kappa-$gain}{\sqrt\kappa+1},\ "
    r"\mathrm{for\ all}\ f\ \mathrm{with}\ \mu\le f''\le L",
    statement_words="""
        With the parameters that are fastest on quadratics RSG converges on every smooth strongly convex function, at
        the same rate.
    """,
    hypotheses=(STRONGLY_CONVEX,),
    constants={"gain": number(1)},
)
def rsg_quadratic_rate(level: Level, rng: np.random.Generator, *, gain: Fraction) -> Evidence:
    if gain <= -1:  # r >= 1: the iterates may go round, or grow
        return Evidence(verdict=Verdict.UNDECIDED, text="Three points that go round do not tell whether others grow.")
    around = trajectory(CYCLE[0], (CYCLE[-1] - CYCLE[0]) / STEP_SIZE, 3)
    steps = 90
    late = trajectory(START, Fraction(0), steps)[-3:]
    distance = max(min(abs(x - point) for point in CYCLE) for x in late)
    if around != [*CYCLE, CYCLE[0]] or distance > Fraction(1, 10**6):
        return Evidence(verdict=Verdict.UNDECIDED, text="The iterates do not go round among the three points.")
    lengths = range(1, 9) if level == "quick" else range(1, 13)
    data = _growth((4, 25) if level == "quick" else (4, 9, 25, 100, 400), lengths) if available() else {}
    ends = ", ".join(
        f"{entry['all functions'][-1]:.3g} against {entry['quadratics'][-1]:.3g} at {name}"
        for name, entry in data.items()
    )
    more = (
        f" By semidefinite programs the worst |x_N - x*|^2/|x_0 - x*|^2 at N = {lengths[-1]}, over the class against "
        f"over its quadratics, is {ends}: where the parameters still converge, they do so more slowly."
    )
    return Evidence(
        verdict=Verdict.REFUTED,
        margin=-float(min(map(abs, late))),
        trials=1 + len(data) * len(lengths),
        data=data,
        counterexample={
            "gradient": "25 x for x < 1, x + 24 for 1 <= x < 2, 25 x - 24 for x >= 2",
            "x_0": str(START),
            "m_0": 0,
            "alpha": str(STEP_SIZE),
            "beta": str(BETA),
            "mu": 0,
            "goes round among": [str(point) for point in CYCLE],
        },
        text=f"""
            At kappa = 25 the fastest parameters on quadratics are alpha = 1/5, beta = 4/9, mu = 0: rate 2/3. On the
            function of one variable with f'' = 25, but 1 between x = 1 and x = 2, three points go round for ever, in
            exact fractions: {", ".join(f"{float(point):.4f}" for point in CYCLE)}, while the minimiser is 0. From x =
            {float(START)} with m = 0 the iterates are within {float(distance):.0e} of them after {steps} steps. (The
            function is that of Lessard, Recht and Packard, 2016, section 4.6.) The rate is one of quadratics alone.
            {more if data else ""}
        """,
    )


def _growth(condition_numbers: Sequence[int], lengths: Sequence[int]) -> dict[str, Any]:
    """Compute the worst |x_N - x*|^2 of the fastest parameters over the class and over its quadratics."""
    from theory.arsg import optimal_parameters

    data = {}
    for kappa in condition_numbers:
        step_size, beta, mu, _ = (float(value) for value in optimal_parameters(kappa))
        methods = [remote_gradient(step_size, beta, mu, steps) for steps in lengths]
        worst = [worst_case(method, strong_convexity=1 / kappa, measure="distance") for method in methods]
        data[f"κ = {kappa}"] = {
            "steps": list(lengths),
            "all functions": [found.value for found in worst],
            "quadratics": [on_quadratics(method, 1 / kappa) for method in methods],
        }
    return data


@statement(
    id="worst_case.rsg_nesterov",
    paper=ARSG,
    number="RSG with mu = 1 - beta",
    title="RSG as Nesterov's method keeps its rate",
    origin="ours",
    statement_latex=r"f(y_N)-f^*\le$share(L+\mu_f)\Big(1-\tfrac{$gain}{\sqrt\kappa}\Big)^{${power}N}\|x_0-x^*\|^2,\quad"
    r"\mu=1-\beta,\ \alpha=\tfrac{1}{L(1-\beta)}",
    statement_words="""
        With mu = 1 - beta and the step size 1/(L (1 - beta)) RSG is Nesterov's method, and after a last gradient step
        its accelerated rate holds for all smooth strongly convex functions.
    """,
    hypotheses=(STRONGLY_CONVEX,),
    constants={"share": number("1/2"), "gain": number(1), "power": factor(1)},
    also_true=dict.fromkeys(
        ("share * 2", "gain / 2", "-gain", "gain = 0", "power / 2", "-power", "power = 0"), "a looser bound"
    ),
)
@needs_solver
def rsg_nesterov(
    level: Level,
    rng: np.random.Generator,
    *,
    share: Fraction,
    gain: Fraction,
    power: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    if not unmet(hypotheses, slopes=(-1.0,), strong_convexity=0.25, smoothness=1.0):
        case = {"f": "-x^2/2", "x_0": "1", "inf f": "-inf"}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="A concave function has no minimum.")
    kappas = (4.0, 25.0) if level == "quick" else (4.0, 10.0, 25.0, 100.0, 1000.0)
    lengths = range(1, 9) if level == "quick" else range(1, 11)
    excess, cases, gaps = [], [], []
    for kappa in kappas:  # before the first step f(x_0) - f* is at most L/2 |x_0 - x*|^2, and may be that
        excess.append(over(0.5, float(share) * (1 + 1 / kappa)))
        cases.append({"kappa": kappa, "N": 0})
    for kappa, steps in itertools.product(kappas, lengths):
        beta = (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)
        method = remote_gradient(1 / (1 - beta), beta, 1 - beta, steps - 1, last_step=1.0)
        found = worst_case(method, strong_convexity=1 / kappa)
        root = 1 - float(gain) / math.sqrt(kappa)
        bound = float(share) * (1 + 1 / kappa) * raised(root, float(power) * steps)
        excess.append(over(found.value, bound))
        cases.append({"kappa": kappa, "N": steps})
        gaps.append(found.gap)
    return within(
        excess,
        gap=max(gaps),
        cases=cases,
        said=f"Solved for kappa in {[int(kappa) for kappa in kappas]} and N = 0 to {lengths[-1]} gradients",
    )
