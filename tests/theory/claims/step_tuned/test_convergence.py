"""Theorem 1's bound and the lemma by other routes, and false variants."""

from fractions import Fraction

import numpy as np
import pytest

from theory.claims.routes import symbolic
from theory.claims.step_tuned import bound, convergence, lemma, long_runs, visits
from theory.claims.step_tuned.bound import AS_PROVED, Comparison, Setting


def test_the_one_sided_example_breaks_the_conclusion_only():
    total, largest = lemma.one_sided_example(30)
    assert total == 1 - Fraction(1, 2**30)
    assert largest == 1


def test_a_fall_costs_three_eighths_and_no_more_can_be_shown():
    assert symbolic.certifies(*lemma.whole_fall(Fraction(3, 8)))
    assert not symbolic.certifies(*lemma.whole_fall(Fraction(1, 2)))
    for steps in (1, 7, 1000):
        v = 1 - np.arange(steps) / (2 * steps)  # K = 1
        assert float(lemma.cost_of_a_straight_fall(steps)) == pytest.approx(v.sum() / (2 * steps))
        assert lemma.cost_of_a_straight_fall(steps) == Fraction(3, 8) + Fraction(1, 8 * steps)


def test_second_moments_are_those_of_runs_that_stay_off_the_bend():
    """Huber's function with a coin's noise in NumPy: two steps on each of 200,000 coins."""
    rng, steps = np.random.default_rng(0), 0.03 * np.arange(1.0, 101) ** -0.501
    x, bend = np.zeros(200_000), 0.6
    for step in steps:
        coin = rng.choice([-1.0, 1.0], size=x.size)
        for _ in range(2):
            x = x - step * (np.clip(x, -bend, bend) + coin)
    assert np.abs(x).max() > 3 * np.sqrt((x**2).mean())
    assert (x**2).mean() == pytest.approx(bound.second_moments(0.0, list(steps))[-1], rel=0.015)


def test_noise_alone_uses_up_more_than_half_of_the_bound():
    found = bound.noisy_case(AS_PROVED)
    assert 0.5 < found.mean / found.bound < 1
    for changed in ({"noise": 1.5}, {"fast": 1.5}):
        false = bound.noisy_case(AS_PROVED._replace(**changed))
        assert convergence.judged([false], trials=1, seeds=1, text="holds", data={}).verdict == "refuted"


@pytest.mark.parametrize("outside", convergence.CASES[1:])
def test_outside_each_hypothesis_the_bound_or_the_rate_fails(outside):
    assert bound.case_within_bound(AS_PROVED, **convergence.KNOWN)
    assert not bound.case_within_bound(AS_PROVED, **outside)


def test_windows_of_long_runs_are_those_of_whole_records():
    from dynamics import StepTunedSGD, sweep

    problem = convergence.regression_setting(np.random.default_rng(3)).problem
    largest, ranges = long_runs.windows(problem, 0.1, horizons=(20, 60), runs=3, seed=5)
    method = StepTunedSGD(long_runs.STEP_SIZE, delta=0.1)
    run = sweep(method, problem, over={}, steps=60, seeds=range(5, 8), record_every=1)
    halves = [slice(11, 21), slice(31, 61)]
    norms, losses = run.gradient_norm.values, run.loss.values
    np.testing.assert_array_equal(largest, [norms[:, half].max() for half in halves])
    np.testing.assert_array_equal(ranges, [np.ptp(losses[:, half], axis=1).max() for half in halves])


def test_loss_and_norm_are_those_of_records_and_none_where_a_run_has_ended():
    from dynamics import StepTunedSGD, sweep
    from synthetic import quadratic

    problem = quadratic(eigenvalues=[1.0, 2.0], noise=0.1)
    for step_size, ends in ((0.5, False), (30.0, True)):
        method, places = StepTunedSGD(step_size, delta=-0.5), [0, 1, 5, 300]
        run = sweep(method, problem, over={}, steps=300, seeds=[4, 7], reduce={"iteration": places})
        losses, norms = visits.loss_and_norm_at(places, method, problem, [4, 7])
        known = np.isfinite(run.loss.values)  # a record of each step notices sooner that a run diverges
        assert known[:, :2].all()
        assert known.all() != ends
        np.testing.assert_array_equal(losses[known], run.loss.values[known])
        np.testing.assert_array_equal(norms[known], run.gradient_norm.values[known])
        assert np.isnan(norms[:, 3]).all() == ends


def test_a_value_that_is_not_finite_falls_nowhere():
    np.testing.assert_array_equal(long_runs.ratios(np.array([4.0, 1.0, np.nan, 0.5])), [0.25, np.inf, np.inf])


def test_a_bound_far_too_small_is_refuted():
    found = convergence.comparisons(convergence.receding_setting(), (0.25,), steps=100, seeds=40, bound_factor=0.01)
    evidence = convergence.judged(found, trials=40, seeds=40, text="holds", data={})
    assert evidence.verdict == "refuted"
    assert evidence.counterexample["mean over seeds"] > evidence.counterexample["bound"]


def test_an_interval_that_reaches_the_bound_decides_nothing():
    found = [Comparison(0.1, "k = 10", upper=1.1, mean=0.5, bound=1.0)]
    assert convergence.judged(found, trials=1, seeds=1, text="holds", data={}).verdict == "undecided"


def test_beyond_one_half_the_steps_are_summable_and_the_gradient_stays():
    """x^2/2 with delta = 1: each half step takes at most the share alpha_k M of x, and the rest does not vanish."""
    from dynamics import StepTunedSGD, simulate
    from synthetic import quadratic

    method, problem = StepTunedSGD(0.1, delta=1.0), quadratic(eigenvalues=[1.0])
    left = np.prod(1 - 0.1 * 2.0 * np.arange(1.0, 1e5) ** -1.5) ** 2
    assert left > 0.3
    assert simulate(method, problem, steps=3000, x0=[1.0], record_every=3000).gradient_norm[-1] > left


def test_best_step_size_minimises_the_bound():
    from theory.step_tuned import gradient_bound_of_theorem1

    setting = Setting(None, 2.0, 0.5, 0.7)
    best = convergence.best_step_size(setting, 0.1, 500, M=2.0)

    def bound(step_size):
        return gradient_bound_of_theorem1(
            500, step_size=step_size, delta=0.1, lipschitz=2.0, squared_gradient=0.5, gap=0.7
        )

    assert bound(best) < min(bound(0.99 * best), bound(1.01 * best))


def test_constants_of_the_receding_loss():
    from synthetic import gradient, value

    setting = convergence.receding_setting()
    x = np.linspace(-30, 30, 4001)[:, None]
    slopes = gradient(setting.problem, x)[:, 0]
    numeric = np.gradient(value(setting.problem, x), x[:, 0])
    np.testing.assert_allclose(slopes[1:-1], numeric[1:-1], atol=1e-3)
    assert (slopes < 0).all()
    assert slopes.min() ** 2 <= setting.C1
    assert np.abs(np.gradient(slopes, x[:, 0])).max() <= setting.L
    assert value(setting.problem, [0.0]) == pytest.approx(setting.gap)
    assert 0 < value(setting.problem, [1e6]) < 1e-5
