"""Whether SGD is gradient descent on a smoothed function: equations (1) and (7), one step and several."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claims.constants import factor
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure
from theory.claims.sigma_nice.source import PAPER

UNBIASED = Hypothesis("E omega_t = 0", lambda *, noise, **_: sum(noise) == 0)


@statement(
    id="sigma_nice.gd_and_sgd_points",
    paper=PAPER,
    number="(7)",
    title="The points of GD and of SGD",
    statement_latex=r"x_{t+1}=y_t-$share\eta\omega_t,\quad\mathbb E_{\omega_t}[x_{t+1}]=y_t",
    statement_words="The SGD point is the gradient-descent point less the step size times the noise.",
    hypotheses=(UNBIASED,),
    constants={"share": factor(1)},
)
def gd_and_sgd_points(
    level: Level, rng: np.random.Generator, *, share: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    def keeps_the_mean(*, noise: tuple[int, ...]) -> bool:
        """With each value as likely as the others, y = 0 and eta = 1."""
        return sum(-share * value for value in noise) == 0

    if failure := first_failure(hypotheses, [{"noise": (1, -1)}, {"noise": (2, -1)}], keeps_the_mean):
        return failure

    x, eta, slope, noise = sp.symbols("x eta slope omega")
    gd, sgd = x - eta * slope, x - eta * (slope + noise)
    mean = (sgd + sgd.subs(noise, -noise)) / 2
    return symbolic.identity(
        {"x_{t+1} = y_t - eta omega_t": sgd - (gd - share * eta * noise), "E x_{t+1} = y_t": mean - gd},
        text="""
            The stochastic gradient is the gradient plus omega_t by definition, so the two points differ by eta omega_t,
            coordinate by coordinate; the step is linear in omega_t, so its mean over any law with E omega_t = 0 is the
            gradient step.
        """,
        arguments=("a mean is linear: a law with E omega_t = 0 leaves what the two values omega_t and -omega_t leave",),
    )


def interchange_gap(law: dict[str, str], share: Fraction = Fraction(1)) -> object:
    """Return E y_{t+1} less its value by (1), for a sextic f and a law fixed in advance.

    Parameters
    ----------
    law : mapping
        Values of omega to their probabilities, as text; a value may name y, which then moves with the point.
    share : Fraction
        Factor of the step size on the right side of (1).
    """
    import sympy as sp

    y, eta = sp.symbols("y eta")
    coefficients = sp.symbols("c:7")

    def f(point: sp.Expr) -> sp.Expr:
        return sum(c * point**k for k, c in enumerate(coefficients))

    t = sp.Symbol("t")
    steps = [(y - eta * sp.sympify(value, locals={"y": y}), sp.Rational(weight)) for value, weight in law.items()]
    after = sum(weight * (point - eta * sp.diff(f(t), t).subs(t, point)) for point, weight in steps)
    smoothed = sum(weight * f(point) for point, weight in steps)
    return after - (y - sp.Rational(share) * eta * sp.diff(smoothed, y))


def moving_law() -> tuple[Fraction, Fraction]:
    """Return both sides of (1) for f = mean of x^2/2 and 3x^2/2, eta = 1/4, x = 1, where omega = +-x.

    The gradient step is y = x/2, so omega = +-2y, and E f(y - omega/4) = y^2 (1 + 1/4).
    """
    eta, x = Fraction(1, 4), Fraction(1)
    y = x - eta * 2 * x
    left = sum((y - eta * s - eta * 2 * (y - eta * s) for s in (x, -x)), Fraction(0)) / 2
    return left, y - eta * 2 * y * Fraction(5, 4)


@statement(
    id="sigma_nice.interchange",
    paper=PAPER,
    number="(1)",
    title="Gradient and expectation change places",
    statement_latex=r"\mathbb E_{\omega_t}[y_{t+1}]=\mathbb E_{\omega_t}[y_t]-$share\eta\nabla\mathbb E_{\omega_t}"
    r"[f(y_t-\eta\omega_t)]",
    statement_words="One step of SGD is, on average, a gradient step on f convolved with the noise.",
    hypotheses=(UNBIASED,),
    constants={"share": factor(1)},
)
def interchange(
    level: Level, rng: np.random.Generator, *, share: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    def on_average(*, noise: tuple[int, ...]) -> bool:
        """With each value as likely as the others, at every point."""
        law = {str(value): f"1/{len(noise)}" for value in noise}
        return symbolic.vanishes(interchange_gap(law, share))

    if failure := first_failure(hypotheses, [{"noise": (1, -1)}, {"noise": (2, -1)}], on_average):
        return failure

    fixed = interchange_gap({"1": "1/2", "-2": "1/6", "-1/2": "1/3"})
    left, right = moving_law()
    if (
        not symbolic.vanishes(fixed)
        or symbolic.vanishes(interchange_gap({"2*y": "1/2", "-2*y": "1/2"}))
        or left == right
    ):
        return Evidence(verdict=Verdict.UNDECIDED, text="The two sides do not behave as expected.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        hypothesis="the law of omega_t is the one at x_t, held fixed while differentiating",
        margin=float(right - left),
        counterexample={
            "f": "mean of x^2/2 and 3 x^2/2",
            "b": 1,
            "eta": "1/4",
            "x_t": "1",
            "omega_t": "+-x_t = +-2 y_t",
            "left side of (1)": str(left),
            "right side": str(right),
        },
        text=f"""
            With a law of omega_t that does not depend on the point, gradient and mean change places: checked
            symbolically for every polynomial of degree 6 and a skew law on three values. But a mini-batch's noise
            depends on x_t, and with it on y_t. For the mean of x^2/2 and 3x^2/2, sampled one at a time, eta = 1/4, x_t
            = 1: the left side of (1) is {left}; differentiating E f(y - eta omega(y)) with the noise moving along gives
            {right}. So (1) is true of the smoothing by the noise frozen at x_t, another function at each step, and no
            fixed 'f smoothed' is descended unless the noise is the same everywhere.
        """,
    )


def several(
    power: int, steps: int = 2, *, share: Fraction = Fraction(1), noise: tuple[int, ...] = (1, -1)
) -> tuple[Fraction, Fraction]:
    """Return E y of SGD and the point of descent on the smoothed function after some steps, both from y_0 = 1.

    The loss is x^power/power, eta = 1/4, and each value of the noise is as likely as the others, at every point.
    """
    eta, values = Fraction(1, 4), [Fraction(value) for value in noise]

    def slope(point: Fraction) -> Fraction:
        return point ** (power - 1)

    def smoothed(point: Fraction) -> Fraction:
        return sum((slope(point - eta * s) for s in values), Fraction(0)) / len(values)

    points, descent = [Fraction(1)], Fraction(1)
    for _ in range(steps):
        points = [y - eta * s - eta * slope(y - eta * s) for y in points for s in values]
        descent -= share * eta * smoothed(descent)
    return sum(points, Fraction(0)) / len(points), descent


@statement(
    id="sigma_nice.several_steps",
    paper=PAPER,
    number="appendix A",
    title="Several steps of SGD",
    statement_latex=r"\mathbb E[x_{t+1}]=y_t,\ y_{t+1}=y_t-$share\eta\nabla\hat f(y_t)\ \text{for all}\ t",
    statement_words="On average the iterates of SGD are those of gradient descent on the smoothed function.",
    hypotheses=(UNBIASED,),
    constants={"share": factor(1)},
)
def several_steps(
    level: Level, rng: np.random.Generator, *, share: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    def agrees(*, noise: tuple[int, ...], steps: int) -> bool:
        mean, descent = several(2, steps, share=share, noise=noise)
        return mean == descent

    horizons = (1, 2, 4, 8)
    cases = [{"noise": noise, "steps": steps} for noise in ((1, -1), (2, -1)) for steps in horizons]
    if failure := first_failure(hypotheses, cases, agrees):
        return failure
    (quadratic, _), (quartic, smooth) = several(2), several(4)
    if quartic == smooth:
        return Evidence(verdict=Verdict.UNDECIDED, text="Two steps do not tell the two apart.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        trials=len(horizons),
        hypothesis="f is quadratic (its gradient is affine), or a single step is taken",
        margin=float(smooth - quartic),
        counterexample={
            "f": "x^4/4",
            "eta": "1/4",
            "omega": "+1 or -1, 1/2 each",
            "y_0": "1",
            "E y_2 of SGD": str(quartic),
            "y_2 of descent on f smoothed": str(smooth),
        },
        text=f"""
            One step from a given point: E y_{{t+1}} is the gradient step on f smoothed by the noise. From the second
            step on y_t is random, and the mean of the smoothed gradient is not the smoothed gradient at the mean. On
            x^4/4 with eta = 1/4 and omega = +-1, y_0 = 1, the mean of y_2 is {quartic} = {float(quartic):.6f}, descent
            on the smoothed function reaches {smooth} = {float(smooth):.6f}. For a quadratic both agree at every step
            (here {quadratic} after two; compared at {", ".join(map(str, horizons))} steps, and so on by induction),
            because an affine gradient commutes with the mean. 'On average, SGD coincides with descent on the smoothed
            function' is thus a statement about one step; besides, the spread of the iterates about that mean is not eta
            C/sqrt(b) but, where the curvature is lambda, larger by 1/sqrt(eta lambda (2 - eta lambda)).
        """,
    )
