"""What inexactness costs: sub-sampled derivatives, and a subproblem that is left early."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Level, Verdict, argument, statement
from theory.claims.routes import symbolic
from theory.claims.trust_region.source import PAPER


@statement(
    id="trust_region.subsampled_gradient",
    paper=PAPER,
    number="section 4.2, below Assumption 1",
    title="A sub-sample meets Assumption 1",
    statement_latex=r"P\big(\|g_S-\nabla L\|\ge\delta_g\big)\le\frac{$spread\sigma^2}{b\,\delta_g^2}\cdot"
    r"\frac{N-b}{N-1}",
    statement_words="""
        A uniform sub-sample of size b misses the accuracy δ_g with probability at most $spread σ²(N − b)/((N − 1)b
        δ_g²): one that is large enough meets Assumption 1 as surely as wanted.
    """,
    constants={"spread": factor(1)},
    also_true={"spread * 2": "a looser bound"},
)
def subsampled_gradient(level: Level, rng: np.random.Generator, *, spread: Fraction) -> Evidence:
    import sympy as sp

    # Two samples with gradients 1 and -1, b = 1 and δ = 1: the error is 1 for sure.
    if spread < 1:
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"N": 2, "b": 1, "gradients": [1, -1], "δ_g": 1, "probability": 1, "bound": str(spread)},
            text="Either sample is off by 1.",
        )
    identities = {}
    for population, size in ((3, 2), (4, 2)) if level == "quick" else ((3, 2), (4, 2), (5, 2), (5, 3), (6, 4)):
        values = sp.symbols(f"g1:{population + 1}")
        mean = sum(values) / population
        variance = sum((value - mean) ** 2 for value in values) / population
        batches = list(itertools.combinations(values, size))
        error = sum((sum(batch) / size - mean) ** 2 for batch in batches) / len(batches)
        stated = variance * sp.Rational(population - size, size * (population - 1))
        identities[f"mean squared error, N = {population}, b = {size}"] = (error, stated)
    shown = symbolic.identity(identities, text="enumerated")
    if shown.verdict is not Verdict.PROVED:
        return shown
    miss, hit, delta, small, large = sp.symbols("p q d e f", positive=True)
    # p·f² + q·e² is the mean square; where the accuracy is missed f² ≥ δ².
    mean_square = miss * large**2 + hit * small**2
    markov = (mean_square - miss * delta**2, [(miss, large**2 - delta**2), (hit, small**2)])
    if not symbolic.certifies(*markov):
        return Evidence(verdict=Verdict.UNDECIDED, text="Markov's inequality does not add up.")
    return Evidence(
        verdict=Verdict.PROVED,
        tightness=float(spread),
        steps=(
            *shown.steps,
            proofs.combination("multipliers: what is missed counts at least δ² in the mean square", *markov),
            *argument(
                "the mean squared error of any N and b has the same two kinds of terms, squares and products",
                "a gradient's squared error is the sum of its coordinates'",
            ),
        ),
        text="""
            Gone through all sub-samples, the mean squared error of the mean of b out of N is σ²(N − b)/(b(N − 1)), with
            σ² the population's variance; where the accuracy is missed it is at least δ_g². So b ≥ σ²/(p δ_g²) meets the
            gradient's half of Assumption 1 with probability 1 − p, and b = N always: "met by random sub-sampling" is
            meant with high probability, in each iteration anew. With N = 2, gradients ±1 and b = 1 it is an equality.
            Products with the Hessian are a mean over samples just the same.
        """,
    )


@statement(
    id="trust_region.half_under_early_stop",
    paper=PAPER,
    number="F.2, (52)",
    title="Yuan's half under the stopping rule",
    origin="ours",
    statement_latex=r"\text{(52) met}\ \Rightarrow\ m(0)-m(s)\ge$share\big(m(0)-\min_{\|s\|\le\Delta}m\big)",
    statement_words="On convex models conjugate gradients stopped by (52) gain $share of the global decrease.",
    constants={"share": number("1/2")},
    also_true=dict.fromkeys(("-share", "share = 0"), "each step lowers a convex model"),
)
def half_under_early_stop(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    import sympy as sp

    from theory.trust_region import model_decrease, steihaug

    # g = (1, 1/20) and B = diag(1, 1/10000), the radius beyond the minimiser at distance 500.
    slope, curvatures = (Fraction(1), Fraction(1, 20)), (Fraction(1), Fraction(1, 10_000))
    square = sum(g * g for g in slope)
    curvature = sum(b * g * g for b, g in zip(curvatures, slope, strict=True))
    step = square / curvature
    residual = sum((g - step * b * g) ** 2 for b, g in zip(curvatures, slope, strict=True))
    gained = square * square / (2 * curvature)
    best = sum(g * g / b for b, g in zip(curvatures, slope, strict=True)) / 2
    run = steihaug(np.eye(2), np.array(slope, float), np.diag(np.array(curvatures, float)), 1000.0)
    found = float(model_decrease(np.array(slope, float), np.diag(np.array(curvatures, float)), run.step))
    stops = residual <= square / 100 and run.reason == "residual" and len(run.iterates) == 2
    if share <= 0:
        inner, bend, left = sp.symbols("r_p p_B_p left", positive=True)
        part = 1 / (1 + left)  # of the way to the minimum along a direction: all of it, or up to the boundary
        return symbolic.inequality(
            {"decrease along a direction": inner**2 / bend * (part - part**2 / 2)},
            text="Along each direction p the slope r'p is positive, and the parabola falls up to its minimum.",
            arguments=("the directions of conjugate gradients go downhill",),
        )
    if not stops or not gained < share * best or abs(found - gained) > 1e-9:
        return Evidence(verdict=Verdict.UNDECIDED, text="The example is not as stated.")
    return Evidence(
        verdict=Verdict.REFUTED,
        margin=float(gained / best - share),
        trials=1,
        counterexample={
            "A": "I",
            "g": ["1", "1/20"],
            "B": "diag(1, 1/10000)",
            "Δ": "1000",
            "κ_K": "1/10",
            "θ": "1/2",
            "steps": 1,
            "decrease": str(gained),
            "global decrease": str(best),
        },
        text=f"""
            One step takes the residual from {float(square) ** 0.5:.4f} to {float(residual) ** 0.5:.4f}, a twentieth, so
            that (52) with 1/10 stops: the decrease is {float(gained):.4f} of {float(best):.4f}, a share of
            {float(gained / best):.4f}, in exact fractions. A flat direction in which the gradient is small holds
            nearly all of the decrease. Yuan's theorem is about conjugate gradients run to the boundary or the
            minimiser (trust_region.steihaug_half); the paper does not quote it for (52), so that this is our question.
        """,
    )
