"""Lemmas 8 and 9: a small enough region makes the step successful."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.routes.cases import first_failure
from theory.claims.trust_region.problems import CosineSum, cosine_sum, perturbed, random_metric
from theory.claims.trust_region.source import ACCURATE, EQUIVALENT_NORMS, PAPER

ETA1 = 0.1


def agreement(loss: CosineSum, x: np.ndarray, slope: np.ndarray, form: np.ndarray, step: np.ndarray) -> float:
    """Return rho: the fall of the loss over that of the model."""
    from theory.trust_region import model_decrease

    return (loss.value(x) - loss.value(x + step)) / float(model_decrease(slope, form, step))


def stalled_ellipsoid(zeta: float, delta_g: float, radius: float) -> tuple[float, dict[str, Any]]:
    """Return rho of the exact step in a flat ellipsoid for a linear loss, and what defines the case.

    The model has the slope g, |g| = 1, and the loss has the slope g + delta_g s/|s|: as far off as is allowed.
    """
    from theory.trust_region import ellipsoid_step

    metric, slope = np.diag([zeta, 1 / zeta]), np.array([math.sqrt(1 - zeta**-2), 1 / zeta])
    step = ellipsoid_step(metric, slope, radius)
    truth = slope + delta_g * step / np.linalg.norm(step)
    case = {"A": metric, "g": slope, "B": 0, "L(w)": "c'w", "c": truth, "delta_g": delta_g, "radius": radius}
    return float((truth @ step) / (slope @ step)), case


def cubic_against(slope: float, curvature: float, errors: tuple[float, float, float], radius: float) -> float:
    """Return rho of the step `radius` in one dimension, for the model -slope s - curvature s^2/2.

    The loss is the model with all errors against the step: delta_g s + delta_H s^2/2 + L_H s^3/6.
    """
    fallen = slope * radius + curvature * radius**2 / 2
    return 1 - sum(e * radius**k / math.factorial(k) for k, e in enumerate(errors, 1)) / fallen


def successful_trials(
    count: int, rng: np.random.Generator, *, factor: float = 1.0, four: float = 4.0
) -> tuple[int, int, float]:
    """Return trials, void trials and the least rho - eta1 at `factor` times the radius of Lemma 8.

    The gradient's error is up to (1 - eta1) epsilon_g / (four zeta); where that is more than with 4, the radius stays.
    """
    from theory.trust_region import cauchy_point, model_minimiser, success_radius_gradient

    met, void, least = 0, 0, math.inf
    for _ in range(count):
        dimension, zeta = int(rng.integers(1, 4)), 10 ** rng.uniform(0, 1.2)
        loss, x = cosine_sum(dimension, 4, rng), rng.normal(size=dimension)
        metric = random_metric(dimension, rng, zeta=zeta)
        accuracy = float(np.linalg.norm(loss.gradient(x))) / 2
        delta_g, delta_H = (1 - ETA1) * accuracy / (four * zeta), 1.0
        slope, form = perturbed(loss, x, delta_g, delta_H, rng)
        radius = factor * success_radius_gradient(
            gradient_accuracy=accuracy,
            zeta=zeta,
            hessian_norm=loss.hessian_bound + delta_H,
            hessian_lipschitz=loss.hessian_lipschitz,
            eta1=ETA1,
            gradient_error=min(delta_g, (1 - ETA1) * accuracy / (4 * zeta)),
            hessian_error=delta_H,
        )
        solve = cauchy_point if rng.random() < 0.5 else model_minimiser
        step = solve(metric, slope, form, radius)
        if np.linalg.norm(slope) < accuracy or unmet(
            (ACCURATE, EQUIVALENT_NORMS),
            spectrum=np.linalg.eigvalsh(metric),
            zeta=zeta * (1 + 1e-9),
            gradient_error=np.linalg.norm(slope - loss.gradient(x)),
            delta_g=delta_g,
            hessian_error=np.linalg.norm((form - loss.hessian(x)) @ step) / np.linalg.norm(step),
            delta_H=delta_H,
        ):
            void += 1
            continue
        met += 1
        least = min(least, agreement(loss, x, slope, form, step) - ETA1)
    return met, void, least


@statement(
    id="trust_region.success_long_gradient",
    paper=PAPER,
    number="Lemma 8",
    title="Success while g is long",
    origin="ours",
    statement_latex=r"\|g\|\ge\epsilon_g,\ \delta_g\le\tfrac{(1-\eta_1)\epsilon_g}{$four},\ "
    r"\Delta\le$reach\Delta_g\Rightarrow\rho\ge\eta_1",
    statement_words="""
        While the gradient is long, a step in a small enough ellipsoid is successful: with an error of the gradient up
        to (1 - η₁)ε_g/$four, at radii up to $reach Δ_g, Δ_g as derived from (29) and Lemma 7.
    """,
    hypotheses=(ACCURATE, EQUIVALENT_NORMS),
    constants={"four": number(4), "reach": factor(1)},
    also_true={
        "four * 2": "under the same condition, which is stricter",
        "four / 2": "under the same condition: the radius is short enough for errors twice as large",
        "reach / 2": "a smaller region",
    },
)
def success_long_gradient(
    level: Level,
    rng: np.random.Generator,
    *,
    four: Fraction,
    reach: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    if four < 0 or reach <= 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="No error and no radius is that small: nothing can be tried.")

    def succeeds(*, spectrum: tuple[float, float], gradient_error: float, **_: float) -> bool:
        return stalled_ellipsoid(spectrum[1], gradient_error, 1e-3)[0] >= ETA1

    # The error that is allowed: in an ellipsoid as flat as zeta says, in a flatter one; and a larger error.
    cases = [
        {"spectrum": (1 / flat, flat), "zeta": zeta, "gradient_error": error, "hessian_error": 0.0, "delta_H": 1.0}
        | {"delta_g": (1 - ETA1) / (4 * zeta)}
        for flat, zeta, error in ((100.0, 100.0, 0.00225), (100.0, 1.0, 0.225), (1.0, 1.0, 1.0))
    ]
    if failure := first_failure(hypotheses, cases, succeeds):
        return failure
    # B = 0, exact derivatives but for L_H = 1, |g| = epsilon_g = 1 and zeta = 1: Lemma 7 holds with equality.
    from theory.trust_region import success_radius_gradient

    radius = float(reach) * success_radius_gradient(
        gradient_accuracy=1.0, zeta=1.0, hessian_norm=0.0, hessian_lipschitz=8.0, eta1=ETA1
    )
    tight = cubic_against(1.0, 0.0, (0.0, 0.0, 8.0), radius)
    if tight < ETA1:
        case = {"L(w)": "-w + 4 w^3/3", "w": 0, "s": radius, "rho": tight, "eta_1": ETA1}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="The region is too large for this loss.")
    if not four:
        case = {"L(w)": "w", "w": 0, "g": -1, "s": 1, "rho": -1}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="With any error allowed nothing is known.")
    zeta, delta_g = 100.0, (1 - ETA1) / float(four)
    stalled = [stalled_ellipsoid(zeta, delta_g, 10.0**-power)[0] for power in range(9)]
    rho, case = stalled_ellipsoid(zeta, delta_g, 1e-3)
    met, void, least = successful_trials(
        200 if level == "quick" else 10_000, rng, factor=float(reach), four=float(four)
    )
    if max(stalled) >= ETA1 or least < -1e-9:
        return Evidence(verdict=Verdict.UNDECIDED, trials=met, text="A step is not as successful as derived.")
    doubled = cubic_against(1.0, 0.0, (0.0, 0.0, 8.0), 2 * radius / float(reach))
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.SUPPORTED,
        margin=least,
        trials=met,
        void_trials=void,
        hypothesis=f"delta_g <= (1 - eta_1) epsilon_g / ({four} zeta), with zeta in the bound",
        power=f"twice the radius is refused: a cubic loss has rho = {doubled:.2f} there",
        counterexample={**case, "zeta": zeta, "eta_1": ETA1, "epsilon_g": 1, "rho": rho},
        text=f"""
            Taken over from the sphere, the condition on the gradient's error, delta_g <= (1 - eta_1) epsilon_g/{four},
            is not enough: a step may be sqrt(zeta) times the radius long, while the model is sure to fall only by
            epsilon_g radius / (2 sqrt(zeta)), so that the error counts zeta-fold. With zeta = 100 and a linear loss the
            exact minimiser has rho = {rho:.2f} < eta_1 at every radius from 1 to 1e-8, and Algorithm 1 shrinks the
            region for ever. With delta_g <= (1 - eta_1) epsilon_g/({four} zeta) and the radius derived from (29) and
            Lemma 7, all {met} random steps (Cauchy points and exact minimisers, zeta up to 16) were successful, with
            rho - eta_1 at least {least:.3f}. The printed formulas are lost; the condition is that of Yao et al. (2018).
        """,
    )


def wrong_sign(delta_g: float, curvature: float, radius: float) -> float:
    """Return rho of the eigenpoint +radius for L = delta_g w - curvature w^2/2, with the model's slope 0."""
    actual = -(delta_g * radius - curvature * radius**2 / 2)
    return actual / (curvature * radius**2 / 2)


