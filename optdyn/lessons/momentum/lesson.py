"""Momentum in one 2×2 matrix: what the page runs, and its exercises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from optdyn.lessons.definition import Choice, Control, Formula, Lesson
from optdyn.lessons.exercises import Exercise, formula, grid, number
from optdyn.lessons.programs import Program
from theory.arsg.formulas import gain_formula, points_formula, select, variance_formula
from theory.linear import RSG


def step(v: Any, s: Any, move: Any, beta: Any, mu: Any) -> tuple[Any, Any]:
    """One step of RSG on one coordinate; the move is the step size times the gradient."""
    v, s = RSG.advance((v, s), move, beta=beta, mu=mu)
    return v, s


def matrix(tau: Any, beta: Any, mu: Any) -> tuple[Any, Any, Any, Any]:
    """The matrix A(τ) row by row: where one step takes the two unit states."""
    column_v = RSG.advance((1.0, 0.0), 0.0, beta=beta, mu=mu)
    column_s = RSG.advance((0.0, 1.0), tau, beta=beta, mu=mu)
    return column_v[0], column_s[0], column_v[1], column_s[1]


def eigenvalues(tau: Any, beta: Any, mu: Any) -> tuple[Any, Any, Any, Any]:
    """Real and imaginary parts of both eigenvalues, (11); the discriminant is written as in the gain factor."""
    immediate = 1 - beta + beta * mu
    shift = immediate * tau - (1 - beta)
    discriminant = shift * shift - 4 * beta * (1 - beta) * (1 - mu) * tau
    half = 0.5 * (1 + beta - immediate * tau)
    root = 0.5 * np.sqrt(np.abs(discriminant))
    real, imaginary = select(discriminant < 0, 0.0, root), select(discriminant < 0, root, 0.0)
    return half + real, imaginary, half - real, -imaginary


def norm(a: Any, b: Any, c: Any, d: Any) -> Any:
    """Spectral norm of a 2×2 matrix."""
    return 0.5 * (np.sqrt((a + d) * (a + d) + (b - c) * (b - c)) + np.sqrt((a - d) * (a - d) + (b + c) * (b + c)))


def heavy_ball(m: float, x: float, gradient: float, alpha: float, beta: float) -> tuple[float, float]:
    """What the programming exercise asks for, from the theory's step, whose state is v = αm."""
    v, x = RSG.advance((alpha * m, x), alpha * gradient, beta=beta, mu=0.0)
    return v / alpha, x


def classical(m: float, x: float, gradient: float, alpha: float, beta: float) -> tuple[float, float]:
    """The textbook's form under our names."""
    return beta * m + gradient, x - alpha * (beta * m + gradient)


def with_old_momentum(m: float, x: float, gradient: float, alpha: float, beta: float) -> tuple[float, float]:
    """The position moved before the momentum."""
    return beta * m + (1 - beta) * gradient, x - alpha * m


BETA = grid("beta", "0.50", "0.98", "0.01")

