"""Claims about the synthetic problems that the papers' experiments run on."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from theory.claims.certificates import proofs
from theory.claims.constants import factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.routes import symbolic

NOTEBOOK = "Rahimi and Recht, TwoLayerLinearNets notebook; used in Rolinek and Martius (2018), section 3.1"
CARMON = "Carmon et al., Convex until proven guilty (2017), section 5; used in Castera et al. (2021)"

NAMED_FOR = 1e-10  # A_condition_number of the notebook, for figure 2 of L4


def notebook_matrix(seed: int, smallest: float = NAMED_FOR) -> np.ndarray:
    """Return the notebook's 10 x 6 matrix A: uniform rows scaled by linspace(1, smallest, 10)."""
    return np.linspace(1, smallest, 10)[:, None] * np.random.default_rng(seed).random((10, 6))


def exact_condition_number(matrix: np.ndarray) -> tuple[float, float]:
    """Enclose the condition number of a matrix of floats, read as exact binary fractions.

    The squared singular values are the roots of the characteristic polynomial of A'A, which is computed in
    rational arithmetic and whose roots are isolated in balls.
    """
    from flint import fmpq, fmpq_mat

    entries = [[fmpq(*Fraction(float(value)).as_integer_ratio()) for value in row] for row in matrix]
    exact = fmpq_mat(entries)
    polynomial = (exact.transpose() * exact).charpoly().numer()
    roots = [root.real for root, _ in polynomial.complex_roots()]
    largest, least = max(roots, key=float), min(roots, key=float)
    ratio = (largest / least).sqrt()
    return float(ratio.lower()), float(ratio.upper())


@statement(
    id="problems.condition_number",
    paper=NOTEBOOK,
    number="A_condition_number; figure 2 of L4",
    title="The condition number of the linear net",
    quote="A_condition_number",
    statement_latex=r"\kappa(\mathrm{diag}(\mathrm{linspace}(1,10^{-10},10))\,U)=10^{$digits},\ U_{ij}\sim U[0,1)",
    statement_words="The notebook's matrix A has the condition number 10^$digits that its argument names.",
    constants={"digits": number(10)},
)
def condition_number(level: Level, rng: np.random.Generator, *, digits: Fraction) -> Evidence:
    named = 10.0 ** float(digits)
    seeds = range(200 if level == "quick" else 5000)
    measured = [float(np.linalg.cond(notebook_matrix(seed))) for seed in seeds]
    milder = [float(np.linalg.cond(notebook_matrix(seed, 1e-5))) for seed in seeds]
    without_last = [float(np.linalg.cond(notebook_matrix(seed)[:-1])) for seed in seeds]
    low, high = exact_condition_number(notebook_matrix(0))
    if not (1 < low < high < 1000) or low <= named <= high or min(measured) <= named <= max(measured):
        return Evidence(verdict=Verdict.UNDECIDED, text="Some draw comes near the stated number.")
    return Evidence(
        verdict=Verdict.REFUTED,
        margin=-abs(math.log10(high / named)),
        trials=len(measured),
        counterexample={
            "A": "numpy.linspace(1, 1e-10, 10)[:, None] * numpy.random.default_rng(0).random((10, 6))",
            "condition number": round(high, 6),
        },
        data={
            "median": float(np.median(measured)),
            "least": min(measured),
            "largest": max(measured),
            "median for 1e-5": float(np.median(milder)),
            "largest without the last row": max(without_last),
        },
        text=f"""
            The draw with seed 0 has condition number {high:.4f} (its singular values enclosed from an exact
            characteristic polynomial), {abs(math.log10(high / named)):.1f} orders of magnitude from {named:g}. Over
            seeds 0 to {len(measured) - 1} the median is {np.median(measured):.1f} and the range [{min(measured):.1f},
            {max(measured):.1f}]: scaling ten rows from 1 to 1e-10 in equal steps makes only the last of them tiny, and
            without it the number is at most {max(without_last):.1f} already. For 1e-5, the notebook's own default, the
            median is {np.median(milder):.1f}.
        """,
    )


