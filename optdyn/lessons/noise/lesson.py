"""Noise irons the landscape: what the page runs, and its exercises."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from optdyn.lessons.definition import Choice, Control, Formula, Lesson
from optdyn.lessons.exercises import Exercise, formula, grid, number
from optdyn.lessons.programs import Program
from theory.arsg.formulas import select

OMEGA = 2 * math.pi  # of the cosine in Rastrigin's function


def ball(delta: Any) -> Any:
    """What is left of the cosine's height after averaging over [x - δ, x + δ]: sin s / s with s = ωδ."""
    s = OMEGA * delta
    moves = s > 0
    return select(moves, np.sin(s) / select(moves, s, 1.0), 1.0)


def gaussian(delta: Any) -> Any:
    """The same for normal noise of standard deviation δ."""
    return np.exp(-0.5 * (OMEGA * delta) * (OMEGA * delta))


def smoothed(x: Any, height: Any, factor: Any, lift: Any) -> tuple[Any, Any, Any]:
    """Value, slope and a bound on the curvature of x² + height·(1 - cos ωx) once its cosine has shrunk by a factor.

    The parabola rises by the mean square of the noise, `lift`.
    """
    value = x * x + lift + height * (1 - factor * np.cos(OMEGA * x))
    return value, 2 * x + height * OMEGA * factor * np.sin(OMEGA * x), 2 + height * OMEGA * OMEGA * np.abs(factor)


def smoothed_step(x: float, right: float, left: float, delta: float, eta: float) -> float:
    """What the programming exercise asks for: the smoothed slope is a difference of values."""
    return x - eta * (right - left) / (2 * delta)


def unscaled_step(x: float, right: float, left: float, delta: float, eta: float) -> float:
    """The width of the window forgotten."""
    return x - eta * (right - left) / delta


def upwards(x: float, right: float, left: float, delta: float, eta: float) -> float:
    """The wrong sign."""
    return x + eta * (right - left) / (2 * delta)


def rastrigin(x: float) -> float:
    """The landscape of the programming exercise."""
    return x * x + 10 - 10 * math.cos(OMEGA * x)