def curved_trials(
    count: int, rng: np.random.Generator, *, factor: float = 1.0, two: float = 2.0
) -> tuple[int, int, float]:
    """Return trials, void trials and the least rho - eta1 at `factor` times the radius of Lemma 9."""
    from theory.trust_region import cauchy_point, eigen_point, model_decrease, model_minimiser, success_radius_curvature

    met, void, least = 0, 0, math.inf
    for _ in range(count):
        dimension, zeta = int(rng.integers(1, 4)), 10 ** rng.uniform(0, 0.8)
        loss, x = cosine_sum(dimension, 4, rng), 0.3 * rng.normal(size=dimension)
        lowest = float(np.linalg.eigvalsh(loss.hessian(x))[0])
        metric, accuracy = random_metric(dimension, rng, zeta=zeta), abs(lowest) / 2
        delta_H = (1 - ETA1) * accuracy / (two * zeta**2)
        slope, form = perturbed(loss, x, 0.0, delta_H, rng)
        if (
            lowest >= 0
            or np.linalg.eigvalsh(form)[0] > -accuracy
            or unmet(
                (ACCURATE, EQUIVALENT_NORMS),
                spectrum=np.linalg.eigvalsh(metric),
                zeta=zeta * (1 + 1e-9),
                gradient_error=0.0,
                delta_g=0.0,
                hessian_error=float(np.linalg.norm(form - loss.hessian(x), 2)),
                delta_H=delta_H * (1 + 1e-9),
            )
        ):
            void += 1
            continue
        radius = factor * success_radius_curvature(
            curvature_accuracy=accuracy,
            zeta=zeta,
            hessian_lipschitz=loss.hessian_lipschitz,
            eta1=ETA1,
            hessian_error=delta_H,
        )
        points = [solve(metric, slope, form, radius) for solve in (cauchy_point, eigen_point)]
        step = (
            max(points, key=lambda s: float(model_decrease(slope, form, s)))
            if rng.random() < 0.5
            else model_minimiser(metric, slope, form, radius)
        )
        met += 1
        least = min(least, agreement(loss, x, slope, form, step) - ETA1)
    return met, void, least


