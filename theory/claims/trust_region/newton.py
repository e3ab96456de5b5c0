"""Appendices E to G: what Newton's step keeps, how fast it is, and how Gauss and Newton's matrix compares."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, argument, statement, unmet
from theory.claims.routes import symbolic
from theory.claims.trust_region.source import PAPER

LIPSCHITZ_SLOPE = Hypothesis("f″ > 0 between x and x*", lambda *, curvature, **_: curvature > 0)
INVERTIBLE = Hypothesis("the change of variables is invertible", lambda *, determinant, **_: determinant != 0)


@statement(
    id="trust_region.newton_invariance",
    paper=PAPER,
    number="appendix E",
    title="Newton's method does not see linear scaling",
    statement_latex=r"\tilde f(y)=f(My)\ \Rightarrow\ M\big(y-\nabla^2\tilde f^{-1}\nabla\tilde f\big)"
    r"=x-$length\nabla^2f^{-1}\nabla f,\quad x=My",
    statement_words="In other linear coordinates Newton's method takes the same step, $length times itself.",
    hypotheses=(INVERTIBLE,),
    constants={"length": factor(1)},
)
def newton_invariance(
    level: Level, rng: np.random.Generator, *, length: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    if not unmet(hypotheses, determinant=0):
        case = {"M": "0", "Hessian in y": "0", "Newton's step": "does not exist"}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="Coordinates get lost.")
    size = 2
    change = sp.Matrix(size, size, sp.symbols("m:4"))
    hessian = sp.Matrix([[sp.Symbol("a"), sp.Symbol("b")], [sp.Symbol("b"), sp.Symbol("c")]])
    gradient = sp.Matrix(sp.symbols("g:2"))
    moved = change * (change.T * hessian * change).inv() * change.T * gradient
    plain = hessian.inv() * gradient
    descent = change * change.T * gradient  # what gradient descent's step becomes
    if symbolic.vanishes(descent[0] - gradient[0]):
        return Evidence(verdict=Verdict.UNDECIDED, text="Gradient descent is invariant as well.")
    return symbolic.identity(
        {f"coordinate {i + 1}": (moved[i], sp.Rational(length) * plain[i]) for i in range(size)},
        text="""
            With x = My the gradient in y is M′g and the Hessian M′HM, and M(M′HM)⁻¹M′g = H⁻¹g for every invertible M
            (expanded entry by entry for two variables, any symmetric H). Gradient descent's step becomes MM′g, so that
            it depends on the coordinates.
        """,
        arguments=("in any dimension (M′HM)⁻¹ = M⁻¹H⁻¹M′⁻¹",),
    )


@statement(
    id="trust_region.newton_rate",
    paper=PAPER,
    number="appendix E",
    title="Newton's method converges quadratically",
    statement_latex=r"|f''(x)-f''(y)|\le L_H|x-y|\ \Rightarrow\ |x_+-x^*|\le\frac{$share L_H}{f''(x)}|x-x^*|^2",
    statement_words="""
        With a Lipschitz Hessian the distance after a Newton step is at most $share L_H/f″(x) times its square before.
    """,
    hypotheses=(LIPSCHITZ_SLOPE,),
    constants={"share": factor("1/2")},
    also_true={"share * 2": "a looser bound"},
)
def newton_rate(
    level: Level, rng: np.random.Generator, *, share: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    if not unmet(hypotheses, curvature=Fraction(-1)):
        case = {"f": "x²/2 − x³/6", "L_H": "1", "x": "2", "f″(x)": "−1", "x₊": "2", "x*": "0"}
        return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="There the bound is negative.")
    # f = x²/2 + x³/6 at x = 1: f' = 3/2, f'' = 2, x₊ = 1/4, and L_H = 1.
    sharp = Fraction(1, 4)
    if share / 2 < sharp:
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"f": "x²/2 + x³/6", "L_H": "1", "x": "1", "x₊": "1/4", "bound": str(share / 2)},
            text="The bound is below the distance.",
        )
    error, slope, curvature, steep, rest, wide = sp.symbols("e f1 f2 L R S", positive=True)
    # x₊ - x* = e - f'/f'' = R/f'', where R = f''e - f' is what Taylor's formula leaves, |R| ≤ L e²/2.
    step = symbolic.identity(
        {"the new error": error - slope / curvature - (curvature * error - slope) / curvature}, text="the step"
    )
    bound = (
        (sp.Rational(share) * steep * error**2 - rest) / curvature,
        [
            (1 / curvature, steep * error**2 / 2 - rest),
            (1 / curvature, (sp.Rational(share) - sp.Rational(1, 2)) * wide),
        ],
    )
    target, terms = bound[0], [(m, premise.subs(wide, steep * error**2)) for m, premise in bound[1]]
    if share == Fraction(1, 2):
        terms = terms[:1]
    if step.verdict is not Verdict.PROVED or not symbolic.certifies(target, terms):
        return Evidence(verdict=Verdict.UNDECIDED, text="The bound does not follow.")
    return Evidence(
        verdict=Verdict.PROVED,
        tightness=float(share / 2 / sharp),
        steps=(
            *step.steps,
            proofs.combination("multipliers: the remainder over the curvature", target, terms),
            *argument(
                "Taylor's formula: |f″(x)e − f′(x)| ≤ L_H e²/2, as f′(x*) = 0",
                "in any dimension with norms in place of absolute values",
            ),
        ),
        text="""
            x₊ − x* = (f″(x)e − f′(x))/f″(x) with e = x − x*, and Taylor's formula bounds the numerator by L_H e²/2. For
            f = x²/2 + L_H x³/6 it is an equality, so that 1/2 cannot be improved: at x = 1, L_H = 1 the next iterate is
            1/4. The rate is quadratic; gradient descent's error on a quadratic is multiplied by 1 − ηλ each time, so
            that its rate is linear at best.
        """,
    )


@statement(
    id="trust_region.newton_ascends",
    paper=PAPER,
    number="section 4, appendix E",
    title="Newton's step may ascend, or not exist",
    statement_latex=r"f=\tfrac12(xy-1)^2:\quad\langle\nabla f,-\nabla^2f^{-1}\nabla f\rangle"
    r"=\frac{$rise xy(xy-1)^2}{1-$pole xy},\quad\det\nabla^2f=(1-xy)($pole xy-1)",
    statement_words="""
        Newton's step need not be a descent direction, and need not exist: on the net (xy - 1)²/2 it ascends where 0 <
        xy < 1/$pole, and does not exist where xy = 1/$pole.
    """,
    constants={"rise": number(2), "pole": number(3)},
)
def newton_ascends(level: Level, rng: np.random.Generator, *, rise: Fraction, pole: Fraction) -> Evidence:
    import sympy as sp

    x, y = sp.symbols("x y")
    loss = (x * y - 1) ** 2 / 2  # a net with two layers of one unit each
    gradient, hessian = sp.Matrix([loss]).jacobian([x, y]).T, sp.hessian(loss, (x, y))
    slope = sp.factor(-(gradient.T * hessian.inv() * gradient)[0])
    at, singular = {x: sp.Rational(1, 2), y: sp.Rational(1, 2)}, {x: sp.sqrt(3) / 3, y: sp.sqrt(3) / 3}
    ascends, det = slope.subs(at), sp.simplify(hessian.det().subs(singular))
    if not ascends > 0 or det != 0:
        return Evidence(verdict=Verdict.UNDECIDED, text="The net is not an example.")
    residual = x * y - 1
    return symbolic.identity(
        {
            "the slope along Newton's step": slope - rise * x * y * residual**2 / (1 - pole * x * y),
            "the determinant": hessian.det() - (1 - x * y) * (pole * x * y - 1),
        },
        data={"slope at (1/2, 1/2)": str(ascends)},
        text=f"""
            On the net (xy − 1)²/2 the slope along Newton's step is 2xy(xy − 1)²/(1 − 3xy): at x = y = 1/2 it is
            {ascends} > 0, so that the step ascends. The Hessian's determinant is (1 − xy)(3xy − 1), which is 0 at xy =
            1/3 (and at every minimiser, xy = 1): no Newton step exists there.
        """,
    )


@statement(
    id="trust_region.gauss_newton_fisher",
    paper=PAPER,
    number="appendix G, below (54)",
    title="Gauss and Newton's matrix is Fisher's",
    statement_latex=r"J^\top\nabla^2\ell\,J=$share\mathbb E_{y\sim p(\theta)}\big[\nabla\log p(y)\nabla\log p(y)^\top"
    r"\big]",
    statement_words="""
        For softmax with the negative log-likelihood and for squared errors the generalised Gauss-Newton matrix is
        $share Fisher's matrix.
    """,
    constants={"share": factor(1)},
)
def gauss_newton_fisher(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    import sympy as sp

    classes, parameters = (3, 2) if level == "quick" else (4, 3)
    weights = sp.symbols(f"e1:{classes + 1}", positive=True)  # exponentials of the outputs
    total = sum(weights)
    p = sp.Matrix([weight / total for weight in weights])
    jacobian = sp.Matrix(classes, parameters, sp.symbols(f"j:{classes * parameters}"))
    outputs = sp.symbols(f"z1:{classes + 1}")
    curvature = sp.hessian(sp.log(sum(sp.exp(z) for z in outputs)), outputs)
    curvature = curvature.subs({sp.exp(z): weight for z, weight in zip(outputs, weights, strict=True)})
    scores = [jacobian.T * (sp.eye(classes)[:, label] - p) for label in range(classes)]
    fisher = sp.zeros(parameters, parameters)
    for label in range(classes):
        fisher += p[label] * scores[label] * scores[label].T
    ours = jacobian.T * curvature * jacobian
    # Squared errors: y is normal around the output with variance 1, so E (y - f)² = 1 and ℓ'' = 1.
    slope, second = sp.symbols("f_theta v")
    softmax = {
        f"softmax, entry {i + 1}, {k + 1}": ours[i, k] - sp.Rational(share) * fisher[i, k]
        for i in range(parameters)
        for k in range(i, parameters)
    }
    squared = {"squared errors": (slope * 1 * slope, sp.Rational(share) * slope**2 * second.subs(second, 1))}
    return symbolic.identity(
        softmax | squared,
        text=f"""
            The Hessian of the log-partition function is diag(p) − pp′, and so is the covariance of the score e_y − p
            when y is drawn from p: with any Jacobian in front the two matrices agree, entry by entry, here for
            {classes} classes and {parameters} parameters. For squared errors both are J′J, as the residual of the
            model's own normal law has variance 1. The labels have to come from the model: with the data's labels (the
            "empirical Fisher") the two differ.
        """,
        arguments=("more classes and parameters have sums of more terms of the same form",),
    )


@statement(
    id="trust_region.hessian_better_conditioned",
    paper=PAPER,
    number="section 2, G.1",
    title="The Hessian may be the better conditioned one",
    statement_latex=r"L=\tfrac12(xy-1)^2,\ \theta=(2,2):\quad\lambda(\nabla^2L)=\{$most,$least\},"
    r"\quad\lambda(J^\top J)=\{$steep,0\}",
    statement_words="""
        There are nets and points at which the Hessian is much better conditioned than J′J: with the eigenvalues $most
        and $least its condition number is finite, and with $steep and 0 that of J′J is not.
    """,
    constants={"most": number(11), "least": number(-3), "steep": number(8)},
)
def hessian_better_conditioned(
    level: Level, rng: np.random.Generator, *, most: Fraction, least: Fraction, steep: Fraction
) -> Evidence:
    import sympy as sp

    x, y = sp.symbols("x y", positive=True)
    residual = x * y - 1
    jacobian = sp.Matrix([[y, x]])
    hessian = sp.hessian(residual**2 / 2, (x, y))
    square = jacobian.T * jacobian
    at = {x: 2, y: 2}
    r = sp.Symbol("r")
    return symbolic.identity(
        {
            "J′J is singular everywhere": square.det(),
            "the Hessian's determinant": (hessian.det(), (1 - x * y) * (3 * x * y - 1)),
            "characteristic polynomial at (2, 2)": (
                (r - hessian[0, 0].subs(at)) * (r - hessian[1, 1].subs(at)) - hessian[0, 1].subs(at) ** 2,
                (r - most) * (r - least),
            ),
            "and that of J′J": (square - r * sp.eye(2)).subs(at).det() - r * (r - steep),
        },
        data={"eigenvalues of the Hessian at (2, 2)": [-3, 11], "eigenvalues of J′J at (2, 2)": [0, 8]},
        text="""
            On the net (xy − 1)²/2 the matrix J′J has rank 1 at every point, so that its condition number is infinite.
            The Hessian at (2, 2) has the eigenvalues −3 and 11: condition number 11/3 in modulus. It is indefinite
            there, which is what a trust region can use and J′J never shows.
        """,
    )
