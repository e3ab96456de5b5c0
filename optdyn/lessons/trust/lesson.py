"""The shape of trust: what the page runs, and its exercises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from optdyn.lessons.definition import Choice, Control, Formula, Lesson
from optdyn.lessons.exercises import Exercise, formula, grid, number
from optdyn.lessons.programs import Program

EPSILON = 1e-8  # of the accumulators


def bowl(x: Any, y: Any, kappa: Any, angle: Any) -> tuple[Any, Any, Any]:
    """Value and gradient of a quadratic with the curvatures 1/κ and 1, its flat axis turned by an angle."""
    c, s = np.cos(angle), np.sin(angle)
    along, across = c * x + s * y, c * y - s * x
    return (
        0.5 * (along * along / kappa + across * across),
        c * along / kappa - s * across,
        s * along / kappa + c * across,
    )


def saddle(x: Any, y: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Value, gradient and the two curvatures of ½x² - ½y² + ¼y⁴: a saddle at 0, minima at (0, ±1)."""
    return 0.5 * x * x - 0.5 * y * y + 0.25 * y**2 * y**2, x, y**2 * y - y, 1.0 + 0 * x, 3 * y**2 - 1


def root(a: Any, b: Any, c: Any) -> tuple[Any, Any, Any]:
    """The root of a positive definite matrix ((a, b), (b, c)), by Cayley and Hamilton."""
    determinant = np.sqrt(np.maximum(a * c - b * b, EPSILON * EPSILON))
    scale = np.sqrt(a + c + 2 * determinant)
    return (a + determinant) / scale, b / scale, (c + determinant) / scale


def inverse(a: Any, b: Any, c: Any) -> tuple[Any, Any, Any]:
    """The inverse of ((a, b), (b, c))."""
    determinant = a * c - b * b
    return c / determinant, -b / determinant, a / determinant


def accumulated(a: Any, b: Any, c: Any, gx: Any, gy: Any) -> tuple[Any, Any, Any]:
    """The sum of gg⊤ with a further gradient."""
    return a + gx * gx, b + gx * gy, c + gy * gy


def diagonal_move(a: Any, c: Any, gx: Any, gy: Any, eta: Any) -> tuple[Any, Any]:
    """Diagonal Adagrad's move."""
    return -eta * gx / np.sqrt(a + EPSILON), -eta * gy / np.sqrt(c + EPSILON)


def full_move(a: Any, b: Any, c: Any, gx: Any, gy: Any, eta: Any) -> tuple[Any, Any]:
    """Full-matrix Adagrad's move, -η A^(-1/2) g."""
    p, q, r = inverse(*root(a + EPSILON, b, c + EPSILON))
    return -eta * (p * gx + q * gy), -eta * (q * gx + r * gy)


def adagrad_step(x: float, gradient: float, total: float, eta: float) -> tuple[float, float]:
    """What the programming exercise asks for; its ε is inside the root."""
    total, _, _ = accumulated(total, 0.0, 0.0, gradient, 0.0)
    return x + float(diagonal_move(total, 1.0, gradient, 0.0, eta)[0]), total


def old_total(x: float, gradient: float, total: float, eta: float) -> tuple[float, float]:
    """Divided by the sum without the newest gradient."""
    return x - eta * gradient / float(np.sqrt(total + EPSILON)), total + gradient**2


def no_root(x: float, gradient: float, total: float, eta: float) -> tuple[float, float]:
    """The root forgotten."""
    return x - eta * gradient / (total + gradient**2 + EPSILON), total + gradient**2


def _scaled(kappa: Any) -> Any:
    """Condition number of the turned Hessian after its diagonal is scaled away."""
    first, second, off = 0.36 / kappa + 0.64, 0.64 / kappa + 0.36, 0.48 - 0.48 / kappa
    correlation = off / np.sqrt(first * second)
    return (1 + correlation) / (1 - correlation)


