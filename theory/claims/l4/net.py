"""Section 3.1: L4 on the linear net, against SGD and Adam with the best step, for both makers of the matrix."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from theory.claims.l4.source import PAPER
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement
from theory.claims.routes import statistical, symbolic

if TYPE_CHECKING:
    from synthetic.linear_nets.linear_nets import Maker

MAKERS: tuple[Maker, ...] = ("recht", "svd")
ALPHAS = (0.10, 0.15, 0.20, 0.25, 0.30)
DEFAULT = ALPHAS.index(0.15)
WORSE = 2.0  # orders of magnitude above the default at which an alpha counts as not working
ERROR_LEVEL = 0.01
SAME_SAMPLES = 20_180  # seed of the one data set on which all matrices are drawn
WHITE = Hypothesis(
    "E[x x'] = I", lambda *, second_moment, **_: bool(np.allclose(second_moment, np.eye(len(second_moment))))
)


class Race(NamedTuple):
    """log10 of the final loss on one maker's matrices; that of the start where a run ended early."""

    l4mom: np.ndarray  # shape (draws, alphas)
    l4adam: np.ndarray
    sgd: np.ndarray  # with the best step, shape (draws,)
    adam: np.ndarray
    paper_sgd: np.ndarray  # with the paper's step
    paper_adam: np.ndarray
    sgd_step: float
    adam_step: float
    seeds: tuple[int, ...]


def final_levels(methods: Sequence[Any], nets: Sequence[Any], *, steps: int) -> np.ndarray:
    """Return log10 of the loss after so many steps, shape (nets, methods)."""
    from dynamics import ensemble

    losses = [ensemble(methods, net, steps=steps, seeds=1, record_every=steps).loss[:, 0, -1] for net in nets]
    return np.log10(np.where(np.isfinite(losses), losses, np.inf))


def tuned(methods: Sequence[Any], nets: Sequence[Any], *, steps: int) -> Any:
    """Return the method whose geometric mean of final losses over the nets is least."""
    return methods[int(final_levels(methods, nets, steps=steps).mean(axis=0).argmin())]


@functools.cache
def race(maker: Maker, level: Level, entropy: int) -> Race:
    """Tune SGD and Adam on some draws and race everything on others.

    Kept, as several claims speak of the same experiment.
    """
    from dynamics import SGD, Adam, L4Adam, L4Mom
    from synthetic import linear_net, value

    steps, tuning, draws = (3000, 6, 20) if level == "quick" else (30_000, 8, 30)
    seeds = [int(seed) for seed in np.random.default_rng(entropy).integers(2**31, size=tuning + draws)]
    nets = [linear_net(maker=maker, data_rng=SAME_SAMPLES, rng=seed) for seed in seeds]
    fine = 8 if level == "quick" else 10
    sgd = tuned([SGD(step) for step in np.geomspace(1e-6, 1e-4, fine)], nets[:tuning], steps=steps)
    adam = tuned([Adam(step, eps=1e-4) for step in np.geomspace(1e-3, 1, fine)], nets[:tuning], steps=steps)
    test = nets[tuning:]
    start = np.log10([[value(net, net.start)] for net in test])

    def raced(*methods: Any) -> np.ndarray:
        levels = final_levels(methods, test, steps=steps)
        return np.where(np.isfinite(levels), levels, start)

    return Race(
        raced(*[L4Mom(alpha) for alpha in ALPHAS]),
        raced(*[L4Adam(alpha) for alpha in ALPHAS]),
        raced(sgd)[:, 0],
        raced(adam)[:, 0],
        raced(SGD(4e-5))[:, 0],
        raced(Adam(1e-3, eps=1e-4))[:, 0],
        float(sgd.step_size),
        float(adam.step_size),
        tuple(seeds[tuning:]),
    )


def _races(level: Level, rng: np.random.Generator) -> dict[str, Race]:
    entropy = int(rng.integers(2**31))
    return {maker: race(maker, level, entropy) for maker in MAKERS}


