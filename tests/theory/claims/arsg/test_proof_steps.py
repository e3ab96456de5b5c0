"""Steps of Theorem 1's proof, by the shipped gain factor and critical points."""

import numpy as np

from theory.arsg import critical_points, gain_factor
from theory.claims import claim


def test_no_curvature_between_two_is_worse_than_both():
    rng = np.random.default_rng(0)
    beta, mu, share = rng.uniform(0, 1, (3, 500))
    low, high = np.sort(rng.uniform(-1, 5, (2, 500)), axis=0)
    between = gain_factor(share * low + (1 - share) * high, beta=beta, mu=mu)
    ends = np.maximum(gain_factor(low, beta=beta, mu=mu), gain_factor(high, beta=beta, mu=mu))
    assert (between <= ends + 1e-12).all()
    beyond = gain_factor(2 * high - low, beta=beta, mu=mu)
    assert (beyond > ends + 1e-12).any()


def test_the_smallest_curvature_turns_complex_above_a_quarter():
    c_beta, c_mu = 1.5, 0.8
    kappa = np.array([4.0, 100.0, 1e4, 1e8])
    turning = critical_points(beta=1 - c_beta / np.sqrt(kappa), mu=c_mu / np.sqrt(kappa)).tau_cb1
    scaled = np.sqrt(kappa) * turning
    assert (scaled > c_beta / 4).all()
    assert (np.diff(scaled) < 0).all()
    assert abs(scaled[-1] - c_beta / 4) < 1e-3


def test_a_larger_step_makes_it_complex_from_some_condition_number_on():
    """By the eigenvalues: 4 c_α = 1.02 c_β, real at first, and complex for good; 4 c_α = c_β is real throughout."""
    c_beta, c_mu = 1.5, 0.8
    kappa = np.array([4.0, 25.0, 1e4, 1e6, 1e8])

    def is_complex(c_alpha):
        root = np.sqrt(kappa)
        beta, mu, tau = 1 - c_beta / root, c_mu / root, c_alpha / root
        trace, determinant = 1 + beta - tau * (1 - beta * (1 - mu)), beta * (1 - mu * tau)
        return (trace**2 < 4 * determinant).tolist()

    assert is_complex(1.02 * c_beta / 4) == [False, False, True, True, True]
    assert not any(is_complex(c_beta / 4))


def test_a_false_row_of_the_matrix_is_found_out(monkeypatch):
    from theory.claims.arsg import common, proof_steps

    def bent(beta, mu, tau):
        matrix, vector = common.gain_matrix(beta, mu, tau)
        matrix[1, 1] = matrix[1, 1] - tau**2
        return matrix, vector

    monkeypatch.setattr(proof_steps, "gain_matrix", bent)
    assert claim("arsg.worst_at_an_end").check().verdict == "refuted"
    assert claim("arsg.turning_curvature").check().verdict == "refuted"
