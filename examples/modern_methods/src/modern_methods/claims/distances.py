"""Claims about methods that learn their step size: distances never overestimated, and their ancestors."""

from fractions import Fraction

import numpy as np

from theory.claims import Evidence, Hypothesis, Verdict, statement
from theory.claims.constants import factor, number
from theory.claims.routes import symbolic

D_ADAPTATION = "Defazio and Mishchenko, Learning-rate-free learning by D-Adaptation, arXiv:2301.07733"
PRODIGY = "Mishchenko and Defazio, Prodigy: an expeditiously adaptive parameter-free learner, arXiv:2306.06101"
DOG = "Ivgi, Hinder and Carmon, DoG is SGD's best friend, arXiv:2302.12022"
MOMO = "Schaipp et al., MoMo: momentum models for adaptive learning rates, arXiv:2305.07583"
L4 = "Rolínek and Martius, L4: practical loss-based stepsize adaptation, arXiv:1802.05074"
CONVEX = Hypothesis("f is convex", lambda *, convex, **_: bool(convex))
EXACT = Hypothesis("gradients are exact", lambda *, noise, **_: noise == 0)


def functions(rng: np.random.Generator, count: int):
    """Sums of absolute values with random weights, minimisers and starts; of one value where the estimate is best."""
    from modern_methods.problems import AbsoluteValues

    for trial in range(count):
        weights = np.exp(rng.normal(size=3)) if trial % 2 else np.array([1.0, 1e-6, 1e-6])
        yield AbsoluteValues(weights, rng.standard_normal(3), rng.standard_normal(3) * 3)


def sum_of_gradients(steps: int):
    """Symbols: gradients, weights, and the error at the start, in two dimensions."""
    import sympy as sp

    gradients = [sp.Matrix(sp.symbols(f"g{t}x g{t}y")) for t in range(steps)]
    return gradients, sp.symbols(f"lambda:{steps}", positive=True), sp.Matrix(sp.symbols("dx dy"))


@statement(
    id="modern_methods.d_adaptation_below",
    paper=D_ADAPTATION,
    number="Theorem 1's lower bound, for Algorithm 4",
    title="D-Adaptation's estimate is never above the distance",
    statement_latex=r"d_t=$c\max_{s\le t}\frac{\sum\lambda_i\langle g_i,s_i\rangle}{\|s_{s+1}\|}\le\|x_0-x^*\|",
    statement_words="""
        With exact gradients of a convex function, no momentum and a first guess below it, $c times the quotient never
        exceeds the distance from the start to the solution.
    """,
    hypotheses=(CONVEX, EXACT),
    constants={"c": factor(1)},
)
def d_adaptation_below(level: str, rng: np.random.Generator, *, c: Fraction) -> Evidence:
    from dynamics import simulate
    from modern_methods.d_adaptation import DAdaptSGD

    steps = 4
    gradients, weights, error = sum_of_gradients(steps)
    total, products, inner = 0 * error, 0, 0
    for g, weight in zip(gradients, weights, strict=True):
        # x_t - x* = (x_0 - x*) - s_t
        inner += weight * g.dot(error - total)
        products += weight * g.dot(total)
        total = total + weight * g
    found = symbolic.identity(
        {"sum of lambda <g, x - x*>": inner - total.dot(error) + products},
        text="The identity holds.",
        arguments=(
            "convexity: <g_t, x_t - x*> is not negative",
            "Cauchy and Schwarz: <s, x_0 - x*> is at most the product of their lengths",
            f"each further step adds terms alike to those of the {steps}",
        ),
    )
    shares = []
    for problem in functions(rng, 20 if level == "quick" else 200):
        run = simulate(DAdaptSGD(d0=1e-3, factor=float(c)), problem, steps=300)
        distance = float(np.linalg.norm(problem.start - problem.minimiser))
        shares.append(float(run.state.memory.estimate[0]) / distance)
    holds = max(shares) <= 1 + 1e-12 and c <= 1  # as the proof bounds the quotient itself
    return Evidence(
        verdict=Verdict.PROVED if holds and found.verdict is Verdict.PROVED else Verdict.UNDECIDED,
        steps=found.steps if holds else (),
        trials=len(shares),
        margin=1 - max(shares),
        tightness=1 / max(shares),
        power="twice the quotient, which runs exceed (modern_methods.d_adaptation_twice)",
        text=f"""
            The weighted sum of <g, x - x*> is <s, x_0 - x*> minus the sum of lambda <g, s>, identically. On
            {len(shares)} sums of absolute values the last estimate is {min(shares):.3f} to {max(shares):.3f} of the
            distance.
        """,
    )