def _against(rival: str, level: Level, rng: np.random.Generator) -> Evidence:
    races = _races(level, rng)
    each = statistical.corrected(ERROR_LEVEL, 2 * len(MAKERS))
    shares, data, told, lost = {}, {}, [], {}
    for maker, found in races.items():
        best, paper, step = (getattr(found, name) for name in (rival, f"paper_{rival}", f"{rival}_step"))
        told.append(
            f"on {maker} the rival {np.median(best):.2f} with the step {step:.2g} "
            f"({np.median(paper):.2f} with the paper's)"
        )
        for name, levels in (("L4Mom", found.l4mom[:, DEFAULT]), ("L4Adam", found.l4adam[:, DEFAULT])):
            # The gains have two humps (runs that arrive, and runs that do not): their mean says little.
            share = shares[maker, name] = statistical.share_of_wins(levels, best, error_level=each)
            told.append(f"{name} {np.median(levels):.2f}")
            data[f"{maker}: {name} below the rival"] = float((levels < best).mean())
            data[f"{maker}: {name} below the rival with the paper's step"] = float((levels < paper).mean())
            if share.high < 0.5:
                at = int((best - levels).argmin())
                lost = {
                    "net": f"linear_net(maker={maker!r}, data_rng={SAME_SAMPLES}, rng={found.seeds[at]})",
                    "method": f"{name}(alpha=0.15)",
                    "log10 of its final loss": float(levels[at]),
                    "rival's step": step,
                    "log10 of the rival's": float(best[at]),
                }
    draws = len(races["svd"].sgd)
    won = "; ".join(f"{n} on {m} {i.low:.2f} to {i.high:.2f}" for (m, n), i in shares.items())
    text = f"""
        {draws} draws of each matrix on one data set, {30_000 if level == "full" else 3000} steps on the sum loss; the
        rival's step is the best of a geometric grid on other draws (geometric mean of the final loss), and a run that
        diverges counts with the loss at its start. Medians of log10 of the final loss: {", ".join(told)}. Probability
        that the default L4 ends below the rival (exact intervals, together at {1 - ERROR_LEVEL:.0%}): {won}.
        'Outperforms' is read as more often than not, for both optimisers and both matrices.
    """
    fields: dict[str, Any] = {"trials": draws * len(MAKERS), "error_level": ERROR_LEVEL, "data": data, "text": text}
    if lost:
        return Evidence(
            verdict=Verdict.REFUTED, counterexample=lost, margin=min(i.high for i in shares.values()) - 0.5, **fields
        )
    if all(share.low > 0.5 for share in shares.values()):
        return Evidence(verdict=Verdict.SUPPORTED, margin=min(i.low for i in shares.values()) - 0.5, **fields)
    return Evidence(verdict=Verdict.UNDECIDED, **fields)


@statement(
    id="l4.beats_sgd",
    paper=PAPER,
    number="section 3.1, figure 2",
    title="Default L4 against tuned SGD",
    quote="outperforms even the best constant learning rates for the respective gradient-based update rules",
    statement_latex=r"L_{\mathrm{L4}(\alpha=0.15)}<\min_\eta L_{\mathrm{SGD}(\eta)}",
    statement_words="With the default alpha both optimisers end below SGD with the best constant step on the net.",
)
def beats_sgd(level: Level, rng: np.random.Generator) -> Evidence:
    return _against("sgd", level, rng)


@statement(
    id="l4.beats_adam",
    paper=PAPER,
    number="section 3.1, figure 2",
    title="Default L4 against tuned Adam",
    quote="outperforms even the best constant learning rates for the respective gradient-based update rules",
    statement_latex=r"L_{\mathrm{L4}(\alpha=0.15)}<\min_\eta L_{\mathrm{Adam}(\eta)}",
    statement_words="With the default alpha both optimisers end below Adam with the best constant step on the net.",
)
def beats_adam(level: Level, rng: np.random.Generator) -> Evidence:
    return _against("adam", level, rng)


