"""AMSGrad's bound (A95), beside which the paper sets its own: tried on AMSGrad's runs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from theory.claims.arsg import theorem2
from theory.claims.arsg.common import MOMENTUM, ONE_DIMENSION, PAPER
from theory.claims.arsg.runs import FloatArray, run_arsg
from theory.claims.arsg.theorem3 import used
from theory.claims.constants import exponent, factor
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement

EXACT = Hypothesis("exact gradients", lambda *, noise, **_: noise == 0)
WHOLE_DENOMINATOR = "G_2 is at least epsilon more than every gradient, so that it bounds AMSGrad's whole denominator"


class Case(NamedTuple):
    """Huber's functions, slope beyond width, a case a row; each field (cases,)."""

    slope: Any
    width: Any
    start: Any
    step_size: Any
    beta: Any
    eps: Any
    gradient_bound: Any


def left_and_right(case: Case, *, steps: int, two: float, second: float) -> tuple[FloatArray, FloatArray]:
    """Return the least squared gradient of AMSGrad's runs, and (A95) with another factor and power of its 2nd term."""
    from theory.arsg import theorem2_coefficients

    slope, width, start, step_size, beta, eps, gradient_bound = (np.atleast_1d(np.float64(each)) for each in case)

    def gradient(t: int, x: FloatArray) -> FloatArray:
        return slope * np.clip(x / width, -1, 1)

    run = run_arsg(
        gradient,
        start,
        steps=steps,
        step_sizes=lambda t: step_size / np.sqrt(steps),
        beta1=lambda t: beta,
        beta2=0.99,
        mu=0.0,
        eps=0.0,
        added=eps,
    )
    left = np.square(gradient(0, run.iterates)).min(axis=0)
    gap = np.where(start > width, slope * (start - width / 2), slope * start**2 / (2 * width))
    d = theorem2_coefficients(
        beta=beta,
        mu=0.0,
        smoothness=slope / width,
        gradient_bound=gradient_bound,
        initial_gap=gap,
        method="amsgrad",
    )
    right = (
        d.d1 * step_size / (np.sqrt(steps) * eps**2)
        + two * d.d2 / (step_size * steps**second)
        + d.d3 / (steps * eps)
        + (d.d5 + d.d6) * step_size / (steps**1.5 * eps**2)
    )
    return left, right


def steady(gradient_bound: float, size: float = 1e-3, steps: int = 10_000) -> Case:
    """A slope of that size with epsilon as large, which AMSGrad goes down at half of alpha, to its end."""
    path = size * steps**0.5  # alpha = size
    return Case(size, path / 100, path / 2 + path / 50, size, 0.0, size, gradient_bound)


# One step of a gradient far below epsilon.
TINY = Case(slope=1e-5, width=1e-5, start=1e-5, step_size=5e-4, beta=0.0, eps=1e-3, gradient_bound=1e-5)


def random_cases(count: int, rng: np.random.Generator) -> Case:
    """Cases that meet the printed hypotheses and the one that is added."""
    slope, width = 10 ** rng.uniform(-2, 1, count), 10 ** rng.uniform(-2, 2, count)
    eps = slope * 10 ** rng.uniform(-1, 0.5, count)
    return Case(
        slope,
        width,
        width * 10 ** rng.uniform(-1, 3, count),
        10 ** rng.uniform(-2, 3, count),
        rng.choice([0.0, 0.3, 0.7, 0.9, 0.999], count),
        eps,
        slope + eps,
    )


def shown(case: Case, *, steps: int, two: float, second: float) -> dict[str, Any]:
    """Return all that it takes to run a single case again, and its two sides."""
    left, right = left_and_right(case, steps=steps, two=two, second=second)
    return {
        "f": "Huber's function, slope beyond width",
        "T": steps,
        "beta_2": 0.99,
        **{name: float(value) for name, value in case._asdict().items()},
        "least squared gradient": float(left[0]),
        "bound": float(right[0]),
    }


