"""The numbers of figure step_tuned.2: each curve is the run of the setting that the rule picks."""

import numpy as np
import pytest

import plots
from dynamics import BarzilaiBorwein, ensemble, simulate
from plots.gallery.step_tuned_2 import GRID
from synthetic import carmon

SMALL = {"budget": 40, "samples": 40, "dimension": 4, "instances": 5, "tuning_instances": 5, "rng": 3}


@pytest.fixture(scope="module")
def small():
    return plots.compute("step_tuned.2", **SMALL)


@pytest.fixture(scope="module")
def problems():
    streams = np.random.SeedSequence(3).spawn(10)
    return [carmon(samples=40, dimension=4, batch_size=40, rng=stream) for stream in streams]


@pytest.fixture(scope="module")
def table(problems):
    """Runs of Algorithm 1 by step size and tuning instance; a gradient a step is all that it spends."""
    return [[simulate(BarzilaiBorwein(step), problem, steps=40) for problem in problems[5:]] for step in GRID]


def upper_median(scores):
    return np.sort(scores, axis=1)[:, 2]


def time_to_a_tenth(run):
    """The rule by a loop."""
    for k in range(41):
        if run.gradient_norm[k] <= 0.1 * run.gradient_norm[0] and run.loss[k] <= run.loss[0]:
            return k
    if run.loss[-1] > run.loss[0]:
        return np.inf
    return 40 * max(1, 10 * run.gradient_norm[-1] / run.gradient_norm[0])


@pytest.mark.parametrize(("rule", "score"), [("loss", lambda run: run.loss[-1]), ("gradient norm", time_to_a_tenth)])
def test_the_step_is_the_best_upper_median_of_the_other_instances(small, problems, table, rule, score):
    best = GRID[np.argmin(upper_median(np.array([[score(run) for run in row] for row in table])))]
    cut = small.sel({"rule": rule, "method": "Algorithm 1"})
    assert GRID[int(cut["tuned_setting"])] == best
    run = ensemble([BarzilaiBorwein(best)], problems[2], steps=40, seeds=1)
    # A sweep's run has the same bytes in any company; in a run by itself sums may round otherwise, which grows here.
    np.testing.assert_array_equal(cut["loss"].sel(instance=2), run.loss[0, 0])
    np.testing.assert_array_equal(cut["gradient_norm"].sel(instance=2), run.gradient_norm[0, 0])


def test_armijo_is_charged_for_its_values(small):
    # Of 40 evaluations at most 20 are gradients, since each step takes a value at least: the curve has as many stairs.
    loss = small["loss"].sel({"rule": "loss", "method": "Armijo"}).values
    assert all(np.count_nonzero(np.diff(curve)) <= 20 for curve in loss)
    assert (np.diff(loss, axis=1) <= 0).all()


def test_the_caption_says_that_the_paper_s_rule_is_met_at_the_start():
    data = plots.compute("step_tuned.2", **{**SMALL, "samples": 500, "dimension": 30, "budget": 20})
    start = data["gradient_norm"].values[..., 0]
    assert (start < 0.1).all()
    assert "holds for 100% of them at the start" in data.attrs["caption"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"instances": 4}, "instances = 4 must be at least 5"),
        ({"tuning_instances": 0}, "tuning_instances = 0"),
        ({"budget": 5}, "budget = 5 must be at least 20"),
        ({"rng": -1}, "rng = -1"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("step_tuned.2", **parameters)
