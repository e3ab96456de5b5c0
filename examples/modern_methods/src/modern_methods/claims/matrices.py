"""Claims about steps along matrices: Muon, and the iterations that make its steps."""

from fractions import Fraction

import numpy as np

from theory.claims import Evidence, Hypothesis, Verdict, machine, statement
from theory.claims.constants import factor, number
from theory.claims.routes import enclosure, symbolic

NORMS = "Bernstein and Newhouse, Old optimizer, new norm: an anthology, arXiv:2409.20325"
MUON = "Jordan et al., Muon: an optimizer for hidden layers in neural networks, 2024"
CENTRED = Hypothesis("f(W) = ||W - A||²/2", lambda *, spectrum, **_: bool(np.ptp(spectrum) == 0))


@statement(
    id="modern_methods.muon_steepest",
    paper=NORMS,
    number="proposition on Shampoo without accumulation; section 2",
    title="Muon's direction is steepest descent in the spectral norm",
    statement_latex=r"\max_{\|X\|_{\mathrm{op}}\le1}\langle G,X\rangle=\langle G,UV^\top\rangle=$c\|G\|_*"
    r"\quad(G=USV^\top)",
    statement_words="""
        Among all matrices of spectral norm 1 the polar factor of the gradient goes downhill most, by $c times the
        gradient's nuclear norm.
    """,
    constants={"c": number(1)},
)
def muon_steepest(level: str, rng: np.random.Generator, *, c: Fraction) -> Evidence:
    import sympy as sp

    n = 3
    X = sp.Matrix(n, n, lambda i, j: sp.Symbol(f"x{i}{j}"))
    s = sp.symbols(f"s:{n}", positive=True)
    gain = sum(s[i] * X[i, i] for i in range(n))
    columns = [sum(X[k, i] ** 2 for k in range(n)) for i in range(n)]
    squares = sum(s[i] * ((1 - X[i, i]) ** 2 + (1 - columns[i]) + (columns[i] - X[i, i] ** 2)) / 2 for i in range(n))
    nuclear = sp.Rational(c.numerator, c.denominator) * sum(s)
    found = symbolic.identity(
        {
            "what a step of norm 1 falls short by": nuclear - gain - squares,
            "the polar factor": nuclear - gain.subs({X[i, j]: int(i == j) for i in range(n) for j in range(n)}),
        },
        text="""
            In the bases of U and V, c times the sum of the s_i minus the trace of SX is half the sum of s_i times
            (1 - x_ii)², 1 minus the squared length of column i, and the squares off the diagonal: none of the three is
            negative where the spectral norm of X is at most 1, and all are 0 at X = I. The length of Muon's step is
            not that of steepest descent, which is the nuclear norm of G times the step size.
        """,
        arguments=(
            "the singular value decomposition: spectral and nuclear norm do not see U and V",
            "a column of a matrix of spectral norm at most 1 has length at most 1",
            "each larger or rectangular matrix adds terms alike",
        ),
        power="a nuclear norm off by any factor, as the identity then fails",
    )
    if found.verdict is not Verdict.PROVED:
        return Evidence(verdict=Verdict.UNDECIDED, text=found.text)
    return found


@statement(
    id="modern_methods.cubic_iterations",
    paper="Newton and Schulz's iteration for the polar factor; see arXiv:2409.20325, appendix A",
    number="equation of the cubic iteration",
    title="Newton and Schulz's iterations converge, at twice the digits a time",
    statement_latex=r"1-\varphi(s)=$half(1-s)^2(2+s)\ge0,\quad\varphi(s)=\tfrac32s-\tfrac12s^3",
    statement_words="""
        Each singular value s in (0, 1] goes up to 1, and its distance to 1 is squared and multiplied by $half (2 + s).
    """,
    constants={"half": number("1/2")},
)
def cubic_iterations(level: str, rng: np.random.Generator, *, half: Fraction) -> Evidence:
    import sympy as sp

    from modern_methods.muon import COEFFICIENTS

    s, u = sp.symbols("s u", positive=True)
    a, b, _ = (sp.Rational(str(each)) for each in COEFFICIENTS["cubic"])
    after = a * s + b * s**3
    rising = symbolic.inequality(
        {"phi(s) - s, s = u/(1 + u)": sp.cancel((after - s).subs(s, u / (1 + u)))},
        text="It rises.",
    )
    if rising.verdict is not Verdict.PROVED:
        return rising
    return symbolic.identity(
        {"1 - phi(s)": 1 - after - sp.Rational(half.numerator, half.denominator) * (1 - s) ** 2 * (2 + s)},
        before=rising.steps,
        text="The identity holds for all s, and phi(s) - s = s (1 - s²)/2 is positive on (0, 1).",
        arguments=(
            "a rising sequence below 1 whose limit is a fixed point in (0, 1] goes to 1",
            "divided by its Frobenius norm a matrix has its singular values in [0, 1], and phi acts on each by itself",
        ),
        power="another factor than a half",
    )


