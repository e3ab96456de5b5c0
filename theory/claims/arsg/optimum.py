"""The best rate that any parameters of RSG reach over a spectrum."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claims.arsg.common import MOMENTUM, OBSERVATION, PAPER, gain_matrix, symbols
from theory.claims.constants import needless, number
from theory.claims.ledger import Evidence, Level, Verdict, argument, statement
from theory.claims.routes import symbolic


@statement(
    id="arsg.optimum",
    paper=PAPER,
    number="section 3, below Theorem 1",
    title="The optimal hyper-parameters",
    statement_latex=r"\min_{\alpha,\beta,\mu}r_c=\frac{\sqrt\kappa-$less}{\sqrt\kappa+$more}",
    statement_words="The best rate of RSG over a spectrum is that of Polyak's heavy ball, and is reached by it.",
    hypotheses=(MOMENTUM, OBSERVATION),
    constants={"less": number(1), "more": number(1)},
    also_true=needless(MOMENTUM, OBSERVATION, why="no combination of gradients beats Chebyshev's bound, which it is"),
)
def optimum(level: Level, rng: np.random.Generator, *, less: Fraction, more: Fraction) -> Evidence:
    import sympy as sp

    from theory.derivations.arsg_rates import no_rate_beats_heavy_ball

    cases = ("beta <= c^2", "c^2 < beta < c, small mu", "c^2 < beta < c, large mu", "beta >= c")
    bounded = symbolic.inequality(dict(zip(cases, no_rate_beats_heavy_ball(), strict=True)), text="bounded")
    if bounded.verdict is not Verdict.PROVED:
        return bounded
    root = symbols("R")  # sqrt(kappa)
    rate = (root - less) / (root + more)
    # By the bound, kappa is at most ((1 + c)/(1 - c))^2: the least rate it allows is the one where both are equal.
    attained = {"least rate": ((1 + rate) / (1 - rate)) ** 2 - root**2 if rate != 1 else sp.zoo}
    for end, tau in (("lambda_min", 1 / root), ("lambda_max", root)):
        matrix, _ = gain_matrix(rate**2, 0 * root, tau)
        attained[f"det at {end}"] = matrix.det() - rate**2
        attained[f"discriminant at {end}"] = matrix.trace() ** 2 - 4 * matrix.det()
    shown = symbolic.identity(attained, text="attained")
    if shown.verdict is not Verdict.PROVED:
        return shown
    best, trials = _searched(20_000 if level == "quick" else 400_000, rng)
    return Evidence(
        verdict=Verdict.PROVED,
        margin=best,
        trials=trials,
        data={"least excess over the optimum in a random search": best},
        steps=bounded.steps
        + shown.steps
        + argument(
            "both roots of a real quadratic lie inside the circle of radius c under three inequalities (Jury's test)",
            "the tau with a gain factor of at most c are an interval, so that the ends of the spectrum decide",
        ),
        text=f"""
            For every rate c the curvatures with a gain factor of at most c span at most the ratio ((1 + c)/(1 - c))^2:
            four rational margins, one for each way in which Jury's conditions can bind, have only positive
            coefficients. So no step size, beta and mu in [0, 1) beat c = (sqrt(kappa) - 1)/(sqrt(kappa) + 1). Heavy
            ball with beta = c^2 and alpha = sqrt(kappa)/lambda_max reaches it: at both ends the discriminant vanishes
            and the determinant is c^2. The minimisation below Theorem 1 thus ends at mu = 0, where the observation
            factor is of no use: with exact gradients and the worst direction as the measure, RSG gains nothing over
            Polyak's heavy ball, and 1 - O(1/sqrt(kappa)) against SGD0's 1 - O(1/kappa). Of {trials} random parameters
            the best came within {best:.2g} of the optimum.
        """,
    )


def _searched(size: int, rng: np.random.Generator) -> tuple[float, int]:
    """Return by how much the best of random parameters misses the optimum, at random condition numbers."""
    from theory.arsg import convergence_rate, optimal_parameters

    kappa = 10 ** rng.uniform(0.1, 4, size)
    best = optimal_parameters(kappa)
    beta = np.clip(1 - (1 - best.beta) * 10 ** rng.normal(0, 0.1, size), 0, 0.9999)
    rate = convergence_rate(
        step_size=best.step_size * 10 ** rng.normal(0, 0.1, size),
        beta=beta,
        mu=rng.uniform(0, 1, size) * 10 ** rng.uniform(-4, 0, size),
        lambda_min=1 / kappa,
        lambda_max=1.0,
    )
    return float((rate - best.rate).min()), size
