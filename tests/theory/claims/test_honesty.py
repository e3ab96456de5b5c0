"""The routes accuse what is false and spare what is true: true statements of the papers beside false variants of them.

A check gets the statement as an argument, so that the true and the false one go through the very same code.
"""

import dataclasses
import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from optdyn.findings import examine
from theory.claims import Claim, Evidence, Hypothesis, Verdict, unmet
from theory.claims.routes import symbolic
from theory.claims.routes.enclosure import prove_positive
from theory.claims.routes.enumeration import subset_mean
from theory.claims.routes.search import find_violation
from theory.claims.routes.statistical import corrected, judge, share_of_wins, student_interval
from theory.claims.worst_case.methods import gradient_descent, remote_gradient, within
from theory.claims.worst_case.smooth_convex import huber_end

ERROR_LEVEL = 0.05


def curvature_step(sign: int, rng: np.random.Generator) -> Evidence:
    # Step-Tuned SGD (3), (4): gamma = |g|^2 / <Hg, g> makes the slope of the quadratic model along -g vanish.
    square, curvature, gamma = sp.symbols("s c gamma")
    model = -gamma * square + gamma**2 * curvature / 2
    slope = sp.diff(model, gamma).subs(gamma, sign * square / curvature)
    return symbolic.identity({"slope": slope}, text="the slope vanishes")


def subset_variance(factor: int, rng: np.random.Generator) -> Evidence:
    # the finite population's variance of a mini-batch mean: (N - b) / (b (N - 1)) of that of the samples
    population, size = 6, 2
    values = [Fraction(int(value)) for value in rng.integers(-9, 10, size=population)]
    mean = sum(values) / population
    spread = sum((value - mean) ** 2 for value in values) / population
    found = subset_mean(lambda batch: np.array([(sum(values[i] for i in batch) / size - mean) ** 2]), population, size)[
        0
    ]
    stated = factor * Fraction(population - size, size * (population - 1)) * spread
    return symbolic.identity({"variance": sp.Rational(str(found - stated))}, text="all subsets agree")


def mini_batch_curvature(depends: bool, rng: np.random.Generator) -> Evidence:
    # (25): the gradient variation over a fixed step is unbiased; over a step made of the same mini-batch it is not
    samples = [Fraction(int(value)) for value in rng.integers(1, 9, size=5)]
    gradients = [Fraction(int(value)) for value in rng.integers(1, 9, size=5)]
    mean_step = sum(gradients) / 5

    def variation(batch: tuple[int, ...]) -> np.ndarray:
        step = sum(gradients[i] for i in batch) / 2 if depends else mean_step
        return np.array([sum(samples[i] for i in batch) / 2 * step])

    found = subset_mean(variation, 5, 2)[0] - sum(samples) / 5 * mean_step
    return symbolic.identity({"bias": sp.Rational(str(found))}, text="unbiased")


def variance_grows(direction: int, rng: np.random.Generator) -> Evidence:
    # ARSG, after (15): the limit of the variance, tau / (2 - tau) for SGD, increases with tau on (0, 2)
    tau, u = sp.symbols("tau u")
    slope = sp.diff(tau / (2 - tau), tau).subs(tau, symbolic.on_orthant(sp.Integer(0), sp.Integer(2), u))
    return symbolic.inequality({"slope": direction * slope}, text="it increases")


def carmon_curvature(least: Fraction, rng: np.random.Generator) -> Evidence:
    # the scalar loss t^2 / (1 + t^2) has curvature at least -1/2
    found = prove_positive(
        lambda t: (2 - 6 * t**2) / (1 + t**2) ** 3 - float(least), [(Fraction(-2), Fraction(2))], max_boxes=2000
    )
    if found.violation is not None:
        point = {"t": str(found.violation[0])}
        return Evidence(verdict=Verdict.REFUTED, counterexample=point, text="smaller there")
    return Evidence(verdict=Verdict.PROVED if found.proved else Verdict.UNDECIDED, text="bounded on the box")


def largest_step(hypothesis: Callable[[Any], bool], rng: np.random.Generator) -> Evidence:
    # SGD's noise dies out for every step size with 0 < tau < 2
    found = find_violation(lambda tau: abs(1 - tau) - 1, [(-1, 4)], rng=rng, admissible=hypothesis, generations=40)
    if found.point is None:
        return Evidence(
            verdict=Verdict.SUPPORTED,
            trials=found.trials,
            void_trials=found.void_trials,
            margin=-found.worst,
            text="no step size that meets the hypothesis was found to grow",
        )
    return Evidence(verdict=Verdict.REFUTED, counterexample={"tau": str(found.point[0])}, text="it grows there")