@statement(
    id="modern_methods.d_adaptation_twice",
    origin="ours",
    paper=D_ADAPTATION,
    number="the authors' package, whose factor is 2",
    title="Does that hold with the factor 2 of the package?",
    statement_latex=r"2\max_s\frac{\sum\lambda_i\langle g_i,s_i\rangle}{\|s_{s+1}\|}\le\|x_0-x^*\|",
    statement_words="With twice the quotient, as the package has it, the estimate stays below the distance too.",
    hypotheses=(CONVEX, EXACT),
)
def d_adaptation_twice(level: str, rng: np.random.Generator) -> Evidence:
    from dynamics import simulate
    from modern_methods.d_adaptation import DAdaptSGD
    from modern_methods.problems import AbsoluteValues

    problem = AbsoluteValues(np.ones(1), np.zeros(1), np.ones(1))
    run = simulate(DAdaptSGD(d0=0.0625, factor=2.0), problem, steps=100)
    ratio = float(run.state.memory.estimate[0])
    return Evidence(
        verdict=Verdict.REFUTED if ratio > 1.001 else Verdict.UNDECIDED,
        margin=1 - ratio,
        trials=1,
        counterexample={"f": "|x|", "start": 1, "d0": 0.0625, "steps": 100, "estimate": ratio},
        text=f"""
            On |x| from 1 the estimate is {ratio:.4f} after 100 steps, where the distance is 1: with the factor 2 it is
            no lower bound, though steps that long may serve.
        """,
    )


@statement(
    id="modern_methods.prodigy_below",
    paper=PRODIGY,
    number="the estimate of its Adam version",
    title="Prodigy's estimate is never above the largest coordinate's distance",
    statement_latex=r"d_t\le\max_s\frac{$c\sum w_i\langle g_i,x_0-x_i\rangle}{\|\sum w_ig_i\|_1}\le\|x_0-x^*\|_\infty",
    statement_words="""
        With exact gradients of a convex function and a first guess below it, $c times the quotient never exceeds the
        largest coordinate of the distance, whatever the steps were.
    """,
    hypotheses=(CONVEX, EXACT),
    constants={"c": factor(1)},
)
def prodigy_below(level: str, rng: np.random.Generator, *, c: Fraction) -> Evidence:
    from dynamics import simulate
    from modern_methods.prodigy import Prodigy

    steps = 4
    gradients, weights, error = sum_of_gradients(steps)
    import sympy as sp

    moved = [sp.Matrix(sp.symbols(f"m{t}x m{t}y")) for t in range(steps)]  # x_0 - x_t, of any method
    total = sum((weight * g for g, weight in zip(gradients, weights, strict=True)), 0 * error)
    products = sum(weight * g.dot(m) for g, weight, m in zip(gradients, weights, moved, strict=True))
    convex = sum(weight * g.dot(error - m) for g, weight, m in zip(gradients, weights, moved, strict=True))
    found = symbolic.identity(
        {"sum of w <g, x_0 - x>": products - total.dot(error) + convex},
        text="The identity holds.",
        arguments=(
            "convexity: <g_t, x_t - x*> is not negative",
            "Hölder: <s, x_0 - x*> is at most the sum of |s_j| times the largest coordinate of x_0 - x*",
            "forgetting multiplies all weights by one factor, which the quotient does not see",
            f"each further step adds terms alike to those of the {steps}",
        ),
    )
    shares = []
    for problem in functions(rng, 20 if level == "quick" else 200):
        run = simulate(Prodigy(d0=1e-3, coefficient=float(c)), problem, steps=300)
        distance = float(np.abs(problem.start - problem.minimiser).max())
        shares.append(float(run.state.memory.estimate[0]) / distance)
    holds = max(shares) <= 1 + 1e-12 and c <= 1  # as the proof bounds the quotient itself
    return Evidence(
        verdict=Verdict.PROVED if holds and found.verdict is Verdict.PROVED else Verdict.UNDECIDED,
        steps=found.steps if holds else (),
        trials=len(shares),
        margin=1 - max(shares),
        tightness=1 / max(shares),
        power="twice the quotient: a function of one coordinate comes to more than half of the distance",
        text=f"""
            The weighted sum of <g, x_0 - x> is <s, x_0 - x*> minus that of <g, x - x*>, identically and for any steps.
            On {len(shares)} sums of absolute values the last estimate is {min(shares):.3f} to {max(shares):.3f} of the
            largest coordinate's distance.
        """,
    )


