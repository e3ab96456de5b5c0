"""Lemmas 5 to 7: what the Cauchy point and the eigenpoint are sure to gain, and how wrong the model may be."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from theory.claims.constants import factor, needless, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure
from theory.claims.trust_region.problems import cosine_sum, perturbed, random_metric, symmetric
from theory.claims.trust_region.source import (
    ACCURATE,
    NEGATIVE_CURVATURE,
    NONZERO_GRADIENT,
    PAPER,
    POSITIVE_DEFINITE,
    without_norm,
)


def cauchy_cases(share: Fraction = Fraction(1, 2), one: Fraction = Fraction(1)) -> dict:
    """Return, for each way in which the Cauchy point can end, its decrease less the bound (29), share = 1/2, one = 1.

    G = |g|^2, t = radius / |g|_A, kappa = g'Bg; `room` is what a condition of the case leaves over.
    """
    import sympy as sp

    square, length, curvature, room = sp.symbols("G t kappa room", positive=True)
    norm_of_form = curvature / square + room  # |B| >= g'Bg / |g|^2
    return {
        "minimum inside": square**2 / (2 * curvature) - share * square / (one + norm_of_form),
        "boundary, curved upwards": (length * square - length**2 * curvature / 2 - share * length * square).subs(
            square, length * curvature + room
        ),
        "boundary, curved downwards": length * square + length**2 * curvature / 2 - share * length * square,
    }


@statement(
    id="trust_region.cauchy_decrease",
    paper=PAPER,
    number="Lemma 5, (29)",
    title="Decrease at the Cauchy point",
    statement_latex=r"m(0)-m(s_C)\ge$share\|g\|\min\left(\frac{\|g\|}{$one+\|B\|},"
    r"\Delta\frac{\|g\|}{\|g\|_A}\right)",
    statement_words="The Cauchy point lowers the model by at least the stated amount, in every ellipsoid.",
    hypotheses=(POSITIVE_DEFINITE, NONZERO_GRADIENT),
    constants={"share": number("1/2"), "one": number(1)},
    also_true={
        **dict.fromkeys(("share / 2", "-share", "share = 0", "one * 2"), "a looser bound"),
        **dict.fromkeys(("one / 2", "one = 0"), "|B| alone would do, where B is not 0"),
        **needless(NONZERO_GRADIENT, why="at g = 0 both sides are 0"),
    },
)
def cauchy_decrease(
    level: Level, rng: np.random.Generator, *, share: Fraction, one: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    from theory.trust_region import cauchy_point, model_decrease

    if failure := without_norm(hypotheses):
        return failure

    trials, void, least = 0, 0, math.inf
    for _ in range(300 if level == "quick" else 20_000):
        dimension = int(rng.integers(1, 6))
        metric, form = random_metric(dimension, rng), symmetric(dimension, rng) * 10 ** rng.uniform(-2, 3)
        slope = rng.normal(size=dimension) * (rng.random() > 0.02)
        if unmet((POSITIVE_DEFINITE, NONZERO_GRADIENT), eigenvalues=np.linalg.eigvalsh(metric), gradient=slope):
            void += 1
            continue
        trials += 1
        radius = 10 ** rng.uniform(-3, 2)
        size = float(np.linalg.norm(slope))
        inside = size / (float(one) + float(np.linalg.norm(form, 2)))
        bound = float(share) * size * min(inside, radius * size / math.sqrt(slope @ metric @ slope))
        if inside <= 0:
            return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="(29) may be negative.")
        fallen = float(model_decrease(slope, form, cauchy_point(metric, slope, form, radius)))
        least = min(least, fallen / bound if bound > 0 else math.inf)
    if least < 1 - 1e-9:
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="A Cauchy point stays below (29).")
    return symbolic.inequality(
        cauchy_cases(share, one),
        arguments=(
            "along -g the lowest point of the parabola is inside, on the boundary, or there for want of curvature",
            "|B| is at least g'Bg/|g|^2",
        ),
        margin=least - 1,
        tightness=1 / least,
        trials=trials,
        void_trials=void,
        text=f"""
            Along -g the model is a parabola, and its lowest point is inside the region, on its boundary, or on its
            boundary for want of curvature. In each of the three cases the decrease less the bound is a quotient of
            polynomials with positive coefficients, once the condition of the case is put in. On {trials} random
            subproblems the decrease is at least {least:.4f} times the bound. The 1 in 1 + |B| is needed only where B =
            0 would leave nothing; with |B| alone the bound is attained on the boundary of the two cases.
        """,
    )


def eigenpoint_case(half: Fraction = Fraction(1, 2)):
    """Return the eigenpoint's decrease less the bound (30); U = |u|^2, lam = |lambda_min|, h = -g'u."""
    import sympy as sp

    length, against, share, lam, square, room = sp.symbols("t h nu lam U room", positive=True)
    curvature = share * lam * square + room  # -u'Bu
    return length * against + length**2 * curvature / 2 - half * share * lam * square * length**2


@statement(
    id="trust_region.eigenpoint_decrease",
    paper=PAPER,
    number="Lemma 6, (30)",
    title="Decrease at the eigenpoint",
    statement_latex=r"m(0)-m(s_E)\ge$half\nu|\lambda_{\min}(B)|\,\Delta^2\|u\|^2/\|u\|_A^2",
    statement_words="The eigenpoint lowers the model by at least the stated amount, in every ellipsoid.",
    hypotheses=(NEGATIVE_CURVATURE,),
    constants={"half": number("1/2")},
    also_true=dict.fromkeys(("half / 2", "-half", "half = 0"), "a looser bound"),
)
def eigenpoint_decrease(
    level: Level, rng: np.random.Generator, *, half: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    from theory.trust_region import model_decrease
    from theory.trust_region.model import along

    trials, void, least = 0, 0, math.inf
    for _ in range(300 if level == "quick" else 20_000):
        dimension = int(rng.integers(1, 6))
        metric, form = random_metric(dimension, rng), symmetric(dimension, rng)
        slope, share = rng.normal(size=dimension) * (rng.random() > 0.2), rng.uniform(0.2, 0.9)
        values, vectors = np.linalg.eigh(form)
        direction = vectors[:, 0] + rng.uniform(0, 0.3) * rng.normal(size=dimension)
        direction = -direction if slope @ direction > 0 else direction
        if unmet(
            hypotheses,
            curvature=direction @ form @ direction / (direction @ direction),
            lowest=values[0],
            nu=share,
            slope=slope @ direction,
        ):
            void += 1
            continue
        trials += 1
        radius = 10 ** rng.uniform(-3, 2)
        step = along(metric, slope, form, direction, radius)
        stretch = (direction @ direction) / (direction @ metric @ direction)
        bound = float(half) * share * abs(values[0]) * radius**2 * stretch
        least = min(least, float(model_decrease(slope, form, step)) / bound if bound > 0 else math.inf)
    if least < 1 - 1e-9:
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="An eigenpoint stays below (30).")
    return symbolic.inequality(
        {"decrease less the bound": eigenpoint_case(half)},
        margin=least - 1,
        tightness=1.0,
        trials=trials,
        void_trials=void,
        text=f"""
            Along a direction of negative curvature, turned downhill, the model falls all the way to the boundary, and
            the decrease there less the bound has only positive coefficients. With g'u = 0 and u the lowest eigenvector
            itself, nu = 1, they are equal. On {trials} random subproblems the decrease is at least {least:.4f} times
            the bound; {void} draws had no direction of the curvature asked for.
        """,
    )


def model_error_bound(
    delta_g: float, delta_H: float, lipschitz: float, length: float, factors: tuple[float, ...] = (1, 1 / 2, 1 / 6)
) -> float:
    """Return delta_g |s| + delta_H |s|^2 / 2 + L_H |s|^3 / 6, or the same with other factors."""
    return sum(
        factor * value * length**power
        for power, (factor, value) in enumerate(zip(factors, (delta_g, delta_H, lipschitz), strict=True), 1)
    )


# On each of them one error alone, against the step, makes up the model's whole error.
EXTREMES = ((0.3, 0.0, 0.0, 1.5), (0.0, 0.7, 0.0, 1.5), (0.0, 0.0, 2.0, 1.5), (0.3, 0.7, 2.0, 1.5))


@statement(
    id="trust_region.model_error",
    paper=PAPER,
    number="Lemma 7, (31)",
    title="Error of an inexact model",
    statement_latex=r"|L(w+s)-L(w)-m(s)+m(0)|\le$slope\delta_g\|s\|+$curvature\delta_H\|s\|^2+${third}L_H\|s\|^3",
    statement_words="The model with inexact derivatives misses the loss by no more than the stated amount.",
    hypotheses=(ACCURATE,),
    constants={"slope": factor(1), "curvature": number("1/2"), "third": number("1/6")},
    also_true=dict.fromkeys(("slope * 2", "curvature * 2", "third * 2"), "a looser bound"),
)
def model_error(
    level: Level, rng: np.random.Generator, *, hypotheses: tuple[Hypothesis, ...], **factors: Fraction
) -> Evidence:
    told = tuple(float(value) for value in factors.values())

    def is_bounded(
        *, lipschitz: float, length: float, gradient_error: float, hessian_error: float, **given: float
    ) -> bool:
        error = gradient_error * length + hessian_error * length**2 / 2 + lipschitz * length**3 / 6
        bound = model_error_bound(given["delta_g"], given["delta_H"], lipschitz, length, told)
        return error <= bound * (1 + 1e-9)

    cases = [
        {"lipschitz": third, "length": length, "gradient_error": scale * slope, "hessian_error": scale * curvature}
        | {"delta_g": slope, "delta_H": curvature}
        for scale in (1.0, 1.1)
        for slope, curvature, third, length in EXTREMES
    ]
    if failure := first_failure(hypotheses, cases, is_bounded):
        return failure
    trials, void, largest = 0, 0, 0.0
    for _ in range(400 if level == "quick" else 20_000):
        dimension = int(rng.integers(1, 5))
        loss = cosine_sum(dimension, 4, rng)
        x, step = rng.normal(size=dimension), rng.normal(size=dimension) * 10 ** rng.uniform(-2, 0.5)
        delta_g, delta_H = 10 ** rng.uniform(-3, 0, 2)
        slope, form = perturbed(loss, x, delta_g, delta_H, rng, excess=1.1)
        if unmet(
            hypotheses,
            gradient_error=np.linalg.norm(slope - loss.gradient(x)),
            delta_g=delta_g,
            hessian_error=np.linalg.norm((form - loss.hessian(x)) @ step) / np.linalg.norm(step),
            delta_H=delta_H,
        ):
            void += 1
            continue
        trials += 1
        error = abs(loss.value(x + step) - loss.value(x) - slope @ step - step @ form @ step / 2)
        bound = model_error_bound(delta_g, delta_H, loss.hessian_lipschitz, float(np.linalg.norm(step)), told)
        largest = max(largest, float(error / bound))
        if error > bound * (1 + 1e-9) + 1e-12:
            return Evidence(
                verdict=Verdict.REFUTED,
                trials=trials,
                counterexample={**loss._asdict(), "x": x, "s": step},
                text=f"The model is wrong by {error:.3g}, and the bound is {bound:.3g}.",
            )
    # L = L_H x^3/6 at x = 0 with g = -delta_g and B = -delta_H: every term of the error has the same sign.
    delta_g, delta_H, lipschitz, length = EXTREMES[-1]
    cubic = lipschitz * length**3 / 6 + delta_g * length + delta_H * length**2 / 2
    attained = cubic / model_error_bound(delta_g, delta_H, lipschitz, length, told)
    return Evidence(
        verdict=Verdict.SUPPORTED,
        margin=1 - largest,
        tightness=1 / attained,
        power="any of the three factors lowered is refused",
        trials=trials,
        void_trials=void,
        text=f"""
            On {trials} random sums of cosines, whose Lipschitz constants are known, with gradients and Hessians off by
            random errors, the model's error is at most {largest:.4f} of delta_g|s| + delta_H|s|^2/2 + L_H|s|^3/6;
            {void} draws broke Assumption 1. The cubic L_H x^3/6 at 0 with both errors against the step attains it
            (ratio {attained:.6f}), so no constant can be lowered. In the ellipsoid |s| is at most sqrt(zeta) times the
            radius.
        """,
    )