EXERCISES = (
    Exercise(
        id="trust.1",
        title="The best step in an ellipse",
        ask=r"<p>Minimise \(g^\top s\) over \(\|s\|_A\le\Delta\), with \(A=\mathrm{diag}([[A11]],\,1)\), \(g=([[p]],\,[[q]])\) and \(\Delta=1\).</p>",
        numbers=(grid("A11", "1.5", "9.0", "0.1"), grid("p", "0.5", "3.0", "0.1"), grid("q", "0.5", "3.0", "0.1")),
        parts=(
            number(
                r"The first entry of \(s\)",
                lambda A11, p, q: -(p / A11) / (p * p / A11 + q * q) ** 0.5,
                (lambda A11, p, q: (p / A11) / (p * p / A11 + q * q) ** 0.5, "downhill is the other way."),
                (lambda p, q: -p / (p * p + q * q) ** 0.5, "that is the step in a circle."),
            ),
            number(
                "The second entry",
                lambda A11, p, q: -q / (p * p / A11 + q * q) ** 0.5,
                (lambda p, q: -q / (p * p + q * q) ** 0.5, "that is the step in a circle."),
            ),
        ),
        hint=r"Lagrange: \(g+2\nu As=0\), so \(s\) is a multiple of \(-A^{-1}g\). Its length in the norm of \(A\) has to be 1.",
        solution=r"\(s=-\Delta A^{-1}g/\|g\|_{A^{-1}}\), with \(\|g\|_{A^{-1}}^2=g_1^2/A_{11}+g_2^2\).",
    ),
    Exercise(
        id="trust.2",
        title="Adagrad's first step",
        ask=r"<p>The first gradient is \(g=([[p]],\,[[q]])\), and \(\eta=[[eta]]\). Leave \(\varepsilon\) out.</p>",
        numbers=(grid("p", "0.5", "4.0", "0.1"), grid("q", "0.5", "4.0", "0.1"), grid("eta", "0.10", "1.00", "0.05")),
        parts=(
            number(
                "How long is diagonal Adagrad's first step?",
                lambda eta: eta * 2**0.5,
                (lambda eta: eta, "each of the two entries has this size."),
            ),
            number(
                "How long is full-matrix Adagrad's?",
                lambda eta: eta,
                (lambda eta: eta * 2**0.5, "(gg⊤)^(-1/2) g = g/‖g‖."),
            ),
            number(
                r"The cosine of the angle between diagonal Adagrad's step and \(-g\).",
                lambda p, q: (p + q) / (2 * (p * p + q * q)) ** 0.5,
            ),
        ),
        hint=r"The diagonal of \(gg^\top\) is \((g_1^2,g_2^2)\).",
        solution=r"Diagonal: \(-\eta\,\mathrm{sign}(g)\), of length \(\sqrt2\eta=[[a]]\); the cosine is \((|g_1|+|g_2|)/(\sqrt2\|g\|)=[[c]]\). Full: \(-\eta g/\|g\|\), of length [[b]].",
    ),
    Program(
        id="trust.3",
        title="Adagrad on the line",
        ask=r"<p>Program one step; \(\varepsilon=10^{-8}\) stands inside the root. It returns the new position and the new sum of squares.</p>",
        signature="step(x, gradient, total, eta)",
        names=("x", "total"),
        numbers=(grid("eta", "0.10", "1.00", "0.01"), grid("lam", "0.5", "3.0", "0.1")),
        start=lambda numbers: (2.0, 0.0),
        arguments=lambda state, numbers: (state[0], numbers["lam"] * state[0], state[1], numbers["eta"]),
        step=adagrad_step,
        slips=(
            (old_total, "The sum has to hold the newest gradient before you divide by it."),
            (no_root, "Divide by the root of the sum: the step must not depend on the scale of the loss."),
        ),
        iterates=15,
        hint="First add gradient² to the sum, then divide by the root of sum + 1e-8.",
        solution="<pre>def step(x, gradient, total, eta):\n    total = total + gradient**2\n"
        "    return x - eta * gradient / (total + 1e-8) ** 0.5, total</pre>",
    ),
    Exercise(
        id="trust.4",
        title="How diagonal is a Hessian?",
        ask=r"<p>A symmetric \(d\times d\) matrix, \(d=[[d]]\), whose off-diagonal entries have on average [[r]] times the size of the diagonal ones.</p>",
        numbers=(grid("d", "5", "40", "1"), grid("r", "0.100", "1.000", "0.001")),
        parts=(
            number(
                "Which share of the total size (sum of absolute values) is on the diagonal?",
                lambda d, r: 1 / (1 + (d - 1) * r),
                (lambda d: 1 / d, "that is for entries of equal size."),
                (lambda d, r: 1 / (1 + d * r), "there are d − 1 entries off the diagonal in each row."),
            ),
            formula(
                r"A least-squares Hessian of \(n\) samples in \(d\) dimensions has \(r\approx\sqrt{2/(\pi n)}\). Its share, as a formula in \(d\) and \(n\).",
                "1/(1+(d-1)*sqrt(2/(pi*n)))",
                {"d": (2.0, 50.0), "n": (10.0, 500.0)},
            ),
        ),
        hint=r"Row by row: one entry on the diagonal, \(d-1\) off it.",
        solution=r"\(\frac1{1+(d-1)r}=[[a]]\); with \(r=\sqrt{2/(\pi n)}\) it is \(\frac{\sqrt n}{\sqrt n+(d-1)\sqrt{2/\pi}}\): with many samples per dimension the diagonal dominates.",
    ),
    Exercise(
        id="trust.5",
        title="Leaving a saddle",
        ask=r"<p>Near a saddle \(\frac12x^2-\frac12cy^2\) with \(c=[[curv]]\), at \(y_0=10^{-[[k]]}\).</p>",
        numbers=(
            grid("curv", "0.20", "3.00", "0.01"),
            grid("k", "3", "9", "1"),
            grid("eta", "0.05", "0.50", "0.05"),
            grid("share", "0.10", "0.90", "0.05"),
        ),
        parts=(
            number(
                r"Newton's method with step size [[share]], \(y\leftarrow y-[[share]]\,f'/f''\): by which factor does it multiply \(y\)?",
                lambda share: 1 - share,
                (
                    lambda share: 1 + share,
                    "that leads away: Newton's step goes to where the gradient vanishes, even here.",
                ),
                (lambda share, curv: 1 - share * curv, "the curvature cancels: the step is s·y, however strong it is."),
            ),
            number(
                r"Saddle-free Newton divides by \(|c|\): how many steps until \(|y|=1\)? (Not rounded.)",
                lambda k: k * np.log(10.0) / np.log(2.0),
                (lambda k: k, "each step doubles y, it does not multiply by ten."),
            ),
            number(
                r"Gradient descent with \(\eta=[[eta]]\): how many? (Not rounded.)",
                lambda curv, k, eta: k * np.log(10.0) / np.log(1 + eta * curv),
                (
                    lambda curv, k, eta: k * np.log(10.0) / (eta * curv),
                    "that is the flow's time: a step multiplies by 1 + ηc.",
                ),
            ),
        ),
        hint=r"The gradient in \(y\) is \(-cy\), the curvature \(-c\). Newton: \(y-(-cy)/(-c)\).",
        solution=r"Newton: \((1-[[share]])y=[[a]]\,y\), towards the saddle; with step size 1 it is there at once. Saddle-free: \(y+y=2y\), so \(k\log_210=[[b]]\) steps. Gradient descent multiplies by \(1+\eta c\): \(k\log10/\log(1+\eta c)\) steps.",
    ),
    Exercise(
        id="trust.6",
        title="Turn the axes",
        ask=r"<p>A quadratic with the curvatures \(1/\kappa\) and 1, \(\kappa=[[kappa]]\), is turned so that its flat axis has the direction \((0.6,\,0.8)\).</p>",
        numbers=(grid("kappa", "2.00", "150.00", "0.01"),),
        parts=(
            number(
                r"\(H_{11}\)",
                lambda kappa: 0.36 / kappa + 0.64,
                (lambda kappa: 0.64 / kappa + 0.36, "that is H₂₂: the flat axis leans to the second coordinate."),
            ),
            number(
                r"\(H_{12}\)",
                lambda kappa: 0.48 / kappa - 0.48,
                (lambda kappa: 0.48 - 0.48 / kappa, "look at the sign: uu⊤/κ + vv⊤ with v = (−0.8, 0.6)."),
            ),
            number(
                r"A diagonal scaling cannot repair this: which condition number has \(D^{-1/2}HD^{-1/2}\) with \(D=\mathrm{diag}(H)\)?",
                lambda kappa: _scaled(kappa),
                within=0.02,
            ),
        ),
        hint=r"\(H=\frac1\kappa uu^\top+vv^\top\). Scaled, it is \(\begin{pmatrix}1&\rho\\\rho&1\end{pmatrix}\) with \(\rho=H_{12}/\sqrt{H_{11}H_{22}}\).",
        solution=r"\(H_{11}=[[a]]\), \(H_{12}=[[b]]\). The scaled matrix has the eigenvalues \(1\pm|\rho|\), so its condition number is \(\frac{1+|\rho|}{1-|\rho|}=[[c]]\).",
    ),
)


