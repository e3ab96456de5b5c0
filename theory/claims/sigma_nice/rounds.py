"""How many rounds graduated optimisation takes: Theorems 3.2 and 3.3."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from theory.claims.constants import exponent, factor
from theory.claims.ledger import Evidence, Hypothesis, Level, Verdict, statement, unmet
from theory.claims.routes import symbolic
from theory.claims.routes.statistical import corrected, student_interval
from theory.claims.sigma_nice.source import PAPER, STRONGLY_CONVEX
from theory.claims.sigma_nice.stages import inexact_stage_stays
from theory.sigma_nice import ladder

POWER = Hypothesis("0 < p <= 1", lambda *, power, **_: 0 < power <= 1)
ACCURACY = Hypothesis("0 < epsilon < 1", lambda *, accuracy, **_: 0 < accuracy < 1)
SHARE = 0.5  # c of epsilon_m = c sigma delta_m^2
ERROR_LEVEL = 1e-3


@dataclass(frozen=True)
class Ripples:
    """f(x) = sum_j x_j^2/2 + amplitude (1 - cos 2 pi x_j): in one dimension new sigma-nice up to amplitude 0.11.

    There f^'' at the edge of the ball is 1 + 4 pi^2 amplitude sin(4 pi delta)/(4 pi delta), at least 0.13 for an
    amplitude of 4/(4 pi^2), whatever delta is; f itself has curvature -3 at 1/2.
    """

    amplitude: float = 1 / math.pi**2
    dimension: int = 1

    def left_amplitude(self, delta: float) -> float:
        """Return the amplitude that smoothing over the ball of radius delta leaves."""
        return self.amplitude * _attenuation(self.dimension, 2 * math.pi * delta)

    def value(self, x: np.ndarray, delta: float = 0.0) -> np.ndarray:
        """Return f smoothed over the ball of radius delta, less its value at 0; x has shape (..., d)."""
        left = self.left_amplitude(delta)
        return np.asarray((0.5 * x**2 + left * (1 - np.cos(2 * math.pi * x))).sum(axis=-1))

    def gradient(self, x: np.ndarray, delta: float = 0.0) -> np.ndarray:
        """Return the gradient of f smoothed over the ball of radius delta."""
        left = self.left_amplitude(delta)
        return np.asarray(x + 2 * math.pi * left * np.sin(2 * math.pi * x))

    @property
    def smoothness(self) -> float:
        """The gradient's Lipschitz constant."""
        return 1 + 4 * math.pi**2 * self.amplitude

    def slope(self, reach: float) -> float:
        """Bound |gradient| where no coordinate exceeds `reach`."""
        return (reach + 2 * math.pi * self.amplitude) * math.sqrt(self.dimension)


@functools.lru_cache(1024)
def _attenuation(dimension: int, product: float) -> float:
    """Kept, since each step of a stage needs the same."""
    from theory.sigma_nice import attenuation

    return float(attenuation(dimension, product))


def final_level_factor(slope: float, delta: float, sigma: float) -> float:
    """Return alpha_0 = min(1/(4 L_f |delta_1|), 1/(|delta_1| sqrt(2 c sigma)))."""
    return min(1 / (4 * slope * delta), 1 / (delta * math.sqrt(2 * SHARE * sigma)))


def stages_needed(accuracy: float, power: float, alpha: float) -> int:
    """Return M = ceil((alpha_0 epsilon)^(-1/p))."""
    return math.ceil((alpha * accuracy) ** (-1 / power))


def explicit_run(f: Ripples, start: float, levels: np.ndarray, sigma: float) -> tuple[float, int]:
    """Run Algorithm 1 with exact gradients; return f at the end of the last smoothed stage, and all gradient steps."""
    x, steps = np.full(f.dimension, start), 0
    for delta in levels[:-1]:
        while f.value(x, delta) > SHARE * sigma * delta**2:
            x = x - f.gradient(x, delta) / f.smoothness
            steps += 1
    return float(f.value(x)), steps


def noisy_explicit_run(
    f: Ripples, levels: np.ndarray, *, step_size: float, noise: float, seeds: int, rng: np.random.Generator
) -> np.ndarray:
    """Run Algorithm 1 from 0.9 with gradients of variance `noise`, 20 steps a stage; return f - f* by seed."""
    x = np.full((seeds, f.dimension), 0.9)
    deviation = math.sqrt(noise / f.dimension)
    for delta in levels:
        for _ in range(20):
            x = x - step_size * (f.gradient(x, delta) + deviation * rng.standard_normal(x.shape))
    return f.value(x)


