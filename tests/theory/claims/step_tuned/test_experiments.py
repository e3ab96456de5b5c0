"""The comparisons of section 3 on made-up numbers with known answers."""

from unittest import mock

import numpy as np
import pytest
from scipy.stats import binomtest

from dynamics import ensemble
from theory.claims.routes.statistical import Interval
from theory.claims.step_tuned import full_batch, mini_batch, tuned_curves


def test_iterations_are_counted_to_a_common_level():
    losses = {
        "slow": np.array([[1.0, 0.9, 0.5, 0.0], [1.0, 0.8, 0.7, 0.6]]),
        "fast": np.array([[1.0, 0.05, 0.05, 0.05], [1.0, np.nan, np.nan, np.nan]]),
        "stuck": np.array([[1.0, 1.0, 1.0, 1.0]]),
    }
    assert full_batch.iterations_needed(losses) == {"slow": (0, 3), "fast": (0, 1), "stuck": (0, 4)}


def test_every_method_has_as_many_settings():
    assert {len(grid) for grid in full_batch.candidates(12).values()} == {12}
    for bounds in mini_batch.BOUNDS:
        assert {len(grid) for grid in tuned_curves.settings(bounds, 6).values()} == {6}


def test_shorter_curves_and_fewer_instances_are_parts_of_longer_and_more(monkeypatch):
    from synthetic import carmon

    monkeypatch.setattr(tuned_curves, "TUNED_AT", 2)
    monkeypatch.setattr(tuned_curves, "END", 4)
    monkeypatch.setattr(tuned_curves, "_known", {})
    tuned = mock.Mock(wraps=tuned_curves.tuned)
    run = mock.Mock(wraps=tuned_curves.curve)
    monkeypatch.setattr(tuned_curves, "tuned", tuned)
    monkeypatch.setattr(tuned_curves, "curve", run)
    ends = (3, 4, 3)
    many, few, again = (tuned_curves.curves("Exact-GV", "wide", "quick", 5, end) for end in ends)
    assert (many.shape, few.shape, again.shape) == ((16, 4), (3, 5), (16, 4))
    assert (tuned.call_count, run.call_count) == (16, 19)
    np.testing.assert_array_equal(few[:, :4], many[:3])
    np.testing.assert_array_equal(again, many)
    seed = int(np.random.default_rng(5).integers(2**31))
    grid = tuned_curves.settings("wide", 4)["Exact-GV"]
    losses = [
        ensemble([method], carmon(rng=seed), steps=20, seeds=[seed], noise="common").loss[0, 0, -1] for method in grid
    ]
    best = grid[int(np.argmin(losses))]
    fresh = [seed + 1, seed + 2]
    alone = ensemble([best], carmon(rng=seed), steps=40, seeds=fresh, noise="common", record_every=10)
    np.testing.assert_array_equal(few[0], alone.loss[0].mean(axis=0))


def test_much_faster_is_supported_where_it_is_true(monkeypatch):
    def raced(seed, methods):
        return {name: (0, 10 if name == "Algorithm 1" else 40 + seed % 7) for name in methods}, 0.04

    monkeypatch.setattr(full_batch, "_raced", raced)
    assert full_batch.much_faster.check("full", np.random.default_rng(0)).verdict == "supported"
    assert full_batch.much_faster.check("quick", np.random.default_rng(0)).verdict == "undecided"
    monkeypatch.setattr(full_batch, "_raced", lambda seed, methods: (dict.fromkeys(methods, (0, 40 + seed % 7)), 0.04))
    assert full_batch.much_faster.check("full", np.random.default_rng(0)).verdict == "undecided"  # nobody is faster


def test_a_rival_that_is_faster_refutes(monkeypatch):
    def raced(seed, methods):
        return {name: (0, 20 + seed % 3 if name == "|BB|" else 40) for name in methods}, 0.04

    monkeypatch.setattr(full_batch, "_raced", raced)
    assert full_batch.much_faster.check("full", np.random.default_rng(0)).verdict == "refuted"