@statement(
    id="problems.conserved_quantity",
    paper=NOTEBOOK,
    number="known structure",
    title="What gradient flow conserves",
    origin="ours",
    statement_latex=r"\tfrac{d}{dt}\big(W_1^\top W_1-$share W_2W_2^\top\big)=0",
    statement_words="Gradient flow on the linear net keeps the imbalance of its two layers.",
    constants={"share": factor(1)},
)
def conserved_quantity(level: Level, rng: np.random.Generator, *, share: Fraction) -> Evidence:
    import sympy as sp

    rows, inner, columns = (2, 2, 2) if level == "quick" else (3, 2, 3)
    first, second = (
        sp.Matrix(rows, inner, sp.symbols(f"a:{rows * inner}")),
        sp.Matrix(inner, columns, sp.symbols(f"b:{inner * columns}")),
    )
    upstream = sp.Matrix(rows, columns, sp.symbols(f"g:{rows * columns}"))  # dL/dW at W = W1 W2, whatever L is
    first_rate, second_rate = -upstream * second.T, -first.T * upstream
    change = first_rate.T * first + first.T * first_rate - share * (second_rate * second.T + second * second_rate.T)
    return symbolic.identity(
        {f"entry {index}": entry for index, entry in enumerate(change)},
        text=f"""
            Under gradient flow dW1/dt = -G W2' and dW2/dt = -W1' G with G the gradient in the product, so both W1'W1
            and W2 W2' change at the rate -(W2 G' W1 + W1' G W2'): their difference is constant, for any loss of the
            product. Expanded entry by entry here for {rows} x {inner} times {inner} x {columns}.
        """,
        arguments=(
            "by the chain rule the gradient in W1 is G W2' and that in W2 is W1' G, with G that in the product",
            "layers of any other size have sums with more or fewer terms of the same form",
        ),
    )


@statement(
    id="problems.carmon_curvature",
    paper=CARMON,
    number="section 5",
    title="Curvature of Carmon's loss",
    statement_latex=r"$least\le\phi''(t)\le$largest,\quad\phi(t)=t^2/(1+t^2)",
    statement_words="The scalar loss of the regression problem has curvature between $least and $largest.",
    hypotheses=(Hypothesis("t is real", lambda *, t, **_: bool(np.isreal(t))),),
    constants={"least": number("-1/2"), "largest": number(2)},
    also_true={"least * 2": "a looser bound", "largest * 2": "a looser bound"},
)
def carmon_curvature(
    level: Level,
    rng: np.random.Generator,
    *,
    least: Fraction,
    largest: Fraction,
    hypotheses: tuple[Hypothesis, ...],
) -> Evidence:
    import sympy as sp

    t, square = sp.symbols("t u")
    curvature = sp.cancel(sp.diff(t**2 / (1 + t**2), t, 2)).subs(t, sp.sqrt(square))
    # u = t^2 runs over the reals of t, and over those of i t where t need not be real.
    for point in [Fraction(k, 100) for k in (0, 50, 100, -50, -200)]:
        value = curvature.subs(square, sp.Rational(point))
        met = not unmet(hypotheses, t=complex(point) ** 0.5 if point < 0 else float(point) ** 0.5)
        if met and not least <= value <= largest:
            return Evidence(
                verdict=Verdict.REFUTED,
                counterexample={"t^2": str(point), "phi''(t)": str(value)},
                text=f"phi'' is {value} at t^2 = {point}.",
            )
    lower = (curvature + sp.Rational(1, 2), [((square + 5) / (2 * (1 + square) ** 3), (square - 1) ** 2)])
    upper = (2 - curvature, [(2 * (square**2 + 3 * square + 6) / (1 + square) ** 3, square)])
    if not (symbolic.certifies(*lower) and symbolic.certifies(*upper)):
        return Evidence(verdict=Verdict.UNDECIDED, text="The bounds are no sums of squares.")
    return symbolic.identity(
        {
            "phi''": curvature - (2 - 6 * square) / (1 + square) ** 3,
            "phi'' + 1/2": curvature + sp.Rational(1, 2) - (square - 1) ** 2 * (square + 5) / (2 * (1 + square) ** 3),
            "2 - phi''": 2 - curvature - 2 * square * (square**2 + 3 * square + 6) / (1 + square) ** 3,
        },
        tightness=1.0,
        text="""
            With u = t^2: phi'' + 1/2 = (u-1)^2 (u+5)/(2 (1+u)^3) and 2 - phi'' = 2u (u^2+3u+6)/(1+u)^3, both
            non-negative for u >= 0; so -1/2 <= phi'' <= 2, attained at |t| = 1 and at t = 0.
        """,
        before=(
            proofs.combinations("multipliers: (u-1)^2 >= 0 for the lower bound, u >= 0 for the upper", lower, upper),
        ),
    )
