"""The forms of RSG: which are the same, for which coefficients, and what a step costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theory.claims.arsg.common import CONSTANT_BETA, MOMENTUM, PAPER, SOME_MOMENTUM, symbols
from theory.claims.constants import factor, needless, number
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, argument, machine, statement
from theory.claims.routes import symbolic
from theory.claims.routes.cases import first_failure

IDENTITY = "an identity wherever both sides are defined"


def observation_points(betas: Sequence[Fraction], form: str) -> list[Fraction]:
    """Return the iterates of a form with step size 1, from 1, on gradients 1, 2, ...; eta = 1/2 or the mu of it."""
    eta, half = Fraction(1, 2), Fraction(1, 2)
    position = observed = Fraction(1)
    momentum = Fraction(0)
    found = []
    for t, beta in enumerate(betas):
        gradient = Fraction(t + 1)
        if form == "fast":
            momentum = beta * momentum + gradient
            observed -= (1 - beta) * half * momentum + half * gradient
        else:
            momentum = beta * momentum + (1 - beta) * gradient
            mu = half if form == "concise" else eta * (1 - beta) / beta
            observed -= (1 - mu) * momentum + mu * gradient
        if form == "original":
            position -= momentum
            observed = position - eta * momentum
        found.append(observed)
    return found


BETAS: tuple[dict[str, Any], ...] = tuple(
    {"beta": rates[0], "betas": rates}
    for rates in ([Fraction(1, 2)] * 3, [Fraction(1, 2), Fraction(3, 4), Fraction(3, 4)])
)


def _step_of_both_forms(one: Fraction) -> dict[str, Any]:
    """What has to vanish for an induction over the steps of (3) and (4), at the same beta throughout."""
    alpha, beta, mu, fast, gradient, iterate = symbols("alpha beta mu m_tilde g x")
    momentum = (one - beta) * fast  # what holds before the step; m_0 = 0 starts it
    new_momentum = beta * momentum + (1 - beta) * gradient
    new_fast = beta * fast + gradient
    concise = iterate - alpha * ((1 - mu) * new_momentum + mu * gradient)
    quick = iterate - alpha * (one - beta) * (1 - mu) * new_fast - alpha * mu * gradient
    return {"m = (1 - beta) m~ after the step": new_momentum - (one - beta) * new_fast, "x": concise - quick}


@statement(
    id="arsg.fast_form",
    paper=PAPER,
    number="(3), (4)",
    title="The fast form of RSG is RSG",
    statement_latex=r"\beta_t=\beta\ \Rightarrow\ m_t=($one-\beta)\tilde m_t,\ x_t^{(3)}=x_t^{(4)}\ \forall t",
    statement_words="With constant beta, the concise and the fast form take the same steps.",
    hypotheses=(CONSTANT_BETA,),
    constants={"one": number(1)},
)
def fast_form(level: Level, rng: np.random.Generator, *, one: Fraction, hypotheses: tuple[Hypothesis, ...]) -> Evidence:
    if failure := first_failure(
        hypotheses,
        BETAS,
        lambda *, betas, **_: observation_points(betas, "concise") == observation_points(betas, "fast"),
    ):
        return failure
    return symbolic.identity(
        _step_of_both_forms(one),
        text="""
            By induction over the steps: m_t = (1 - beta) m~_t holds at the start, survives a step of both forms, and
            then both take the same step, for any step sizes and any mu_t. Exact, without rounding.
        """,
    )


@statement(
    id="arsg.fast_form_varying",
    paper=PAPER,
    number="(4)",
    title="The fast form with a changing beta",
    statement_latex=r"m_t=($one-\beta_t)\tilde m_t,\ x_t^{(3)}=x_t^{(4)}\ \text{for every sequence}\ \beta_t",
    statement_words="The rearrangement into the fast form is exact for a beta that changes with t, as printed.",
    constants={"one": number(1)},
)
def fast_form_varying(level: Level, rng: np.random.Generator, *, one: Fraction) -> Evidence:
    constant = symbolic.identity(_step_of_both_forms(one), text="the same beta throughout")
    if constant.verdict is not Verdict.PROVED:
        return constant
    first, second, gradient, later = symbols("beta_1 beta_2 g_1 g_2")
    concise = second * (1 - first) * gradient + (1 - second) * later
    fast = (1 - second) * (second * gradient + later)
    gap = second * (second - first) * gradient
    if not symbolic.vanishes(concise - fast - gap):
        return Evidence(verdict=Verdict.UNDECIDED, text="The gap after two steps has another form.")
    case = {first: Fraction(1, 2), second: Fraction(3, 4), gradient: 1, later: 1}
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        hypothesis=CONSTANT_BETA.name,
        steps=constant.steps,
        counterexample={
            "betas": ["1/2", "3/4"],
            "mu": "0",
            "gradients": ["1", "1"],
            "step_size": "1",
            "second step of (3)": str(concise.subs(case)),
            "second step of (4)": str(fast.subs(case)),
        },
        text=f"""
            After two steps with mu = 0 and step size 1 the momenta differ by beta_2 (beta_2 - beta_1) g_1, so the forms
            agree for every gradient only where beta stays constant (or is 0): with beta_1 = 1/2, beta_2 = 3/4 and both
            gradients 1 the second step is {concise.subs(case)} in form (3) and {fast.subs(case)} in form (4).
        """,
    )


@statement(
    id="arsg.original_form",
    paper=PAPER,
    number="(2), (3)",
    title="The concise form tracks the original",
    statement_latex=r"\dot x_t^{(2)}=x_t^{(3)},\quad \mu=$scale\eta($one-\beta)/\beta",
    statement_words="With constant coefficients the observation points of (2) are the iterates of (3).",
    hypotheses=(SOME_MOMENTUM, CONSTANT_BETA),
    constants={"scale": factor(1), "one": number(1)},
    also_true={
        **needless(SOME_MOMENTUM, why=IDENTITY),
        **needless(CONSTANT_BETA, why="eta and the step size constant, the two agree whatever beta does"),
    },
)
def original_form(
    level: Level, rng: np.random.Generator, *, scale: Fraction, one: Fraction, hypotheses: tuple[Hypothesis, ...]
) -> Evidence:
    if failure := first_failure(
        hypotheses,
        BETAS,
        lambda *, betas, **_: observation_points(betas, "original") == observation_points(betas, "tracks"),
    ):
        return failure
    alpha, beta, eta, old, gradient, observed = symbols("alpha beta eta m g x_dot")
    mu = scale * eta * (one - beta) / beta
    position = observed + eta * alpha * old  # what holds before the step; m_0 = 0 and x_dot_1 = x_1 start it
    momentum = beta * old + (1 - beta) * gradient
    new_position = position - alpha * momentum
    new_observed = position - (1 + eta) * alpha * momentum
    concise = observed - alpha * ((1 - mu) * momentum + mu * gradient)
    return symbolic.identity(
        {
            "x = x_dot + eta alpha m": new_position - new_observed - eta * alpha * momentum,
            "x_dot of (2) = x of (3)": new_observed - concise,
        },
        text="""
            By induction over the steps: with constant step size, beta in (0, 1) and eta, the observation point of (2)
            takes exactly the steps of (3), where mu = eta (1 - beta) / beta. The paper derives (3) as an approximation
            for slowly changing coefficients; for constant ones nothing is lost.
        """,
    )


@statement(
    id="arsg.original_form_varying",
    paper=PAPER,
    number="(2), (3)",
    title="The concise form for changing coefficients",
    statement_latex=r"\dot x_{t+1}^{(2)}-\dot x_{t+1}^{(3)}=($before\alpha_{t-1}\eta_{t-1}-$now\alpha_t\eta_t)m_{t-1}",
    statement_words="""
        Where the coefficients change slowly the concise form approximates the original: from equal points a step parts
        them by the change of step size times observation distance, times the momentum.
    """,
    hypotheses=(SOME_MOMENTUM,),
    constants={"before": factor(1), "now": factor(1)},
    also_true=needless(SOME_MOMENTUM, why=IDENTITY),
)
def original_form_varying(level: Level, rng: np.random.Generator, *, before: Fraction, now: Fraction) -> Evidence:
    names = "alpha_1 alpha_2 beta_2 eta_1 eta_2 m_1 g_2 x"
    first_step, step, beta, first_eta, eta, old, gradient, observed = symbols(names)
    mu = eta * (1 - beta) / beta
    momentum = beta * old + (1 - beta) * gradient
    new_observed = observed + first_eta * first_step * old - (1 + eta) * step * momentum
    concise = observed - step * ((1 - mu) * momentum + mu * gradient)
    gap = (before * first_eta * first_step - now * eta * step) * old
    case = {first_eta: 1, first_step: 1, eta: 1, step: Fraction(1, 2), old: 1}
    return symbolic.identity(
        {"the two forms after a step": new_observed - concise - gap},
        data={"gap where alpha falls from 1 to 1/2, eta = 1, m = 1": str(gap.subs(case))},
        text="""
            The paper derives (3) from (2) "by approximation", for coefficients that change very slowly. In one step
            from equal points the two part by exactly (alpha_(t-1) eta_(t-1) - alpha_t eta_t) m_(t-1): small in
            proportion to the change of the product of step size and observation distance, whatever beta does. Where
            that product changes fast they part as far: by 1/2 where alpha falls from 1 to 1/2, with eta = 1 and m = 1.
        """,
        arguments=(),
    )


@statement(
    id="arsg.special_cases",
    paper=PAPER,
    number="section 2, footnote 8",
    title="HB, NAG, SGD and QHM are RSG",
    statement_latex=r"\mathrm{HB}:\mu=0,\quad\mathrm{NAG}:\mu=$nesterov-\beta,\quad\mathrm{SGD}:\mu=$plain\text{ or }"
    r"\beta=0,\quad\mathrm{QHM}:\nu=1-\mu",
    statement_words="Heavy ball, Nesterov's method, SGD and quasi-hyperbolic momentum are RSG at special parameters.",
    hypotheses=(MOMENTUM,),
    constants={"nesterov": number(1), "plain": number(1)},
    also_true=needless(MOMENTUM, why=IDENTITY),
)
def special_cases(level: Level, rng: np.random.Generator, *, nesterov: Fraction, plain: Fraction) -> Evidence:
    from theory.linear import EQUIVALENCES, RSG, GradientDescent, Nesterov, transfer_function

    z = symbols("z")
    rsg, sgd = RSG.symbolic(), GradientDescent.symbolic()
    transfer = transfer_function(rsg.A, rsg.b, rsg.tau, z)
    untouched = transfer_function(sgd.A, sgd.b, sgd.tau, z)
    two_sequences = Nesterov.symbolic()
    rate = two_sequences.parameters["beta"]
    of_nesterov = {rsg.parameters["beta"]: rate, rsg.parameters["mu"]: nesterov - rate}
    defects = {
        f"{entry.special.__name__} as {entry.general.__name__}": entry.sides()
        for entry in EQUIVALENCES
        if entry.special.__name__ not in ("ASGD", "Nesterov")
    }
    return symbolic.identity(
        defects
        | {
            "Nesterov as RSG": (
                transfer_function(two_sequences.A, two_sequences.b, two_sequences.tau, z),
                transfer.subs(of_nesterov, simultaneous=True) / (1 - rate),
            ),
            "SGD as RSG with beta = 0": (transfer.subs(rsg.parameters["beta"], 0), untouched),
            "SGD as RSG with mu = 1": (transfer.subs(rsg.parameters["mu"], plain), untouched),
        },
        text="""
            From rest, two linear methods take the same iterates for every sequence of gradients exactly if their
            transfer functions agree. Those of heavy ball (one average, or Polyak's two iterates), of Nesterov's two
            sequences and of SGD are RSG's at mu = 0, at mu = 1 - beta, and at beta = 0 or mu = 1, with the step size
            scaled by 1 - beta where momentum isn't averaged. So for constant coefficients NAG is matched exactly, not
            approximately, and for noisy gradients too. RSG is quasi-hyperbolic momentum with nu = 1 - mu, as footnote 8
            says: the two updates are the same line.
        """,
        arguments=("from rest, linear methods with the same transfer function take the same iterates",),
    )


class _Counted:
    """A vector that counts the multiplications by numbers and the additions in which it takes part."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts

    def __rmul__(self, scalar: float) -> _Counted:
        self.counts["multiplications"] += 1
        return self

    def __add__(self, other: _Counted) -> _Counted:
        self.counts["additions"] += 1
        return self

    __sub__ = __add__


def operations(step: Callable[[_Counted, _Counted, _Counted], object]) -> tuple[int, int]:
    """Count scalar-vector multiplications and vector additions of a step of iterate, second sequence and gradient."""
    counts: Counter[str] = Counter()
    step(_Counted(counts), _Counted(counts), _Counted(counts))
    return counts["multiplications"], counts["additions"]


def fast_step(x: Any, m: Any, g: Any) -> tuple[Any, Any]:
    """One step of (4), its coefficients gathered beforehand into numbers."""
    m = 0.9 * m + g
    return x - 0.1 * m - 0.2 * g, m


def asgd_step(x: Any, mean: Any, g: Any) -> tuple[Any, Any]:
    """One step of ASGD as its authors write it, its coefficients gathered beforehand into numbers."""
    mean = 0.9 * mean + 0.1 * x - 0.2 * g
    return 0.6 * x - 0.3 * g + 0.4 * mean, mean


@statement(
    id="arsg.operation_count",
    paper=PAPER,
    number="(4)",
    title="The cost of the fast form",
    statement_latex=r"$products\ \text{scalar-vector products},\ $additions\ \text{vector additions per step of}\ (4)",
    statement_words="A step of the fast form takes $products products and $additions additions of vectors.",
    constants={"products": number(3), "additions": number(3)},
)
def operation_count(level: Level, rng: np.random.Generator, *, products: Fraction, additions: Fraction) -> Evidence:
    fast, accelerated = operations(fast_step), operations(asgd_step)
    if not (fast[0] == products and fast[1] == additions):
        return Evidence(
            verdict=Verdict.REFUTED,
            counterexample={"multiplications, additions": fast},
            text=f"A step of (4) took {fast[0]} multiplications and {fast[1]} additions.",
        )
    return Evidence(
        verdict=Verdict.PROVED,
        data={"(4)": fast, "ASGD": accelerated},
        steps=machine("counted: multiplications and additions of one step run on vectors that count")
        + argument("the step that is run is (4), its coefficients gathered beforehand"),
        text=f"""
            Counted by running the step on vectors that count: with its coefficients gathered beforehand, (4) takes
            {fast[0]} multiplications of a vector by a number and {fast[1]} additions of vectors besides the gradient,
            as the paper says. ASGD in its published form takes {accelerated[0]} and {accelerated[1]}.
        """,
    )