@statement(
    id="modern_methods.d_adapt_adam_above",
    origin="ours",
    paper=D_ADAPTATION,
    number="Algorithm 5",
    title="Is the estimate of D-Adaptation's Adam a lower bound too?",
    statement_latex=r"d_t\le\|x_0-x^*\|_\infty\ \text{for D-Adaptation with Adam}",
    statement_words="With exact gradients the estimate of its Adam stays below the largest coordinate of the distance.",
    hypotheses=(CONVEX, EXACT),
)
def d_adapt_adam_above(level: str, rng: np.random.Generator) -> Evidence:
    from dynamics import simulate
    from modern_methods.d_adaptation import DAdaptAdam
    from synthetic import quadratic

    run = simulate(DAdaptAdam(d0=1e-3), quadratic(eigenvalues=[1.0, 0.5]), steps=100, x0=[3.0, -4.0])
    ratio = float(run.state.memory.estimate[0]) / 4
    return Evidence(
        verdict=Verdict.REFUTED if ratio > 1.001 else Verdict.UNDECIDED,
        margin=1 - ratio,
        trials=1,
        counterexample={"f": "(x² + y²/2)/2", "start": [3, -4], "d0": 1e-3, "steps": 100, "estimate": 4 * ratio},
        text=f"""
            On (x² + y²/2)/2 from (3, -4) the estimate comes to {4 * ratio:.2f}, where the largest coordinate is 4: its
            norm changes from step to step, and the argument for SGD does not carry over.
        """,
    )


@statement(
    id="modern_methods.dog_bound",
    paper=DOG,
    number="Lemma 1",
    title="DoG's weighted regret",
    statement_latex=r"\sum_{k<t}\bar r_k\langle g_k,x_k-x^*\rangle\le\bar r_t($a\bar d_t+$b\bar r_t)\sqrt{G_{t-1}}",
    statement_words="""
        Whatever the gradients, the regret weighted with the largest movement so far is at most that movement times ($a
        largest distance + $b movement) times the root of all squared gradients.
    """,
    constants={"a": number(2), "b": number(1)},
)
def dog_bound(level: str, rng: np.random.Generator, *, a: Fraction, b: Fraction) -> Evidence:
    trials, worst, case = (3000 if level == "quick" else 30000), -np.inf, {}
    for trial in range(trials):
        steps, initial = int(rng.integers(1, 12)), float(10 ** rng.uniform(-2, 1))
        # A gradient may answer the iterate: one that always points away from the solution, or towards it.
        bias, sizes = rng.uniform(-1, 1), np.exp(rng.normal(0, 1.5, size=steps))
        share, first = _dog_share(steps, initial, bias, sizes, rng, float(a), float(b))
        if share > worst:
            worst, case = share, {"trial": trial, "steps": steps, "r_eps": initial, "start": first}
    return Evidence(
        verdict=Verdict.SUPPORTED if worst <= 1 + 1e-12 else Verdict.UNDECIDED,
        trials=trials,
        margin=1 - worst,
        tightness=1 / worst,
        data={"largest share of the bound": float(worst), "at": case},
        power=f"a bound of {0.99 * worst:.2f} of it, which one of the trials exceeds",
        text=f"""
            {trials} sequences of up to 11 gradients, which lead towards the solution, away from it or anywhere: the
            weighted regret is at most {worst:.3f} of the bound, so that its constants leave room but no order.
        """,
    )


