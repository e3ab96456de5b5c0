"""The remarks after Lemma 2: which epsilon makes the norms uniformly equivalent."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import needless, number
from theory.claims.ledger import Evidence, Level, Verdict, statement
from theory.claims.routes import symbolic
from theory.claims.trust_region.norms import accumulator
from theory.claims.trust_region.source import BOUNDED_GRADIENT, PAPER


@statement(
    id="trust_region.usual_epsilon",
    paper=PAPER,
    number="(26)",
    title="What the usual epsilon allows",
    statement_latex=r"\varepsilon=10^{-$digits}:\quad\varepsilon\le\tfrac12(\sqrt{L_H^4+4}-L_H^2)"
    r"\iff L_H^2\le10^{$large}-10^{-$small}",
    statement_words="The usual epsilon of 1e-8 is small enough for squared gradient norms up to just under 1e8.",
    constants={"digits": number(8), "large": number(8), "small": number(8)},
)
def usual_epsilon(
    level: Level, rng: np.random.Generator, *, digits: Fraction, large: Fraction, small: Fraction
) -> Evidence:
    import sympy as sp

    from theory.trust_region import uniform_equivalence_epsilon

    eps, square = Fraction(10) ** -int(digits), Fraction(10) ** int(large)
    largest = square - Fraction(10) ** -int(small)
    # (26) is that eps^2 + L^2 eps - 1 <= 0, which rises with both.
    at_threshold, at_square = eps**2 + largest * eps - 1, eps**2 + square * eps - 1
    direct = float(uniform_equivalence_epsilon(math.sqrt(float(square) * (1 - 1e-12))))
    usual, room, length = sp.symbols("epsilon gap L2", positive=True)
    end = (sp.sqrt(length**2 + 4) - length) / 2
    factors = (usual**2 + length * usual - 1, (usual - end) * (usual + end + length))
    beyond = (usual**2 + (1 / usual - usual + room) * usual - 1, room * usual)
    symbols_agree = sp.expand(factors[0] - factors[1]) == 0 and symbolic.vanishes(beyond[0] - beyond[1])
    if not (at_threshold == 0 < at_square and direct > eps and symbols_agree):
        return Evidence(verdict=Verdict.UNDECIDED, text="The threshold of (26) is not where it should be.")
    return Evidence(
        verdict=Verdict.PROVED,
        margin=float(square - largest),
        steps=(
            proofs.zero("identity: epsilon^2 + L_H^2 epsilon - 1 has the sign of epsilon less the threshold", factors),
            proofs.zero("identity: it is epsilon times the excess of L_H^2 over 1/epsilon - epsilon", beyond),
            proofs.zero(
                "exact fractions: 1/epsilon - epsilon at epsilon = 10^-8",
                (["+", ["^", 10, 8], ["*", -1, ["^", 10, -8]]], ["/", largest.numerator, largest.denominator]),
            ),
        ),
        tightness=float(square / largest),
        text="""
            In exact fractions epsilon^2 + L_H^2 epsilon - 1 vanishes at L_H^2 = 1/epsilon - epsilon = 10^8 - 10^-8 for
            epsilon = 10^-8 and is 10^-16 above zero at L_H^2 = 10^8: the usual epsilon serves every gradient with a
            squared length up to 10^8 less 10^-8, and no longer one.
        """,
    )


def spectrum_of_constant_gradient(beta: float, eps: float, bound: float, steps: int) -> np.ndarray:
    """Return the eigenvalues of the accumulator after `steps` times the gradient (bound, 0)."""
    gradients = np.tile([bound, 0.0], (steps, 1))
    return np.linalg.eigvalsh(accumulator(gradients, beta=beta, eps=eps, every_step=True))


@statement(
    id="trust_region.smaller_epsilon",
    paper=PAPER,
    number="after (26)",
    title="Must epsilon shrink?",
    statement_latex=r"\varepsilon>$half(\sqrt{L_H^4+$four}-L_H^2)\Rightarrow\nexists\,\zeta:\ "
    r"1/\zeta\le\lambda(A_t)\le\zeta",
    statement_words="Uniform equivalence needs a smaller and smaller epsilon as the bound on the gradients grows.",
    hypotheses=(BOUNDED_GRADIENT,),
    constants={"half": number("1/2"), "four": number(4)},
    also_true={
        **dict.fromkeys(("half * 2", "four * 2"), "under the same condition; it speaks of fewer epsilon"),
        **needless(BOUNDED_GRADIENT, why="with longer gradients fewer constants serve"),
    },
)
def smaller_epsilon(level: Level, rng: np.random.Generator, *, half: Fraction, four: Fraction) -> Evidence:
    import sympy as sp

    from theory.trust_region import equivalence_constant, uniform_equivalence_epsilon

    # zeta = 1/epsilon serves up to the exact threshold, so that the stated one must not be less.
    for length in (0.1, 1.0, 10.0, 100.0):
        threshold = float(uniform_equivalence_epsilon(length))
        said = float(half) * (max(length**4 + float(four), 0.0) ** 0.5 - length**2)
        if said < threshold * (1 - 1e-6):
            between = (max(said, 0.0) + threshold) / 2
            case = {"L_H": length, "epsilon": between, "zeta": 1 / between, "largest eigenvalue": length**2 + between}
            return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="There zeta = 1/epsilon does serve.")
    square, room = sp.symbols("L2 room", positive=True)
    end = sp.Symbol("end", positive=True)  # the threshold, with end^2 + L_H^2 end = 1
    beyond = symbolic.inequality(
        {
            "epsilon (epsilon + L_H^2) less its value at the threshold": (end + room) * (end + room + square)
            - end * (end + square)
        },
        text="beyond",
    )
    if beyond.verdict is not Verdict.PROVED:
        return beyond

    bound, eps, beta = 10.0, 1.0, 0.8
    spectrum = spectrum_of_constant_gradient(beta, eps, bound, 200)
    zeta = float(equivalence_constant(bound, eps=eps))
    exact = 1.0, (1 - beta**200) * bound**2 + eps
    serves = 1 / zeta <= spectrum[0] and spectrum[-1] <= zeta * (1 + 1e-12)
    if not (np.allclose(spectrum, exact, rtol=1e-12) and serves and eps > uniform_equivalence_epsilon(bound)):
        return Evidence(verdict=Verdict.UNDECIDED, text="The example is not as stated.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        margin=float(uniform_equivalence_epsilon(bound)) - eps,
        hypothesis="zeta = 1/epsilon, the constant that the proof picks",
        counterexample={"g_t": [bound, 0], "beta": beta, "epsilon": eps, "zeta": zeta, "eigenvalues": list(exact)},
        text=f"""
            Definition 1 asks for some constant zeta, and the proof takes zeta = 1/epsilon; (26) is needed for that
            choice alone. All eigenvalues lie in [epsilon, epsilon + L_H^2), so zeta = max(1/epsilon, epsilon + L_H^2)
            serves every epsilon > 0. With |g_t| = 10 and epsilon = 1, far above (26)'s
            {float(uniform_equivalence_epsilon(bound)):.4f}, the eigenvalues are 1 and 101 (1 - 0.8^200 apart), and zeta
            101 does. A larger gradient makes zeta grow, and does not make epsilon shrink. With zeta = 1/epsilon it is
            so: epsilon (epsilon + L_H^2) is 1 at the threshold and rises, so that beyond it the largest eigenvalue of
            a constant gradient comes to exceed 1/epsilon.
        """,
        steps=beyond.steps,
    )