def diagonal_share(exponent: float, rng: np.random.Generator) -> Evidence:
    # Adaptive norms: the diagonal's share of a symmetric matrix with independent entries falls like 1/d
    sizes = [16, 32, 64, 128]
    shares = np.empty((len(sizes), 24))
    for row, column in np.ndindex(shares.shape):
        matrix = rng.normal(size=(sizes[row], sizes[row]))
        absolute = np.abs(np.triu(matrix) + np.triu(matrix, 1).T)
        shares[row, column] = np.trace(absolute) / absolute.sum()
    slopes = np.polyfit(np.log(sizes), np.log(shares), 1)[0]  # of each repetition
    found = student_interval(slopes, error_level=1e-3)
    outcome = judge([found], [(exponent - 0.1, exponent + 0.1)])
    if outcome == "outside":
        band = {"band": [found.low, found.high], "stated": exponent}
        return Evidence(verdict=Verdict.REFUTED, counterexample=band, error_level=1e-3, text="another exponent")
    verdict = Verdict.SUPPORTED if outcome == "inside" else Verdict.UNDECIDED
    return Evidence(verdict=verdict, trials=shares.size, error_level=1e-3, text="the exponent fits")


def saturation(factor: float, rng: np.random.Generator) -> Evidence:
    # the variance of SGD on a parabola with additive noise settles at tau / (2 - tau) times that of the noise
    steps_sizes, runs = (0.1, 0.5, 1.0, 1.5), 120
    intervals = []
    for tau in steps_sizes:
        x = np.zeros(runs)
        for noise in rng.normal(size=(150, runs)):
            x = (1 - tau) * x - tau * noise
        # a chi-squared variable to the power 1/3 is nearly normal, a square is not: intervals of means of 12
        intervals.append(
            student_interval((x**2).reshape(-1, 12).mean(axis=1), error_level=corrected(ERROR_LEVEL, len(steps_sizes)))
        )
    stated = [factor * tau / (2 - tau) for tau in steps_sizes]
    outcome = judge(intervals, [(value, value) for value in stated])
    if outcome == "outside":
        return Evidence(
            verdict=Verdict.REFUTED,
            error_level=ERROR_LEVEL,
            text="an interval misses the stated variance",
            counterexample={"stated": stated, "found": [[interval.low, interval.high] for interval in intervals]},
        )
    return Evidence(verdict=Verdict.SUPPORTED, trials=runs, error_level=ERROR_LEVEL, text="all intervals hold it")


def descent_bound(factor: int, rng: np.random.Generator) -> Evidence:
    # gradient descent ends at most L R^2 / (4 N + 2) above the minimum
    cases = [{"N": steps} for steps in range(1, 8)]
    excess = [float(factor * (4 * case["N"] + 2) * huber_end(case["N"])) - 1 for case in cases]
    return within(excess, gap=0.0, cases=cases, said="Run on Huber's function")


def faster(swapped: bool, rng: np.random.Generator) -> Evidence:
    # ARSG: the fastest momentum beats the best gradient descent, on each of two condition numbers
    methods = [remote_gradient(10.0, (9 / 11) ** 2, 0.0, 60), gradient_descent(2 / 1.01, 60)]
    first, second = methods[::-1] if swapped else methods
    shares, losses = [], []
    for _ in range(2):
        ours, theirs = [], []
        for _ in range(20):
            spectrum, start = np.append(rng.uniform(0.01, 1, size=6), [0.01, 1.0]), rng.normal(size=8)
            ends = [method(start, lambda x, spectrum=spectrum: spectrum * x) for method in (first, second)]
            ours.append(spectrum @ ends[0] ** 2)
            theirs.append(spectrum @ ends[1] ** 2)
        shares.append(share_of_wins(ours, theirs, error_level=corrected(ERROR_LEVEL, 2)))
        losses.append(int(np.greater(ours, theirs).sum()))
    if any(share.high < 0.5 for share in shares):
        return Evidence(
            verdict=Verdict.REFUTED, counterexample={"lost of 20": losses}, error_level=ERROR_LEVEL, text="it loses"
        )
    return Evidence(verdict=Verdict.SUPPORTED, trials=40, error_level=ERROR_LEVEL, text="it does not lose")


class Variant(NamedTuple):
    """A check, what the paper says, and something false that is close to it."""

    check: Callable[[Any, np.random.Generator], Evidence]
    true: Any
    false: Any


VARIANTS = {
    "a flipped sign": Variant(curvature_step, 1, -1),
    "an inequality turned round": Variant(variance_grows, 1, -1),
    "an expectation off by 2": Variant(subset_variance, 1, 2),
    "a measured variance off by 2": Variant(saturation, 1.0, 2.0),
    "half of a sharp bound": Variant(descent_bound, 1, 2),
    "an exponent off by one half": Variant(diagonal_share, -1.0, -0.5),
    "half of a least curvature": Variant(carmon_curvature, Fraction(-51, 100), Fraction(-1, 4)),
    "a dropped bound on the step size": Variant(largest_step, lambda tau: 0 < tau < 2, lambda tau: tau > 0),
    "a dropped independence": Variant(mini_batch_curvature, False, True),
    "two methods exchanged": Variant(faster, False, True),
}


