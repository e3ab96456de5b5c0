"""How far is zero? What the page runs, and its exercises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from optdyn.lessons.definition import Choice, Control, Formula, Lesson
from optdyn.lessons.exercises import Exercise, formula, grid, number
from optdyn.lessons.programs import Program
from theory.arsg.formulas import select

DRAWS = 200
SMALLEST = 1e-10  # the argument that the notebook calls a condition number, inverted


def valley(x: Any, y: Any, kappa: Any, offset: Any) -> tuple[Any, Any, Any]:
    """Loss and gradient of ½(x²/κ + y²) above a minimum."""
    return 0.5 * (x * x / kappa + y * y) + offset, x / kappa, y


def step_size(loss: Any, minimum: Any, squared_gradient: Any, alpha: Any) -> Any:
    """L4's core rule with v = g: the fraction α of the way on which the linear model falls to the assumed minimum."""
    moves = squared_gradient > 0
    return select(moves, alpha * (loss - minimum) / select(moves, squared_gradient, 1.0), 0.0)


def core_step(x: float, loss: float, gradient: float, minimum: float, alpha: float) -> float:
    """What the programming exercise asks for."""
    return x - float(step_size(loss, minimum, gradient * gradient, alpha)) * gradient


def without_minimum(x: float, loss: float, gradient: float, minimum: float, alpha: float) -> float:
    """The minimum forgotten."""
    return core_step(x, loss, gradient, 0.0, alpha)


def by_length(x: float, loss: float, gradient: float, minimum: float, alpha: float) -> float:
    """Divided by the length of the gradient, not by its square."""
    return x - alpha * (loss - minimum) * gradient / abs(gradient)


def condition_numbers() -> dict[str, Any]:
    """What the notebook's maker of A draws, when it is asked for 1e10."""
    from synthetic.linear_nets.linear_nets import recht_matrix

    found = [float(np.linalg.cond(recht_matrix(1 / SMALLEST, np.random.default_rng(seed)))) for seed in range(DRAWS)]
    return {"conditions": [round(value, 2) for value in sorted(found)]}


