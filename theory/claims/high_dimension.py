"""SGD on least squares in high dimension: exact moments, its stable steps, and runs that all look the same."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from theory.claims.constants import exponent, factor, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure
from theory.claims.routes.statistical import student_interval

PAPER = "Paquette, Lee, Pedregosa and Paquette, SGD in the large, arXiv:2102.04396; here for a stream of rows"
GAUSSIAN = Hypothesis("rows are Gaussian and drawn anew", lambda *, fresh, **_: bool(fresh))
FLAT = Hypothesis("no eigenvalue is above 4/d of the trace", lambda *, shares, **_: max(shares) <= 4 / len(shares))
ERROR_LEVEL = 1e-3


@statement(
    id="high_dimension.moments",
    paper=PAPER,
    number="the recursion behind the Volterra equation",
    title="What a step does to the second moments",
    statement_latex=r"p'_j=\big((1-\gamma\lambda_j)^2+$own\tfrac{\gamma^2\lambda_j^2}B\big)p_j"
    r"+\tfrac{$shared\gamma^2}B\lambda_jR",
    statement_words="""
        The expected risk of SGD on streamed least squares follows a linear recursion that the spectrum, the batch and
        the step size determine.
    """,
    hypotheses=(GAUSSIAN,),
    constants={"own": factor(1), "shared": number(2)},
)
def moments(
    level: Level, rng: np.random.Generator, *, own: Fraction, shared: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    import sympy as sp

    def follows(*, row: int, step: Fraction, **_: object) -> bool:
        """One row of size 1 and of either sign, drawn for ever, in one dimension without residual, from v = 1."""
        told = (1 - step) ** 2 + own * step**2 + shared * step**2 / 2
        return (1 - step * row**2) ** 2 == told

    if failure := first_failure(hypotheses, [{"fresh": False, "row": 1, "step": Fraction(1, 2)}], follows):
        return failure

    d = 3 if level == "quick" else 5
    spread, error, row = (sp.symbols(f"{name}:{d}", positive=True) for name in ("lambda", "v", "a"))
    step, batch, noise, residual = sp.symbols("gamma B sigma e", positive=True)
    slope = sum(a * v for a, v in zip(row, error, strict=True)) - residual

    def mean(polynomial: sp.Expr) -> sp.Expr:
        """Replace even powers of the Gaussian numbers by their moments; odd ones have mean 0."""
        scales = (*spread, noise**2)
        total = sp.Integer(0)
        for powers, scale in sp.Poly(sp.expand(polynomial), *row, residual).terms():
            if all(power % 2 == 0 for power in powers):
                weights = (
                    sp.factorial2(power - 1) * square ** (power // 2)
                    for power, square in zip(powers, scales, strict=True)
                )
                total += scale * sp.prod(weights)
        return total

    risk = (sum(value * v**2 for value, v in zip(spread, error, strict=True)) + noise**2) / 2
    differences = {}
    for j in range(d):
        first, second = mean(slope * row[j]), mean(slope**2 * row[j] ** 2)
        moved = error[j] ** 2 - 2 * step * error[j] * first + step**2 * (second / batch + (1 - 1 / batch) * first**2)
        decay = (1 - step * spread[j]) ** 2 + own * step**2 * spread[j] ** 2 / batch
        differences[f"coordinate {j}"] = moved - decay * error[j] ** 2 - shared * step**2 / batch * spread[j] * risk
    return symbolic.identity(
        differences,
        text=f"""
            With v = x - x* and a batch of B rows, E (v_j - gamma g_j)^2 expands into moments of Gaussian numbers up to
            the fourth; in {d} dimensions it equals the recursion identically in gamma, B, sigma, the spectrum and v.
        """,
        arguments=(
            "given v, the mean over B independent rows has the square of its mean and 1/B of its variance",
            "each term of the sum over rows holds one coordinate or two, so that more dimensions add terms alike",
        ),
    )


@statement(
    id="high_dimension.largest_step",
    paper=PAPER,
    number="the threshold of the step size",
    title="The largest stable step of SGD",
    statement_latex=r"\sup_tR(t)<\infty\iff\frac\gamma B\sum_j\frac{\lambda_j}{$pole-\gamma\lambda_j(1+1/B)}<1;\quad"
    r"\gamma<\frac{$limit B}{\mathrm{tr}H}",
    statement_words="""
        The expected risk stays bounded exactly below a step size that solves one equation in the spectrum, and that
        step is below $limit B by the trace of the Hessian, which is its limit in high dimension.
    """,
    hypotheses=(GAUSSIAN,),
    constants={"pole": number(2), "limit": number(2)},
    also_true={"limit * 2": "looser"},
)
def largest_stable_step(level: Level, rng: np.random.Generator, *, pole: Fraction, limit: Fraction) -> Evidence:
    import sympy as sp

    from theory.streamed_sgd import largest_step

    d = 3 if level == "quick" else 4
    spread = sp.symbols(f"lambda:{d}", positive=True)
    step, batch = sp.symbols("gamma B", positive=True)
    decay = [(1 - step * value) ** 2 + (step * value) ** 2 / batch for value in spread]
    matrix = sp.diag(*decay) + step**2 / batch * sp.Matrix(spread) * sp.Matrix([spread])
    poles = [pole - step * value * (1 + 1 / batch) for value in spread]
    growth = step / batch * sum(value / pole for value, pole in zip(spread, poles, strict=True))
    found = symbolic.identity(
        {
            "det(I - M)": (sp.eye(d) - matrix).det(method="berkowitz")
            - sp.prod([step * value * pole for value, pole in zip(spread, poles, strict=True)]) * (1 - growth),
            "a term of the sum": spread[0] / poles[0]
            - spread[0] / 2
            - step * spread[0] ** 2 * (1 + 1 / batch) / (2 * poles[0]),
        },
        text="The identities hold.",
        arguments=(
            "M is symmetric with entries that are not negative, so the moments stay bounded if and only if its largest "
            "eigenvalue is below 1 (Perron and Frobenius; at 1 they grow where there are residuals)",
            "below the least pole all 1 - D_j are positive, and I - M stops being definite where its determinant is 0",
            "more eigenvalues add terms alike (the determinant of a diagonal and a product of rank one)",
            "where no eigenvalue is a fixed share of the trace, the poles go to 2 and the sum to the trace",
        ),
    )
    if found.verdict is not Verdict.PROVED:
        return found
    trials, gaps = 50 if level == "quick" else 1000, []
    ends: list[float] = []
    for _ in range(trials):
        size, rows = int(rng.integers(1, 40)), int(rng.integers(1, 9))
        values = rng.gamma(0.5, size=size) + 1e-3
        largest = largest_step(values, batch_size=rows)
        below, above = (_growth(values, largest * (1 + sign * 1e-6), rows) for sign in (-1, 1))
        if not below < 1 < above:
            case = {"eigenvalues": values.tolist(), "B": rows, "step": largest, "growth": [below, above]}
            return Evidence(verdict=Verdict.UNDECIDED, text=f"The eigenvalues of M disagree with the equation: {case}.")
        ends.append(largest * float(values.sum()) / rows)
        if not ends[-1] < limit:
            case = {"eigenvalues": values.tolist(), "B": rows, "step": largest}
            return Evidence(verdict=Verdict.REFUTED, counterexample=case, text="It is stable beyond the stated limit.")
        gaps.append(largest * float(values.sum()) / (2 * rows))
    return replace(
        found,
        trials=trials,
        data={"largest step by its limit, least": min(gaps), "largest step by its limit, largest": max(gaps)},
        text=f"""
            In {d} dimensions det(I - M) equals the product of gamma lambda_j (2 - gamma lambda_j (1 + 1/B)) times 1
            minus the sum, so that M reaches the eigenvalue 1 where the sum reaches 1. Each term exceeds gamma
            lambda_j/(2 B). On {trials} random spectra of up to 39 eigenvalues and batches of up to 8 rows the largest
            eigenvalue of M is below 1 at 1 - 1e-6 times that step and above 1 at 1 + 1e-6 times; the step is
            {min(gaps):.3f} to {max(gaps):.3f} of 2B/tr H.
        """,
    )


def _growth(eigenvalues: np.ndarray, step_size: float, batch_size: int) -> float:
    """Return the largest eigenvalue of the moments' matrix."""
    from theory.streamed_sgd import moments

    decay, spread, weight = moments(eigenvalues, step_size, batch_size=batch_size)
    return float(np.linalg.eigvalsh(np.diag(decay) + weight * np.outer(spread, spread))[-1])