@statement(
    id="arsg.amsgrad_bound",
    paper=PAPER,
    number="section 4, below (17); (A95)",
    title="AMSGrad's bound",
    statement_latex=r"\min_{t\le T}\|\nabla f(x_t)\|^2\le\frac{D_1\dot\alpha}{\sqrt T\epsilon^2}"
    r"+\frac{$two D_2}{\dot\alpha T^{$second}}+\frac{D_3d}{T\epsilon}+\frac{(D_5d+D_6)\dot\alpha}{T^{3/2}\epsilon^2}",
    statement_words="""
        AMSGrad's bound (A95), Theorem 2's with a D_1 of its own, mu = 0 and epsilon squared, holds with its constants.
    """,
    hypotheses=(MOMENTUM, theorem2.SMOOTH, theorem2.BOUNDED, ONE_DIMENSION, EXACT),
    constants={"two": factor(1), "second": exponent("1/2")},
    also_true=dict.fromkeys(
        ("two * 2", "second - 1/2"),
        "a looser bound; a gradient far below epsilon breaks it too, without the hypothesis",
    ),
)
def amsgrad_bound(level: Level, rng: np.random.Generator, *, two: Fraction, second: Fraction) -> Evidence:
    count = 300 if level == "quick" else 3000
    turned = {"two": float(two), "second": float(second)}

    def worst(case: Case, steps: int) -> float:
        return float(used(*left_and_right(case, steps=steps, **turned)).max())

    horizons = (1, 10, 100, 700)
    tried = {f"random, T = {steps}": (random_cases(count, rng), steps) for steps in horizons}
    tried["steady slope, T = 10000"] = (steady(2e-3), 10_000)
    mended = {name: worst(*each) for name, each in tried.items()}
    if max(mended.values()) > 1:
        cases, steps = tried[max(mended, key=lambda name: mended[name])]
        sharpest = int(used(*left_and_right(cases, steps=steps, **turned)).argmax())
        return Evidence(
            verdict=Verdict.REFUTED,
            trials=4 * count + 1,
            data={"left side over bound, under the hypothesis": mended},
            counterexample=shown(Case(*(np.atleast_1d(each)[sharpest] for each in cases)), steps=steps, **turned),
            text="With G_2 at least epsilon more than every gradient it fails too.",
        )
    printed = {"steady": worst(steady(1e-3), 10_000), "tiny": worst(TINY, 1)}
    if max(printed.values()) <= 1:
        return Evidence(verdict=Verdict.UNDECIDED, text="The printed hypotheses are not broken by the cases tried.")
    steps, case = (10_000, steady(1e-3)) if printed["steady"] > 1 else (1, TINY)
    found = shown(case, steps=steps, **turned)
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.SUPPORTED,
        hypothesis=WHOLE_DENOMINATOR,
        trials=4 * count + 1,
        margin=found["bound"] - found["least squared gradient"],
        power=f"the bound divided by {1 / max(mended.values()):.3g} is refused under the hypothesis",
        data={"left side over bound, under the hypothesis": mended, "without it": printed},
        counterexample=found,
        text=f"""
            AMSGrad divides by sqrt(v) + epsilon, which can be as large as G_2 + epsilon, and D_2 has G_2 in its place.
            On a slope of 1e-3 with epsilon = G_2 = 1e-3 AMSGrad goes half as far as the bound assumes: after 10000
            exact steps the squared gradient is {printed["steady"]:.2f} times what (A95) promises, and
            {printed["tiny"]:.1f} times where the gradient is 1e-5 (one step). With a G_2 that bounds the whole
            denominator, {4 * count} random Huber functions at T = 1, 10, 100 and 700 stay below it, and that slope
            comes to {mended["steady slope, T = 10000"]:.3f} of it, so that D_2 is needed whole. It is the hypothesis
            that G_2 is at least sqrt(eps) in ARSG's own bound (arsg.theorem2_printed), a little stronger. The form that
            the paper says AMSGrad shares survives; what fails is the constant. In several dimensions, and under noise,
            nothing was tried.
        """,
    )