@statement(
    id="l4.alpha_range",
    paper=PAPER,
    number="section 2.2",
    title="The useful range of alpha",
    statement_latex=r"\alpha\in(0.10,0.30)\ \text{works}",
    statement_words="Every alpha between 0.10 and 0.30 works on the net.",
)
def alpha_range(level: Level, rng: np.random.Generator) -> Evidence:
    races = _races(level, rng)
    medians = {
        (maker, name): np.median(levels, axis=0)
        for maker, found in races.items()
        for name, levels in (("L4Mom", found.l4mom), ("L4Adam", found.l4adam))
    }
    failing = [
        (maker, name, alpha)
        for (maker, name), levels in medians.items()
        for alpha, reached in zip(ALPHAS, levels, strict=True)
        if reached > levels[DEFAULT] + WORSE
    ]
    draws = len(races["svd"].sgd)
    each = "; ".join(f"{n} on {m} " + ", ".join(f"{value:.2f}" for value in v) for (m, n), v in medians.items())
    fails = "; ".join(f"{n} at {a} on {m}" for m, n, a in failing) or "none"
    text = f"""
        Medians over {draws} draws of log10 of the final loss at alpha = {", ".join(map(str, ALPHAS))}: {each}. An alpha
        works here if it ends at most {WORSE:.0f} orders of magnitude above the default 0.15. It fails for {fails}.
    """
    data = {f"{m}: {n}": v for (m, n), v in medians.items()}
    fields: dict[str, Any] = {"trials": draws * len(MAKERS), "data": data}
    if not failing:
        return Evidence(verdict=Verdict.SUPPORTED, text=text, **fields)
    maker, name, alpha = failing[-1]
    case = {
        "method": f"{name}(alpha={alpha})",
        "maker": maker,
        "data_rng": SAME_SAMPLES,
        "seeds": list(races[maker].seeds),
        "default's": float(medians[maker, name][DEFAULT]),
        "median of log10 of the final loss": float(medians[maker, name][ALPHAS.index(alpha)]),
    }
    if all(maker == "svd" for maker, _, _ in failing):
        return Evidence(
            verdict=Verdict.CONDITIONAL,
            positive_half=Verdict.SUPPORTED,
            counterexample=case,
            hypothesis="A is the notebook's, whose true condition number is about 22",
            text=f"""
                {text} On the matrix with the condition number 1e10 that the paper names, the upper end of the range
                keeps oscillating far above the level that the default reaches.
            """,
            **fields,
        )
    return Evidence(verdict=Verdict.REFUTED, counterexample=case, text=text, **fields)


@statement(
    id="l4.factorisation",
    paper=PAPER,
    number="(8)",
    title="Regression as factorisation",
    statement_latex=r"\mathbb E_{x\sim N(0,I)}\|W_1W_2x-Ax\|^2=\|W_1W_2-A\|_F^2",
    statement_words="The loss of the net is the squared distance of the product of its layers from A.",
    hypotheses=(WHITE,),
)
def factorisation(level: Level, rng: np.random.Generator) -> Evidence:
    import sympy as sp

    identities = {}
    for rows, columns in ((2, 2), (3, 2)) if level == "quick" else ((2, 2), (3, 2), (4, 3)):
        matrix = sp.Matrix(rows, columns, sp.symbols(f"m0:{rows * columns}"))  # W1 W2 - A
        x = sp.Matrix(sp.symbols(f"x0:{columns}"))
        form = sp.Poly(sp.expand((matrix * x).dot(matrix * x)), *x)
        mean = sum(c * (1 if max(powers) == 2 else 0) for powers, c in form.terms())  # E x_i x_j = delta_ij
        identities[f"{rows} x {columns}"] = mean - sum(entry**2 for entry in matrix)
        products = (matrix.T * matrix, x * x.T)
        identities[f"{rows} x {columns}, before the mean"] = (
            (matrix * x).dot(matrix * x),
            sum(products[0][j, k] * products[1][j, k] for j in range(columns) for k in range(columns)),
        )
    spreads = []
    for _ in range(20 if level == "quick" else 200):
        moments = np.linalg.eigvalsh(np.cov(rng.standard_normal((6, 1000)), bias=True))
        spreads.append((moments.min(), moments.max()))
    least, largest = min(low for low, _ in spreads), max(high for _, high in spreads)
    return symbolic.identity(
        identities,
        trials=len(spreads),
        data={"eigenvalues of the samples' second moments": [float(least), float(largest)]},
        text=f"""
            E|M x|^2 = sum of M_ij M_ik E[x_j x_k] = |M|_F^2 when the inputs are uncorrelated with unit variance
            (expanded for small M with free entries): the task is to factorise A. With 1,000 samples the second moments
            have eigenvalues from {least:.2f} to {largest:.2f} over {len(spreads)} draws, so the loss that is really
            minimised lies between these multiples of |W1 W2 - A|_F^2; both are 0 at the same weights.
        """,
        arguments=("a matrix of any other size has more or fewer entries, each expanded in the same way",),
    )
