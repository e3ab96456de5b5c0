"""The error variance limit by summed series, eigenvectors and simulation; and false variants."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory.arsg import critical_points, variance_limit
from theory.claims import Verdict
from theory.claims.arsg import common
from theory.claims.routes import symbolic

RNG = np.random.default_rng(0)
POINTS = [
    (beta, mu, share * 2 * (1 + beta) / (1 - beta + 2 * beta * mu))
    for beta, mu, share in zip(RNG.uniform(0, 1, 40), RNG.uniform(0, 1, 40), RNG.uniform(0.01, 1.3, 40), strict=True)
]


def gain_matrix(beta, mu, tau):
    matrix, noise = common.gain_matrix(*map(sp.Float, (beta, mu, tau)))
    return np.array(matrix, dtype=float), np.array(noise, dtype=float)[:, 0]


def test_closed_form_agrees_with_the_shipped_one_and_with_the_summed_series():
    for beta, mu, tau in POINTS:
        matrix, noise = gain_matrix(beta, mu, tau)
        if np.abs(np.linalg.eigvals(matrix)).max() > 0.98:
            continue
        here = float(common.variance_limit(sp.Float(beta), sp.Float(mu), sp.Float(tau)))
        state, total = tau * noise, 0.0
        for _ in range(3000):
            total += state[1] ** 2
            state = matrix @ state
        assert here == pytest.approx(total, rel=1e-9)
        assert here == pytest.approx(variance_limit(tau, beta=beta, mu=mu), rel=1e-12)


@pytest.mark.parametrize(("beta", "mu", "tau"), [(0.9, 0.1, 0.3), (0.5, 0.2, 2.0), (0.9, 0.0, 3.0)])
def test_printed_sum_over_eigenvectors_gives_the_limit(beta, mu, tau):
    matrix, noise = gain_matrix(beta, mu, tau)
    roots, vectors = np.linalg.eig(matrix)
    second = np.linalg.solve(vectors, noise.astype(complex)) * vectors[1]
    own = (np.abs(second) ** 2 / (1 - np.abs(roots) ** 2)).sum()
    cross = 2 * (second[0].conj() * second[1] / (1 - roots[0].conj() * roots[1])).real
    assert tau**2 * (own + cross) == pytest.approx(variance_limit(tau, beta=beta, mu=mu), rel=1e-10)


def test_the_defective_case_really_has_one_eigenvector_and_a_limit(quick):
    counterexample = quick("arsg.eigenbasis").counterexample
    beta, mu, tau = (Fraction(counterexample[name]) for name in ("beta", "mu", "tau"))
    matrix, noise = gain_matrix(float(beta), float(mu), float(tau))
    shifted = matrix - 2 / 3 * np.eye(2)
    assert np.linalg.matrix_rank(shifted, tol=1e-12) == 1
    np.testing.assert_allclose(shifted @ shifted, 0, atol=1e-15)
    assert np.linalg.norm(shifted @ noise) > 0.1  # b is not an eigenvector, so (12) has no solution
    assert float(critical_points(beta=0.5, mu=0.5).tau_cb1) == pytest.approx(2 / 9, rel=1e-14)
    plain, _ = gain_matrix(0.0, 0.1, 1.0)
    np.testing.assert_array_equal(plain, [[0, 1], [0, 0]])
    assert variance_limit(1.0, beta=0.0, mu=0.1) == 1
    (limit,) = quick("arsg.variance_limit_printed").data.values()
    covariance = np.zeros((2, 2))
    for _ in range(400):
        covariance = matrix @ covariance @ matrix.T + float(tau) ** 2 * np.outer(noise, noise)
    assert covariance[1, 1] == pytest.approx(float(Fraction(limit)), rel=1e-12)


def test_false_closed_forms_are_refuted():
    beta, mu, tau = sp.symbols("beta mu tau")
    true = common.variance_limit(beta, mu, tau)
    flipped = true.subs(mu, -mu)
    doubled = 2 * true
    for variant in (flipped, doubled):
        assert symbolic.identity({"variant": variant - true}, text="same").verdict is Verdict.REFUTED


def test_the_limit_does_not_increase_beyond_its_region():
    a, m, u, tau = sp.symbols("a m u tau")
    beta, mu = a / (1 + a), m / (1 + m)
    boundary = 2 * (1 + beta) / (1 - beta + 2 * beta * mu)
    limit = common.variance_limit(beta, mu, tau)
    false = symbolic.inequality({"positive": limit.subs(tau, boundary * (1 + u))}, text="positive")
    assert false.verdict is Verdict.REFUTED


def test_noise_of_the_accelerated_step(quick):
    """The limits of the claim, approached by the closed form at a large condition number."""
    evidence = quick("arsg.accelerated_noise")
    kappa = 1e12
    root = np.sqrt(kappa)
    beta, mu = 1 - 1 / root, 1 / root
    low = variance_limit(1 / root, beta=beta, mu=mu) / variance_limit(1 / kappa, beta=0.0, mu=0.0)
    high = variance_limit(root, beta=beta, mu=mu) / variance_limit(1.0, beta=0.0, mu=0.0)
    assert low / root == pytest.approx(1, rel=1e-5)  # c_alpha / c
    constants = {"c_alpha": 1, "c_beta": 1, "c_mu": 1, "c": 1}
    assert high == pytest.approx(float(sp.sympify(evidence.data["ratio at lambda_max"]).subs(constants)), rel=1e-5)
    ball = variance_limit(root, beta=beta, mu=0.0) / variance_limit(1.0, beta=0.0, mu=0.0)
    stated = sp.sympify(evidence.data["ratio over sqrt(kappa) at lambda_max for mu = 0"])
    assert ball / root == pytest.approx(float(stated.subs({"c_alpha": 1, "c_beta": 1, "c": 1})), rel=1e-5)
