"""Ellipsoids on networks: the judgement on made-up losses, and a missing extra."""

import numpy as np

from theory.claims import Verdict
from theory.claims.trust_region import ellipsoids


def judged(gain):
    """Losses of 20 draws in which both ellipsoids gain `gain` decades over the sphere, with noise."""
    noise = np.random.default_rng(0).normal(size=(20, 3))
    losses = 10.0 ** (0.1 * noise - np.array([0.0, gain, gain]))
    return ellipsoids.judged(losses, np.arange(20), ("adagrad", "rmsprop"), setting="made up")


def test_judgement_follows_the_median():
    assert judged(0.5).verdict is Verdict.SUPPORTED
    assert judged(0.0).verdict is Verdict.UNDECIDED
    refuted = judged(-0.5)
    assert refuted.verdict is Verdict.REFUTED
    assert refuted.counterexample["rng of the problem"] in range(20)


def test_without_scikit_learn_the_digits_are_undecided(monkeypatch):
    def missing(*_, **__):
        raise ImportError("no scikit-learn")

    monkeypatch.setattr("synthetic.digits_mlp", missing)
    evidence = ellipsoids.ellipsoids_digits.check("quick", np.random.default_rng(0))
    assert evidence.verdict is Verdict.UNDECIDED
    assert "optdyn[digits]" in evidence.text