LESSON = Lesson(
    name="trust",
    title="The shape of trust",
    question="A gradient step trusts the linear model equally far in all directions. Adaptive methods trust an ellipse. Which ellipse, and does it help when the valley is not along the axes?",
    folder=Path(__file__).parent,
    controls=(
        Control("angle", r"angle of the valley, in degrees", 0.0, 90.0, 0.0, 0.5),
        Control("eta", r"\(\eta\) of Adagrad", 0.05, 3.0, 1.0, 0.01, "log"),
        Control("step", r"step size of gradient descent", 0.05, 1.9, 1.0, 0.01, "log"),
    ),
    choices=(
        Choice("scene", "scene", (("valley", "valley"), ("saddle", "saddle"))),
        Choice("kappa", "condition number", (("10", "10"), ("100", "100"))),
        Choice("steps", "steps", (("30", "30"), ("200", "200"), ("1000", "1000"))),
    ),
    state={"x0": 2.0, "y0": 1.0, "scene": "valley", "kappa": "100", "steps": "200"},
    formulas={
        "bowl": Formula(bowl, ("x", "y", "kappa", "angle")),
        "saddle": Formula(saddle, ("x", "y")),
        "root": Formula(root, ("a", "b", "c")),
        "inverse": Formula(inverse, ("a", "b", "c")),
        "accumulated": Formula(accumulated, ("a", "b", "c", "gx", "gy")),
        "diagonal_move": Formula(diagonal_move, ("a", "c", "gx", "gy", "eta")),
        "full_move": Formula(full_move, ("a", "b", "c", "gx", "gy", "eta")),
    },
    exercises=EXERCISES,
)