EXERCISES = (
    Exercise(
        id="momentum.1",
        title="The largest stable step",
        ask=r"<p>A quadratic has the largest curvature \(\lambda=[[lam]]\). You run heavy ball with \(\beta=[[beta]]\).</p>",
        numbers=(grid("lam", "0.5", "25.0", "0.1"), BETA),
        parts=(
            number(
                r"Below which step size \(\alpha\) is the moving-average form stable?",
                lambda lam, beta: 2 * (1 + beta) / ((1 - beta) * lam),
                (lambda lam: 2 / lam, "that is gradient descent's limit: momentum has another."),
                (
                    lambda lam, beta: 2 * (1 + beta) / lam,
                    "that is the classical form's limit: there the momentum isn't multiplied by 1 − β.",
                ),
                (lambda beta: 2 * (1 + beta) / (1 - beta), "that is the limit of τ = αλ: divide by the curvature."),
            ),
            number(
                r"And below which step size \(h\) the classical form?",
                lambda lam, beta: 2 * (1 + beta) / lam,
                (
                    lambda lam, beta: 2 * (1 + beta) / ((1 - beta) * lam),
                    "that is the moving-average form's limit; h = α(1 − β).",
                ),
                (lambda lam: 2 / lam, "that is gradient descent's limit: momentum has another."),
            ),
        ),
        hint=r"An eigenvalue leaves the disc at −1: set \(\det(A(\tau)+I)=0\). Then \(\tau=\alpha\lambda\).",
        solution=r"""\(\det(A+I)=1+\rho+\det A=0\) gives \(\tau=\frac{2(1+\beta)}{1-\beta}\), so \(\alpha=\frac{2(1+\beta)}
        {(1-\beta)\lambda}=[[a]]\). The classical step is \(h=\alpha(1-\beta)\): \(h=\frac{2(1+\beta)}{\lambda}=[[b]]\).""",
    ),
    Exercise(
        id="momentum.2",
        title="A complex pair",
        ask=r"""<p>RSG with \(\beta=[[beta]]\) and \(\mu=[[mu]]\) meets the scaled curvature \(\tau=[[tau]]\), where the
        eigenvalues of \(A(\tau)\) are a complex pair.</p>""",
        numbers=(
            grid("beta", "0.80", "0.98", "0.01"),
            grid("mu", "0.01", "0.10", "0.01"),
            grid("tau", "0.10", "4.00", "0.05"),
        ),
        parts=(
            number(
                r"What is their modulus \(r_g\)?",
                lambda beta, mu, tau: (beta * (1 - mu * tau)) ** 0.5,
                (lambda beta, mu, tau: beta * (1 - mu * tau), "that is the determinant |r|²: take its root."),
                (lambda beta: beta**0.5, "that is right for μ = 0 only: compute the determinant."),
                within=0.001,
            ),
            number(
                "After how many steps, by this modulus, is the error a thousandth of what it was?",
                lambda beta, mu, tau: -2 * np.log(1000.0) / np.log(beta * (1 - mu * tau)),
                (
                    lambda beta, mu, tau: -np.log(1000.0) / np.log(beta * (1 - mu * tau)),
                    "that takes the determinant for the modulus.",
                ),
                within=0.02,
            ),
        ),
        hint="The product of a complex pair is the square of its modulus, and the product of eigenvalues is the determinant.",
        solution=r"""\(\det A=\beta(1-\mu\tau)\), so \(r_g=\sqrt{\beta(1-\mu\tau)}=[[a]]\), and
        \(k=\log 1000/(-\log r_g)=[[b]]\).""",
    ),
    Program(
        id="momentum.3",
        title="Heavy ball",
        ask=r"""<p>Program one step of heavy ball in the moving-average form. It gets the old momentum and position, and
        returns the new ones.</p>""",
        signature="step(m, x, gradient, alpha, beta)",
        names=("m", "x"),
        numbers=(grid("alpha", "0.10", "2.00", "0.01"), BETA),
        start=lambda numbers: (0.0, 1.0),
        arguments=lambda state, numbers: (*state, 1.6 * state[1], numbers["alpha"], numbers["beta"]),
        step=heavy_ball,
        slips=(
            (classical, "This is the classical form: in the moving average the gradient has the weight 1 - beta."),
            (with_old_momentum, "The position has to move by the new momentum, not by the old one."),
        ),
        hint="First the momentum: an average that keeps the share β of the old and takes 1 − β of the new gradient.",
        solution="<pre>def step(m, x, gradient, alpha, beta):\n    m = beta * m + (1 - beta) * gradient\n"
        "    return m, x - alpha * m</pre>",
    ),
    Exercise(
        id="momentum.4",
        title="Another book's momentum",
        ask=r"""<p>A library runs \(\tilde m\leftarrow\beta\tilde m+g\), \(x\leftarrow x-h\tilde m\) with \(h=[[h]]\) and
        \(\beta=[[beta]]\).</p>""",
        numbers=(grid("h", "0.010", "2.000", "0.002"), BETA),
        parts=(
            number(
                r"Which \(\alpha\) gives the same iterates in the moving-average form?",
                lambda h, beta: h / (1 - beta),
                (lambda h, beta: h * (1 - beta), "the other way round: h = α(1 − β)."),
            ),
            number(
                r"Its Nesterov option steps along \(\beta\tilde m+g\) instead. Which \(\mu\) is that?",
                lambda beta: 1 - beta,
                (lambda beta: beta, "that is η; in the concise form μ = η(1 − β)/β with η = β."),
            ),
            formula(
                r"The limit of \(h\) for curvature \(\lambda\) with that option, as a formula. (Take the limit of "
                r"\(\tau\) for \(\mu=1-\beta\), and translate.)",
                "2*(1+beta)/((1+2*beta)*lambda)",
                {"beta": (0.05, 0.95), "lambda": (0.2, 5.0)},
            ),
        ),
        hint=r"\(\tilde m=m/(1-\beta)\) while \(\beta\) is constant. Then compare the factors of \(g\).",
        solution=r"""\(h\tilde m=\alpha m\) needs \(\alpha=h/(1-\beta)=[[a]]\). A step along \(\beta\tilde m+g\) has
        \(\mu\alpha=h\), so \(\mu=1-\beta=[[b]]\). With it \(\tau_{rb}=\frac{2(1+\beta)}{1-\beta+2\beta(1-\beta)}=
        \frac{2(1+\beta)}{(1-\beta)(1+2\beta)}\), and \(h=\alpha(1-\beta)\) gives \(h\lambda<\frac{2(1+\beta)}{1+2\beta}\).""",
    ),
    Exercise(
        id="momentum.5",
        title="What noise leaves behind",
        ask=r"""<p>Gradient noise makes heavy ball (\(\mu=0\), \(\beta=[[beta]]\)) hover about the minimum. Take
        \(\tau=[[tau]]\).</p>""",
        numbers=(grid("beta", "0.50", "0.98", "0.01"), grid("tau", "0.050", "1.900", "0.005")),
        parts=(
            number(
                r"What is the variance limit \(l_{\mathrm{Var}}\)?",
                lambda beta, tau: variance_formula(tau, beta, 0.0),
                (lambda tau: tau / (2 - tau), "that is SGD's, without momentum."),
                (lambda beta, tau: variance_formula(tau, beta, 0.0) ** 0.5, "that is the standard deviation."),
            ),
            number(
                r"How many times SGD's limit \(\tau/(2-\tau)\) at the same \(\tau\) is it?",
                lambda beta, tau: variance_formula(tau, beta, 0.0) * (2 - tau) / tau,
            ),
            formula(
                r"SGD with the step size \(h=\alpha(1-\beta)\), as a textbook would compare: its limit as a formula in "
                r"\(\tau=\alpha\lambda\) and \(\beta\).",
                "tau*(1-beta)/(2-tau*(1-beta))",
                {"tau": (0.1, 1.9), "beta": (0.1, 0.9)},
            ),
        ),
        hint=r"Set \(\mu=0\) in the closed form of the variance limit; much cancels.",
        solution=r"""\(l_{\mathrm{Var}}=\frac{\tau(1+\beta)}{2(1+\beta)-\tau(1-\beta)}=[[a]]\), which is [[b]] times
        \(\tau/(2-\tau)\). With \(h\lambda=\tau(1-\beta)\) SGD has \(\frac{\tau(1-\beta)}{2-\tau(1-\beta)}\): at equal
        \(h\) momentum is noisier by about \(1/(1-\beta)\), at equal \(\alpha\) it is quieter.""",
    ),
    Exercise(
        id="momentum.6",
        title="Where RSG is fastest",
        ask=r"<p>RSG with \(\beta=[[beta]]\) and \(\mu=[[mu]]\).</p>",
        numbers=(grid("beta", "0.900", "0.990", "0.001"), grid("mu", "0.150", "0.400", "0.002")),
        parts=(
            number(
                r"At which \(\tau\) is the gain factor least?",
                lambda beta, mu: points_formula(beta, mu)[3],
                (
                    lambda beta, mu: points_formula(beta, mu)[2],
                    "there the pair turns complex, at the lower end: r_g still falls.",
                ),
                (lambda beta, mu: points_formula(beta, mu)[1], "that is where the eigenvalues sum to zero."),
            ),
            number(
                "What is the gain factor there?",
                lambda beta, mu: 0.5 * abs(1 + beta - (1 - beta + beta * mu) * points_formula(beta, mu)[3]),
                within=0.01,
            ),
        ),
        hint=r"""Inside the complex range \(r_g=\sqrt{\beta(1-\mu\tau)}\) falls; beyond it a real eigenvalue grows. So the
        least is where the discriminant vanishes for the second time.""",
        solution=r"""\(\tau_{cb2}=(1-\beta)\left(\frac{1+\sqrt{\beta(1-\mu)}}{1-\beta+\beta\mu}\right)^2=[[a]]\), and there
        both eigenvalues are \(\rho/2\), so that \(r_g=\frac12|1+\beta-\tau(1-\beta(1-\mu))|=[[b]]\).""",
    ),
)

