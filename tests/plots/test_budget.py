"""Equal budgets: what a run has spent, how long sweeps are, and what counts as failed within the budget."""

import numpy as np
import pytest

from dynamics import SGD, Armijo, GradientDescent, Status, ensemble
from plots import budget as budgets
from plots.budget import PASSES, Weights, cost, curves_within, failed_within, final, last_within, run_within, value_at
from synthetic import carmon, quadratic

PROBLEM = quadratic(eigenvalues=[1.0, 0.5])
START = [1.0, 1.0]


def test_cost_is_the_weighted_sum_of_the_calls():
    sweep = ensemble([Armijo(64.0)], PROBLEM, steps=5, seeds=1, x0=START)
    spent = cost(sweep, Weights(value=0.25, gradient=3.0))
    np.testing.assert_allclose(spent, 0.25 * sweep.values + 3.0 * sweep.gradients)
    assert float(sweep.values[0, 0, -1]) > 5


@pytest.mark.parametrize("weights", [PASSES, Weights(value=2.0)])
def test_every_setting_spends_the_budget(weights):
    grid = [Armijo(step) for step in (0.5, 64.0)]  # a long first step costs more values
    sweep = run_within(grid, PROBLEM, budget=90, seeds=1, weights=weights, x0=START)
    spent = cost(sweep, weights)
    alive = sweep.status == Status.MAX_ITERATIONS
    assert np.all(spent[alive][:, -1] >= 90)
    assert alive.any()


def test_a_fixed_method_runs_as_many_steps_as_gradients():
    sweep = run_within([GradientDescent(0.1), GradientDescent(0.2)], PROBLEM, budget=37, seeds=1, x0=START)
    assert sweep.iteration[-1] == 37


@pytest.fixture
def calls(monkeypatch):
    made = []

    def counted(methods, problem, *, steps, **options):
        made.append(steps)
        return ensemble(methods, problem, steps=steps, **options)

    monkeypatch.setattr(budgets, "ensemble", counted)
    return made


@pytest.mark.parametrize(
    ("grid", "spared"),
    [
        ([GradientDescent(0.1), GradientDescent(0.2)], True),
        ([GradientDescent(0.5), GradientDescent(3.0)], True),  # one of which diverges
        ([GradientDescent(1e11)], False),  # before a pilot is over, which says all then
        ([Armijo(0.5), Armijo(64.0)], False),
    ],
)
def test_a_sweep_like_another_is_found_without_a_pilot(grid, spared, calls):
    options = {"budget": 60, "seeds": 1, "x0": START}
    first = run_within(grid, PROBLEM, **options)
    calls.clear()
    other = quadratic(eigenvalues=[1.0, 0.25])
    again = run_within(grid, other, like=first, **options)
    assert (budgets.PILOT not in calls) == spared
    assert len(calls) == 1 or not spared
    assert spared or calls[0] == budgets.PILOT  # nothing is run in vain
    alone = run_within(grid, other, **options)
    for name in ("iteration", "loss", "gradients", "values", "x"):
        np.testing.assert_array_equal(getattr(again, name), getattr(alone, name))


def test_where_all_runs_of_the_other_sweep_end_at_once_a_pilot_says_how_long_it_is():
    options = {"budget": 60, "seeds": 1, "x0": START}
    first = run_within([GradientDescent(3.0)], quadratic(eigenvalues=[0.5, 0.25]), **options)
    steep = quadratic(eigenvalues=[1e8, 1e8])
    again = run_within([GradientDescent(3.0)], steep, like=first, **options)
    assert first.iteration[-1] == 60
    assert again.iteration[-1] == budgets.PILOT
    np.testing.assert_array_equal(again.status, Status.DIVERGED)


def test_a_sweep_of_another_price_is_found_by_its_own_pilot(calls):
    samples = carmon(samples=40, dimension=2, batch_size=10, rng=0)
    options = {"budget": 30, "seeds": 1, "records": 10}
    first = run_within([SGD(0.1)], samples, **options)
    other = samples._replace(batch_size=20)
    calls.clear()
    again = run_within([SGD(0.1)], other, like=first, **options)
    assert calls == [120, budgets.PILOT, 60]
    assert again.iteration[-1] == 60


def test_the_budget_is_not_used_beyond_its_last_record():
    spent = np.array([[0.0, 2.0, 5.0, np.nan], [0.0, 1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(last_within(spent, 4.9), [1, 3])
    np.testing.assert_array_equal(last_within(spent, [0.0, 5.0, 9.0]), [[0, 2, 2], [0, 3, 3]])


@pytest.fixture(scope="module")
def diverging():
    # The loss grows by (1 - 3)² = 4 a step from 1/2 and passes 1e20 at step 34 of 60.
    return run_within([GradientDescent(0.5), GradientDescent(3.0)], PROBLEM, budget=60, seeds=1, x0=START)


def test_a_run_fails_when_its_calls_reach_the_failure_not_before(diverging):
    spent = cost(diverging)
    assert diverging.stopped_at[1, 0] == 34
    assert failed_within(diverging, spent, 60).tolist() == [[False], [True]]
    assert failed_within(diverging, spent, 30).tolist() == [[False], [False]]


def test_values_end_with_the_run(diverging):
    curve = value_at(diverging, diverging.loss, [0, 10, 60])
    assert curve[1, 0, 0] == pytest.approx(0.75)
    assert np.isnan(curve[1, 0, 2])
    assert final(diverging, diverging.loss, 60).tolist() == [[curve[0, 0, 2]], [np.inf]]
    assert np.isfinite(final(diverging, diverging.loss, 10)).all()


def test_an_exhausted_line_search_keeps_what_it_has():
    # One parameter and two samples: the search reaches the minimum to rounding.
    sweep = run_within([Armijo(1.0)], carmon(samples=2, dimension=1, batch_size=2, rng=0), budget=600, seeds=1)
    assert sweep.status.item() == Status.LINE_SEARCH_FAILED
    assert float(np.nanmax(cost(sweep))) < 600
    # Where rounding hides a fall of the loss, gradients decide: the last loss is the least up to rounding.
    assert final(sweep, sweep.loss, 600).item() == pytest.approx(np.nanmin(sweep.loss), rel=1e-15)


def test_curves_are_the_runs():
    steps, problems = 12, [PROBLEM, quadratic(eigenvalues=[1.0, 0.2])]
    curves = curves_within(GradientDescent(0.5), problems, budget=steps, costs=[0, 3, 12], x0=START)
    t = np.array([0, 3, 12])
    expected = [0.5 * (0.25**t + small * (1 - small / 2) ** (2 * t)) for small in (0.5, 0.2)]
    np.testing.assert_allclose(curves["loss"], expected, rtol=1e-12)


@pytest.mark.parametrize("budget", [0, -1, np.inf, np.nan])
def test_refuses_a_budget_that_is_none(budget):
    with pytest.raises(ValueError, match="budget is"):
        run_within([GradientDescent(0.1)], PROBLEM, budget=budget, seeds=1)


def test_refuses_weights_under_which_a_method_is_free():
    with pytest.raises(ValueError, match="GradientDescent makes no oracle calls that count"):
        run_within([GradientDescent(0.1)], PROBLEM, budget=5, seeds=1, weights=Weights(gradient=0.0))


def test_refuses_curves_beyond_the_budget():
    with pytest.raises(ValueError, match="from 0 to the budget of 5"):
        curves_within(GradientDescent(0.1), [PROBLEM], budget=5, costs=[0, 6])
