"""The edge of stability: what the page runs, and its exercises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from optdyn.lessons.definition import Choice, Control, Formula, Lesson
from optdyn.lessons.exercises import Exercise, formula, grid, number
from optdyn.lessons.programs import Program
from theory.arsg.formulas import points_formula
from theory.linear import RSG


def product(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Value and gradient of ½(xy - 1)²."""
    residual = x * y - 1
    return 0.5 * residual * residual, residual * y, residual * x


def sharpness(x: Any, y: Any) -> Any:
    """The largest eigenvalue of the Hessian of ½(xy - 1)²; x² + y² at a minimum."""
    a, b, c = y * y, 2 * x * y - 1, x * x
    return 0.5 * (a + c + np.sqrt((a - c) * (a - c) + 4 * b * b))


def step(v: Any, s: Any, move: Any, beta: Any) -> tuple[Any, Any]:
    """Heavy ball on one coordinate, the theory's RSG with μ = 0; the move is the step size times the gradient."""
    v, s = RSG.advance((v, s), move, beta=beta, mu=0.0)
    return v, s


def edge(alpha: Any, beta: Any) -> Any:
    """The sharpness up to which a minimum attracts heavy ball with the step size α of the moving average."""
    return points_formula(beta, 0 * beta)[0] / alpha


def recorded() -> Any:
    """A run of our kernels: sharpness and loss along gradient descent on a linear net."""
    return json.loads((Path(__file__).parent / "run.json").read_text(encoding="utf-8"))


def descent_step(x: float, y: float, eta: float) -> tuple[float, float]:
    """What the programming exercise asks for."""
    _, gx, gy = product(x, y)
    return x - eta * gx, y - eta * gy


def one_after_the_other(x: float, y: float, eta: float) -> tuple[float, float]:
    """The second coordinate moved by the new first one."""
    x = x - eta * product(x, y)[1]
    return x, y - eta * product(x, y)[2]


def swapped(x: float, y: float, eta: float) -> tuple[float, float]:
    """The partial derivatives exchanged."""
    _, gx, gy = product(x, y)
    return x - eta * gy, y - eta * gx


