"""Definition 1 and Lemma 2: when the norms of RMSprop's and Adagrad's matrices are uniformly equivalent."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import factor, needless, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, argument, statement, unmet
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure
from theory.claims.trust_region.source import BOUNDED_GRADIENT, PAPER


def accumulator(gradients: np.ndarray, *, beta: float, eps: float, every_step: bool) -> np.ndarray:
    """Return A_t after all the gradients: eps I added at every step as printed, or only at the start."""
    weights = (1 - beta) * beta ** np.arange(len(gradients))[::-1]
    identity = np.eye(gradients.shape[1])
    kept = eps if every_step else eps * beta ** len(gradients)
    return (gradients.T * weights) @ gradients + kept * identity


LOOSER = dict.fromkeys(("low / 2", "-low", "low = 0", "next * 2", "high * 2"), "a looser bound")


@statement(
    id="trust_region.uniform_equivalence",
    paper=PAPER,
    number="Lemma 2, (26)",
    title="RMSprop's norms are equivalent",
    statement_latex=r"$low\varepsilon\le\lambda(A_t^{\mathrm{rms}})\le(1-\beta^{t+$next})L_H^2+$high\varepsilon\le1/\varepsilon",
    statement_words="With bounded gradients the RMSprop ellipsoids neither flatten nor blow up.",
    hypotheses=(BOUNDED_GRADIENT,),
    constants={"low": factor(1), "next": number(1), "high": factor(1)},
    also_true=LOOSER,
)
def uniform_equivalence(
    level: Level, rng: np.random.Generator, *, hypotheses: tuple[Hypothesis, ...], **numbers: Fraction
) -> Evidence:
    import sympy as sp

    beta, power, square = sp.symbols("beta power L2", positive=True)  # power = beta^t
    # The weights obey w_t = beta w_{t-1} + (1 - beta), w_{-1} = 0, which 1 - beta^(t+1) solves.
    weights = (1 - beta * power, sp.Add(sp.Mul(beta, 1 - power, evaluate=False), 1 - beta, evaluate=False))
    weights_agree = symbolic.vanishes(weights[0] - weights[1])
    # At the threshold epsilon + L^2 = 1/epsilon; below it the left side is smaller, the right side larger.
    threshold = (sp.sqrt(square**2 + 4) - square) / 2
    meets = sp.simplify(sp.expand(threshold * (threshold + square) - 1)) == 0
    below, gap = sp.symbols("epsilon gap", positive=True)
    rises = (below + gap) * (below + gap + square) - below * (below + square)
    meets &= symbolic.positive_on_orthant(rises)
    trials, void, worst = _accumulator_trials(200 if level == "quick" else 5000, rng, hypotheses, **numbers)
    if not (weights_agree and meets and worst > -1e-12):
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="A bound of Lemma 2 is not reproduced.")
    return Evidence(
        verdict=Verdict.PROVED,
        tightness=1.0,
        trials=trials,
        void_trials=void,
        data={"largest epsilon at L_H = 1": float(threshold.subs(square, 1))},
        steps=(
            proofs.zero("identity: the weights add up to 1 - beta^(t+1), by induction", weights),
            proofs.zero(
                "identity: epsilon + L_H^2 = 1/epsilon at the threshold", (threshold * (threshold + square), 1)
            ),
            proofs.positive("positive coefficients: epsilon (epsilon + L_H^2) rises with epsilon", rises),
            *argument(
                "a sum of g g' with positive weights is positive semidefinite, and the largest eigenvalue of such a "
                "matrix is at most its trace"
            ),
        ),
        text=f"""
            G D G' is positive semidefinite, so every eigenvalue is at least epsilon; its largest is at most its trace
            <= sum (1-beta) beta^k L_H^2 = (1 - beta^(t+1)) L_H^2, attained by a constant gradient. With zeta =
            1/epsilon Definition 1 holds once epsilon + L_H^2 <= 1/epsilon, that is epsilon <= (sqrt(L_H^4 + 4) -
            L_H^2)/2 ({float(threshold.subs(square, 1)):.6f} at L_H = 1). The eigenvalues of {trials} random
            accumulators obey both bounds up to rounding (1e-12); {void} draws broke |g| <= L_H and count for nothing.
        """,
    )


def _accumulator_trials(
    count: int,
    rng: np.random.Generator,
    hypotheses: tuple[Hypothesis, ...] = (BOUNDED_GRADIENT,),
    *,
    low: Any = 1,
    next: Any = 1,
    high: Any = 1,
) -> tuple[int, int, float]:
    """Return trials, void trials and the least room between the eigenvalues and the bounds of Lemma 2."""
    trials, void, worst = 0, 0, math.inf
    for _ in range(count):
        beta, eps = rng.uniform(0.5, 0.99), rng.uniform(1e-3, 0.5)
        gradients = rng.normal(size=(rng.integers(1, 30), 4)) * rng.uniform(0.05, 0.5)
        if void + trials == 0:  # constant gradients attain both bounds
            gradients = np.tile([1.0, 0.0, 0.0, 0.0], (len(gradients), 1))
        if unmet(hypotheses, gradients=gradients, bound=1.0):
            void += 1
            continue
        trials += 1
        spectrum = np.linalg.eigvalsh(accumulator(gradients, beta=beta, eps=eps, every_step=True))
        upper = 1 - beta ** (len(gradients) - 1 + float(next)) + float(high) * eps
        worst = min(worst, spectrum[0] - float(low) * eps, upper - spectrum[-1])
    return trials, void, float(worst)


@statement(
    id="trust_region.released_accumulator",
    paper=PAPER,
    number="Lemma 2, released code",
    title="The accumulator of the released code",
    statement_latex=r"A_t=\beta A_{t-1}+(1-\beta)g_tg_t^\top,\ A_{-1}=\varepsilon I:"
    r"\quad\lambda_{\min}(A_t)\ge$low\varepsilon",
    statement_words="Lemma 2 covers the accumulator that adds epsilon at the start only.",
    hypotheses=(BOUNDED_GRADIENT,),
    constants={"low": factor(1)},
    also_true={
        "low / 2": "under the same condition",
        **dict.fromkeys(("-low", "low = 0"), "the matrix is positive semidefinite, wherever epsilon is added"),
        **needless(BOUNDED_GRADIENT, why="the lower end hangs on no bound of the gradients"),
    },
)
def released_accumulator(level: Level, rng: np.random.Generator, *, low: Fraction) -> Evidence:
    beta, eps, steps = 0.8, 1e-10, 100
    gradients = np.tile([1.0, 0.0], (steps, 1))
    least = float(np.linalg.eigvalsh(accumulator(gradients, beta=beta, eps=eps, every_step=False))[0])
    exact = eps * beta**steps
    kept = float(np.linalg.eigvalsh(accumulator(gradients, beta=beta, eps=eps, every_step=True))[0])
    if not math.isclose(least, exact, rel_tol=1e-9) or not math.isclose(kept, eps, rel_tol=1e-9):
        return Evidence(verdict=Verdict.UNDECIDED, text="The smallest eigenvalue does not decay as expected.")
    case = {"g_t": [1, 0], "beta": beta, "epsilon": eps, "steps": steps, "smallest eigenvalue": least}
    if low > 1:  # with epsilon I at every step the smallest eigenvalue is epsilon
        more = case | {"smallest eigenvalue": kept, "bound": float(low) * eps}
        return Evidence(verdict=Verdict.REFUTED, counterexample=more, text="It fails for epsilon I at every step too.")
    if low <= 0:
        import sympy as sp

        before, weight, other, square = sp.symbols("uAu beta one_less_beta g_u_squared", positive=True)
        sum_of_squares = weight * before + other * square, [(weight, before), (other, square)]
        if not symbolic.certifies(*sum_of_squares):
            return Evidence(verdict=Verdict.UNDECIDED, text="It is no sum of what is not negative.")
        step = proofs.combination("multipliers: beta u'Au + (1 - beta) (g'u)^2 is not negative", *sum_of_squares)
        return Evidence(verdict=Verdict.PROVED, steps=(step,), text="A sum of squares with positive weights.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        margin=least - eps,
        hypothesis="epsilon I is added at every step, as (3) is printed",
        counterexample=case,
        text=f"""
            The released code starts from epsilon I and lets it decay with the rest. With g_t = (1, 0) at every step the
            second eigenvalue is epsilon beta^t: {least:.1e} after {steps} steps at beta = 0.8, epsilon = 1e-10, and it
            goes to 0, so no zeta serves all t. Adding epsilon I at every step keeps it at epsilon.
        """,
    )


@statement(
    id="trust_region.adagrad_not_equivalent",
    paper=PAPER,
    number="section 4.1",
    title="No such bound for Adagrad",
    statement_latex=r"\sup\lambda_{\max}(A_t^{\mathrm{ada}})=$growth(t+$one)L_H^2+$shift\varepsilon\to\infty",
    statement_words="""
        Bounded gradients do not make Adagrad's ellipsoids uniformly equivalent: the largest eigenvalue of the matrix
        that they can make grows like t.
    """,
    hypotheses=(BOUNDED_GRADIENT,),
    constants={"growth": factor(1), "one": number(1), "shift": factor(1)},
)
def adagrad_not_equivalent(
    level: Level,
    rng: np.random.Generator,
    *,
    growth: Fraction,
    one: Fraction,
    shift: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    import sympy as sp

    def is_largest(*, gradients: list[list[float]], bound: float) -> bool:
        """At t = 0 with epsilon = 1."""
        top = float(np.linalg.eigvalsh(np.outer(gradients[0], gradients[0]) + np.eye(2))[-1])
        return top <= float(growth * one) * bound**2 + float(shift) + 1e-12

    cases = [{"gradients": [[length, 0.0]], "bound": 1.0} for length in (1.0, 2.0)]
    if failure := first_failure(hypotheses, cases, is_largest):
        return failure
    steps, eps, square = sp.symbols("t epsilon L2", positive=True)
    zeta = sp.Symbol("zeta", positive=True)
    stated = sp.Rational(growth) * (steps + sp.Rational(one)) * square + sp.Rational(shift) * eps
    gradients = np.tile([1.0, 0.0], (50, 1))
    if not np.array_equal(np.linalg.eigvalsh(gradients.T @ gradients), [0, 50]):
        return Evidence(verdict=Verdict.UNDECIDED, text="The example is not as stated.")
    exceeds = symbolic.inequality(
        {"less zeta, at t = zeta and L_H = 1": stated.subs({steps: zeta, square: 1}) - zeta},
        text="It exceeds any zeta.",
    )
    if exceeds.verdict is not Verdict.PROVED:
        return exceeds
    return symbolic.identity(
        {
            "before the first gradient it is epsilon": stated.subs(steps, -1) - eps,
            "each gradient adds L_H^2": stated - stated.subs(steps, steps - 1) - square,
        },
        before=exceeds.steps,
        text="""
            The largest eigenvalue of a sum of g g' is at most its trace, so that each gradient raises it by L_H^2 at
            the most; with the gradient (L_H, 0) at every step it is raised by just that, from epsilon on. It is (t + 1)
            L_H^2 + epsilon, which exceeds any zeta: gradients that stay bounded do not bound it, so no constant serves
            all t.
        """,
        arguments=("the largest eigenvalue of A + g g' exceeds that of A by at most |g|^2",),
    )


@statement(
    id="trust_region.diagonal_variant",
    paper=PAPER,
    number="Lemma 2",
    title="The diagonal variant's norms",
    statement_latex=r"$low\varepsilon\le(A_t^{\mathrm{rms}})_{ii}\le(1-\beta^{t+$next})L_H^2+$high\varepsilon",
    statement_words="The bounds of Lemma 2 hold for the diagonal of RMSprop's matrix as well.",
    hypotheses=(BOUNDED_GRADIENT,),
    constants={"low": factor(1), "next": number(1), "high": factor(1)},
    also_true=LOOSER,
)
def diagonal_variant(
    level: Level, rng: np.random.Generator, *, hypotheses: tuple[Hypothesis, ...], **numbers: Fraction
) -> Evidence:
    import sympy as sp

    # An entry is eps + sum_k w_k g_ki^2, and |g_k|^2 - g_ki^2 is the sum of the other squares.
    weight, others, own = sp.symbols("w r a", positive=True)
    premises = symbolic.inequality(
        {"above epsilon": weight * own**2, "below the trace": weight * (own**2 + others) - weight * own**2},
        text="""
            Each diagonal entry is epsilon + sum_k (1-beta) beta^k g_ki^2: term by term at least 0 and at most (1-beta)
            beta^k |g_k|^2 <= (1-beta) beta^k L_H^2, so the entries obey the bounds of (24).
        """,
    )
    room, entry, bound = sp.symbols("bound_so_far entry_so_far L2", positive=True)
    summed = (
        room + weight * bound - entry - weight * own**2,
        [(sp.Integer(1), room - entry), (weight, bound - others - own**2), (weight, others)],
    )
    trials, void, worst, through_root = 0, 0, math.inf, math.inf
    for _ in range(100 if level == "quick" else 5000):
        gradients = rng.normal(size=(rng.integers(1, 30), 4))
        gradients /= max(1.0, float(np.max(np.linalg.norm(gradients, axis=1))))
        beta, shift = rng.uniform(0.5, 0.99), rng.uniform(1e-3, 0.5)
        if trials < 2:  # constant gradients attain both bounds; twice as long ones break them
            gradients = np.tile([1.0 + trials + void, 0.0, 0.0, 0.0], (len(gradients), 1))
        if unmet(hypotheses, gradients=gradients, bound=1.0 + 1e-12):
            void += 1
            continue
        trials += 1
        worst = min(worst, diagonal_room(gradients, beta=beta, eps=shift, bound=1.0 + 1e-12, **numbers))
        spectrum = np.sqrt(np.linalg.eigvalsh(accumulator(gradients, beta=beta, eps=shift, every_step=True)))
        zeta = math.sqrt(max(1 / shift, 1 + 1e-12 + shift))
        through_root = min(through_root, zeta - spectrum[-1], spectrum[0] - 1 / zeta)
    if not symbolic.certifies(*summed) or premises.verdict is not Verdict.PROVED or min(worst, through_root) < -1e-12:
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="The diagonal breaks a bound of Lemma 2.")
    return Evidence(
        verdict=Verdict.PROVED,
        margin=worst,
        tightness=1.0,
        trials=trials,
        void_trials=void,
        steps=(
            *premises.steps,
            proofs.combination("multipliers: one more gradient keeps the entry below its bound", *summed),
        ),
        text=f"""
            {premises.text} A gradient along one axis attains both. The ellipsoids of Corollary 1 are those of the
            roots, whose eigenvalues are the roots of these: they are equivalent with sqrt(zeta). {trials} random
            accumulators obey both; the least room was {worst:.1e}.
        """,
    )


def diagonal_room(
    gradients: np.ndarray, *, beta: float, eps: float, bound: float, low: Any = 1, next: Any = 1, high: Any = 1
) -> float:
    """Return the least room of the diagonal accumulator's entries between epsilon and the bound of (24)."""
    entries = np.diag(accumulator(gradients, beta=beta, eps=eps, every_step=True))
    upper = (1 - beta ** (len(gradients) - 1 + float(next))) * bound**2 + float(high) * eps
    return float(min(entries.min() - float(low) * eps, upper - entries.max()))