def _dog_share(steps, initial, bias, sizes, rng, a, b):
    """The weighted regret of one run of DoG in the plane by its bound."""
    x = start = rng.standard_normal(2)
    farthest = largest = 0.0
    squares = regret = 0.0
    for size in sizes:
        farthest = max(farthest, initial, float(np.linalg.norm(x - start)))
        largest = max(largest, float(np.linalg.norm(x)))
        away = bias * x / np.linalg.norm(x) + (1 - abs(bias)) * rng.standard_normal(2)
        g = size * away
        squares += float(g @ g)
        regret += farthest * float(g @ x)
        x = x - farthest / np.sqrt(squares) * g
    farthest = max(farthest, float(np.linalg.norm(x - start)))
    distance = max(largest, float(np.linalg.norm(x)))
    return regret / (farthest * (a * distance + b * farthest) * np.sqrt(squares)), start.tolist()


@statement(
    id="modern_methods.l4_ancestor",
    origin="ours",
    paper=f"{MOMO}; {L4}",
    number="Algorithm 1; section 2",
    title="MoMo without momentum is L4 with the whole fraction, is Polyak's step",
    statement_latex=r"\frac{f-f_*-\langle g,x\rangle+\langle g,x\rangle}{\|g\|^2}=$c\frac{f-f_*}{\langle g,g\rangle}"
    r"\ (\beta=0,\ \alpha_{L4}=1)",
    statement_words="""
        With beta = 0, no upper bound on the step and a known minimum MoMo takes $c times L4's step for the fraction 1
        of gradient descent, which is Polyak's.
    """,
    constants={"c": factor(1)},
)
def l4_ancestor(level: str, rng: np.random.Generator, *, c: Fraction) -> Evidence:
    import sympy as sp

    from dynamics import Polyak, simulate
    from modern_methods.momo import MoMo
    from synthetic import quadratic

    f, bound = sp.symbols("f f_*")
    g, x = sp.symbols("g:3"), sp.symbols("x:3")
    along = sum(p * q for p, q in zip(g, x, strict=True))
    square = sum(p * p for p in g)
    share = sp.Rational(c.numerator, c.denominator)
    found = symbolic.identity(
        {"the step": (f - bound - along + along) / square - share * (f - bound) / square},
        text="The identity holds.",
        arguments=("L4 divides the fraction of the loss above the minimum by <g, v>, and v = g for gradient descent",),
    )
    problem, start = quadratic(eigenvalues=[1.0, 7.0, 0.3]), rng.standard_normal(3)
    runs = [
        simulate(method, problem, steps=60, x0=start)
        for method in (MoMo(1e9, beta=0.0), Polyak(minimum=0.0, max_step=1e9))
    ]
    gap = float(np.abs(runs[0].x - runs[1].x).max() / np.abs(start).max())
    if found.verdict is not Verdict.PROVED or gap > 1e-9:
        return Evidence(verdict=Verdict.UNDECIDED, text=f"The runs part by {gap:.1e}: {found.text}")
    return Evidence(
        verdict=Verdict.PROVED,
        steps=found.steps,
        trials=1,
        margin=1e-9 - gap,
        power="twice or half the step",
        text=f"""
            At beta = 0 the averages are the newest values and the inner products cancel. MoMo and Polyak's rule, run
            for 60 steps on a quadratic, part by {gap:.1e} of the start. L4 estimates the minimum instead of being told,
            and takes 15 % of the step; MoMo keeps L4's linear model and averages it.
        """,
    )