EXERCISES = (
    Exercise(
        id="edge.1",
        title="Which minima attract?",
        ask=r"<p>Gradient descent with \(\eta=[[eta]]\) on \(\frac12(xy-1)^2\).</p>",
        numbers=(grid("eta", "0.0100", "0.4000", "0.0001"),),
        parts=(
            number(
                "Up to which sharpness is a minimum stable?",
                lambda eta: 2 / eta,
                (lambda eta: 1 / eta, "up to 1/η there is no oscillation; it is stable up to twice that."),
            ),
            number(
                r"The largest \(x\) of a stable minimum \((x,1/x)\)",
                lambda eta: (0.5 * (2 / eta + (4 / (eta * eta) - 4) ** 0.5)) ** 0.5,
            ),
            number(
                r"From which \(\eta\) on is no minimum stable?",
                lambda: 1,
                (lambda: 2, "the flattest minimum, (1, 1), has the sharpness 2, not 1."),
            ),
        ),
        hint=r"At \(xy=1\) the Hessian is \(\begin{pmatrix}y^2&1\\1&x^2\end{pmatrix}\), with the eigenvalues 0 and \(x^2+y^2\).",
        solution=r"\(2/\eta=[[a]]\). \(x^2+1/x^2=2/\eta\) gives \(x=[[b]]\). The flattest minimum has 2, so \(\eta<[[c]]\).",
    ),
    Exercise(
        id="edge.2",
        title="Momentum's edge",
        ask=r"<p>Heavy ball with \(\beta=[[beta]]\) and the step size [[eta]].</p>",
        numbers=(grid("beta", "0.10", "0.95", "0.01"), grid("eta", "0.010", "0.400", "0.001")),
        parts=(
            number(
                r"Its edge, if the step size is the classical \(h\)",
                lambda beta, eta: 2 * (1 + beta) / eta,
                (lambda eta: 2 / eta, "that is gradient descent's."),
                (lambda beta, eta: 2 * (1 + beta) / ((1 - beta) * eta), "that is for the moving average."),
            ),
            number(
                r"Its edge, if it is the moving average's \(\alpha\)",
                lambda beta, eta: 2 * (1 + beta) / ((1 - beta) * eta),
                (lambda beta, eta: 2 * (1 + beta) / eta, "that is for the classical form."),
            ),
            formula(
                r"Nesterov's edge in the classical form, as a formula in beta and h",
                "2*(1+beta)/((1+2*beta)*h)",
                {"beta": (0.05, 0.95), "h": (0.1, 1.0)},
            ),
        ),
        hint=r"Lesson 1: \(\tau_{rb}=\frac{2(1+\beta)}{1-\beta+2\beta\mu}\), with \(\mu=0\) and \(\mu=1-\beta\), and \(h=\alpha(1-\beta)\).",
        solution=r"\(\frac{2(1+\beta)}h=[[a]]\) and \(\frac{2(1+\beta)}{(1-\beta)\alpha}=[[b]]\). Nesterov: \(\frac{2(1+\beta)}{(1+2\beta)h}\), lower than heavy ball's.",
    ),
    Program(
        id="edge.3",
        title="Gradient descent on the product",
        ask=r"<p>Program one step of gradient descent on \(\frac12(xy-1)^2\).</p>",
        signature="step(x, y, eta)",
        names=("x", "y"),
        numbers=(grid("eta", "0.10", "0.30", "0.01"), grid("x", "1.8", "2.4", "0.1")),
        start=lambda numbers: (numbers["x"], 0.3),
        arguments=lambda state, numbers: (*state, numbers["eta"]),
        step=descent_step,
        slips=(
            (one_after_the_other, "Both coordinates have to move by the gradient at the old point."),
            (swapped, "The derivative by x is (xy - 1) y, not (xy - 1) x."),
        ),
        iterates=15,
        hint="Compute the residual xy − 1 once, before anything moves.",
        solution="<pre>def step(x, y, eta):\n    residual = x * y - 1\n    return x - eta * residual * y, y - eta * residual * x</pre>",
    ),
    Exercise(
        id="edge.4",
        title="What the flow keeps",
        ask=r"<p>Gradient flow on \(\frac12(xy-1)^2\) starts at \(([[x]],\,[[y]])\).</p>",
        numbers=(grid("x", "1.50", "3.00", "0.01"), grid("y", "0.30", "1.00", "0.01")),
        parts=(
            number(
                r"Which value does \(x^2-y^2\) have at its end?",
                lambda x, y: x * x - y * y,
                (lambda x, y: x * x + y * y, "the sum changes; the difference is kept."),
            ),
            number(
                "What is the sharpness there?",
                lambda x, y: ((x * x - y * y) ** 2 + 4) ** 0.5,
                (lambda x, y: x * x + y * y, "that is at the start; at the end xy = 1."),
                (lambda x, y: x * x - y * y, "x² + y² at the end: use (x² + y²)² = (x² − y²)² + 4x²y²."),
                within=0.005,
            ),
        ),
        hint=r"\(\frac{d}{dt}(x^2-y^2)=-2(xy-1)(xy-xy)=0\).",
        solution=r"\(x^2-y^2=[[a]]\) is kept. At the end \(xy=1\), so the sharpness is \(\sqrt{(x^2-y^2)^2+4}=[[b]]\).",
    ),
    Exercise(
        id="edge.5",
        title="What a step keeps",
        ask=r"<p>One step of gradient descent with \(\eta=[[eta]]\) on the same function, from a point with the residual \(xy-1=[[r]]\) and \(x^2-y^2=[[d]]\).</p>",
        numbers=(
            grid("eta", "0.10", "0.50", "0.01"),
            grid("r", "0.10", "0.90", "0.02"),
            grid("d", "1.0", "9.0", "0.2"),
        ),
        parts=(
            number(
                r"By which factor does \(x^2-y^2\) change?",
                lambda eta, r: 1 - eta * eta * r * r,
                (lambda eta, r: 1 - eta * r, "the part linear in η cancels, as in the flow."),
                within=0.002,
            ),
            number(r"\(x^2-y^2\) after the step", lambda eta, r, d: d * (1 - eta * eta * r * r), within=0.002),
            formula(r"The factor as a formula in eta and r", "1-eta^2*r^2", {"eta": (0.05, 0.6), "r": (0.1, 1.5)}),
        ),
        hint=r"\((x-\eta ry)^2-(y-\eta rx)^2\).",
        solution=r"\((x-\eta ry)^2-(y-\eta rx)^2=(1-\eta^2r^2)(x^2-y^2)\): each step, oscillating ones above all, moves towards balance, where it is flatter. Here the factor is [[a]], and the new value [[b]].",
    ),
    Exercise(
        id="edge.6",
        title="Oscillation at the edge",
        ask=r"<p>On \(\frac12\lambda s^2\) with \(\lambda=[[lam]]\), gradient descent uses \(\eta=[[rho]]\cdot2/\lambda\).</p>",
        numbers=(grid("lam", "0.5", "20.0", "0.1"), grid("rho", "0.800", "0.990", "0.005")),
        parts=(
            number(
                r"By which factor does a step multiply \(s\)? (Mind the sign.)",
                lambda rho: 1 - 2 * rho,
                (lambda rho: 2 * rho - 1, "that is its size: above 1/λ the sign alternates."),
            ),
            number(
                "After how many steps is the loss a hundredth? (Not rounded.)",
                lambda rho: np.log(100.0) / (-2 * np.log(2 * rho - 1)),
                within=0.02,
            ),
        ),
        hint=r"\(s\leftarrow(1-\eta\lambda)s\).",
        solution=r"\(1-\eta\lambda=[[a]]\). The loss falls by its square: [[b]] steps, for ever more the nearer the edge.",
    ),
)

LESSON = Lesson(
    name="edge",
    title="The edge of stability",
    question="A step size is stable up to the curvature 2/η. But in a net the curvature is not given: it moves while one trains. Where does it go, and what if it goes beyond?",
    folder=Path(__file__).parent,
    controls=(
        Control("eta", r"step size \(\eta=h\), of both", 0.01, 0.6, 0.35, 0.005, "log"),
        Control("beta", r"\(\beta\) of heavy ball", 0.0, 0.95, 0.5, 0.01),
    ),
    choices=(
        Choice("form", "form of momentum", (("classical", "classical: h"), ("average", "moving average: α"))),
        Choice("steps", "steps", (("50", "50"), ("200", "200"), ("1000", "1000"))),
    ),
    state={"x0": 2.5, "y0": 0.5, "form": "classical", "steps": "50"},
    formulas={
        "product": Formula(product, ("x", "y")),
        "sharpness": Formula(sharpness, ("x", "y")),
        "step": Formula(step, ("v", "s", "move", "beta")),
        "edge": Formula(edge, ("alpha", "beta")),
    },
    data=recorded,
    exercises=EXERCISES,
)
