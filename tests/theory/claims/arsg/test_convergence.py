"""Where RSG converges, by eigenvalues at random points; and false variants."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb

from theory.arsg import critical_points, gain_factor
from theory.claims import unmet
from theory.claims.arsg import common, gain_box
from theory.claims.routes.enclosure import prove_positive

RNG = np.random.default_rng(0)
POINTS = [
    (beta, mu, share * 2 * (1 + beta) / (1 - beta + 2 * beta * mu))
    for beta, mu, share in zip(RNG.uniform(0, 1, 40), RNG.uniform(0, 1, 40), RNG.uniform(0.01, 1.3, 40), strict=True)
]


def gain_matrix(beta, mu, tau):
    matrix, noise = common.gain_matrix(*map(sp.Float, (beta, mu, tau)))
    return np.array(matrix, dtype=float), np.array(noise, dtype=float)[:, 0]


def test_region_agrees_with_the_spectral_radius():
    inside = [not unmet(common.REGION, beta=beta, mu=mu, tau=tau) for beta, mu, tau in POINTS]
    radii = [np.abs(np.linalg.eigvals(gain_matrix(*point)[0])).max() for point in POINTS]
    assert inside == [radius < 1 for radius in radii]
    assert 5 < sum(inside) < 35


def test_ball_formula_is_the_gain_factor():
    for beta, mu, tau in POINTS:
        share = tau / critical_points(beta=beta, mu=mu).tau_rb
        ball = gain_box.contraction(arb(beta), arb(mu), arb(float(share)))
        assert float(ball.mid()) == pytest.approx(1 - gain_factor(tau, beta=beta, mu=mu), abs=1e-7)


def test_enclosed_bound_holds_at_random_points_of_the_box(quick):
    bound = 1 - quick("arsg.gain_factor_box").margin
    rng = np.random.default_rng(2)
    beta, mu, share = rng.uniform(0, 0.95, 20_000), rng.uniform(0, 0.9, 20_000), rng.uniform(0.05, 0.95, 20_000)
    largest = gain_factor(share * critical_points(beta=beta, mu=mu).tau_rb, beta=beta, mu=mu).max()
    assert 0.95 < largest <= bound < 1


def test_a_box_across_the_boundary_is_refuted():
    found = prove_positive(gain_box.contraction, [(0, Fraction(19, 20)), (0, Fraction(9, 10)), (Fraction(1, 20), 2)])
    beta, mu, share = map(float, found.violation)
    assert not found.proved
    assert gain_factor(share * critical_points(beta=beta, mu=mu).tau_rb, beta=beta, mu=mu) >= 1


@pytest.mark.parametrize(("beta", "mu"), [(0.9, 0.05), (0.9, 0.4), (0.5, 0.2), (0.99, 0.005)])
def test_the_gain_factor_is_least_at_the_second_boundary(quick, beta, mu):
    """The claim, on both sides of mu = 1 - beta, where the eigenvalue at the minimum changes its sign."""
    assert quick("arsg.best_curvature").verdict == "proved"
    points = critical_points(beta=beta, mu=mu)
    best = gain_factor(points.tau_cb2, beta=beta, mu=mu)
    tau = np.concatenate([np.linspace(-1, points.tau_rb, 4001), points.tau_cb2 * (1 + np.array([-1e-3, 1e-3]))])
    tau = tau[np.abs(tau - points.tau_cb2) > 1e-6]
    assert gain_factor(tau, beta=beta, mu=mu).min() > best
    k = np.sqrt(beta * (1 - mu))
    assert best == pytest.approx(abs(beta - k) / (1 - k), abs=1e-7)


def test_the_domain_is_what_the_claim_prints(quick):
    printed = quick("arsg.convergence_domain").data["tau_rb at beta = 0.999"]
    for mu, boundary in ((0.0, "0"), (0.001, "1/1000"), (0.1, "1/10"), (0.4, "2/5")):
        assert printed[boundary] == pytest.approx(float(critical_points(beta=0.999, mu=mu).tau_rb), rel=1e-12)
        edge = printed[boundary] * np.array([1 - 1e-6, 1 + 1e-6])
        assert (gain_factor(edge, beta=0.999, mu=mu) < 1).tolist() == [True, False]


def test_touching_point_by_its_own_limit():
    c_beta, c_mu, kappa = 0.7, 1.3, 1e8
    root = np.sqrt(kappa)
    beta, mu = 1 - c_beta / root, c_mu / root
    rate = gain_factor(critical_points(beta=beta, mu=mu).tau_cb1, beta=beta, mu=mu)
    assert (1 - rate) * root == pytest.approx(c_beta / 2, rel=1e-3)
