"""Lemmas 5 to 7: what the Cauchy point and the eigenpoint are sure to gain, and how wrong the model may be."""

from __future__ import annotations

import math

import numpy as np

from theory.claims.ledger import Evidence, Level, Verdict, statement, unmet
from theory.claims.routes import symbolic
from theory.claims.trust_region.problems import cosine_sum, perturbed, random_metric, symmetric
from theory.claims.trust_region.source import ACCURATE, NEGATIVE_CURVATURE, NONZERO_GRADIENT, PAPER, POSITIVE_DEFINITE


def cauchy_cases() -> dict:
    """Return, for each way in which the Cauchy point can end, its decrease less the bound (29).

    G = |g|^2, t = radius / |g|_A, kappa = g'Bg; `room` is what a condition of the case leaves over.
    """
    import sympy as sp

    square, length, curvature, room = sp.symbols("G t kappa room", positive=True)
    norm_of_form = curvature / square + room  # |B| >= g'Bg / |g|^2
    return {
        "minimum inside": square**2 / (2 * curvature) - square / (2 * (1 + norm_of_form)),
        "boundary, curved upwards": (length * square - length**2 * curvature / 2 - length * square / 2).subs(
            square, length * curvature + room
        ),
        "boundary, curved downwards": length * square + length**2 * curvature / 2 - length * square / 2,
    }


@statement(
    id="trust_region.cauchy_decrease",
    paper=PAPER,
    number="Lemma 5, (29)",
    title="Decrease at the Cauchy point",
    statement_latex=r"m(0)-m(s_C)\ge\tfrac12\|g\|\min\left(\frac{\|g\|}{1+\|B\|},"
    r"\Delta\frac{\|g\|}{\|g\|_A}\right)",
    statement_words="The Cauchy point lowers the model by at least the stated amount, in every ellipsoid.",
    hypotheses=(POSITIVE_DEFINITE, NONZERO_GRADIENT),
)
def cauchy_decrease(level: Level, rng: np.random.Generator) -> Evidence:
    from theory.trust_region import cauchy_decrease, cauchy_point, model_decrease

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
        bound = cauchy_decrease(metric, slope, form, radius)
        least = min(least, float(model_decrease(slope, form, cauchy_point(metric, slope, form, radius))) / bound)
    if least < 1 - 1e-9:
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="A Cauchy point stays below (29).")
    return symbolic.inequality(
        cauchy_cases(),
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


def eigenpoint_case():
    """Return the eigenpoint's decrease less the bound (30); U = |u|^2, lam = |lambda_min|, h = -g'u."""
    import sympy as sp

    length, against, share, lam, square, room = sp.symbols("t h nu lam U room", positive=True)
    curvature = share * lam * square + room  # -u'Bu
    return length * against + length**2 * curvature / 2 - share * lam * square * length**2 / 2


@statement(
    id="trust_region.eigenpoint_decrease",
    paper=PAPER,
    number="Lemma 6, (30)",
    title="Decrease at the eigenpoint",
    statement_latex=r"m(0)-m(s_E)\ge\tfrac12\nu|\lambda_{\min}(B)|\,\Delta^2\|u\|^2/\|u\|_A^2",
    statement_words="The eigenpoint lowers the model by at least the stated amount, in every ellipsoid.",
    hypotheses=(NEGATIVE_CURVATURE,),
)
def eigenpoint_decrease(level: Level, rng: np.random.Generator) -> Evidence:
    from theory.trust_region import eigenpoint_decrease, model_decrease
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
            (NEGATIVE_CURVATURE,),
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
        bound = eigenpoint_decrease(metric, form, direction, radius, share=share)
        least = min(least, float(model_decrease(slope, form, step)) / bound)
    if least < 1 - 1e-9:
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text="An eigenpoint stays below (30).")
    return symbolic.inequality(
        {"decrease less the bound": eigenpoint_case()},
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


def model_error_bound(delta_g: float, delta_H: float, lipschitz: float, length: float) -> float:
    """Return delta_g |s| + delta_H |s|^2 / 2 + L_H |s|^3 / 6."""
    return delta_g * length + delta_H * length**2 / 2 + lipschitz * length**3 / 6


@statement(
    id="trust_region.model_error",
    paper=PAPER,
    number="Lemma 7, (31)",
    title="Error of an inexact model",
    statement_latex=r"|L(w+s)-L(w)-m(s)+m(0)|\le\delta_g\|s\|+\tfrac12\delta_H\|s\|^2+\tfrac16L_H\|s\|^3",
    statement_words="The model with inexact derivatives misses the loss by no more than the stated amount.",
    hypotheses=(ACCURATE,),
)
def model_error(level: Level, rng: np.random.Generator) -> Evidence:
    trials, void, largest = 0, 0, 0.0
    for _ in range(400 if level == "quick" else 20_000):
        dimension = int(rng.integers(1, 5))
        loss = cosine_sum(dimension, 4, rng)
        x, step = rng.normal(size=dimension), rng.normal(size=dimension) * 10 ** rng.uniform(-2, 0.5)
        delta_g, delta_H = 10 ** rng.uniform(-3, 0, 2)
        slope, form = perturbed(loss, x, delta_g, delta_H, rng, excess=1.1)
        if unmet(
            (ACCURATE,),
            gradient_error=np.linalg.norm(slope - loss.gradient(x)),
            delta_g=delta_g,
            hessian_error=np.linalg.norm((form - loss.hessian(x)) @ step) / np.linalg.norm(step),
            delta_H=delta_H,
        ):
            void += 1
            continue
        trials += 1
        error = abs(loss.value(x + step) - loss.value(x) - slope @ step - step @ form @ step / 2)
        bound = model_error_bound(delta_g, delta_H, loss.hessian_lipschitz, float(np.linalg.norm(step)))
        largest = max(largest, float(error / bound))
        if error > bound * (1 + 1e-9) + 1e-12:
            return Evidence(
                verdict=Verdict.REFUTED,
                trials=trials,
                counterexample={**loss._asdict(), "x": x, "s": step},
                text=f"The model is wrong by {error:.3g}, and the bound is {bound:.3g}.",
            )
    # L = L_H x^3/6 at x = 0 with g = -delta_g and B = -delta_H: every term of the error has the same sign.
    lipschitz, delta_g, delta_H, length = 2.0, 0.3, 0.7, 1.5
    cubic = lipschitz * length**3 / 6 + delta_g * length + delta_H * length**2 / 2
    attained = cubic / model_error_bound(delta_g, delta_H, lipschitz, length)
    return Evidence(
        verdict=Verdict.SUPPORTED,
        margin=1 - largest,
        tightness=1 / attained,
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