LESSON = Lesson(
    name="momentum",
    title="Momentum in one 2×2 matrix",
    question="Momentum remembers. How much may it remember, what does it gain, and what does it cost? On a quadratic all "
    "of it stands in one matrix with four entries.",
    folder=Path(__file__).parent,
    controls=(
        Control("alpha", r"step size \(\alpha\)", 0.05, 100.0, 1.8, 0.01, "log"),
        Control("beta", r"momentum \(\beta\)", 0.0, 0.999, 0.0, 0.005),
        Control("mu", r"observation \(\mu\) of RSG", 0.0, 0.5, 0.1, 0.005),
    ),
    choices=(
        Choice("kappa", "condition number", (("1", "1"), ("10", "10"), ("100", "100"))),
        Choice("start", "start", (("rest", "at rest"), ("push", "pushed from 0"))),
        Choice("form", "form of momentum", (("average", "moving average"), ("classical", "classical"))),
        Choice("steps", "steps", (("50", "50"), ("200", "200"), ("1000", "1000"))),
    ),
    state={"x0": -1.6, "y0": 1.2, "kappa": "10", "start": "rest", "form": "average", "steps": "50"},
    formulas={
        "step": Formula(step, ("v", "s", "move", "beta", "mu")),
        "matrix": Formula(matrix, ("tau", "beta", "mu")),
        "eigenvalues": Formula(eigenvalues, ("tau", "beta", "mu")),
        "gain": Formula(gain_formula, ("tau", "beta", "mu")),
        "variance": Formula(variance_formula, ("tau", "beta", "mu")),
        "points": Formula(points_formula, ("beta", "mu")),
        "norm": Formula(norm, ("a", "b", "c", "d")),
    },
    exercises=EXERCISES,
)
