"""Figure 1's sentences: what a diagonal preconditioner gains, loses under rotation, and a full one restores."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.claims.constants import factor
from theory.claims.ledger import Evidence, Level, Verdict, statement
from theory.claims.routes import statistical
from theory.claims.trust_region.quadratics import Quadratics, axis_aligned, iterations
from theory.claims.trust_region.source import PAPER

ERROR_LEVEL = 0.002
ILL_CONDITIONED = (30.0, 300.0)
SETTING = (
    "random quadratics in the plane with log-uniform condition numbers in [30, 300] and first points on the unit "
    "circle; iterations to a millionth of the first loss, each method with its best of 39 step sizes on every "
    "instance, at most 400"
)


def draw(level: Level, rng: np.random.Generator) -> tuple[Quadratics, Quadratics]:
    """Draw instances along the axes, and the same turned by 22 to 68 degrees."""
    count = 50 if level == "quick" else 400
    straight = axis_aligned(count, ILL_CONDITIONED, rng)
    angles = rng.uniform(np.pi / 8, 3 * np.pi / 8, count) * rng.choice([-1.0, 1.0], count)
    return straight, straight.rotated(angles)


GAIN = {"gain": factor(1)}
SIGN = dict.fromkeys(("gain * 2", "gain / 2"), "only the sign matters")


def judged(ratios: np.ndarray, *, statement: str, gain: Fraction = Fraction(1)) -> Evidence:
    """Support "the mean log-ratio, times a factor, is positive" from paired ratios, or refute it, or leave it open."""
    logs = float(gain) * np.log(ratios)
    if np.ptp(logs) == 0:
        return Evidence(verdict=Verdict.UNDECIDED, text=f"{statement}: all ratios are {ratios[0]:.2f}.")
    interval = statistical.student_interval(logs, error_level=ERROR_LEVEL)
    outcome = statistical.judge([interval], [(0.0, np.inf)])
    low, high = np.exp([interval.low, interval.high])
    numbers = (
        f"{statement}: geometric mean {np.exp(logs.mean()):.2f}, {100 * (1 - ERROR_LEVEL):.0f} % interval [{low:.2f}, "
        f"{high:.2f}], above 1 in {np.mean(ratios > 1):.0%} of {len(ratios)} instances ({SETTING})."
    )
    verdict = {"inside": Verdict.SUPPORTED, "outside": Verdict.REFUTED, "open": Verdict.UNDECIDED}[outcome]
    worst = int(np.argmin(ratios))
    return Evidence(
        verdict=verdict,
        margin=float(interval.low),
        power=f"a factor of {high:.2f} or more in the place of 1 is refused",
        trials=len(ratios),
        error_level=ERROR_LEVEL,
        text=numbers,
        counterexample={"instance": worst, "ratio": float(ratios[worst])} if verdict is Verdict.REFUTED else None,
        data={"geometric mean": float(np.exp(logs.mean())), "interval": [low, high]},
    )


@statement(
    id="trust_region.figure_1_advantage",
    paper=PAPER,
    number="Figure 1, center",
    title="Adagrad's advantage along the axes",
    statement_latex=r"$gain\mathbb E\log(T_{\mathrm{GD}}/T_{\mathrm{ada}})>0\ \text{for}\ H=\mathrm{diag}(1,\kappa)",
    statement_words="""
        On ill-conditioned quadratics along the axes diagonal Adagrad needs fewer iterations than gradient descent.
    """,
    constants=GAIN,
    also_true=SIGN,
)
def figure_1_advantage(level: Level, rng: np.random.Generator, *, gain: Fraction) -> Evidence:
    straight, _ = draw(level, rng)
    speed_up = iterations(straight, "gradient descent") / iterations(straight, "diagonal")
    return judged(
        speed_up, statement="Iterations of gradient descent over those of diagonal Adagrad, axes aligned", gain=gain
    )


@statement(
    id="trust_region.figure_1_rotation",
    paper=PAPER,
    number="Figure 1, right; section 3.2",
    title="The advantage is lost under rotation",
    statement_latex=r"$gain\mathbb E\log(T_{\mathrm{ada}}(RHR^\top)/T_{\mathrm{ada}}(H))>0",
    statement_words="A tilt of the level sets reduces the superiority of diagonal Adagrad.",
    constants=GAIN,
    also_true=SIGN,
)
def figure_1_rotation(level: Level, rng: np.random.Generator, *, gain: Fraction) -> Evidence:
    straight, turned = draw(level, rng)
    slower = iterations(turned, "diagonal") / iterations(straight, "diagonal")
    left = iterations(turned, "gradient descent") / iterations(turned, "diagonal")
    evidence = judged(
        slower,
        statement="Iterations of diagonal Adagrad on the turned problem over those on the straight one",
        gain=gain,
    )
    rest = float(np.exp(np.log(left).mean()))
    more = (
        f" Gradient descent does not notice the turn. On the turned problems it takes {rest:.2f} times the iterations "
        f"of diagonal Adagrad in the geometric mean: {'little' if rest > 1 else 'nothing'} is left of the superiority."
    )
    return Evidence(**{**evidence.__dict__, "text": evidence.text + more})


@statement(
    id="trust_region.figure_1_full_matrix",
    paper=PAPER,
    number="Figure 1, right; section 3.2",
    title="The full matrix restores it",
    statement_latex=r"$gain\mathbb E\log(T_{\mathrm{ada}}/T_{\mathrm{full}})>0\ \text{on}\ RHR^\top",
    statement_words="On tilted level sets the full preconditioner brings the speed-up back.",
    constants=GAIN,
    also_true=SIGN,
)
def figure_1_full_matrix(level: Level, rng: np.random.Generator, *, gain: Fraction) -> Evidence:
    straight, turned = draw(level, rng)
    full, diagonal = iterations(turned, "full"), iterations(turned, "diagonal")
    evidence = judged(
        diagonal / full, statement="Iterations of diagonal over full-matrix Adagrad on the turned problem", gain=gain
    )
    original = iterations(straight, "gradient descent") / iterations(straight, "diagonal")
    restored = iterations(turned, "gradient descent") / full
    invariant = np.max(np.abs(iterations(straight, "full") - full))
    more = (
        f" The speed-up over gradient descent is {np.exp(np.log(restored).mean()):.1f} there, against "
        f"{np.exp(np.log(original).mean()):.1f} for diagonal Adagrad along the axes: most of it is re-established, not "
        f"all, since the full matrix also sees the correlation of the gradients' entries. It does not notice the turn "
        f"(largest difference in iterations: {invariant})."
    )
    return Evidence(**{**evidence.__dict__, "text": evidence.text + more})
