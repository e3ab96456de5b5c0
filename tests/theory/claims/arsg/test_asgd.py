"""The range of the map from ASGD, by the shipped map; and a false map."""

from fractions import Fraction

import numpy as np
import pytest

from theory.arsg import from_asgd
from theory.claims import claim
from theory.linear import ASGD


def test_the_advantage_at_which_mu_reaches_one(quick):
    assert quick("arsg.asgd_range").verdict == "conditional"
    _, _, mu = from_asgd(short_step=1.0, long_step=50.0, advantage=np.array([10 / 7 - 1e-9, 10 / 7 + 1e-9]))
    assert (mu < 1).tolist() == [False, True]
    _, beta, _ = from_asgd(short_step=1.0, long_step=np.array([3.0, 3.1]), advantage=3.0)
    assert beta[0] == pytest.approx(0.3, rel=1e-14)
    assert beta[1] > 0.3


def test_counterexamples_are_computed_again(quick):
    case = quick("arsg.asgd_range").counterexample["ASGD outside RSG"]
    _, _, mu = from_asgd(short_step=1.0, long_step=float(case["kappa"]), advantage=float(case["xi"]))
    assert float(mu) == pytest.approx(float(Fraction(case["mu"])), rel=1e-14)
    other = quick("arsg.asgd_range").counterexample["RSG outside ASGD"]
    beta, mu = float(Fraction(other["beta"])), float(Fraction(other["mu"]))
    xi = 1.7 / (0.7 * mu) - 1
    kappa = xi * (0.49 + 0.7 * beta) / (1 - beta)
    assert kappa - xi**2 == pytest.approx(float(Fraction(other["kappa - xi^2"])), rel=1e-12)
    assert kappa < xi**2
    assert beta < (xi - 0.49) / (xi + 0.7)


def test_another_constant_of_asgd_is_refuted(monkeypatch):
    def other_weight(state, move, *, long_step, advantage):
        mean, s = state
        share = Fraction(49, 100) * advantage / long_step
        mean = (1 - share) * mean + share * (s - long_step / Fraction(7, 10) * move)
        return mean, (Fraction(8, 10) * (s - move) + share * mean) / (Fraction(8, 10) + share)

    monkeypatch.setattr(ASGD, "advance", staticmethod(other_weight))
    assert claim("arsg.asgd").check().verdict == "refuted"
