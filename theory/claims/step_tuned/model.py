"""Section 3.1: the step of the second-order model, its finite difference, and Barzilai and Borwein's step."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import factor, needless, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, argument, statement, unmet
from theory.claims.routes import search, symbolic
from theory.claims.routes.cases import first_failure
from theory.claims.step_tuned.source import MOVED, PAPER, POSITIVE_CURVATURE, STRONGLY_CONVEX


@statement(
    id="step_tuned.curvature_step",
    paper=PAPER,
    number="(3), (4)",
    title="The step that minimises the model",
    statement_latex=r"\gamma(\theta,d)=$scale\frac{\langle\nabla J,d\rangle}{\langle\nabla^2J\,d,d\rangle}"
    r"=\arg\min_\gamma\ \gamma\langle\nabla J,d\rangle+\tfrac{\gamma^2}2\langle\nabla^2J\,d,d\rangle",
    statement_words="Along a direction of positive curvature (3) minimises the second-order model.",
    hypotheses=(POSITIVE_CURVATURE,),
    constants={"scale": factor(-1)},
)
def curvature_step(
    level: Level, rng: np.random.Generator, *, scale: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    def is_least(*, curvature: int) -> bool:
        values = [gamma + Fraction(gamma**2 * curvature, 2) for gamma in (-1, 0, 1) if curvature]  # slope 1
        here = scale / curvature
        return all(here + here**2 * curvature / 2 <= value for value in values)

    if failure := first_failure(hypotheses, [{"curvature": curvature} for curvature in (1, -1)], is_least):
        return failure

    gamma, slope, curvature = sp.symbols("gamma slope curvature")  # <grad J, d> and <H d, d>
    model = gamma * slope + gamma**2 * curvature / 2
    best = scale * slope / curvature
    return symbolic.identity(
        {
            "model - its value at (3) = curvature (gamma - gamma*)^2 / 2": model
            - model.subs(gamma, best)
            - curvature * (gamma - best) ** 2 / 2
        },
        text="""
            Completing the square: the model exceeds its value at (3) by <H d, d> (gamma - gamma*)^2 / 2, so (3) is the
            only minimiser wherever the curvature along d is positive, in every dimension; d = -grad J gives (4).
        """,
    )


@statement(
    id="step_tuned.finite_difference",
    paper=PAPER,
    number="(6), (7), (8)",
    title="The step from two gradients",
    statement_latex=r"\frac{\|\Delta\theta_k\|^2}{\langle\Delta\theta_k,\Delta g_k\rangle}=\gamma(\theta_{k-1})"
    r"\ \text{on quadratics},\quad\Big|\tfrac1{\gamma_k}-\tfrac1{\gamma(\theta_{k-1})}\Big|\le${half}L_H"
    r"\|\Delta\theta_k\|",
    statement_words="The difference quotient (8) is the model's step at the iterate before, exactly so on quadratics.",
    hypotheses=(POSITIVE_CURVATURE, MOVED),
    constants={"half": number("1/2")},
    also_true={
        "half * 2": "a looser bound",
        **needless(POSITIVE_CURVATURE, why="the identity holds wherever the curvature along the step is not 0"),
    },
)
def finite_difference(
    level: Level, rng: np.random.Generator, *, half: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    identities = {}
    for dimension in (2, 3) if level == "quick" else (2, 3, 4):
        gradient = sp.Matrix(sp.symbols(f"g1:{dimension + 1}"))
        entries = iter(sp.symbols(f"h1:{dimension * (dimension + 1) // 2 + 1}"))
        hessian = sp.zeros(dimension, dimension)
        for row in range(dimension):
            for column in range(row, dimension):
                hessian[row, column] = hessian[column, row] = next(entries)
        step = sp.Symbol("t")  # alpha gamma_{k-1}
        moved = -step * gradient  # (6)
        change = hessian * moved  # (7): exact where the gradient is affine
        measured = moved.dot(moved) / moved.dot(change)
        identities[f"(8) = (4) in dimension {dimension}"] = measured - gradient.dot(gradient) / gradient.dot(
            hessian * gradient
        )
    x, t, f2, f3 = sp.symbols("x t f2 f3")  # second and third derivatives at the last iterate; the first is 1
    slope = 1 + f2 * x + f3 * x**2 / 2
    unmoved = {"curvature": 1, "displacement": (0, 0)}  # 0/0 is no step
    if failure := first_failure(hypotheses, [unmoved], lambda *, displacement, **_: any(displacement)):
        return failure
    attained = (f2 - (slope.subs(x, -t) - 1) / -t).subs({f2: 1, f3: 1, t: 1})
    if attained > half:
        case = {"third derivative": "1", "step": "1", "|1/(8) - 1/(4)|": str(attained)}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="A cubic exceeds the bound.")
    identities["on a cubic 1/(8) - 1/(4) = f''' dx / 2"] = (slope.subs(x, -t) - 1) / -t - f2 + f3 * t / 2
    return symbolic.identity(
        identities,
        text="""
            As the step is -alpha gamma times the gradient at the iterate before, (8) on a quadratic is the model's step
            (4) at that iterate, whatever alpha: it lags by one iterate, and nothing else is lost. In general 1/(8) is
            the mean of the Rayleigh quotient along the segment, so it misses 1/(4) by at most half of the Hessian's
            Lipschitz constant times the length of the step; a cubic attains that.
        """,
        arguments=(
            "in any other dimension the two quadratic forms have more terms of the same form",
            "1/(8) is the mean of the Rayleigh quotient over the segment (fundamental theorem of calculus), which a "
            "Lipschitz Hessian changes by at most L_H |d|/2 on average",
        ),
        tightness=1.0,
    )


def curvature_step_violation(
    curvature_one: Fraction,
    curvature_two: Fraction,
    angle: Fraction,
    lower: Fraction | int = 1,
    upper: Fraction | int = 1,
) -> Fraction:
    """Return how far the step (8) of a quadratic with two curvatures leaves [lower/L, upper/mu], times their product.

    The displacement is (1, angle); positive values violate the range.
    """
    square, product = 1 + angle**2, curvature_one + curvature_two * angle**2
    low, high = min(curvature_one, curvature_two), max(curvature_one, curvature_two)
    # gamma = square / product; compare without dividing, as product > 0 where the hypotheses hold.
    return max(lower * product - high * square, low * square - upper * product)


@statement(
    id="step_tuned.range_of_steps",
    paper=PAPER,
    number="(8)",
    title="The range of the step size",
    origin="ours",
    statement_latex=r"\gamma_k=\frac{\|\Delta\theta_k\|^2}{\langle\Delta\theta_k,\Delta g_k\rangle}"
    r"\in[$lower/L,$upper/\mu]",
    statement_words="On a strongly convex quadratic the step (8) stays between $lower/L and $upper/mu.",
    hypotheses=(STRONGLY_CONVEX, MOVED),
    constants={"lower": number(1), "upper": number(1)},
    also_true=dict.fromkeys(("lower / 2", "-lower", "lower = 0", "upper * 2"), "a wider range"),
)
def range_of_steps(
    level: Level,
    rng: np.random.Generator,
    *,
    lower: Fraction,
    upper: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    import sympy as sp

    def is_within(*, eigenvalues: tuple[int, int], displacement: tuple[int, int]) -> bool:
        product = sum(value * move**2 for value, move in zip(eigenvalues, displacement, strict=True))
        if product == 0:
            return False  # there is no step
        step = Fraction(sum(move**2 for move in displacement), product)
        return lower / max(eigenvalues) <= step <= upper / min(eigenvalues)

    outside: tuple[dict[str, Any], ...] = (
        {"eigenvalues": (1, 1), "displacement": (0, 0)},
        {"eigenvalues": (-1, 2), "displacement": (1, 1)},
    )
    if failure := first_failure(hypotheses, outside, is_within):
        return failure

    for dimension in range(2, 6):
        lowest, gaps = sp.Symbol("mu"), sp.symbols(f"a1:{dimension}")
        squares = sp.symbols(f"s1:{dimension + 1}")  # squared coordinates of the displacement
        eigenvalues = [lowest + sum(gaps[:index], start=sp.Integer(0)) for index in range(dimension)]
        length = sum(squares)
        product = sum(value * square for value, square in zip(eigenvalues, squares, strict=True))
        above = [(square, value - lowest) for value, square in zip(eigenvalues, squares, strict=True)]
        below = [(square, eigenvalues[-1] - value) for value, square in zip(eigenvalues, squares, strict=True)]
        if not (
            symbolic.certifies(product - lowest * length, above)
            and symbolic.certifies(eigenvalues[-1] * length - product, below)
        ):
            return Evidence(verdict=Verdict.UNDECIDED, text=f"The certificate fails in dimension {dimension}.")
    # Over the dimension: a further coordinate adds its square to the length and value * square to the product.
    length, product, square, value, lowest, largest = sp.symbols("length product square value mu L")
    further = {
        "the lower end": (
            product + value * square - lowest * (length + square),
            [(sp.Integer(1), product - lowest * length), (square, value - lowest)],
        ),
        "the upper end": (
            largest * (length + square) - product - value * square,
            [(sp.Integer(1), largest * length - product), (square, largest - value)],
        ),
    }
    if not all(symbolic.certifies(*pair) for pair in further.values()):
        return Evidence(verdict=Verdict.UNDECIDED, text="The step from one dimension to the next fails.")
    found = search.find_violation(
        lambda one, two, angle: curvature_step_violation(one, two, angle, lower, upper),
        [(-1, 10), (-1, 10), (-5, 5)],
        rng=rng,
        admissible=lambda one, two, angle: not unmet(hypotheses, eigenvalues=(one, two), displacement=(1, angle)),
        generations=40 if level == "quick" else 400,
    )
    if found.point is not None:
        one, two, angle = map(str, found.point)
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"eigenvalues": [one, two], "displacement": ["1", angle]},
            text=f"The step leaves [1/L, 1/mu] by a violation of {found.violation}.",
        )
    return Evidence(
        verdict=Verdict.PROVED,
        trials=found.trials,
        void_trials=found.void_trials,
        tightness=1.0,
        steps=tuple(
            proofs.combination(f"multipliers: {name}, from one dimension to the next (from 0 = 0 on)", *pair)
            for name, pair in further.items()
        )
        + argument("a symmetric matrix has an orthogonal basis of eigenvectors (spectral theorem)"),
        text=f"""
            In the eigenbasis <dx, dg> - mu |dx|^2 = sum (lambda_i - mu) dx_i^2 and L |dx|^2 - <dx, dg> = sum (L -
            lambda_i) dx_i^2: every term is non-negative (by induction over the dimension, and once more for dimensions
            2 to 5 as a whole). Both ends are attained, by displacements along an eigenvector. A search over
            {found.trials} two-dimensional quadratics found no violation; {found.void_trials} were void, not strongly
            convex.
        """,
    )


def step_of_cubic(start: Fraction, end: Fraction) -> Fraction:
    """Return the step (8) on x^3/6 - x between two points: |dx|^2 / (dx dg), with dg = (end^2 - start^2)/2."""
    return 2 * (end - start) / (end**2 - start**2)


@statement(
    id="step_tuned.range_beyond_quadratics",
    paper=PAPER,
    number="(8)",
    title="The range of the step size beyond quadratics",
    origin="ours",
    statement_latex=r"\gamma_k\in[$lower/L,$upper/\mu]\ \text{wherever}\ \langle\Delta\theta_k,\Delta g_k\rangle>0",
    statement_words="""
        Wherever the measured curvature is positive the step (8) stays between $lower over the largest curvature and
        $upper over the least one.
    """,
    hypotheses=(MOVED,),
    constants={"lower": number(1), "upper": number(1)},
    also_true=dict.fromkeys(("lower / 2", "-lower", "lower = 0", "upper * 2"), "a wider range"),
)
def range_beyond_quadratics(
    level: Level,
    rng: np.random.Generator,
    *,
    lower: Fraction,
    upper: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    import sympy as sp

    def is_within(*, displacement: tuple[int, ...]) -> bool:
        """On x^2/2, where both curvatures are 1."""
        square = sum(move**2 for move in displacement)
        return square > 0 and lower <= Fraction(square, square) <= upper

    if failure := first_failure(hypotheses, [{"displacement": (2,)}, {"displacement": (0,)}], is_within):
        return failure

    below, above, at_old, at_new, square, mu, lipschitz = sp.symbols("f_old f_new g_old.d g_new.d |d|^2 mu L")
    one = sp.Integer(1)
    convex = [above - below - at_old - mu * square / 2, below - above + at_new - mu * square / 2]
    smooth = [below + at_old + lipschitz * square / 2 - above, above - at_new + lipschitz * square / 2 - below]
    change = at_new - at_old
    least, most = sp.Rational(lower), sp.Rational(upper)
    wider_above = [(most - 1, mu * square)] if most > 1 else []
    wider_below = [(1 - least, lipschitz * square)] if least < 1 else []
    ends = (
        (most * change - mu * square, [*((most, premise) for premise in convex), *wider_above]),
        (lipschitz * square - least * change, [*((least, premise) for premise in smooth), *wider_below])
        if least > 0
        else (lipschitz * square - least * change, [(one, lipschitz * square), *([(-least, change)] if least else [])]),
    )
    if not all(symbolic.certifies(*end) for end in ends):
        return Evidence(verdict=Verdict.UNDECIDED, text="The certificates do not add up.")
    start, end = Fraction(-1), Fraction(101, 100)
    step = step_of_cubic(start, end)
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        tightness=1.0,
        hypothesis="J is mu-strongly convex and has an L-Lipschitz gradient between the iterates (quadratic or not)",
        counterexample={
            "J": "x^3/6 - x",
            "x_{k-1}": str(start),
            "x_k": str(end),
            "gamma_k": str(step),
            "|J''| at most": str(end),
        },
        text=f"""
            Two strong-convexity inequalities at the ends of a step add up to <d, dg> >= mu |d|^2, and two descent
            lemmas to <d, dg> <= L |d|^2 (exact certificates): the range [1/L, 1/mu] belongs to every strongly convex
            function with a Lipschitz gradient, quadratics are not needed, and there is no counterexample among them.
            Without convexity the lower end stays, as the descent lemma does not need it, and the upper end goes: on
            x^3/6 - x from {start} to {end}, where concave and convex pieces almost cancel, the curvature measured is
            positive and the step is {step}, though |J''| <= {end} on the way.
        """,
    )


@statement(
    id="step_tuned.barzilai_borwein",
    paper=PAPER,
    number="section 3.1.2",
    title="Algorithm 1 is Barzilai and Borwein's method",
    statement_latex=r"\alpha=1,\ \langle\Delta\theta_k,\Delta g_k\rangle>0:\quad\gamma_k=$share\gamma_k^{\mathrm{BB1}}",
    statement_words="Where the measured curvature is positive the step is Barzilai and Borwein's long one.",
    hypotheses=(POSITIVE_CURVATURE, MOVED),
    constants={"share": factor(1)},
    also_true=needless(POSITIVE_CURVATURE, why="the statement says it"),
)
def barzilai_borwein(
    level: Level, rng: np.random.Generator, *, share: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    unmoved = {"curvature": 1, "displacement": (0, 0)}  # 0/0 is no step
    if failure := first_failure(hypotheses, [unmoved], lambda *, displacement, **_: any(displacement)):
        return failure

    square, product, change, inverse = sp.symbols("dd dy yy b")  # |d|^2, <d, dg>, |dg|^2 and 1/gamma
    misfit = inverse**2 * square - 2 * inverse * product + change
    secant = share * product / square
    gamma = sp.Symbol("gamma")
    other = square - 2 * gamma * product + gamma**2 * change
    return symbolic.identity(
        {
            "|d/gamma - dg|^2 is least at 1/gamma = <d, dg>/|d|^2": misfit
            - misfit.subs(inverse, secant)
            - square * (inverse - secant) ** 2,
            "|d - gamma dg|^2 is least at the short step": other
            - other.subs(gamma, product / change)
            - change * (gamma - product / change) ** 2,
            "long minus short step = (|d|^2 |dg|^2 - <d, dg>^2) / (<d, dg> |dg|^2)": square / product
            - product / change
            - (square * change - product**2) / (product * change),
        },
        text="""
            Barzilai and Borwein's long step solves d = gamma dg in least squares over 1/gamma; that is (8), so with
            alpha = 1 and as long as <d, dg> > 0 Algorithm 1 is their method. Their short step (least squares over
            gamma) is another one: by Cauchy and Schwarz it is never the longer, and the two agree only where dg is
            parallel to d.
        """,
    )
