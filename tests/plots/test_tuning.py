"""The tuning rule: medians, failures, ties, and what it refuses."""

import numpy as np
import pytest

from dynamics import SGD, GradientDescent, HeavyBall, ensemble
from plots.tuning import Candidate, best_setting, loss_at, tune
from synthetic import quadratic


def test_picks_the_lowest_median_and_the_first_of_a_tie():
    scores = np.array([[5.0, 5.0, 5.0], [1.0, 4.0, 9.0], [4.0, 4.0, 4.0]])
    assert best_setting(scores) == 1


def test_a_setting_that_fails_on_half_of_the_instances_has_failed():
    scores = np.array([[0.0, np.inf], [7.0, 8.0], [9.0, 9.0]])
    assert best_setting(scores) == 1


def test_where_all_settings_fail_the_one_that_fails_least_often_is_chosen():
    failed = np.inf
    assert best_setting(np.array([[failed] * 5, [failed, 9.0, failed, 9.0, failed], [failed] * 4 + [0.0]])) == 1


def test_a_run_that_diverged_has_infinite_loss():
    grid = [GradientDescent(step) for step in (0.1, 1.0, 1e3)]
    sweep = ensemble(grid, quadratic(eigenvalues=[1.0, 0.5]), steps=40, seeds=[0], record_every=10)
    scores = loss_at(sweep, 40)
    assert np.isinf(scores[2])
    np.testing.assert_array_equal(scores[:2], sweep.loss[:2, 0, 4])


@pytest.mark.parametrize("scores", [np.ones((2, 3)), np.ones((3, 0)), np.array([[1.0], [np.nan], [2.0]])])
def test_refuses_what_cannot_be_ranked(scores):
    with pytest.raises(ValueError, match="tuning needs 3 settings"):
        best_setting(scores)


def descents(*steps, default=None):
    return Candidate(GradientDescent, {"step_size": steps}, default=default)


def heavy(steps, betas):
    return Candidate(lambda step_size, beta: HeavyBall(step_size, beta), {"step_size": steps, "beta": betas})


@pytest.fixture(scope="module")
def tuned():
    problems = [quadratic(eigenvalues=[1.0, low]) for low in (0.1, 0.15, 0.2, 0.3, 0.4)]
    candidates = {
        "GD": descents(0.01, 0.5, 1.6, 2.5, default=GradientDescent(0.1)),
        "HB": heavy((0.2, 1.0), (0.3, 0.6)),
    }
    return tune(candidates, problems, budget=40, x0=[1.0, 1.0])


def test_scores_are_the_losses_of_the_runs(tuned):
    lows = np.array([0.1, 0.15, 0.2, 0.3, 0.4])
    for index, step in enumerate((0.01, 0.5, 1.6)):
        expected = 0.5 * ((1 - step) ** 80 + lows * (1 - step * lows) ** 80)
        np.testing.assert_allclose(tuned.scores[0, index, :, 0], expected, rtol=1e-9)
    np.testing.assert_allclose(tuned.scores[0, 3, :, 0], 0.5 * 1.5**80, rtol=1e-6)
    np.testing.assert_allclose(
        tuned.default_scores[0, :, 0], 0.5 * (0.9**80 + lows * (1 - 0.1 * lows) ** 80), rtol=1e-9
    )
    assert np.isnan(tuned.default_scores[1]).all()


def test_choice_and_edge(tuned):
    assert tuned.setting("GD") == {"step_size": 1.6}
    assert tuned.method("GD") == GradientDescent(1.6)
    assert (tuned.is_at_edge("GD"), tuned.is_at_edge("HB")) == (False, True)


def test_the_caption_states_the_rule_and_the_edge(tuned):
    sentence = tuned.sentence()
    for part in ("4 settings a method", "40 gradient evaluations", "5 instances and 1 seed", "GD step size 1.6"):
        assert part in sentence
    assert sentence.count("at the edge of its grid") == 1