def bound_closes(slope_share: int = 4) -> bool:
    """Certify epsilon_M + 2 L_f |delta_M| <= epsilon from delta_M = alpha_0 epsilon delta_1, epsilon <= 1.

    With r = alpha_0 delta_1: slope_share L_f r <= 1 and 2 c sigma r^2 <= 1 are what alpha_0 was chosen for.
    """
    import sympy as sp

    accuracy, slope, bend, ratio = sp.symbols("epsilon L B r")  # B = 2 c sigma
    final = accuracy - bend * (ratio * accuracy) ** 2 / 2 - 2 * slope * ratio * accuracy
    premises = [
        (accuracy / 2, 1 - slope_share * slope * ratio),
        (accuracy**2 / 2, 1 - bend * ratio**2),
        (accuracy / 2, 1 - accuracy),
    ]
    return symbolic.certifies(final, premises)


@statement(
    id="sigma_nice.explicit_rounds",
    paper=PAPER,
    number="Theorem 3.2",
    title="Rounds of explicit graduated optimisation",
    statement_latex=r"f(x_{M+2})-f(x^*)\le$accuracy\varepsilon\ \text{after}\ O(\varepsilon^{-$power/p})\ "
    r"\text{rounds}",
    statement_words="""
        With the smoothed functions' full gradients, Algorithm 1 reaches an epsilon-neighbourhood of the global optimum
        within a power of 1/epsilon rounds.
    """,
    hypotheses=(STRONGLY_CONVEX, POWER, ACCURACY),
    constants={"accuracy": factor(1), "power": exponent(1)},
    also_true={
        "accuracy * 2": "looser",
        "accuracy / 2": "O(.) takes up the factor: the statement for half of epsilon",
        "power + 1/2": "more rounds",
    },
)
def explicit_rounds(level: Level, rng: np.random.Generator, *, accuracy: Fraction, power: Fraction) -> Evidence:
    promised, stated = float(accuracy), float(power)
    f, sigma, first, start = Ripples(), 0.1, 0.5, 0.9
    alpha = final_level_factor(f.slope(1.0), first, sigma)
    finest = {1 / 4: 0.7, 1 / 2: 0.1, 3 / 4: 0.05, 1.0: 0.02}
    cases, tightness, exponents = 0, math.inf, {}
    for p, least in finest.items():
        accuracies = np.geomspace(0.95, least, 4 if level == "quick" else 9)
        counts = []
        for epsilon in accuracies:
            if unmet((POWER, ACCURACY), power=p, accuracy=epsilon):
                continue
            levels = ladder(first, stages_needed(epsilon, p, alpha), p)
            gap, _ = explicit_run(f, start, levels, sigma)
            if gap > promised * epsilon:
                return Evidence(verdict=Verdict.UNDECIDED, text=f"A run misses epsilon = {epsilon} with p = {p}.")
            tightness = min(tightness, promised * epsilon / max(gap, 1e-300))
            counts.append(len(levels))
            cases += 1
        exponents[p] = float(np.polyfit(np.log(1 / accuracies), np.log(counts), 1)[0])
        if exponents[p] > stated / p + 0.05:
            return Evidence(verdict=Verdict.UNDECIDED, text=f"With p = {p} the rounds grow faster than stated.")
    noisy = {}
    for epsilon in (0.5, 0.02):
        levels = ladder(first, stages_needed(epsilon, 1.0, alpha), 1.0)
        ends = noisy_explicit_run(f, levels, step_size=0.1, noise=1.0, seeds=400, rng=rng)
        noisy[epsilon] = student_interval(ends, error_level=ERROR_LEVEL / 2)
    if not (bound_closes() and inexact_stage_stays()) or bound_closes(2) or not noisy[0.02].low > 0.02:
        return Evidence(verdict=Verdict.UNDECIDED, text="The proof's last step does not add up.")
    found = ", ".join(f"{exponent:.2f} for p = {p:g}" for p, exponent in exponents.items())
    return Evidence(
        verdict=Verdict.SUPPORTED,
        trials=cases,
        tightness=tightness,
        error_level=ERROR_LEVEL,
        power="an exponent smaller by 0.1 than 1/p is refused for every p",
        data={"exponent of the rounds in 1/epsilon": exponents},
        text=f"""
            If x_{{M+1}} is epsilon_M-close for the last smoothed function, Lemma 2.4 gives f(x_{{M+1}}) - f* <=
            epsilon_M + 2 L_f |delta_M|, and alpha_0 is chosen so that this is at most epsilon (a certificate; not so
            with 2 in place of 4 in alpha_0). M^p = 1/(alpha_0 epsilon) then counts the rounds: O(epsilon^(-1/p)). On
            x^2/2 + (1 - cos 2 pi x)/pi^2, Lipschitz on the interval used and nice at every level, {cases} runs with
            exact gradients all ended within epsilon, at most 1/{tightness:.1f} of it, and the rounds grew with
            exponents {found}. The paper's remark asks for the full gradient, and it is needed: on the rippled
            function, with gradients of variance 1, eta = 0.1 and 20 steps a stage, 400 runs to epsilon = 0.5 end at
            {noisy[0.5].low:.3f} to
            {noisy[0.5].high:.3f} and those to epsilon = 0.02 at {noisy[0.02].low:.3f} to {noisy[0.02].high:.3f}, above
            it, in {stages_needed(0.02, 1.0, alpha)} rounds in place of {stages_needed(0.5, 1.0, alpha)} (Student
            intervals, joint error level {ERROR_LEVEL}). Stages end inexactly, which raises the threshold on gamma_m by
            the factor 1 + sqrt(2c).
        """,
    )


