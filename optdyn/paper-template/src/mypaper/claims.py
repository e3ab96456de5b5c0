"""What the paper says, each statement with the check that decides it."""

import numpy as np

from mypaper.rate import factor, rate, steps
from theory.claims import Evidence, Hypothesis, Verdict, statement
from theory.claims.routes import symbolic

PAPER = "Me, Two steps are better than one (2026)"
CONDITION = Hypothesis("κ > 1", lambda *, condition_number, **_: condition_number > 1)


@statement(
    id="mypaper.two_steps",
    paper=PAPER,
    number="Theorem 1",
    title="What two steps are worth",
    statement_latex=r"\max_{\mu\le\lambda\le L}|(1-a\lambda)(1-b\lambda)|=\frac{(\kappa-1)^2}{\kappa^2+6\kappa+1}",
    statement_words="On a quadratic the best long and short step shrink the error by this factor at least.",
    hypotheses=(CONDITION,),
)
def two_steps(level: str, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    least, largest = sp.symbols("mu L", positive=True)
    bound = rate(largest / least)
    return symbolic.identity(
        {
            "at the least curvature": factor(least, least, largest) - bound,
            "at the largest curvature": factor(largest, least, largest) - bound,
            "at the vertex": factor((least + largest) / 2, least, largest) + bound,
        },
        arguments=(
            "a parabola takes its extremes over an interval at the ends and at the vertex",
            "on a quadratic a step multiplies the error along an eigenvector by 1 minus step size times eigenvalue",
        ),
        tightness=1.0,
        text="""
            As a function of the curvature the product of both factors is a parabola. It equals the bound at both ends
            of the interval and minus the bound at its vertex, so that no value between is larger.
        """,
    )


@statement(
    id="mypaper.every_step",
    paper=PAPER,
    number="section 2",
    title="A descent method",
    statement_latex=r"f(x_{k+1})\le f(x_k)",
    statement_words="Each single step lowers the loss.",
    hypotheses=(CONDITION,),
    quote="the loss falls in every step",
)
def every_step(level: str, rng: np.random.Generator) -> Evidence:
    from dynamics import simulate
    from mypaper.method import Alternating
    from synthetic import quadratic

    trials = 0
    for condition_number in (2.0, 10.0, 100.0):
        trials += 1
        long, short = steps(condition_number)
        problem = quadratic(eigenvalues=[1.0 / condition_number, 1.0])
        loss = simulate(Alternating(long, short), problem, steps=1, x0=[0.0, 1.0]).loss
        if loss[1] > loss[0]:
            return Evidence(
                verdict=Verdict.REFUTED,
                margin=float(loss[0] - loss[1]),
                trials=trials,
                counterexample={
                    "eigenvalues": [1.0 / condition_number, 1.0],
                    "long step": long,
                    "start": [0.0, 1.0],
                    "losses": loss.tolist(),
                },
                text=f"""
                    For condition number {condition_number:g} the long step is {long:.4f}, and from the eigenvector of
                    the largest curvature it takes the loss from {loss[0]:.3f} to {loss[1]:.3f}.
                """,
            )
    return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="No first step of those tried raises the loss.")
