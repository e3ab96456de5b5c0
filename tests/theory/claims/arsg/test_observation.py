"""The observation factor's claims on dense grids, with their intervals computed again; and false variants."""

import numpy as np
import pytest
import sympy as sp

from theory.arsg import boost_factor, gain_factor, variance_limit
from theory.claims import claim
from theory.claims.arsg import observation


@pytest.mark.parametrize("beta", [0.9, 0.99, 0.999])
@pytest.mark.parametrize("mu", [0.05, 0.2])
def test_intervals_are_where_both_measures_are_lower(quick, beta, mu):
    table = quick("arsg.observation_range").data["intervals of tau where both are below heavy ball's"]
    low, high = table[f"beta = {beta}, mu = {mu}"]
    for tau, inside in (
        (np.linspace(low * 1.0001, high * 0.9999, 5001), True),
        (np.array([low * 0.999]), False),
        (np.array([high * 1.001]), False),
    ):
        faster = gain_factor(tau, beta=beta, mu=mu) < np.sqrt(beta)
        quieter = variance_limit(tau, beta=beta, mu=mu) < variance_limit(tau, beta=beta, mu=0.0)
        assert ((faster & quieter) == inside).all()
    assert (gain_factor(np.linspace(0.001, 40, 1000), beta=beta, mu=0.0) >= np.sqrt(beta) - 1e-12).all()


def test_a_false_end_is_refuted(monkeypatch):
    true_end = observation.variance_end
    monkeypatch.setattr(observation, "variance_end", lambda beta, mu: true_end(beta, 2 * mu))
    assert claim("arsg.observation_range").check().verdict == "refuted"


def test_crossings_are_where_the_variances_meet(quick):
    crossings = quick("arsg.figure1_variances").data["crossings"]
    for names, tau in crossings.items():
        one, other = (float(name) for name in names.split(" and "))
        pair = [variance_limit(tau, beta=0.999, mu=mu) for mu in (one, other)]
        assert pair[0] == pytest.approx(pair[1], rel=1e-9)


def test_negative_curvature_by_the_gain_factor(quick):
    assert quick("arsg.negative_curvature").verdict == "proved"
    tau = -np.geomspace(1e-6, 10, 50)[:, None]
    gains = gain_factor(tau, beta=0.999, mu=np.array([0.0, 0.001, 0.1, 0.4]))
    assert (np.diff(gains, axis=1) > 0).all()


def test_a_flipped_observation_factor_is_refuted(monkeypatch):
    matrix = observation.gain_matrix
    monkeypatch.setattr(observation, "gain_matrix", lambda beta, mu, tau: matrix(beta, -mu, tau))
    assert claim("arsg.negative_curvature").check().verdict == "refuted"


def test_boost_is_the_closed_form(quick):
    evidence = quick("arsg.boost")
    for text, factor in evidence.data.items():
        beta, mu = (sp.Rational(part.split()[-1]) for part in text.split(" to ")[0].replace(" from", "").split(", "))
        assert factor == pytest.approx(float(boost_factor(beta=float(beta), mu=float(mu))), rel=1e-12)
    assert evidence.margin == pytest.approx(0.01 - abs(4 * float(boost_factor(beta=0.999, mu=0.05)) - 1), rel=1e-9)