def as_claim(name: str, statement: Any) -> Claim:
    return Claim(
        id="honesty.variant",
        paper="tests",
        number="-",
        title=name,
        statement_latex="1=1",
        statement_words="As named.",
        decide=lambda level, rng: VARIANTS[name].check(statement, rng),
    )


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_true_stands_and_its_false_variant_is_refuted(name):
    true, false = (as_claim(name, getattr(VARIANTS[name], side)).check() for side in ("true", "false"))
    assert true.verdict in (Verdict.PROVED, Verdict.SUPPORTED)
    assert false.verdict is Verdict.REFUTED
    assert false.counterexample


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_false_variants_are_refuted_with_other_draws_too(seed):
    for name in ("a measured variance off by 2", "an exponent off by one half", "two methods exchanged"):
        assert as_claim(name, VARIANTS[name].false).check(rng=seed).verdict is Verdict.REFUTED, name


def test_a_false_variant_of_what_is_on_file_is_reported_as_wrong():
    false = dataclasses.replace(as_claim("a flipped sign", -1), id="step_tuned.curvature_step")
    finding = examine(false, level="quick", seed=0)
    assert finding.recorded == "proved"
    assert finding.contradicts
    assert not examine(dataclasses.replace(false, decide=lambda *_: curvature_step(1, None)), level="quick", seed=0)[3]


def test_a_whole_check_accuses_a_true_statement_no_more_often_than_promised():
    repetitions = 250
    accused = sum(
        saturation(1.0, np.random.default_rng([9, seed])).verdict is Verdict.REFUTED for seed in range(repetitions)
    )
    assert 0 < accused <= stats.binom.ppf(1 - 1e-5, repetitions, ERROR_LEVEL)


def test_a_check_by_comparison_accuses_equals_no_more_often_than_promised():
    # two methods that are one: who "wins" is a fair coin in each of ten families
    rng, repetitions = np.random.default_rng(10), 2000
    wins = rng.binomial(20, 0.5, size=(repetitions, 10))

    def loses(error_level: float) -> np.ndarray:
        lost = [np.arange(20) >= count for count in range(21)]  # 1 beside 0: a pair lost
        return np.array([share_of_wins(pairs, [0.5] * 20, error_level=error_level).high < 0.5 for pairs in lost])

    accused = loses(corrected(ERROR_LEVEL, 10))[wins].any(axis=1)
    assert accused.sum() <= stats.binom.ppf(1 - 1e-5, repetitions, ERROR_LEVEL)
    assert loses(ERROR_LEVEL)[wins].any(axis=1).mean() > 3 * ERROR_LEVEL / 2  # so it is without the correction


BELOW_TWO = Hypothesis("0 < tau < 2", lambda *, tau, **_: 0 < tau < 2)


def test_trials_that_break_the_hypothesis_are_void_and_support_nothing():
    counted = largest_step(lambda tau: not unmet((BELOW_TWO,), tau=tau), np.random.default_rng(0))
    assert counted.verdict is Verdict.SUPPORTED
    assert counted.trials > 100
    assert counted.void_trials > 100
    never = find_violation(
        lambda tau: -1.0,
        [(2, 4)],
        rng=np.random.default_rng(0),
        generations=5,
        admissible=lambda tau: not unmet((BELOW_TWO,), tau=tau),
    )
    assert never.trials == 0
    assert never.void_trials > 0
    with pytest.raises(ValueError, match="at least one trial"):
        Evidence(verdict=Verdict.SUPPORTED, trials=never.trials, void_trials=never.void_trials, text="none counts")


def test_a_void_trial_is_no_counterexample_either():
    found = find_violation(
        lambda tau: abs(1 - tau) - 1,
        [(1.9, 4)],
        rng=np.random.default_rng(0),
        generations=20,
        admissible=lambda tau: not unmet((BELOW_TWO,), tau=tau),
    )
    assert found.point is None
    assert found.trials > 0
    assert found.void_trials > found.trials / 10


def test_there_are_ten_variants_and_all_routes_are_tried():
    assert len(VARIANTS) >= 10
    used = {name for variant in VARIANTS.values() for name in variant.check.__code__.co_names}
    routes = [
        "identity",
        "inequality",
        "prove_positive",
        "subset_mean",
        "find_violation",
        "student_interval",
        "share_of_wins",
        "judge",
        "within",
    ]
    assert [route for route in routes if route not in used] == []
    assert all(first.check is not second.check for first, second in itertools.combinations(VARIANTS.values(), 2))