@statement(
    id="modern_methods.quintic_iterations",
    origin="ours",
    paper=MUON,
    number="coefficients 3.4445, -4.7750, 2.0315",
    title="Muon's iterations make singular values alike, not equal to 1",
    statement_latex=r"s\ge1/$least\Rightarrow\psi^{\circ$times}(s)\in[0.68,\,1.21];\qquad\psi(1)\ne1",
    statement_words="""
        $times of Muon's iterations bring every singular value that is at least 1/$least of the Frobenius norm between
        0.68 and 1.21; they do not converge.
    """,
    constants={"least": number(500), "times": number(5)},
)
def quintic_iterations(level: str, rng: np.random.Generator, *, least: Fraction, times: Fraction) -> Evidence:
    from modern_methods.muon import COEFFICIENTS

    a, b, c = (Fraction(str(each)) for each in COEFFICIENTS["quintic"])
    if times.denominator != 1 or not 1 <= times <= 12 or least <= 1:
        return Evidence(verdict=Verdict.UNDECIDED, text="No number of iterations, or no bound.")

    def polynomial(s):
        square = s * s
        return s * (_ball(a) + square * (_ball(b) + square * _ball(c)))

    low, high, steps = 1 / least, Fraction(1), []
    for _ in range(int(times)):
        found = _range(polynomial, low, high)
        if found is None:
            return Evidence(verdict=Verdict.UNDECIDED, text=f"No bounds on [{low}, {high}].")
        low, high = found
        steps.append(f"[{float(low):.4f}, {float(high):.4f}]")
    inside = Fraction(68, 100) <= low and high <= Fraction(121, 100)
    stays = a + b + c
    return Evidence(
        verdict=Verdict.PROVED if inside and stays != 1 else Verdict.UNDECIDED,
        steps=machine(*(f"the polynomial maps the interval before into {step}, in ball arithmetic" for step in steps)),
        power="one iteration fewer, or singular values from 1/1000 on, of which the lower end is then below 0.48",
        text=f"""
            The images of [1/{least}, 1], each enclosed by subdivision: {", ".join(steps)}. The polynomial takes 1 to
            {float(stays):.4f}: a matrix that is orthogonal already does not stay so.
        """,
    )


def _ball(value: Fraction):
    from flint import arb, fmpq

    return arb(fmpq(value.numerator, value.denominator))


def _range(polynomial, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction] | None:
    """Bounds of a polynomial on an interval, rounded outwards to four digits and proved."""
    grid = np.linspace(float(low), float(high), 4001)
    values = [float(polynomial(_ball(Fraction(x))).mid()) for x in grid]
    ends = (
        Fraction(int(np.floor(min(values) * 1e4 - 0.5)), 10**4),
        Fraction(int(np.ceil(max(values) * 1e4 + 0.5)), 10**4),
    )
    proved = all(
        enclosure.prove_positive(function, [(low, high)]).proved
        for function in (lambda s: polynomial(s) - _ball(ends[0]), lambda s: _ball(ends[1]) - polynomial(s))
    )
    return ends if proved else None


@statement(
    id="modern_methods.muon_on_a_quadratic",
    origin="ours",
    paper=MUON,
    number="-",
    title="How Muon comes down a quadratic, and where it stays",
    statement_latex=r"\sigma_i(W_t-A)=\max(\sigma_i(W_0-A)-$c\eta t,\ \cdot)\ \text{until}\ \sigma_i\le\eta,"
    r"\ \text{then in}\ [0,\eta]",
    statement_words="""
        Without momentum and with the exact factor each singular value of the error falls by $c step size a step,
        whatever the others are, until it is below one step size; from then on it jumps between r and step size - r.
    """,
    hypotheses=(CENTRED,),
    constants={"c": factor(1)},
)
def muon_on_a_quadratic(
    level: str, rng: np.random.Generator, *, c: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    from modern_methods.muon import polar_factor
    from theory.claims import unmet

    rows, columns, step, steps = 4, 3, 0.25, 14
    trials = void = 0
    worst = 0.0
    for spectrum in (np.ones((rows, columns)), np.linspace(1.0, 4.0, rows * columns).reshape(rows, columns)):
        if unmet(hypotheses, spectrum=spectrum):
            void += 1
            continue
        for _ in range(20 if level == "quick" else 500):
            error = rng.standard_normal((rows, columns)) * rng.uniform(0.3, 1.2)
            expected = np.linalg.svd(error, compute_uv=False)
            for _ in range(steps):
                error = error - step * polar_factor(spectrum * error)
                expected = np.abs(expected - float(c) * step)
                found = np.linalg.svd(error, compute_uv=False)
                worst = max(worst, float(np.abs(np.sort(found) - np.sort(expected)).max()))
            trials += 1
    agrees = worst < 1e-9
    return Evidence(
        verdict=Verdict.SUPPORTED if agrees else Verdict.UNDECIDED,
        trials=trials,
        void_trials=void,
        margin=1e-9 - worst,
        power="""
            a fall of half a step size or two; and, without the hypothesis, quadratics whose Hessian is no multiple of
            the identity, where the singular values come out otherwise
        """,
        text=f"""
            {trials} times {steps} steps along the package's polar factor, from random {rows} by {columns} matrices,
            have the singular values |s - eta| of step to step, to {worst:.1e}: the largest takes its size by eta steps,
            and none ends nearer than its remainder. The condition number plays no part, and a constant step never
            converges.
        """,
    )