@pytest.fixture(scope="module")
def failing():
    """Curvatures of which 4 of 10 are too large for a step of 1.5, and 9 for one of 9."""
    curvatures = (0.1, 0.3, 0.5, 0.8, 0.9, 1.0, 5e3, 6e3, 7e3, 8e3)
    candidates = {
        "some": descents(0.001, 0.002, 1.5, default=GradientDescent(9.0)),
        "all": descents(1e5, 1e6, 1e7),
        "none": descents(1e-5, 2e-5, 3e-5),
    }
    return tune(candidates, [quadratic(eigenvalues=[c]) for c in curvatures], budget=400, x0=[1.0])


def test_failed_runs_are_counted(failing):
    assert failing.failures("some").tolist() == [4, 4, 4]
    assert failing.failures("all").tolist() == [10, 10, 10]
    assert failing.failures("none").tolist() == [0, 0, 0]
    assert failing.setting("some") == {"step_size": 1.5}
    assert failing.not_worse[1].tolist() == [True, False, False]


def test_the_caption_names_failures(failing):
    some, every, none = failing.sentence().split("Chosen, ")[1].split("; ")
    assert "step size 1.5" in some
    assert "failed on 4 of 10 instances" in some
    assert "its default failed on 9 of 10 instances" in some
    assert "failed on 10 of 10 instances, all settings of its grid failed on half or more" in every
    assert "step size 1e+05 (" not in every  # no range of settings that would be as good
    assert none.endswith("its score is infinite.")
    assert "failed on" not in none


def test_a_single_trial_that_fails_is_named():
    tuned = tune({"GD": descents(1e5, 1e6, 1e7)}, [quadratic(eigenvalues=[1.0])], budget=400, x0=[1.0])
    assert "step size 1e+05, at the edge of its grid, failed, all settings of its grid failed." in tuned.sentence()


def test_seeds_and_trials_are_called_so():
    noisy = quadratic(eigenvalues=[1.0], noise=0.1)
    words = {1: "5 of 5 seeds", 2: "10 of 10 trials"}
    for instances, said in words.items():
        tuned = tune({"SGD": Candidate(SGD, {"step_size": [1e5, 1e6, 1e7]})}, [noisy] * instances, budget=400, seeds=5)
        assert f"failed on {said}" in tuned.sentence()


def test_the_dataset_holds_the_rule(tuned):
    data = tuned.dataset()
    assert data["method"].values.tolist() == ["GD", "HB"]
    np.testing.assert_array_equal(data["tuning_score"], tuned.scores)
    assert data["setting_words"].values[1].tolist()[1] == "step size 0.2, beta 0.6"
    assert data["at_edge"].values.tolist() == [0, 1]
    assert all({"long_name", "units"} <= array.attrs.keys() for array in data.variables.values())


def test_the_same_seeds_meet_every_method():
    problem = quadratic(eigenvalues=[1.0, 0.5], noise=0.1)
    candidates = {name: Candidate(SGD, {"step_size": [0.1, 0.5, 1.0]}) for name in ("one", "two")}
    both = tune(candidates, [problem], budget=20, seeds=5, x0=[1.0, 1.0])
    np.testing.assert_array_equal(both.scores[0], both.scores[1])
    assert both.scores.shape == (2, 3, 1, 5)
    assert len(np.unique(both.scores[0, 1])) == 5


@pytest.mark.parametrize(
    ("candidates", "instances", "message"),
    [
        ({"a": descents(0.1, 0.2, 0.3), "b": descents(0.1, 0.2, 0.3, 0.4)}, 1, r"different sizes \(a 3, b 4\)"),
        ({"a": descents(0.1, 0.2)}, 1, "fewer than 3"),
        ({"a": descents(0.3, 0.2, 0.1)}, 1, "do not increase"),
        ({"a": descents(0.1, 0.2, 0.3)}, 0, "at least one of each"),
        ({"a": descents(0.1, 0.2, 0.3)}, 4, "4 trials; give 5 or more"),
    ],
)
def test_refuses_an_unfair_comparison(candidates, instances, message):
    with pytest.raises(ValueError, match=message):
        tune(candidates, [quadratic(eigenvalues=[1.0])] * instances, budget=5)
