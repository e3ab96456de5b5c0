"""The race on the linear net on made-up results with known answers, and one step of it against NumPy."""

import numpy as np
import pytest

from theory.claims.l4 import net


def made_up(l4):
    draws = 30
    levels = np.repeat((l4 + np.linspace(-0.1, 0.1, draws))[:, None], len(net.ALPHAS), axis=1)
    return net.Race(levels, levels.copy(), tuple(range(draws)))


def against(level, size=None, often=0.5):
    theirs = net.Rival(np.full(30, level), np.full(30, level), 1e-5, 0)
    return net.judged(made_up(-3.0), theirs, "svd", size or net.SIZES["full"], often)


@pytest.mark.parametrize(("rival", "verdict"), [(-1.0, "supported"), (-3.0, "undecided"), (-5.0, "refuted")])
def test_verdict_follows_the_wins(rival, verdict):
    assert against(rival).verdict == verdict


@pytest.mark.parametrize(("often", "verdict"), [(0.25, "supported"), (0.9, "undecided"), (1.0, "refuted")])
def test_more_wins_than_were_seen_are_not_supported(often, verdict):
    assert against(-1.0, often=often).verdict == verdict


@pytest.mark.parametrize("rival", [-1.0, -5.0])
def test_a_rehearsal_decides_nothing(rival):
    assert against(rival, net.REHEARSAL).verdict == "undecided"


def test_range_of_alpha(monkeypatch):
    def judged(recht, svd):
        monkeypatch.setattr(net, "_races", lambda *_: {"recht": recht, "svd": svd})
        return net.alpha_range.check("quick", np.random.default_rng(0)).verdict

    good, bad = made_up(-3.0), made_up(-3.0)
    bad.l4mom[:, -1] = 0.0
    assert [judged(good, good), judged(good, bad), judged(bad, bad)] == ["supported", "conditional", "refuted"]


def test_the_edge_of_divergence_is_never_chosen(monkeypatch):
    levels = np.array([[0.0, -1.0, -2.0, -3.0, np.inf], [0.0, -1.0, -2.0, -3.0, -4.0]])  # the largest fails once
    monkeypatch.setattr(net, "final_levels", lambda *_, **__: levels)
    assert net.tuned("abcde", [], steps=1) == "c"  # not "d", whose larger neighbour fails
    monkeypatch.setattr(net, "final_levels", lambda *_, **__: np.full((2, 3), np.inf))
    assert net.tuned("abc", [], steps=1) == "a"


def test_runs_that_end_early_count_as_the_start_and_never_win_the_tuning():
    from dynamics import SGD
    from synthetic import linear_net

    problem = linear_net(data_rng=0, rng=0)
    levels = net.final_levels([SGD(1e-6), SGD(1.0)], [problem], steps=50)
    assert np.isfinite(levels[0, 0])
    assert levels[0, 1] == np.inf
    assert net.tuned([SGD(1.0), SGD(1e-6)], [problem], steps=50).step_size == 1e-6


def test_matrices_share_their_samples():
    from synthetic import linear_net

    one, two = (linear_net(maker="svd", data_rng=net.SAME_SAMPLES, rng=seed) for seed in (1, 2))
    np.testing.assert_array_equal(one.S, two.S)
    assert not np.array_equal(one.A, two.A)
