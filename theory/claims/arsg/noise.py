"""The error variance limit of RSG: its closed form, the printed sum, and how it grows."""

from __future__ import annotations

import numpy as np

from theory.claims.arsg.common import (
    DIAGONALISABLE,
    MOMENTUM,
    OBSERVATION,
    PAPER,
    REGION,
    defective_case,
    gain_matrix,
    symbols,
    variance_limit,
    with_eigenvalues,
)
from theory.claims.ledger import Evidence, Level, statement
from theory.claims.routes import symbolic


@statement(
    id="arsg.variance_limit",
    paper=PAPER,
    number="(15)",
    title="Closed form of the error variance limit",
    statement_latex=r"l_{\mathrm{Var}}=\frac{\tau[(1-\beta^2)+\beta\mu\tau(1-\beta+2\beta\mu)]}"
    r"{(1-\beta+\beta\mu\tau)[2(1+\beta)-\tau(1-\beta+2\beta\mu)]}",
    statement_words="The limit of the error variance solves the discrete Lyapunov equation in closed form.",
    hypotheses=REGION,
)
def closed_form(level: Level, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    beta, mu, tau, first, mixed, second = symbols("beta mu tau V C S")
    matrix, noise = gain_matrix(beta, mu, tau)
    covariance = sp.Matrix([[first, mixed], [mixed, second]])
    residual = covariance - matrix * covariance * matrix.T - tau**2 * noise * noise.T
    equations = [residual[0, 0], residual[0, 1], residual[1, 1]]
    (solution,) = sp.linsolve(equations, (first, mixed, second))
    found = dict(zip((first, mixed, second), solution, strict=True))
    return symbolic.identity(
        {
            **{f"Lyapunov equation, row {row}": entry.subs(found) for row, entry in enumerate(equations)},
            "S = closed form": found[second] - variance_limit(beta, mu, tau),
        },
        text="""
            Solving Sigma = A Sigma A' + tau^2 b b' for the three entries of Sigma leaves one solution, whose lower
            right entry is the closed form; put back, it satisfies the equation identically.
        """,
        arguments=("the covariance of a stable linear recursion tends to the solution of its Lyapunov equation",),
    )


@statement(
    id="arsg.variance_limit_printed",
    paper=PAPER,
    number="(15)",
    title="The error variance limit, as printed",
    statement_latex=r"l_{\mathrm{Var}}=\tau^2\Big(\sum_i\frac{|c_i|^2|w_{i,2}|^2}{1-|r_i|^2}+2\mathrm{Re}"
    r"\frac{\bar c_1c_2\bar w_{1,2}w_{2,2}}{1-\bar r_1r_2}\Big)",
    statement_words="The printed formula gives the limit wherever the larger eigenvalue is inside the circle.",
    hypotheses=(*REGION, DIAGONALISABLE),
)
def variance_limit_printed(level: Level, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    beta, one, two = symbols("beta r_1 r_2")
    mu, tau = with_eigenvalues(beta, one, two)
    matrix, noise = gain_matrix(beta, mu, tau)
    matrix, noise = matrix.applyfunc(sp.cancel), noise.applyfunc(sp.cancel)
    part = ((matrix - two * sp.eye(2)) * noise / (one - two)).applyfunc(sp.cancel)  # c_1 w_1; the other is noise - part
    first, second = part[1], noise[1] - part[1]
    printed = tau**2 * (first**2 / (1 - one**2) + second**2 / (1 - two**2) + 2 * first * second / (1 - one * two))
    value = variance_limit(*defective_case())
    return symbolic.identity(
        {"(15) is the closed form": printed - variance_limit(beta, mu, tau)},
        data={"limit at beta = mu = 1/2, tau = 2/9, where the eigenvalues meet": str(value)},
        arguments=("for a complex pair conjugation swaps the same three terms",),
        text=f"""
            Written in the eigenvalues, (15) equals the closed form identically wherever they differ. Where they
            coincide the coefficients of (12) do not exist (arsg.eigenbasis), though the variance has a limit: at beta =
            mu = 1/2, tau = 2/9 it is {value}; plain SGD (beta = 0) at tau = 1 is such a case too, with limit 1.
        """,
    )


@statement(
    id="arsg.variance_increases",
    paper=PAPER,
    number="section 3",
    title="The variance limit grows with tau",
    statement_latex=r"\partial l_{\mathrm{Var}}/\partial\tau>0\quad\text{for}\ 0<\tau<\tau_{rb}",
    statement_words="The error variance limit increases with tau on the whole convergence region.",
    hypotheses=REGION,
)
def variance_increases(level: Level, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    a, m, u, tau = symbols("a m u tau")
    beta, mu = a / (1 + a), m / (1 + m)
    boundary = 2 * (1 + beta) / (1 - beta + 2 * beta * mu)
    slope = sp.diff(variance_limit(beta, mu, tau), tau)
    return symbolic.inequality(
        {"slope in tau": slope.subs(tau, symbolic.on_orthant(sp.Integer(0), boundary, u))},
        closed=True,
        text="""
            With beta = a/(1+a), mu = m/(1+m) and tau = tau_rb u/(1+u) the region becomes a, m, u >= 0, and the slope of
            the limit becomes a fraction of two polynomials all of whose coefficients are positive. What the paper reads
            off a simulation holds for every beta, mu in [0, 1) and every tau in the region.
        """,
    )


@statement(
    id="arsg.accelerated_noise",
    paper=PAPER,
    number="section 3",
    title="What acceleration costs in noise",
    statement_latex=r"\alpha=c_\alpha\sqrt\kappa/\lambda_{\max}\ \Rightarrow\ "
    r"l_{\mathrm{Var}}^{\mathrm{RSG}}/l_{\mathrm{Var}}^{\mathrm{SGD0}}\sim\tfrac{c_\alpha}{c}\sqrt\kappa"
    r"\ \text{at}\ \lambda_{\min}",
    statement_words="""
        The step size that gives RSG its fast rate makes its error variance larger than SGD's by a factor of the order
        of the root of the condition number.
    """,
    quote="generates an error variance expectation much larger than SGD0",
    hypotheses=(MOMENTUM, OBSERVATION),
)
def accelerated_noise(level: Level, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    c_alpha, c_beta, c_mu, c, small = symbols("c_alpha c_beta c_mu c epsilon", positive=True)  # epsilon = 1/sqrt(kappa)
    beta, mu = 1 - c_beta * small, c_mu * small
    plain = {"low": c * small**2, "high": c}  # SGD0 with the step size c/lambda_max
    fast = {"low": c_alpha * small, "high": c_alpha / small}
    ratio = {
        end: sp.cancel(variance_limit(beta, mu, fast[end]) / variance_limit(sp.Integer(0), mu, plain[end]))
        for end in ("low", "high")
    }
    low = sp.limit(sp.cancel(ratio["low"] * small), small, 0)
    high = sp.factor(sp.limit(ratio["high"], small, 0))
    ball = sp.factor(sp.limit(sp.cancel(ratio["high"].subs(c_mu, 0) * small), small, 0))
    width = c_beta + 2 * c_mu
    expected_high = (2 * c_beta + c_alpha * c_mu * width) / (c_mu * (4 - c_alpha * width)) * (2 - c) / c
    case = {c_alpha: 1, c_beta: 1, c_mu: 1, c: 1}
    return symbolic.identity(
        {"over sqrt(kappa), at lambda_min": low - c_alpha / c, "at lambda_max": high - expected_high},
        data={
            "ratio over sqrt(kappa) at lambda_min": str(low),
            "ratio at lambda_max": str(high),
            "ratio over sqrt(kappa) at lambda_max for mu = 0": str(ball),
        },
        arguments=("limits of rational functions in 1/sqrt(kappa), taken by SymPy",),
        text=f"""
            Exact limits of the closed form for alpha = c_alpha sqrt(kappa)/lambda_max, beta = 1 - c_beta/sqrt(kappa),
            mu = c_mu/sqrt(kappa), over SGD0's with the step size c/lambda_max: at lambda_min the ratio of the error
            variances grows like (c_alpha/c) sqrt(kappa), as the paper says. Not in every direction: at lambda_max it
            tends to a constant for c_mu > 0 (to {high.subs(case)} with all constants 1), where the observation factor
            keeps the noise of steep directions in check. With mu = 0 (heavy ball) it grows like sqrt(kappa) there too.
        """,
    )
