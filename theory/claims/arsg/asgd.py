"""Accelerated SGD as RSG: the map of parameters, and what it reaches."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.arsg.common import PAPER, symbols
from theory.claims.constants import decimal, needless
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure

ADVANTAGE = Hypothesis(
    "kappa >= 1 and 0 < xi <= sqrt(kappa)",
    lambda *, long_step, advantage, **_: long_step >= 1 and advantage > 0 and advantage**2 <= long_step,
)


NUMBERS = {"square": decimal("0.49"), "share": decimal("0.7"), "whole": decimal("1.7")}


def _transfer_functions(square: Fraction, share: Fraction, whole: Fraction) -> dict[str, Any]:
    """ASGD's transfer function less that of RSG at the image of its parameters; no number where there is no image."""
    import sympy as sp

    from theory.linear import ASGD, RSG, transfer_function

    z = symbols("z")
    asgd, rsg = ASGD.symbolic(), RSG.symbolic()
    kappa, xi = asgd.parameters["long_step"], asgd.parameters["advantage"]
    ratio = share * (1 + xi) / whole if whole else sp.zoo
    image = {
        rsg.parameters["beta"]: (kappa - square * xi) / (kappa + share * xi),
        rsg.parameters["mu"]: 1 / ratio,
    }
    other = ratio * transfer_function(rsg.A, rsg.b, rsg.tau, z).subs(image, simultaneous=True)
    return {"transfer functions": transfer_function(asgd.A, asgd.b, asgd.tau, z) - other}


@statement(
    id="arsg.asgd",
    paper=PAPER,
    number="section 2, supplement A.4",
    title="ASGD takes RSG's iterates",
    statement_latex=r"\beta=\frac{\kappa-$square\xi}{\kappa+$share\xi},\ "
    r"\alpha=\frac{$share(1+\xi)}{$whole}\ddot\alpha,\ \mu=\frac{$whole}{$share(1+\xi)}"
    r"\ \Rightarrow\ x_t^{\mathrm{ASGD}}=x_t^{(3)}",
    statement_words="With constant coefficients, ASGD's iterates are those of the concise form of RSG.",
    hypotheses=(ADVANTAGE,),
    constants=NUMBERS,
    also_true=needless(ADVANTAGE, why="an identity of transfer functions"),
)
def asgd(level: Level, rng: np.random.Generator, *, square: Fraction, share: Fraction, whole: Fraction) -> Evidence:
    return symbolic.identity(
        _transfer_functions(square, share, whole),
        text="""
            Both methods are linear in the gradients, and from rest (m = 0; both of ASGD's sequences at one point) their
            transfer functions from gradients to iterates are the same rational function, so that they take the same
            iterates for every sequence of gradients. With ASGD's short step a, long-step parameter kappa and advantage
            xi: beta = (kappa - 0.49 xi)/(kappa + 0.7 xi), alpha = 0.7 (1 + xi) a/1.7, mu = a/alpha = 1.7/(0.7 (1 +
            xi)). mu does not depend on kappa.
        """,
        arguments=("from rest, linear methods with the same transfer function take the same iterates",),
    )


@statement(
    id="arsg.asgd_range",
    paper=PAPER,
    number="section 2",
    title="RSG is an equivalent form of ASGD",
    origin="ours",
    statement_latex=r"(\kappa,\xi)\mapsto(\beta,\mu)=\Big(\frac{\kappa-$square\xi}{\kappa+$share\xi},"
    r"\frac{$whole}{$share(1+\xi)}\Big)\ \text{maps ASGD one to one onto RSG with}\ \beta,\mu\in[0,1)",
    statement_words="Every ASGD is an RSG with beta and mu in [0, 1), and every such RSG is an ASGD.",
    hypotheses=(ADVANTAGE,),
    constants=NUMBERS,
)
def asgd_range(
    level: Level,
    rng: np.random.Generator,
    *,
    hypotheses: tuple[Hypothesis, ...],
    square: Fraction,
    share: Fraction,
    whole: Fraction,
) -> Evidence:
    import sympy as sp

    def has_an_image(*, long_step: Fraction, advantage: Fraction) -> bool:
        found = (long_step - square * advantage) / (long_step + share * advantage)
        return 0 <= found < 1 and 0 < whole < share * (1 + advantage)

    cases = ({"long_step": Fraction(9), "advantage": Fraction(3)}, {"long_step": Fraction(1), "advantage": Fraction(4)})
    if failure := first_failure(hypotheses, cases, has_an_image):
        return failure
    same = symbolic.identity(_transfer_functions(square, share, whole), text="the map is that of ASGD")
    if same.verdict is not Verdict.PROVED:
        return same
    beta, mu, kappa, xi = symbols("beta mu kappa xi")
    square, share, whole = map(sp.Rational, (square, share, whole))
    beta_of, mu_of = (kappa - square * xi) / (kappa + share * xi), whole / (share * (1 + xi))
    back = {
        xi: (whole - share * mu) / (share * mu),
        kappa: (whole - share * mu) * (square + share * beta) / (share * mu * (1 - beta)),
    }
    exact = symbolic.identity(
        {
            "mu is recovered": mu_of.subs(back) - mu,
            "beta is recovered": beta_of.subs(back, simultaneous=True) - beta,
            "mu < 1 turns at xi = 10/7": 1 - mu_of - (xi - sp.Rational(10, 7)) / (1 + xi),
            "beta >= (xi - 0.49)/(xi + 0.7)": beta_of
            - (xi - square) / (xi + share)
            - (square + share) * (kappa - xi**2) / ((kappa + share * xi) * (xi + share)),
        },
        text="the map and its inverse",
        before=same.steps,
    )
    if exact.verdict is not Verdict.PROVED:
        return exact
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        steps=exact.steps,
        hypothesis="""
            0 < mu < 1 and (xi - 0.49)/(xi + 0.7) <= beta < 1 with xi = (1.7 - 0.7 mu)/(0.7 mu), which is xi > 10/7
        """,
        counterexample={
            "ASGD outside RSG": {"kappa": "2", "xi": "1", "mu": str(mu_of.subs(xi, 1))},
            "RSG outside ASGD": {
                "beta": "9/10",
                "mu": "1/10",
                "kappa - xi^2": str(
                    sp.nsimplify((kappa - xi**2).subs(back).subs({beta: sp.Rational(9, 10), mu: sp.Rational(1, 10)}))
                ),
            },
        },
        text="""
            The map of parameters can be inverted: xi = (1.7 - 0.7 mu)/(0.7 mu) and kappa = xi (0.49 + 0.7 beta)/(1 -
            beta). ASGD's xi is at most sqrt(kappa), which is beta >= (xi - 0.49)/(xi + 0.7). RSG demands mu < 1, which
            is xi > 10/7: ASGD with a smaller advantage (xi = 1 gives mu = 17/14) is an RSG-like iteration outside RSG's
            range. The other way round, at mu = 0.1 only beta >= 0.9504 is an ASGD, and heavy ball (mu = 0) is reached
            only as xi tends to infinity. In between the equivalence is one to one.
        """,
    )
