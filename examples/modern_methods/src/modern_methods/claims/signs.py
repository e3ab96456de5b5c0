"""Claims about methods whose steps are signs: sign descent and Lion."""

from fractions import Fraction

import numpy as np

from theory.claims import Evidence, Hypothesis, Verdict, statement
from theory.claims.constants import factor, number
from theory.claims.routes import symbolic

BALLES = "Balles, Pedregosa and Le Roux, The geometry of sign gradient descent, arXiv:2002.08056"
LION = "Chen et al., Symbolic discovery of optimization algorithms, arXiv:2302.06675"
CONSTRAINED = "Chen, Liu, Liang and Liu, Lion secretly solves constrained optimization, arXiv:2310.05898"
FEEDBACK = "Karimireddy et al., Error feedback fixes SignSGD, arXiv:1901.09847"


@statement(
    id="modern_methods.sign_descent_axes",
    paper=BALLES,
    number="section 3: axis-aligned Hessians",
    title="Sign descent on a quadratic does not see its condition number",
    statement_latex=r"|x_{t+1,j}-x^*_j|\le\max\big(|x_{t,j}-x^*_j|-\alpha,\ $c\alpha\big)",
    statement_words="""
        On a quadratic each coordinate comes nearer by the step size a step until it is within $c step size, whatever
        the curvatures.
    """,
    constants={"c": factor(1)},
)
def sign_descent_axes(level: str, rng: np.random.Generator, *, c: Fraction) -> Evidence:
    import sympy as sp

    # The curvature is 1 along (1, 1) and 1/1000 along (1, -1): gradients have equal signs, and steps go along (1, 1).
    matrix = [[Fraction(1001, 2000), Fraction(999, 2000)], [Fraction(999, 2000), Fraction(1001, 2000)]]
    x, step = [Fraction(3), Fraction(-29, 10)], Fraction(1, 8)
    for _ in range(400):
        slopes = [sum(entry * part for entry, part in zip(row, x, strict=True)) for row in matrix]
        x = [part - step * ((slope > 0) - (slope < 0)) for part, slope in zip(x, slopes, strict=True)]
    stuck = float(max(map(abs, x)))
    away, over, alpha = sp.symbols("e r alpha", positive=True)
    reach = sp.Rational(c.numerator, c.denominator) * alpha
    aligned = symbolic.inequality(
        {
            # Beyond a step e = alpha + r comes to r, which is e - alpha; within, e = alpha r/(1 + r) to alpha - e.
            "within a step": reach - (alpha - alpha * over / (1 + over)),
        },
        text="Within.",
        arguments=("a quadratic with a diagonal Hessian has gradients of the sign of x_j - x*_j in each coordinate",),
    )
    beyond = symbolic.identity({"beyond a step": (away + alpha) - alpha - away}, text="Beyond.")
    if aligned.verdict is not Verdict.PROVED or beyond.verdict is not Verdict.PROVED or stuck < 2.5:
        return Evidence(verdict=Verdict.UNDECIDED, text=f"Not as it should be: {aligned.verdict}, {stuck}.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        hypothesis="the Hessian is diagonal",
        positive_half="proved",
        steps=(*aligned.steps, *beyond.steps),
        trials=1,
        power="a coordinate that ends within half a step size",
        counterexample={
            "H": [[str(entry) for entry in row] for row in matrix],
            "x0": ["3", "-29/10"],
            "alpha": "1/8",
            "steps": 400,
            "end": [str(part) for part in x],
        },
        text=f"""
            Along its axes: |x - alpha sign x| is |x| - alpha beyond a step and alpha - |x| within. Turned by 45 degrees
            with curvatures 1 and 1/1000 it is otherwise: from (3, -2.9) with step size 1/8 both entries of the gradient
            have the same sign at every step, and after 400 steps a coordinate is still {stuck:.4f} away, in exact
            fractions: sign descent is not the same method in other axes.
        """,
    )


@statement(
    id="modern_methods.sign_descent_unbiased",
    origin="ours",
    paper=FEEDBACK,
    number="counterexample 1",
    title="Do signs of unbiased gradients go downhill on average?",
    statement_latex=r"\mathbb E g=\nabla f\ \Rightarrow\ \langle\nabla f,\,\mathbb E\,\mathrm{sign}(g)\rangle\ge0",
    statement_words="With unbiased gradients the expected step of sign descent does not go uphill.",
)
def sign_descent_unbiased(level: str, rng: np.random.Generator) -> Evidence:
    outcomes = {Fraction(4): Fraction(1, 4), Fraction(-1): Fraction(3, 4)}
    slope = sum(value * chance for value, chance in outcomes.items())
    direction = sum(((value > 0) - (value < 0)) * chance for value, chance in outcomes.items())
    if not (slope > 0 > direction):
        return Evidence(verdict=Verdict.UNDECIDED, text=f"Slope {slope}, expected sign {direction}.")
    return Evidence(
        verdict=Verdict.REFUTED,
        margin=float(slope * direction),
        trials=1,
        counterexample={"f": "x/4 on [-1, 1]", "g": {str(value): str(chance) for value, chance in outcomes.items()}},
        text=f"""
            With gradients 4 at probability 1/4 and -1 at 3/4 the mean is {slope}, the slope of x/4, and the mean of the
            signs is {direction}: the expected step goes uphill, by exact enumeration. Noise that is symmetric about the
            slope, and large batches, are what the convergence theorems assume.
        """,
    )