EXERCISES = (
    Exercise(
        id="zero.1",
        title="Half-way",
        ask=r"<p>\(L(x)=\frac12\lambda x^2\) with \(\lambda=[[lam]]\), at \(x=[[x]]\), with the true minimum 0 and the fraction \(\alpha=[[alpha]]\).</p>",
        numbers=(
            grid("lam", "0.2", "9.0", "0.1"),
            grid("x", "0.5", "4.0", "0.1"),
            grid("alpha", "0.10", "0.90", "0.05"),
        ),
        parts=(
            number(
                r"Where does the core rule \(x\leftarrow x-\alpha\frac{L}{L'^2}L'\) lead?",
                lambda x, alpha: x * (1 - alpha / 2),
                (
                    lambda x, alpha: x * (1 - alpha),
                    "the linear model is too steep: α = 1 goes half of the way, not all of it.",
                ),
                (lambda x, alpha: x * alpha / 2, "that is the length of the move."),
            ),
            number(
                "After how many steps is the loss a millionth of what it was? (Not rounded.)",
                lambda alpha: np.log(1e6) / (-2 * np.log(1 - alpha / 2)),
                (
                    lambda alpha: np.log(1e6) / (-np.log(1 - alpha / 2)),
                    "the loss is a square: it falls twice as fast as x.",
                ),
            ),
        ),
        hint=r"\(L/L'=\frac12x\): the curvature drops out.",
        solution=r"\(x(1-\alpha/2)=[[a]]\). The loss is multiplied by \((1-\alpha/2)^2\) each time: [[b]] steps.",
    ),
    Exercise(
        id="zero.2",
        title="A minimum guessed too low",
        ask=r"<p>\(L(x)=\frac12\lambda x^2\) with \(\lambda=[[lam]]\), but the rule believes in a minimum of \(-c\) with \(c=[[c]]\). \(\alpha=1\).</p>",
        numbers=(grid("lam", "0.5", "8.0", "0.1"), grid("c", "0.010", "2.000", "0.005")),
        parts=(
            number(
                r"For which \(x>0\) does a step lead exactly to \(-x\), so that the rule jumps to and fro for ever?",
                lambda lam, c: (2 * c / (3 * lam)) ** 0.5,
                (lambda lam, c: (2 * c / lam) ** 0.5, "there a step leads to 0, the minimum itself."),
                (lambda lam, c: 2 * c / (3 * lam), "that is x²."),
            ),
            number(
                "And what is the loss there?",
                lambda c: c / 3,
                (lambda c: c, "that is the loss at which a step leads to 0."),
            ),
        ),
        hint=r"The step is \((\frac12\lambda x^2+c)/(\lambda x)\). It has to be \(2x\).",
        solution=r"\(\frac12\lambda x^2+c=2\lambda x^2\) gives \(x=\sqrt{2c/(3\lambda)}=[[a]]\), with the loss \(\frac12\lambda x^2=c/3=[[b]]\). A wrong minimum leaves a floor of its own size.",
    ),
    Program(
        id="zero.3",
        title="The core rule",
        ask="<p>Program one step of the core rule on the line, along the gradient itself.</p>",
        signature="step(x, loss, gradient, minimum, alpha)",
        names=("x",),
        numbers=(grid("alpha", "0.10", "0.90", "0.01"), grid("low", "0.10", "0.50", "0.01")),
        start=lambda numbers: (2.0,),
        arguments=lambda state, numbers: (
            state[0],
            1.3 * state[0] ** 2 + 0.6,
            2.6 * state[0],
            numbers["low"],
            numbers["alpha"],
        ),
        step=lambda *arguments: (core_step(*arguments),),
        slips=(
            (lambda *arguments: (without_minimum(*arguments),), "The model has to fall to the minimum, not to 0."),
            (
                lambda *arguments: (by_length(*arguments),),
                "Divide by the square of the gradient: the slope of the model along -g is -g².",
            ),
        ),
        iterates=12,
        hint="Along −g the linear model falls with the slope g². How long until it has lost loss − minimum?",
        solution="<pre>def step(x, loss, gradient, minimum, alpha):\n    return x - alpha * (loss - minimum) / gradient**2 * gradient</pre>",
    ),
    Exercise(
        id="zero.4",
        title="The condition number that is not there",
        ask=r"""<p>\(A\) has the rows \((1,0)\), \((0,s)\) and \((\varepsilon,\varepsilon)\), with \(s=[[s]]\) and \(\varepsilon=10^{-10}\).</p>""",
        numbers=(grid("s", "0.0100", "0.9000", "0.0001"),),
        parts=(
            number(
                r"What is its condition number \(\kappa_2(A)=\sigma_{\max}/\sigma_{\min}\), to three digits?",
                lambda s: 1 / s,
                (lambda: 1e10, "the tiny third row adds to the other two: without it A has full rank already."),
                (lambda s: 1 / (s * s), "that is the condition number of A⊤A."),
            ),
            number(
                r"And that of \(A^\top A\), which is the Hessian of \(\frac12\|Ax-b\|^2\)?",
                lambda s: 1 / (s * s),
                (lambda s: 1 / s, "that is A's; the Hessian squares it."),
            ),
        ),
        hint=r"\(A^\top A=\mathrm{diag}(1,s^2)\) up to \(10^{-20}\).",
        solution=r"\(\kappa_2(A)=1/s=[[a]]\) and \(\kappa(A^\top A)=1/s^2=[[b]]\). A row that is tiny makes a matrix ill-conditioned only if the rest does not have full rank.",
    ),
    Exercise(
        id="zero.5",
        title="Where ε stops the fall",
        ask=r"<p>L4 divides by \(g^\top v+\varepsilon\) with \(\varepsilon=10^{-12}\). Near a minimum of value 0 the curvature is \(\lambda=[[lam]]\), and \(v=g\).</p>",
        numbers=(grid("lam", "0.01", "5.00", "0.01"), grid("n", "100", "990", "10")),
        parts=(
            number(
                r"The loss at which \(g^\top v=\varepsilon\), in units of \(10^{-12}\).",
                lambda lam: 0.5 / lam,
                (lambda lam: 0.5 * lam, "‖g‖² = 2λL, so L = ε/(2λ)."),
            ),
            number(
                r"Summing [[n]] samples instead of averaging them multiplies \(L\) and \(\lambda\) by [[n]]. By which factor does the floor of the loss <em>per sample</em> fall?",
                lambda n: n * n,
                (lambda n: n, "the sum's floor falls by n, and per sample by n once more."),
            ),
            formula(
                r"The floor as a formula in \(\varepsilon\) and \(\lambda\).",
                "epsilon/(2*lambda)",
                {"epsilon": (0.1, 2.0), "lambda": (0.1, 5.0)},
            ),
        ),
        hint=r"Near a minimum \(\|g\|^2=2\lambda L\).",
        solution=r"\(L=\varepsilon/(2\lambda)\): [[a]] times \(10^{-12}\). The sum has the curvature \(n\lambda\), its floor is lower by \(n\), and per sample by \(n^2=[[b]]\).",
    ),
    Exercise(
        id="zero.6",
        title="A constant added",
        ask=r"""<p>The full rule steps by \(\alpha\frac{L-\gamma L_{\min}}{g^\top v}\) with \(\gamma=0.9\). Now \(L=[[loss]]\) and
        \(L_{\min}=[[low]]\). Somebody adds \(b=[[shift]]\) to the loss, and to what is remembered of it.</p>""",
        numbers=(
            grid("loss", "1.00", "5.00", "0.05"),
            grid("low", "0.50", "0.95", "0.05"),
            grid("shift", "0.5", "9.0", "0.1"),
        ),
        parts=(
            number(
                "By which factor is the step longer?",
                lambda loss, low, shift: (loss + shift - 0.9 * (low + shift)) / (loss - 0.9 * low),
                (lambda: 1, "that is the core rule, γ = 1: only there does b cancel."),
                (
                    lambda loss, low, shift: (loss + shift - 0.9 * low) / (loss - 0.9 * low),
                    "the remembered minimum grows by b too.",
                ),
            ),
            number(r"And with \(\gamma=1\)?", lambda: 1),
        ),
        hint=r"\(L+b-\gamma(L_{\min}+b)\): what is left of \(b\)?",
        solution=r"\(\frac{L-\gamma L_{\min}+(1-\gamma)b}{L-\gamma L_{\min}}=[[a]]\); with \(\gamma=1\) it is 1.",
    ),
)

LESSON = Lesson(
    name="zero",
    title="How far is zero?",
    question="If you know how low the loss can get, the gradient says how far away that is. A step size without tuning? On a parabola it is wrong by a factor of two, and in a valley it goes uphill.",
    folder=Path(__file__).parent,
    controls=(
        Control("alpha", r"fraction \(\alpha\) of L4", 0.05, 2.5, 0.15, 0.01, "log"),
        Control("guess", r"minimum that L4 assumes", -1.0, 1.0, 0.0, 0.01),
        Control("offset", r"true minimum", 0.0, 1.0, 0.0, 0.01),
    ),
    choices=(
        Choice("kappa", "condition number", (("1", "1"), ("10", "10"), ("100", "100"))),
        Choice("steps", "steps", (("30", "30"), ("200", "200"), ("1000", "1000"))),
    ),
    state={"x0": 2.0, "y0": 0.3, "kappa": "100", "steps": "30"},
    formulas={
        "valley": Formula(valley, ("x", "y", "kappa", "offset")),
        "step_size": Formula(step_size, ("loss", "minimum", "squared", "alpha")),
    },
    data=condition_numbers,
    exercises=EXERCISES,
)