@statement(
    id="high_dimension.single_runs",
    paper=PAPER,
    number="concentration of the risk",
    title="Every run is the same run",
    statement_latex=r"\mathrm{Var}\log R(2d)=\Theta(d^{-$spread}),\quad ER=R_{\mathrm{flow}}+O(d^{-$gap})",
    statement_words="""
        As the dimension grows single runs of SGD keep to one curve: their variance falls like d to the power -$spread,
        and so does what parts their expectation from the Volterra equation, to the power -$gap.
    """,
    hypotheses=(GAUSSIAN, FLAT),
    constants={"spread": exponent(1), "gap": exponent(1)},
    also_true={"gap - 1/2": "a slower fall"},
)
def single_runs(level: Level, rng: np.random.Generator, *, spread: Fraction, gap: Fraction) -> Evidence:
    from scipy.special import fdtr, fdtrc, fdtri

    from dynamics import SGD, ensemble
    from synthetic import streamed_squares
    from theory.streamed_sgd import expected_risk, risk_flow

    small, factor, runs = (50, 16, 128) if level == "quick" else (100, 16, 400)
    step, residual, each = 0.8, 0.2, ERROR_LEVEL / 3
    spreads, means, apart = [], [], []
    for d in (small, factor * small):
        eigenvalues = np.linspace(0.1, 1.9, d) / d
        first = int(rng.integers(2**31))
        swept = ensemble(
            [SGD(step)],
            streamed_squares(eigenvalues=eigenvalues, residual=residual),
            steps=2 * d,
            seeds=range(first, first + runs),
            record_every=2 * d,
        )
        ends = swept.loss[0, :, -1]
        mean = expected_risk(eigenvalues, step, 2 * d, residual=residual)[-1]
        limit = risk_flow(eigenvalues, step, [0.0, 2.0 * d], residual=residual)[-1]
        spreads.append(float(np.log(ends).var(ddof=1)))
        means.append(student_interval(ends / mean - 1, error_level=each))
        apart.append(float(abs(mean / limit - 1) * d ** float(gap)))
    freedom = runs - 1
    ratio, width = spreads[0] / spreads[1], float(fdtri(freedom, freedom, 1 - each / 2))
    others = {power: factor**power for power in (0.5, 2.0)}
    power = min(
        float(fdtrc(freedom, freedom, width * factor / true) + fdtr(freedom, freedom, factor / true / width))
        for true in others.values()
    )
    told = factor ** float(spread)
    agrees = ratio / width <= told <= ratio * width and all(mean.contains(0.0) for mean in means)
    settled = agrees and apart[1] / apart[0] < 1.1
    return Evidence(
        verdict=Verdict.SUPPORTED if settled else Verdict.UNDECIDED,
        trials=2 * runs,
        error_level=ERROR_LEVEL,
        power=f"powers 1/2 and 2 of d are refused with probability {power:.2f} or more",
        margin=float(min(np.log(ratio * width / told), np.log(told * width / ratio))),
        data={"d": [small, factor * small], "variance of log R": spreads, "d |E R/R_flow - 1|": apart},
        text=f"""
            {runs} runs each at d = {small} and {factor * small}, at 2 d steps with step size {step:g}/tr H: the
            variance of log R falls by {ratio:.1f}, between {ratio / width:.1f} and {ratio * width:.1f}, where 1/d says
            {factor}; powers 1/2 and 2 of d would have been noticed with probability {power:.2f}. The mean of the runs
            is the exact expectation within [{means[0].low:+.3f}, {means[0].high:+.3f}] and [{means[1].low:+.4f},
            {means[1].high:+.4f}] of it. Without chance: d times what parts expectation and limit is {apart[0]:.3f} and
            {apart[1]:.3f}. Three intervals share the error level.
        """,
    )