@statement(
    id="modern_methods.lion_two_averages",
    paper=LION,
    number="Algorithm 2",
    title="Lion is a sign method with two averages",
    statement_latex=r"c_t=(1-\beta_1)g_t+\beta_1(1-\beta_2)\sum_{k\ge$lag}\beta_2^{k-1}g_{t-k};\quad"
    r"\beta_1=\beta_2:\ c_t=m_t",
    statement_words="""
        The sign is taken of one average of gradients in which the newest has the weight 1 - beta1 and those from $lag
        step before on decay by beta2; with equal weights it is the average of sign descent with momentum.
    """,
    constants={"lag": number(1)},
)
def lion_two_averages(level: str, rng: np.random.Generator, *, lag: Fraction) -> Evidence:
    import sympy as sp

    from dynamics import simulate
    from modern_methods.signs import Lion, SignDescent
    from synthetic import quadratic

    steps = 5
    first, second = sp.symbols("beta1 beta2", positive=True)
    g = sp.symbols(f"g:{steps}")
    mean, differences = sp.Integer(0), {}
    for t in range(steps):
        mixed = first * mean + (1 - first) * g[t]
        weights = sum(second ** (k - 1) * g[t - k] for k in range(int(lag), t + 1))
        differences[f"c_{t}"] = mixed - (1 - first) * g[t] - first * (1 - second) * weights
        mean = second * mean + (1 - second) * g[t]
        differences[f"c_{t} with equal weights"] = (mixed - mean).subs(second, first)
    found = symbolic.identity(
        differences,
        text="Unrolled.",
        arguments=(f"the recursions are linear with constant weights, so that what holds for {steps} steps goes on",),
    )
    problem = quadratic(eigenvalues=[1.0, 30.0, 0.2])
    start = rng.standard_normal(3) * 4
    runs = [simulate(method, problem, steps=200, x0=start) for method in (Lion(0.02, 0.9, 0.9), SignDescent(0.02, 0.9))]
    if found.verdict is not Verdict.PROVED or not np.array_equal(runs[0].x, runs[1].x):
        return Evidence(verdict=Verdict.UNDECIDED, text=f"Not so: {found.text}")
    return Evidence(
        verdict=Verdict.PROVED,
        steps=found.steps,
        trials=1,
        power="weights that begin two steps before, or with the newest gradient",
        text=f"""
            Unrolled over {steps} steps both formulas agree identically in the betas and the gradients. Lion with equal
            weights and sign descent with that momentum come to the same bytes after 200 steps of a quadratic. With
            beta1 below beta2, as usual, the newest gradient counts for more than its place in the average: a look
            ahead like Nesterov's.
        """,
    )


@statement(
    id="modern_methods.lion_box",
    paper=CONSTRAINED,
    number="phase 1 of its dynamics",
    title="Lion's decay draws the iterate into a box",
    statement_latex=r"\|x_{t+1}\|_\infty-\tfrac1\lambda\le(1-$c\alpha\lambda)\big(\|x_t\|_\infty-\tfrac1\lambda\big)",
    statement_words="""
        With decoupled decay lambda the distance from the box of half-width 1/lambda shrinks by the factor 1 - $c step
        size times lambda a step, whatever the gradients are.
    """,
    hypotheses=(Hypothesis("step size times lambda < 1", lambda *, product, **_: product < 1),),
    constants={"c": factor(1)},
)
def lion_box(level: str, rng: np.random.Generator, *, c: Fraction) -> Evidence:
    import sympy as sp

    outside, step, decay = sp.symbols("e alpha lambda", positive=True)
    worst = (1 - step * decay) * (1 / decay + outside) + step
    found = symbolic.identity(
        {"the worst sign": worst - 1 / decay - (1 - sp.Rational(c.numerator, c.denominator) * step * decay) * outside},
        text="""
            The largest entry after a step is at most (1 - alpha lambda)|x| + alpha, and with |x| = 1/lambda + e that is
            1/lambda + (1 - alpha lambda) e: an identity. A constrained problem is solved, whatever loss was meant.
        """,
        arguments=("a sign is at most 1 in modulus, and 1 - alpha lambda is positive",),
        power="the factor without the decay, or with half of it or twice",
    )
    return found if found.verdict is Verdict.PROVED else Evidence(verdict=Verdict.UNDECIDED, text=found.text)