def stage_steps(sigma: Fraction, level: Fraction, noise: Fraction) -> Fraction:
    """Return T_F = H_4/(epsilon_m - H_3 eta) on F = x^2/2 from distance delta_m, with the largest useful step size.

    Without noise eta = 1/2; with noise, the step size for which H_3 eta is half of epsilon_m, at most 1/2.
    """
    accuracy = Fraction(1, 2) * sigma * level**2
    eta = Fraction(1, 2)
    if noise:
        # H_3 eta = noise eta/(2 - eta) = accuracy/2
        eta = min(eta, 2 * accuracy / (2 * noise + accuracy))
    h4 = (1 - eta) / (2 * eta) * level**2 + level**2 / 2 / (2 - eta)
    return h4 / (accuracy - noise * eta / (2 - eta))


def total_steps(stages: int, noise: Fraction) -> Fraction:
    """Add up T_F over a linear ladder from delta_1 = 1."""
    return sum((stage_steps(Fraction(1), Fraction(stages - m, stages), noise) for m in range(stages)), Fraction(0))


def implicit_run(
    f: Ripples,
    levels: np.ndarray,
    *,
    step_size: float,
    noise: float,
    decay: str,
    steps: int,
    seeds: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Run SGD through the noise levels, by a smaller step size or a larger batch; return f - f* at the end, by seed."""
    x = np.ones((seeds, f.dimension))
    for delta in levels[levels > 0]:
        eta = step_size * delta / levels[0] if decay == "step size" else step_size
        deviation = (
            delta / eta / math.sqrt(f.dimension)
        )  # of each coordinate, so that eta times |omega| has mean square delta^2
        for _ in range(steps):
            x = x - eta * (f.gradient(x) + noise * deviation * rng.standard_normal(x.shape))
    return f.value(x)


@statement(
    id="sigma_nice.implicit_rounds",
    paper=PAPER,
    number="Theorem 3.3",
    title="Rounds of implicit graduated optimisation",
    statement_latex=r"f(x_{M+2})-f(x^*)\le$accuracy\varepsilon\ \text{after}\ O(\varepsilon^{-$power/p})"
    r"\ \text{rounds of SGD}",
    statement_words="""
        SGD with decaying step sizes or growing batches reaches an epsilon-neighbourhood in as many rounds.
    """,
    hypotheses=(STRONGLY_CONVEX, POWER, ACCURACY),
    constants={"accuracy": factor(1), "power": exponent(1)},
    also_true={
        "accuracy * 2": "looser",
        "accuracy / 2": "O(.) takes up the factor: the statement for half of epsilon",
        "power + 1/2": "more rounds",
    },
)
def implicit_rounds(level: Level, rng: np.random.Generator, *, accuracy: Fraction, power: Fraction) -> Evidence:
    promised, stated = float(accuracy), float(power)
    f, first, eta = Ripples(amplitude=0.05, dimension=10), 1.0, 0.2
    alpha = final_level_factor(f.slope(2.0), first, 0.1)
    seeds, accuracies = (24, (0.9, 0.7, 0.5, 0.35)) if level == "quick" else (100, (0.9, 0.5, 0.25, 0.12, 0.06))
    runs = [
        (p, epsilon, decay)
        for p in (0.75, 1.0)
        for epsilon in accuracies
        for decay in ("step size", "batch size")
        if not unmet((POWER, ACCURACY), power=p, accuracy=epsilon)
    ]
    each = corrected(ERROR_LEVEL, len(runs))
    worst, slowest = 0.0, {"step size": 0.0, "batch size": 0.0}
    rounds = {(p, epsilon): stages_needed(epsilon, p, alpha) for p, epsilon, _ in runs}
    growth = {
        p: math.log(rounds[p, min(accuracies)] / rounds[p, max(accuracies)])
        / math.log(max(accuracies) / min(accuracies))
        for p in (0.75, 1.0)
    }
    if any(value > stated / p + 0.05 for p, value in growth.items()):
        return Evidence(verdict=Verdict.UNDECIDED, text=f"The rounds grow faster than stated: {growth}.")
    for p, epsilon, decay in runs:
        levels = ladder(first, rounds[p, epsilon], p)
        ends = implicit_run(f, levels, step_size=eta, noise=1.0, decay=decay, steps=20, seeds=seeds, rng=rng)
        bound = student_interval(ends, error_level=each).high / (promised * epsilon) if promised > 0 else math.inf
        worst, slowest[decay] = max(worst, bound), max(slowest[decay], bound)
    if worst > 1:
        return Evidence(
            verdict=Verdict.UNDECIDED, text=f"A mean gap may exceed epsilon: its interval reaches {worst:.3g} epsilon."
        )
    return Evidence(
        verdict=Verdict.SUPPORTED,
        trials=len(runs) * seeds,
        error_level=ERROR_LEVEL,
        tightness=1 / worst,
        margin=1 - worst,
        power=f"epsilon divided by {1 / worst:.3g} is not reached",
        data={"upper end of the mean gap over epsilon": slowest},
        text=f"""
            The ladder ends with gamma_M = 0, a last stage on f itself, which SGD runs as such only with all samples in
            a batch. Without that round, M rounds of 20 steps each on a ten-dimensional bowl with ripples (curvature
            from about -1 to 3 along each axis), {seeds}
            seeds at each of {len(runs)} settings of p, epsilon (from {accuracies[0]} to {accuracies[-1]} in
            {len(accuracies)} steps, the last with {max(rounds.values())} rounds) and the way of reducing noise: the
            mean gap is below epsilon throughout, at most {worst:.3g} of it (Student intervals, joint error level
            {ERROR_LEVEL}). Growing batches end at {slowest["batch size"]:.2g} epsilon, shrinking step sizes at
            {slowest["step size"]:.2g}:
            noise in the iterate falls as delta^2/eta, with delta^2 in one case and with delta in the other, as the
            paper's experiments rank them. This supports the count of rounds on an easy landscape; it is no evidence
            that SGD's iterates follow the smoothed functions (claims several_steps and interchange).
        """,
    )


@statement(
    id="sigma_nice.rounds_are_total",
    paper=PAPER,
    number="after Theorems 3.2 and 3.3",
    title="Rounds as total complexity",
    statement_latex=r"\sum_mT_F(m)=O(\varepsilon^{-$power/p})",
    statement_words="The number of rounds is the total complexity of the outer and the inner algorithm.",
    hypotheses=(STRONGLY_CONVEX, POWER, ACCURACY),
    constants={"power": exponent(1)},
    also_true={"power + 1/2": "more steps, on the same condition"},
)
def rounds_are_total(level: Level, rng: np.random.Generator, *, power: Fraction) -> Evidence:
    stages = (8, 16, 32, 64) if level == "quick" else (8, 16, 32, 64, 128, 256, 512)
    exact = [total_steps(count, Fraction(0)) / count for count in stages]
    noisy = [total_steps(count, Fraction(1)) for count in stages]
    growth = float(noisy[-1] / noisy[-2])
    # Twice the rounds, half of epsilon: twice the steps without noise, which the stated power allows or not.
    if len(set(exact)) != 1 or not 3.5 < growth < 4.5 or not 2 <= 2 ** float(power) < growth:
        return Evidence(verdict=Verdict.UNDECIDED, text="The sums of T_F do not separate rounds from steps.")
    return Evidence(
        verdict=Verdict.CONDITIONAL,
        positive_half=Verdict.PROVED,
        hypothesis="exact gradients",
        trials=2 * len(stages),
        margin=2 - growth,
        counterexample={
            "F in each stage": "x^2/2, from distance delta_m",
            "sigma": 1,
            "c": "1/2",
            "C^2": 1,
            "p": 1,
            "delta_1": 1,
            "M": [stages[-2], stages[-1]],
            "steps in all": [float(noisy[-2]), float(noisy[-1])],
        },
        text=f"""
            The theorems count rounds, each of which is a run of Algorithm 2. With exact gradients, and H_4 taken from
            where a stage starts, T_F is the same in every stage ({float(exact[0]):g} on x^2/2 from distance delta_m),
            and steps are in proportion to rounds. With noise the step size has to fall with epsilon_m for T_F to exist,
            and T_F grows as 1/delta_m^2: for p = 1, doubling the rounds from {stages[-2]} to {stages[-1]} (halving
            epsilon) multiplies the steps by {growth:.3f}. They are of order epsilon^(-2) for every p > 1/2, which is
            Hazan's rate; so the comparison of rounds here with iterations there, and 'convergence is faster when the
            power is large', concern rounds alone. In rounds halving takes log_2(1/(alpha_0 epsilon)), fewer than any
            power.
        """,
    )
