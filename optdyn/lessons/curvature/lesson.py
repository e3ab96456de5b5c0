"""Asking curvature for a step: what the page runs, and its exercises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from optdyn.lessons.definition import Choice, Control, Formula, Lesson
from optdyn.lessons.exercises import Exercise, formula, grid, number
from optdyn.lessons.programs import Program
from theory.arsg.formulas import select


def bowl(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Value and gradient of a quadratic with the curvatures 0.015 and 0.75."""
    return 0.5 * (0.015 * x * x + 0.75 * y * y), 0.015 * x, 0.75 * y


def hills(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Value and gradient of log(1 + x²) + log(1 + y²): convex near 0, concave beyond 1."""
    p, q = 1 + x * x, 1 + y * y
    return np.log(p) + np.log(q), 2 * x / p, 2 * y / q


def factor(sx: Any, sy: Any, dx: Any, dy: Any, nu: Any) -> Any:
    """The step's factor γ of Algorithm 1, (8): s the last step, d the change of the gradient, ν where it measures none."""
    product = sx * dx + sy * dy
    positive = product > 0
    return select(positive, (sx * sx + sy * sy) / select(positive, product, 1.0), nu)


def absolute_factor(sx: Any, sy: Any, dx: Any, dy: Any, nu: Any) -> Any:
    """The same with the absolute value of a negative curvature."""
    product = np.abs(sx * dx + sy * dy)
    positive = product > 0
    return select(positive, (sx * sx + sy * sy) / select(positive, product, 1.0), nu)


def clipped(gamma: Any, low: Any, high: Any) -> Any:
    """γ within the bounds of Step-Tuned SGD."""
    return np.minimum(np.maximum(gamma, low), high)


def tuned_step(
    x: float, gradient: float, last_x: float, last_gradient: float, alpha: float, nu: float
) -> tuple[float, float, float]:
    """What the programming exercise asks for, on the line."""
    gamma = factor(x - last_x, 0.0, gradient - last_gradient, 0.0, nu)
    return x - alpha * float(gamma) * gradient, x, gradient


def always_absolute(
    x: float, gradient: float, last_x: float, last_gradient: float, alpha: float, nu: float
) -> tuple[float, float, float]:
    """Negative curvature taken by its size."""
    gamma = absolute_factor(x - last_x, 0.0, gradient - last_gradient, 0.0, nu)
    return x - alpha * float(gamma) * gradient, x, gradient


def wave(x: float) -> float:
    """The derivative of a function with convex and concave parts, for the programming exercise."""
    return 2 * x / (1 + x * x)


def cauchy_factor(theta: Any) -> Any:
    """|J'|²/(J'' J'²) = 1/J'' of log(1 + θ²)."""
    return (1 + theta * theta) ** 2 / (2 * (1 - theta * theta))


EXERCISES = (
    Exercise(
        id="curvature.1",
        title="The model's minimum",
        ask=r"<p>\(J(\theta)=\log(1+\theta^2)\), at \(\theta=[[theta]]\), along \(-J'\). The quadratic model there is \(J-\gamma J'^2+\frac{\gamma^2}2J''J'^2\).</p>",
        numbers=(grid("theta", "0.0500", "0.8000", "0.0001"),),
        parts=(
            number(
                r"Which \(\gamma\) minimises the model?",
                cauchy_factor,
                (lambda theta: 1 / cauchy_factor(theta), "that is the curvature: the step is its inverse."),
                (
                    lambda theta: theta * (1 + theta * theta) / (1 - theta * theta),
                    "that is the length of the move γJ′, not γ.",
                ),
            ),
            number(
                r"To which \(\theta\) does the step lead?",
                lambda theta: theta - theta * (1 + theta * theta) / (1 - theta * theta),
            ),
            number(
                r"From which \(\theta>0\) on has the model no minimum?",
                lambda: 1,
                (lambda: 3**-0.5, "that is where φ(t) = t²/(1 + t²) turns; here it is J″ of the logarithm."),
            ),
        ),
        hint=r"\(J'=\frac{2\theta}{1+\theta^2}\), \(J''=\frac{2(1-\theta^2)}{(1+\theta^2)^2}\). On the line \(\gamma=1/J''\).",
        solution=r"\(\gamma=\frac{(1+\theta^2)^2}{2(1-\theta^2)}=[[a]]\) leads to \(\theta-\gamma J'=[[b]]\): for larger \(\theta\) it overshoots. \(J''\le0\) from \(\theta=[[c]]\) on.",
    ),
    Exercise(
        id="curvature.2",
        title="Two gradients for a curvature",
        ask=r"""<p>A step led from \(\theta_{k-1}=([[a0]],\,1)\) to \(\theta_k=([[a1]],\,[[b1]])\) on the quadratic
        \(\frac12(\lambda_1x^2+\lambda_2y^2)\) with \(\lambda_1=[[l1]]\), \(\lambda_2=4\).</p>""",
        numbers=(
            grid("a0", "1.5", "3.0", "0.1"),
            grid("a1", "0.2", "1.2", "0.1"),
            grid("b1", "-0.8", "-0.2", "0.1"),
            grid("l1", "0.2", "1.0", "0.1"),
        ),
        parts=(
            number(
                r"What is \(\gamma_k=\frac{\|\Delta\theta_k\|^2}{\langle\Delta\theta_k,\Delta g_k\rangle}\)?",
                lambda a0, a1, b1, l1: ((a1 - a0) ** 2 + (b1 - 1) ** 2) / (l1 * (a1 - a0) ** 2 + 4 * (b1 - 1) ** 2),
                (
                    lambda a0, a1, b1, l1: (l1 * (a1 - a0) ** 2 + 4 * (b1 - 1) ** 2) / ((a1 - a0) ** 2 + (b1 - 1) ** 2),
                    "that is the curvature along the step; γ is its inverse.",
                ),
                (
                    lambda a0, a1, b1, l1: (
                        (l1 * (a1 - a0) ** 2 + 4 * (b1 - 1) ** 2) / (l1 * l1 * (a1 - a0) ** 2 + 16 * (b1 - 1) ** 2)
                    ),
                    "that is the short step BB2; (8) is the long one.",
                ),
            ),
            number(
                r"What is the largest value that \(\gamma_k\) can ever take on this quadratic?",
                lambda l1: 1 / l1,
                (lambda: 0.25, "that is the smallest, 1/L."),
            ),
        ),
        hint=r"On a quadratic \(\Delta g=H\Delta\theta\): \(\gamma\) is the inverse of a Rayleigh quotient, so it lies in \([1/L,1/\mu]\).",
        solution=r"\(\Delta g=(\lambda_1\Delta x,4\Delta y)\), and \(\gamma_k=[[a]]\). At most \(1/\lambda_1=[[b]]\), for a step along the flat direction.",
    ),
    Program(
        id="curvature.3",
        title="Algorithm 1",
        ask=r"""<p>Program one step on the line. It gets the position, its gradient, both of the step before, \(\alpha\) and
        \(\nu\); it returns the new position, and position and gradient as they were.</p>""",
        signature="step(x, gradient, last_x, last_gradient, alpha, nu)",
        names=("x", "last_x", "last_gradient"),
        numbers=(grid("alpha", "0.20", "0.60", "0.01"), grid("nu", "1.5", "4.0", "0.1")),
        start=lambda numbers: (3.0, 3.5, wave(3.5)),
        arguments=lambda state, numbers: (state[0], wave(state[0]), *state[1:], numbers["alpha"], numbers["nu"]),
        step=tuned_step,
        slips=(
            (
                always_absolute,
                "Where the measured curvature is not positive, the factor is nu, not the absolute value.",
            ),
        ),
        iterates=12,
        hint="The measured curvature is (gradient − last_gradient)/(x − last_x); where it is not positive, take ν.",
        solution="<pre>def step(x, gradient, last_x, last_gradient, alpha, nu):\n    s, d = x - last_x, gradient - last_gradient\n"
        "    gamma = s * s / (s * d) if s * d > 0 else nu\n    return x - alpha * gamma * gradient, x, gradient</pre>",
    ),
    Exercise(
        id="curvature.4",
        title="When curvature is nearly zero",
        ask=r"<p>Two gradients on the line: \(g(1)=[[g]]\) and, after a step to 0.9, \(g(0.9)=[[h]]\).</p>",
        numbers=(grid("g", "0.900", "1.000", "0.001"), grid("h", "1.001", "1.101", "0.001")),
        parts=(
            number(
                r"Which \(\gamma\) does the absolute value give?",
                lambda g, h: 0.1 / (h - g),
                (lambda g, h: (h - g) / 0.1, "that is the size of the curvature."),
            ),
            number(
                r"And Algorithm 1 with \(\nu=2\)?",
                lambda: 2,
                (lambda g, h: 0.1 / (h - g), "the measured curvature is negative here: look at its sign."),
            ),
        ),
        hint=r"\(\Delta\theta=-0.1\) and \(\Delta g>0\).",
        solution=r"The curvature is \(\Delta g/\Delta\theta<0\). \(|\gamma|=0.1/(h-g)=[[a]]\), the larger the flatter; Algorithm 1 takes \(\nu=[[b]]\).",
    ),
    Exercise(
        id="curvature.5",
        title="The bounds",
        ask=r"""<p>Step-Tuned SGD keeps \(\gamma\) in \([\tilde m,\tilde M]=[0.5,2]\) and takes the step sizes
        \(\alpha\gamma_k/(k+1)^{1/2+\delta}\) with \(\alpha=[[alpha]]\), \(\delta=0.001\).</p>""",
        numbers=(grid("alpha", "0.010", "0.500", "0.001"), grid("k", "50", "500", "1")),
        parts=(
            number(
                r"What is the largest step size at \(k=[[k]]\)?",
                lambda alpha, k: 2 * alpha * np.exp(-0.501 * np.log(k + 1)),
                (lambda alpha, k: alpha * np.exp(-0.501 * np.log(k + 1)), "that is for γ = 1; the bound is 2."),
            ),
            number("How many times the smallest one is it?", lambda: 4),
            formula(
                r"The exponent \(p\) of the rate \(k^{-p}\) in Theorem 1, as a formula in \(\delta\).",
                "1/2-delta",
                {"delta": (0.01, 0.49)},
            ),
        ),
        hint=r"\(\gamma\) may differ by the factor \(\tilde M/\tilde m\) only. Theorem 1 loses \(\delta\) from 1/2.",
        solution=r"\(2\alpha(k+1)^{-0.501}=[[a]]\), [[b]] times the smallest: the bounds leave curvature little to say. The rate is \(k^{-(1/2-\delta)}\).",
    ),
    Exercise(
        id="curvature.6",
        title="One dimension is special",
        ask=r"<p>\(J=\frac12\lambda x^2\) with \(\lambda=[[lam]]\); start at \(x_0=[[x]]\), first step \(\alpha=[[alpha]]\), then Algorithm 1 with the same \(\alpha\).</p>",
        numbers=(
            grid("lam", "0.5", "4.0", "0.1"),
            grid("x", "1.0", "5.0", "0.1"),
            grid("alpha", "0.10", "0.22", "0.01"),
        ),
        parts=(
            number(
                r"What is \(x_1\)?",
                lambda lam, x, alpha: x * (1 - alpha * lam),
                (lambda x, alpha: x * (1 - alpha), "the first step is α times the gradient λx."),
            ),
            number(
                r"What is \(x_2\)?",
                lambda lam, x, alpha: x * (1 - alpha * lam) * (1 - alpha),
                (lambda lam, x, alpha: x * (1 - alpha * lam) ** 2, "from the second step on γ = 1/λ."),
            ),
        ),
        hint=r"On a parabola two gradients measure the curvature exactly: \(\gamma=1/\lambda\).",
        solution=r"\(x_1=(1-\alpha\lambda)x_0=[[a]]\); then \(\gamma=1/\lambda\), so each step multiplies by \(1-\alpha\): \(x_2=[[b]]\). With \(\alpha=1\) this is Newton's step.",
    ),
)

LESSON = Lesson(
    name="curvature",
    title="Asking curvature for a step",
    question="How long should a step be? Two gradients, one before and one after a step, know the curvature between them. What may one do with it where it is negative?",
    folder=Path(__file__).parent,
    controls=(
        Control("alpha", r"scale \(\alpha\)", 0.05, 2.0, 0.3, 0.01, "log"),
        Control("nu", r"\(\nu\), where curvature is not positive", 0.5, 20.0, 2.0, 0.1, "log"),
    ),
    choices=(
        Choice("shape", "surface", (("hills", "log hills"), ("bowl", "bowl, κ = 50"))),
        Choice("bounds", "bounds of γ", (("none", "none"), ("tuned", "[0.5, 2]"))),
        Choice("steps", "steps", (("30", "30"), ("200", "200"), ("1000", "1000"))),
    ),
    state={"x0": 3.0, "y0": 2.0, "shape": "hills", "bounds": "none", "steps": "30"},
    formulas={
        "bowl": Formula(bowl, ("x", "y")),
        "hills": Formula(hills, ("x", "y")),
        "factor": Formula(factor, ("sx", "sy", "dx", "dy", "nu")),
        "absolute_factor": Formula(absolute_factor, ("sx", "sy", "dx", "dy", "nu")),
        "clipped": Formula(clipped, ("gamma", "low", "high")),
    },
    exercises=EXERCISES,
)
