"""The race on the linear net on made-up results with known answers, and one step of it against NumPy."""

import numpy as np
import pytest

from theory.claims.l4 import net


def made_up(l4, sgd, adam):
    draws = 30
    noise = np.linspace(-0.1, 0.1, draws)
    levels = np.repeat((l4 + noise)[:, None], len(net.ALPHAS), axis=1)
    rivals = [np.full(draws, value) for value in (sgd, adam, sgd, adam)]
    return net.Race(levels, levels.copy(), *rivals, 1e-5, 1e-2, tuple(range(draws)))


@pytest.mark.parametrize(("sgd", "verdict"), [(-1.0, "supported"), (-3.0, "undecided"), (-5.0, "refuted")])
def test_verdict_follows_the_wins(monkeypatch, sgd, verdict):
    monkeypatch.setattr(net, "_races", lambda *_: {maker: made_up(-3.0, sgd, sgd) for maker in net.MAKERS})
    for rival in ("sgd", "adam"):
        evidence = net._against(rival, "quick", np.random.default_rng(0))
        assert evidence.verdict == verdict


def test_range_of_alpha(monkeypatch):
    def judged(recht, svd):
        monkeypatch.setattr(net, "_races", lambda *_: {"recht": recht, "svd": svd})
        return net.alpha_range.check("quick", np.random.default_rng(0)).verdict

    good, bad = made_up(-3.0, -2.0, -2.0), made_up(-3.0, -2.0, -2.0)
    bad.l4mom[:, -1] = 0.0
    assert [judged(good, good), judged(good, bad), judged(bad, bad)] == ["supported", "conditional", "refuted"]


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
