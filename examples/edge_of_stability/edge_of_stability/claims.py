"""What is claimed of the edge of stability, and checks that anyone can run again."""

from fractions import Fraction
from itertools import pairwise

import numpy as np

from theory.claims import Evidence, Hypothesis, Verdict, statement
from theory.claims.routes import statistical, symbolic

COHEN = "Cohen et al., Gradient descent on neural networks typically occurs at the edge of stability, arXiv:2103.00065"
ADAPTIVE = "Cohen et al., Adaptive gradient methods at the edge of stability, arXiv:2207.14484"
FLOWS = "Cohen et al., Understanding optimization in deep learning with central flows, arXiv:2410.24206"
MOMENTUM = Hypothesis("0 <= beta < 1", lambda *, beta, **_: 0 <= beta < 1)
BEYOND_HALF = Hypothesis("xy >= 1/2", lambda *, product, **_: product >= 0.5)
ERROR_LEVEL = 1e-2


@statement(
    id="edge_of_stability.momentum_thresholds",
    paper=COHEN,
    number="section 2; appendix B",
    title="Where methods with momentum leave a minimum",
    statement_latex=r"\lambda<\frac2\eta,\quad\frac{2+2\beta}\eta,\quad\frac{2+2\beta}{\eta(1+2\beta)}",
    statement_words="""
        On a quadratic gradient descent, heavy ball and Nesterov's method converge exactly for curvatures below these
        thresholds; with moving averages for velocities the last two are divided by 1 - beta.
    """,
    hypotheses=(MOMENTUM,),
)
def momentum_thresholds(level: str, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    from edge_of_stability.thresholds import BETA, METHODS, derived, margins

    shares, a = sp.symbols("u a")
    inside = {}
    for name in METHODS:
        tau, conditions = margins(name)
        point = {tau: symbolic.on_orthant(sp.Integer(0), METHODS[name].printed, shares)}
        for condition, margin in conditions.items():
            inside[f"{name}, {condition}"] = sp.cancel(margin.subs(point).subs(BETA, a / (1 + a)))
    stable = symbolic.inequality(
        inside,
        text="""
            With tau = step size times curvature and beta = a/(1 + a), Jury's conditions are fractions of polynomials
            with positive coefficients for all tau from 0 to the threshold, where the characteristic polynomial has the
            root -1.
        """,
        arguments=(
            "all roots of a polynomial of degree two are inside the unit circle where Jury's three conditions hold",
            "beyond the threshold the polynomial is negative at -1, so that a root is below -1",
        ),
    )
    if stable.verdict is not Verdict.PROVED:
        return stable
    edge = symbolic.identity({name: derived(name) - METHODS[name].printed for name in METHODS}, text=stable.text)
    return stable if edge.verdict is Verdict.PROVED else edge


@statement(
    id="edge_of_stability.adam_threshold",
    paper=ADAPTIVE,
    number="section 3",
    title="Adam's threshold is 38 by the step size",
    statement_latex=r"\lambda_{\max}(P^{-1}H)<\frac{2+2\beta_1}{(1-\beta_1)\eta}=\frac{38}\eta\ \ (\beta_1=0.9)",
    statement_words="At a frozen preconditioner Adam with its usual beta_1 is stable for sharpness below 38/eta.",
)
def adam_threshold(level: str, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    from edge_of_stability.thresholds import BETA, derived

    found = derived("heavy ball, moving average").subs(BETA, sp.Rational(9, 10))
    return symbolic.identity(
        {"38": found - 38},
        text="Adam's first moment is a moving average, so its threshold is heavy ball's in that convention, 38.",
        arguments=("with P frozen, a change of variables by the root of P makes Adam heavy ball on the matrix P⁻¹H",),
    )


@statement(
    id="edge_of_stability.measured_thresholds",
    paper=COHEN,
    number="section 2",
    title="The thresholds, measured at minima that are no quadratics",
    statement_latex=r"\mathrm{leaves}(x^*)\iff\eta\,\lambda_{\max}(x^*)>\tau^*(\beta)",
    statement_words="""
        Near a minimum of the product model and of the linear net each method stays just below its threshold and leaves
        just above.
    """,
    hypotheses=(MOMENTUM,),
)
def measured_thresholds(level: str, rng: np.random.Generator) -> Evidence:
    from edge_of_stability.measured import MINIMA, stays
    from edge_of_stability.thresholds import METHODS

    betas = (0.5, 0.9) if level == "quick" else (0.0, 0.3, 0.5, 0.7, 0.9, 0.95)
    wrong, trials = [], 0
    for where in MINIMA:
        for name in METHODS:
            for beta in betas:
                for factor, expected in ((0.98, True), (1.02, False)):
                    trials += 1
                    if stays(where, name, beta, factor) != expected:
                        wrong.append((where, name, beta, factor))
    if wrong:
        return Evidence(verdict=Verdict.UNDECIDED, trials=trials, text=f"Not as predicted: {wrong}.")
    return Evidence(
        verdict=Verdict.SUPPORTED,
        trials=trials,
        text=f"""
            All {trials} runs from 1e-8 off a minimum, along its sharpest direction, do as the threshold says at 0.98
            and 1.02 of it: a threshold that is wrong by 2 % would have been noticed in each of the {trials // 2}
            cases.
        """,
    )


@statement(
    id="edge_of_stability.imbalance",
    origin="ours",
    paper="The product model f = (xy - 1)²/2; ours, after Cohen et al., arXiv:2103.00065",
    number="-",
    title="Gradient descent makes the product model balanced",
    statement_latex=r"x_+^2-y_+^2=(1-\eta^2r^2)(x^2-y^2),\quad r=xy-1",
    statement_words="A step multiplies the imbalance, which gradient flow conserves, by one minus the squared move.",
)
def imbalance(level: str, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    x, y, eta = sp.symbols("x y eta")
    residual = x * y - 1
    ahead = (x - eta * residual * y) ** 2 - (y - eta * residual * x) ** 2
    return symbolic.identity(
        {
            "a step": ahead - (1 - eta**2 * residual**2) * (x**2 - y**2),
            "the flow": 2 * x * residual * y - 2 * y * residual * x,
        },
        text="""
            Expanded, both sides agree for all x, y and eta; so each step at which the loss is not 0 and below 1/eta²
            brings the next minimum nearer to the balanced one, which is the flattest.
        """,
        arguments=(),
    )


@statement(
    id="edge_of_stability.product_minima",
    origin="ours",
    paper="The product model f = (xy - 1)²/2; ours, after Cohen et al., arXiv:2103.00065",
    number="-",
    title="Which minima of the product model attract",
    statement_latex=r"\mathrm{spec}\,(I-\eta\nabla^2f)=\{1,\,1-\eta(x^2+y^2)\}\quad(xy=1)",
    statement_words="A step multiplies by 1 - eta (x² + y²) across the valley: only minima below 2/eta attract.",
)
def product_minima(level: str, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    x, eta, z = sp.symbols("x eta z")
    y = 1 / x
    p, q = sp.symbols("p q")
    loss = (p * q - 1) ** 2 / 2
    jacobian = (sp.eye(2) - eta * sp.hessian(loss, (p, q))).subs({p: x, q: y})
    expected = (z - 1) * (z - 1 + eta * (x**2 + y**2))
    return symbolic.identity(
        {"characteristic polynomial": jacobian.charpoly(z).as_expr() - expected},
        text="At a minimum (x, 1/x) a step's Jacobian has eigenvalues 1, along the valley, and 1 - eta (x² + 1/x²).",
        arguments=("a minimum whose multiplier across the valley exceeds 1 in modulus repels almost all starts",),
    )


@statement(
    id="edge_of_stability.progressive_sharpening",
    paper=COHEN,
    number="section 3.1",
    title="Progressive sharpening, in the product model",
    statement_latex=r"\dot S>0\ \mathrm{along}\ \dot w=-\nabla f\ \mathrm{while}\ xy<1",
    statement_words="As long as the loss falls the sharpness rises, until the edge is reached.",
    hypotheses=(),
)
def progressive_sharpening(level: str, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    p, u, first, second = sp.symbols("p u R_1 R_2")
    # Along the flow x² - y² = 2c is constant and p = xy rises; S = R_1 + R_2, R_1² = c² + p², R_2² = c² + (2p - 1)².
    slope = p / first + 2 * (2 * p - 1) / second
    rising = symbolic.inequality(
        {"dS/dp for p = (1 + u)/2": slope.subs(p, (1 + u) / 2)},
        text="On lines of flow dS/d(xy) is positive wherever xy >= 1/2.",
    )
    from edge_of_stability.product import sharpness

    before, after = float(sharpness(1.0, 0.0)), float(sharpness(1.01, np.sqrt(1.01**2 - 1)))
    if rising.verdict is not Verdict.PROVED or not after < before:
        return Evidence(verdict=Verdict.UNDECIDED, text="The slope's sign is not settled.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        hypothesis=BEYOND_HALF.name,
        counterexample={"from": [1.0, 0.0], "to": [1.01, float(np.sqrt(1.01**2 - 1))], "sharpness": [before, after]},
        text=f"""
            With x² - y² constant, S = sqrt(c² + p²) + sqrt(c² + (2p - 1)²) in p = xy, whose slope is positive for every
            p >= 1/2 (proved by its coefficients). Below it need not be: along the flow from (1, 0) the sharpness falls
            from {before:.6f} to {after:.6f} at first.
        """,
    )


@statement(
    id="edge_of_stability.textbook",
    origin="ours",
    paper="The textbooks' rule that a step size must be below 2 by the curvature; see arXiv:2103.00065, section 1",
    number="section 1",
    title="Must the sharpness be below 2/eta for gradient descent to converge?",
    statement_latex=r"\lambda_{\max}(\nabla^2f(w_t))>2/\eta\ \Rightarrow\ f(w_s)\not\to\min",
    statement_words="A run that comes to points sharper than 2/eta does not converge.",
)
def textbook(level: str, rng: np.random.Generator) -> Evidence:
    x, y, eta = Fraction(13, 5), Fraction(1, 5), Fraction(3, 10)
    start, losses = (x, y), []
    for _ in range(8):
        residual = x * y - 1
        losses.append(residual**2 / 2)
        x, y = (x - eta * residual * y).limit_denominator(10**40), (y - eta * residual * x).limit_denominator(10**40)
    a, b, mixed = start[0] ** 2, start[1] ** 2, 2 * start[0] * start[1] - 1
    # The larger eigenvalue exceeds 2/eta where the characteristic polynomial is negative there.
    edge = 2 / eta
    sharp = (edge - a) * (edge - b) - mixed**2 < 0
    point, f = np.array([float(x), float(y)]), []
    for _ in range(400):
        residual = point[0] * point[1] - 1
        f.append(residual**2 / 2)
        point = point - 0.3 * residual * point[::-1]
    rises = any(later > sooner for sooner, later in pairwise(losses))
    if not (sharp and rises and f[-1] < 1e-20):
        return Evidence(verdict=Verdict.UNDECIDED, text="The run is not as it should be.")
    return Evidence(
        verdict=Verdict.REFUTED,
        margin=-float(f[-1]),
        trials=1,
        counterexample={"f": "(xy - 1)²/2", "start": [str(part) for part in start], "eta": str(eta)},
        text=f"""
            From (13/5, 1/5) with eta = 3/10 the start is sharper than 2/eta = 20/3 (the characteristic polynomial of
            the Hessian is negative there, in exact fractions), the loss rises at first, and after 400 steps it is
            {f[-1]:.1e}: gradient descent leaves the sharp part of the valley for a flatter one.
        """,
    )


@statement(
    id="edge_of_stability.gradient_descent_hovers",
    paper=COHEN,
    number="section 3.2",
    title="Sharpness hovers at 2/eta",
    statement_latex=r"\lambda_{\max}(\nabla^2f(w_t))\approx2/\eta",
    statement_words="Once there, the sharpness of a network under gradient descent stays near 2 by the step size.",
)
def gradient_descent_hovers(level: str, rng: np.random.Generator) -> Evidence:
    from edge_of_stability.networks import edge_ratios

    return _hovers(edge_ratios("gradient descent", seeds=5 if level == "quick" else 20, rng=rng), (0.75, 1.35))


@statement(
    id="edge_of_stability.rmsprop_hovers",
    paper=ADAPTIVE,
    number="section 4",
    title="RMSprop's preconditioned sharpness hovers at 2/eta",
    statement_latex=r"\lambda_{\max}(P_t^{-1}\nabla^2f(w_t))\approx2/\eta",
    statement_words="Once there, the sharpness that RMSprop's preconditioner leaves stays near 2 by the step size.",
)
def rmsprop_hovers(level: str, rng: np.random.Generator) -> Evidence:
    from edge_of_stability.networks import edge_ratios

    return _hovers(edge_ratios("RMSprop", seeds=5 if level == "quick" else 20, rng=rng), (0.75, 1.35))


@statement(
    id="edge_of_stability.adam_turns",
    paper=ADAPTIVE,
    number="section 3",
    title="Adam's preconditioned sharpness turns at 38/eta",
    statement_latex=r"\max_t\lambda_{\max}(P_t^{-1}\nabla^2f(w_t))\approx38/\eta",
    statement_words="The sharpness that Adam's preconditioner leaves rises to 38 by the step size and turns there.",
)
def adam_turns(level: str, rng: np.random.Generator) -> Evidence:
    from edge_of_stability.networks import edge_ratios

    seeds = 5 if level == "quick" else 20
    return _hovers(edge_ratios("Adam", seeds=seeds, rng=rng, highest=True), (0.75, 1.35), "at its highest")


def _hovers(ratios: np.ndarray, allowed: tuple[float, float], when: str = "over the last third of the run") -> Evidence:
    """Judge sharpness by threshold, a number a seed."""
    interval = statistical.student_interval(ratios, error_level=ERROR_LEVEL)
    inside = allowed[0] <= interval.low and interval.high <= allowed[1]
    return Evidence(
        verdict=Verdict.SUPPORTED if inside else Verdict.UNDECIDED,
        trials=len(ratios),
        error_level=ERROR_LEVEL,
        data={"sharpness by threshold": ratios.tolist()},
        text=f"""
            On a tanh network on the digits (full batch, cross-entropy), {when}, the sharpness is
            {ratios.mean():.3f} of the threshold on average over {len(ratios)} starts, between {interval.low:.3f} and
            {interval.high:.3f}; "near" is taken as {allowed[0]:g} to {allowed[1]:g}. Half the threshold or twice would
            be outside.
        """,
    )


@statement(
    id="edge_of_stability.central_flow_explains",
    paper=FLOWS,
    number="section 3: the time-averaged trajectory",
    title="The central flow explains the loss before the edge and after",
    statement_latex=r"1-\frac{\sum_t|f(w(t))+\frac12S\sigma^2-f(w_t)|}{\sum_tf(w_t)}\ge0.85",
    statement_words="""
        On a network from a small start the central flow with its oscillation explains at least 85 % of the loss of
        gradient descent, before the sharpness comes to 2 by the step size and after.
    """,
)
def central_flow_explains(level: str, rng: np.random.Generator) -> Evidence:
    from edge_of_stability.explained import explained

    seeds, steps = (4, 40) if level == "quick" else (10, 150)
    full = level != "quick"
    runs = [explained(int(rng.integers(2**31)), steps, both=full) for _ in range(seeds)]
    shares = np.array([run.shares() for run in runs])  # (seeds, flows, before and after)
    before, after = (statistical.student_interval(shares[:, 0, j], error_level=ERROR_LEVEL / 2) for j in range(2))
    supported = min(before.low, after.low) >= 0.85
    without = f" Gradient flow explains {shares[:, 1, 1].mean():.3f} after it." if full else ""
    return Evidence(
        verdict=Verdict.SUPPORTED if supported else Verdict.UNDECIDED,
        trials=seeds,
        error_level=ERROR_LEVEL,
        margin=min(before.low, after.low) - 0.85,
        data={"before": shares[:, 0, 0].tolist(), "after": shares[:, 0, 1].tolist()},
        power="a flow whose loss is off by 15 % on average",
        text=f"""
            {seeds} starts of a tanh network on the digits, {steps} steps; the edge is reached at step {
            min(run.onset for run in runs)
        } to {max(run.onset for run in runs)}. The share that is explained is {shares[:, 0, 0].mean():.3f} before,
            between {before.low:.3f} and {min(before.high, 1):.3f}, and {shares[:, 0, 1].mean():.3f} after, between
            {after.low:.3f} and {min(after.high, 1):.3f}.{without} Which flow the
            sharpness follows, and from when on, is told by figure edge_of_stability.flows.
        """,
    )