def test_lost_share():
    assert mini_batch.lost_share(np.array([[1.0, 0.6]]), np.array([[1.0, 0.2]]), 1) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("defaults", "wide", "verdict"),
    [
        ((0.3, 0.4), (0.5, 0.6), "supported"),
        ((0.0, 0.1), (0.5, 0.6), "conditional"),
        ((0.0, 0.1), (0.1, 0.2), "refuted"),
        ((0.0, 0.5), (0.5, 0.6), "undecided"),
        ((0.5, 0.6), (0.0, 0.1), "undecided"),
    ],
)
def test_both_bounds_count(defaults, wide, verdict):
    found = {"defaults": Interval(*defaults, 0.01), "wide": Interval(*wide, 0.01)}
    evidence = mini_batch._conditional_on_bounds(
        found, {}, 9, "numbers", holds=lambda i: i.low >= 0.25, fails=lambda i: i.high < 0.25
    )
    assert evidence.verdict == verdict


@pytest.mark.parametrize(
    ("name", "wide", "verdict"),
    [
        ("exact_gv_early", (0.6, 0.7), "supported"),
        ("exact_gv_early", (0.1, 0.2), "refuted"),
        ("exact_gv_early", (0.4, 0.6), "undecided"),
        ("stochastic_gv", (0.6, 0.7), "supported"),
        ("stochastic_gv", (0.3, 0.4), "refuted"),
        ("expected_gv", (-0.3, 0.0), "supported"),
        ("expected_gv", (0.2, 0.3), "refuted"),
        ("like_expected_gv", (-0.05, 0.05), "supported"),
        ("like_expected_gv", (-0.5, -0.3), "refuted"),
        ("like_expected_gv", (0.3, 0.4), "refuted"),
        ("like_expected_gv", (-0.4, 0.05), "undecided"),
        ("sgd_in_the_end", (-0.3, -0.2), "supported"),
        ("sgd_in_the_end", (-0.05, 0.2), "refuted"),
    ],
)
def test_shares_are_judged_on_the_side_that_the_sentence_names(monkeypatch, name, wide, verdict):
    found = dict.fromkeys(mini_batch.BOUNDS, Interval(*wide, 0.001))
    monkeypatch.setattr(mini_batch, "_shares", lambda *_, **__: (found, {}, 16))
    assert getattr(mini_batch, name).check("full", np.random.default_rng(0)).verdict == verdict


@pytest.mark.parametrize(
    ("share", "verdict"),
    [((-0.2, -0.1), "supported"), ((-0.9, -0.3), "refuted"), ((0.3, 0.4), "refuted"), ((0.2, 0.3), "undecided")],
)
def test_methods_without_bounds_are_compared_once(monkeypatch, share, verdict):
    asked = []

    def curves(name, *_):
        asked.append(name)
        return np.ones((16, 51))

    monkeypatch.setattr(mini_batch, "curves", curves)
    monkeypatch.setattr(mini_batch, "share_of_means", lambda *_: Interval(*share, 0.001))
    monkeypatch.setattr(mini_batch, "lost_share", lambda *_: np.zeros(16))
    found = mini_batch.batches_twice.check("full", np.random.default_rng(0))
    assert found.verdict == verdict
    assert asked == [mini_batch.TWICE, mini_batch.SGD_NAME]
    if verdict == "refuted":
        assert found.counterexample[mini_batch.TWICE] == list(share)
        assert found.counterexample["rng of the regressions"] >= 0


def test_a_win_is_a_decrease_so_many_times_as_large():
    of = np.array([[1.0, 0.5], [1.0, 0.8], [1.0, 0.99], [1.0, 1.1]])
    against = np.array([[1.0, 0.8], [1.0, 0.9], [1.0, 1.2], [1.0, 1.2]])  # rises twice
    for times, won in ((1.5, 3), (2.5, 2), (40.0, 1)):
        found = mini_batch.wins(of, against, 1, 0.05, times=times)
        assert (found.low, found.high) == pytest.approx(tuple(binomtest(won, 4).proportion_ci(0.95, method="exact")))


def test_share_of_means_weighs_instances_by_their_decrease():
    against = np.array([[1.0, 0.5], [1.0, 0.6], [1.0, 0.99], [1.0, 0.5]])
    of = against + np.array([[0.0, 0.1], [0.0, 0.08], [0.0, 0.01], [0.0, 0.09]])
    assert mini_batch.lost_share(of, against, 1).max() == pytest.approx(1.0)  # one instance decides the mean
    found = mini_batch.share_of_means(of, against, 1, 0.2)
    assert found.contains(0.28 / 1.41)
    assert found.high < 0.4
    flat = np.array([[1.0, 0.9], [1.0, 1.1], [1.0, 1.0]])
    assert mini_batch.share_of_means(flat, flat, 1, 0.001).high == np.inf