@statement(
    id="trust_region.success_negative_curvature",
    paper=PAPER,
    number="Lemma 9",
    title="Success under negative curvature",
    statement_latex=r"\lambda_{\min}(B)<-\epsilon_H,\ \delta_H\le\tfrac{(1-\eta_1)\nu\epsilon_H}{$two},\ "
    r"\Delta\le$reach\Delta_H\Rightarrow\rho\ge\eta_1",
    statement_words="""
        While the curvature is negative, a step in a small enough ellipsoid is successful: with an error of the Hessian
        up to (1 - η₁)νε_H/$two, at radii up to $reach Δ_H, Δ_H as derived from (30) and Lemma 7.
    """,
    hypotheses=(ACCURATE, EQUIVALENT_NORMS),
    constants={"two": number(2), "reach": factor(1)},
    also_true={"two * 2": "under the same condition, which is stricter", "reach / 2": "a smaller region"},
)
def success_negative_curvature(
    level: Level,
    rng: np.random.Generator,
    *,
    two: Fraction,
    reach: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    from theory.trust_region import success_radius_curvature

    if two < 0 or reach <= 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="No error and no radius is that small: nothing can be tried.")
    # In one dimension with g = 0, B = -1 and L_H = 1, all errors against the step: Lemma 7 holds with equality.
    allowed = (1 - ETA1) / float(two) if two else math.inf
    known: dict[str, float] = {"curvature_accuracy": 1.0, "zeta": 1.0, "hessian_lipschitz": 1.0, "eta1": ETA1}
    room = allowed < 1 - ETA1
    radius = float(reach) * (success_radius_curvature(**known, hessian_error=allowed) if room else 1e-9)

    def succeeds(*, spectrum: tuple[float, float], hessian_error: float, **_: float) -> bool:
        return cubic_against(0.0, 1.0, (0.0, hessian_error, 1.0), radius / math.sqrt(spectrum[0])) >= ETA1 * (1 - 1e-9)

    cases = [
        {"spectrum": (flat, 1.0), "zeta": 1.0, "gradient_error": 0.0, "delta_g": 0.0, "delta_H": allowed}
        | {"hessian_error": error}
        for flat, error in ((1.0, min(allowed, 2.0)), (0.01, 0.0), (1.0, 2.0))
    ]
    if failure := first_failure(hypotheses, cases, succeeds):
        return failure
    doubled = cubic_against(0.0, 1.0, (0.0, allowed, 1.0), 2 * radius / float(reach))
    epsilon_g, epsilon_H = 0.1, 0.1
    delta_g = (1 - ETA1) * epsilon_g / 4
    radii = 10.0 ** -np.arange(1, 9)
    rejected = [wrong_sign(delta_g, 2 * epsilon_H, radius) for radius in radii]
    met, void, least = curved_trials(200 if level == "quick" else 10_000, rng, factor=float(reach), two=float(two))
    if max(rejected) >= ETA1 or least < -1e-9:
        return Evidence(verdict=Verdict.UNDECIDED, trials=met, text="A step is not as successful as derived.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.SUPPORTED,
        margin=least,
        trials=met,
        void_trials=void,
        hypothesis="(grad L - g)'s <= 0, as with exact gradients, and delta_H <= (1 - eta_1) nu epsilon_H / "
        f"({two} zeta^2)",
        power=f"twice the radius is refused: a cubic loss has rho = {doubled:.2f} there",
        counterexample={
            "L(w)": "delta_g w - epsilon_H w^2 near w = 0",
            "delta_g": delta_g,
            "epsilon_H": epsilon_H,
            "epsilon_g": epsilon_g,
            "g": 0,
            "B": -2 * epsilon_H,
            "s": "+radius",
            "radius": radii[2],
            "rho": rejected[2],
            "eta_1": ETA1,
        },
        text=f"""
            The proof turns the step so that it goes downhill, since s and -s are both viable. They are alike for a
            model whose slope is 0, but only the loss tells which is downhill, and the error of its gradient is of first
            order in the radius while the decrease (30) is of second. For L = delta_g w - epsilon_H w^2, allowed error
            delta_g = {delta_g:.4f}, the model has g = 0, and its eigenpoint +radius has rho = {rejected[0]:.2f} at
            radius 0.1 and {rejected[-1]:.0e} at 1e-8: the smaller the region, the worse. With exact gradients and the
            error of the Hessian divided by zeta^2, all {met} random steps at the radius derived were successful, with
            rho - eta_1 at least {least:.3f}; {void} draws had no curvature below -epsilon_H.
        """,
    )
