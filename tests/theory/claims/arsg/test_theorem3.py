"""Theorem 3's claims: regret by another route, hypotheses along the run, and false bounds refuted."""

import numpy as np
import pytest

from theory import arsg
from theory.claims import claim, unmet
from theory.claims.arsg import theorem3


def test_regret_and_step_size_of_one_trial_step_by_step():
    trials = theorem3.draw(6, 9, 1, np.random.default_rng(3))
    outcome = theorem3.play(trials)
    for i in range(6):
        curvature, x, m, v = trials.curvatures[i, 0], trials.start[i, 0], 0.0, 0.0
        beta1, beta2, mu, peak = trials.beta1[i], trials.beta2[i], trials.mu[i], trials.eps[i]
        share, loss, least = 1 - beta1 * (1 - mu), 0.0, 0.0
        for t in range(1, 10):
            target = trials.targets[t - 1, i, 0]
            loss += curvature * (x - target) ** 2 / 2
            g = curvature * (x - target)
            m = beta1 / t**2 * m + (1 - beta1 / t**2) * g
            v = beta2 * v + (1 - beta2) * g * g
            before, peak = peak, max(peak, v)
            least = max(least, (t * peak**0.5 - (t - 1) * before**0.5) / (share * curvature))
            x = min(max(x - outcome.step_size[i] / t * ((1 - mu) * m + mu * g) / peak**0.5, -1), 1)
        best = min(
            curvature * ((point - trials.targets[:, i, 0]) ** 2).sum() / 2 for point in np.linspace(-1, 1, 20_001)
        )
        assert outcome.least[i] == pytest.approx(least, rel=1e-9)
        assert outcome.regret[i] == pytest.approx(loss - best, rel=1e-5, abs=1e-6 * loss)


def test_a_trial_is_run_again_only_while_its_step_size_is_raised(monkeypatch):
    trials, begun, run = theorem3.draw(300, 9, 2, np.random.default_rng(3)), [], theorem3.run_arsg

    def counted(gradient, start, **settings):
        begun.append(len(start))
        return run(gradient, start, **settings)

    monkeypatch.setattr(theorem3, "run_arsg", counted)
    together = theorem3.play(trials)
    assert begun[0] == 300
    assert begun == sorted(begun, reverse=True)
    assert begun[-1] < 30
    alone = [theorem3.play(trials.of(np.array([row]))) for row in range(300)]
    for name in ("step_size", "least", "bound"):
        np.testing.assert_array_equal(np.concatenate([getattr(each, name) for each in alone]), getattr(together, name))
    np.testing.assert_allclose([each.regret[0] for each in alone], together.regret, rtol=1e-9, atol=1e-12)


def test_drawn_trials_meet_the_hypotheses():
    trials = theorem3.draw(500, 3, 2, np.random.default_rng(0))
    for beta1, beta2, mu in zip(trials.beta1, trials.beta2, trials.mu, strict=True):
        assert unmet((theorem3.GAMMA, theorem3.ENOUGH_OBSERVATION), beta1=beta1, beta2=beta2, mu=mu) == []


@pytest.mark.parametrize("factor", [2.5, 4.0])
def test_a_bound_too_small_is_refuted(monkeypatch, factor):
    true_bound = theorem3.bound
    monkeypatch.setattr(theorem3, "bound", lambda *given, **known: true_bound(*given, **known) / factor)
    assert claim("arsg.theorem3").check().verdict == "refuted"


def test_defaults_are_refused_by_the_bound(quick):
    assert quick("arsg.theorem3_defaults").margin == pytest.approx(0.99 - 0.999**2, rel=1e-12)
    with pytest.raises(ValueError, match="gamma < 1"):
        arsg.theorem3_bound(
            10, step_size=1.0, beta1=0.999, beta2=0.99, mu=0.1, eps=1e-8, gradient_bound=1.0, diameter=1.0
        )


def test_a_late_gradient_needs_a_step_size_in_proportion_to_its_time():
    for steps in (7, 700):
        # t (v_t^(1/2) - v_(t-1)^(1/2)) + v_(t-1)^(1/2), with v_t = (1 - beta_2) and v_(t-1) = eps
        expected = (steps * 0.1 - (steps - 1) * 1e-4) / (1 - 0.5 * 0.4)
        assert theorem3.late_gradient(steps) == pytest.approx(expected, rel=1e-9)