EXERCISES = (
    Exercise(
        id="noise.1",
        title="What averaging leaves of a cosine",
        ask=r"<p>\(f(x)=x^2+[[c]](1-\cos2\pi x)\) is averaged over \([x-\delta,x+\delta]\) with \(\delta=[[delta]]\).</p>",
        numbers=(grid("c", "1.0", "12.0", "0.5"), grid("delta", "0.100", "0.440", "0.001")),
        parts=(
            number(
                "By which factor does the cosine shrink?",
                lambda delta: ball(delta),
                (lambda delta: gaussian(delta), "that is for normal noise; here the law is uniform."),
            ),
            number(
                r"What is the curvature of the smoothed function at 0?",
                lambda c, delta: 2 + c * OMEGA * OMEGA * ball(delta),
                (lambda c: 2 + c * OMEGA * OMEGA, "that is f's own, before smoothing."),
            ),
            formula(
                r"The factor as a formula in \(\omega\) and \(\delta\), for a cosine of frequency \(\omega\).",
                "sin(w*delta)/(w*delta)",
                {"w": (0.5, 6.0), "delta": (0.1, 0.9)},
            ),
        ),
        hint=r"\(\frac1{2\delta}\int_{-\delta}^{\delta}\cos\omega(x+u)\,du=\cos\omega x\cdot\frac{\sin\omega\delta}{\omega\delta}\). (Write w for ω.)",
        solution=r"\(\frac{\sin2\pi\delta}{2\pi\delta}=[[a]]\); the curvature is \(2+4\pi^2c\) times it: [[b]].",
    ),
    Exercise(
        id="noise.2",
        title="How much SGD smooths",
        ask=r"<p>One sample's gradient has the standard deviation \(C=[[C]]\). SGD runs with \(\eta=[[eta]]\) and the batch size [[batch]].</p>",
        numbers=(grid("C", "5.0", "60.0", "0.5"), grid("eta", "0.01", "0.50", "0.01"), grid("batch", "4", "256", "4")),
        parts=(
            number(
                r"What is its degree of smoothing \(\delta\)?",
                lambda C, eta, batch: eta * C / batch**0.5,
                (lambda C, eta, batch: eta * C / batch, "the mean of b samples has the deviation C/√b."),
                (lambda C, batch: C / batch**0.5, "the step multiplies the noise by η."),
            ),
            number(
                r"Which batch size halves \(\delta\) at the same \(\eta\)?",
                lambda batch: 4 * batch,
                (lambda batch: 2 * batch, "δ falls with the root of the batch size."),
            ),
            formula(
                r"\(\delta\) as a formula in eta, C and b.",
                "eta*C/sqrt(b)",
                {"eta": (0.1, 1.0), "C": (1.0, 9.0), "b": (1.0, 50.0)},
            ),
        ),
        hint=r"The move is \(-\eta\) times a mean of \(b\) gradients.",
        solution=r"\(\delta=\eta C/\sqrt b=[[a]]\). Half of it needs four times the batch, [[b]].",
    ),
    Program(
        id="noise.3",
        title="Descent on the smoothed function",
        ask=r"""<p>Program one step of gradient descent on \(\hat f_\delta\), the average of \(f\) over \([x-\delta,x+\delta]\). It gets the values
        right = \(f(x+\delta)\) and left = \(f(x-\delta)\), and nothing else of \(f\).</p>""",
        signature="step(x, right, left, delta, eta)",
        names=("x",),
        numbers=(grid("delta", "0.30", "0.60", "0.01"), grid("eta", "0.005", "0.020", "0.001")),
        start=lambda numbers: (2.7,),
        arguments=lambda state, numbers: (
            state[0],
            rastrigin(state[0] + numbers["delta"]),
            rastrigin(state[0] - numbers["delta"]),
            numbers["delta"],
            numbers["eta"],
        ),
        step=lambda *arguments: (smoothed_step(*arguments),),
        slips=(
            (lambda *arguments: (unscaled_step(*arguments),), "The window is 2 delta wide."),
            (lambda *arguments: (upwards(*arguments),), "Downhill is against the slope."),
        ),
        iterates=15,
        hint=r"Differentiate \(\frac1{2\delta}\int_{x-\delta}^{x+\delta}f\) by its ends.",
        solution="<pre>def step(x, right, left, delta, eta):\n    return x - eta * (right - left) / (2 * delta)</pre>",
    ),
    Exercise(
        id="noise.4",
        title="Smoothing lifts a parabola",
        ask=r"<p>\(f(x)=\frac12a\|x\|^2\) in \(d=[[d]]\) dimensions, \(a=[[a0]]\), averaged over a ball of radius \(\delta=[[delta]]\).</p>",
        numbers=(grid("d", "1", "40", "1"), grid("a0", "0.5", "6.0", "0.1"), grid("delta", "0.1", "2.0", "0.1")),
        parts=(
            number(
                "By how much does it rise?",
                lambda d, a0, delta: 0.5 * a0 * delta * delta * d / (d + 2),
                (
                    lambda a0, delta: 0.5 * a0 * delta * delta,
                    "a point of the ball is not at distance δ: its mean square is δ²d/(d + 2).",
                ),
            ),
            number(
                "What is the curvature of the smoothed function?",
                lambda a0: a0,
                (lambda d, a0: a0 * d / (d + 2), "the rise is the same everywhere, so it bends nothing."),
            ),
        ),
        hint=r"\(\mathbb E\|u\|^2=d/(d+2)\) in the unit ball.",
        solution=r"\(\frac12a\delta^2\frac d{d+2}=[[a]]\), the same everywhere: minimiser and curvature, [[b]], stay.",
    ),
    Exercise(
        id="noise.5",
        title="The ladder",
        ask=r"<p>Noise levels \(\delta_m=\delta_1\left(1-\frac{m-1}M\right)^p\) with \(\delta_1=[[first]]\), \(M=[[M]]\), \(p=[[p]]\). Take \(m=[[m]]\).</p>",
        numbers=(
            grid("first", "0.5", "3.0", "0.1"),
            grid("M", "10", "30", "1"),
            grid("p", "0.2", "0.7", "0.1"),
            grid("m", "2", "8", "1"),
        ),
        parts=(
            number(r"\(\delta_m\)", lambda first, M, p, m: first * np.exp(p * np.log(1 - (m - 1) / M))),
            number(
                r"The decay rate \(\gamma_m=\delta_{m+1}/\delta_m\)",
                lambda M, p, m: np.exp(p * np.log((M - m) / (M - m + 1))),
                (lambda M, m: (M - m) / (M - m + 1), "that is for p = 1."),
            ),
        ),
        hint=r"In the quotient \(\delta_1\) and \(M\) cancel.",
        solution=r"\(\delta_m=[[a]]\), \(\gamma_m=\left(\frac{M-m}{M-m+1}\right)^p=[[b]]\): near 1 at first, 0 at the end.",
    ),
    Exercise(
        id="noise.6",
        title="How fast may noise decay?",
        ask=r"""<p>The loss is strongly convex within \(r=[[r]]\) of its minimiser. The optimistic end of the paper's range lets the convex region of
        \(\hat f_\delta\) be \(d\delta\) with \(d=1+r/\delta\). Next level: \(\delta=[[delta]]\).</p>""",
        numbers=(grid("r", "0.05", "1.00", "0.01"), grid("delta", "0.10", "3.00", "0.01")),
        parts=(
            number(
                r"The least decay rate \(\gamma\ge1/d\)",
                lambda r, delta: delta / (delta + r),
                (lambda r, delta: 1 + r / delta, "that is d; γ is at least its inverse."),
            ),
            number(
                "So the level before was at most",
                lambda r, delta: delta + r,
                (lambda r, delta: delta * delta / (delta + r), "the level before was larger: divide by γ."),
            ),
            formula(
                r"The pessimistic end is \(d=\sqrt{1+r^2/\delta^2}\). The least \(\gamma\) there, as a formula in r and delta.",
                "1/sqrt(1+r^2/delta^2)",
                {"r": (0.1, 1.0), "delta": (0.2, 3.0)},
            ),
        ),
        hint=r"\(\gamma_m=\delta_{m+1}/\delta_m\ge1/d_{m+1}\) means \(\delta_m\le d_{m+1}\delta_{m+1}\).",
        solution=r"\(\gamma\ge\frac{\delta}{\delta+r}=[[a]]\), that is \(\delta_m-\delta_{m+1}\le r\): at most [[b]] before. Each rung may be no farther than \(r\).",
    ),
)

LESSON = Lesson(
    name="noise",
    title="Noise irons the landscape",
    question="SGD's noise moves the point about, and what it feels on average is a smoother loss. Does more noise mean a smoother loss, and does slower cooling mean a better minimum?",
    folder=Path(__file__).parent,
    controls=(
        Control("delta", r"noise level \(\delta\)", 0.0, 1.5, 0.5, 0.005),
        Control("gamma", r"decay rate \(\gamma\) of the ladder", 0.3, 0.95, 0.7, 0.01),
        Control("height", r"height of the ripples", 0.0, 12.0, 10.0, 0.5),
    ),
    choices=(
        Choice("law", "noise", (("ball", "uniform"), ("gaussian", "normal"))),
        Choice("steps", "steps", (("100", "100"), ("200", "200"), ("1000", "1000"))),
    ),
    state={"x0": 3.0, "y0": 0.0, "law": "ball", "steps": "200"},
    formulas={
        "ball": Formula(ball, ("delta",)),
        "gaussian": Formula(gaussian, ("delta",)),
        "smoothed": Formula(smoothed, ("x", "height", "factor", "lift")),
    },
    exercises=EXERCISES,
)
