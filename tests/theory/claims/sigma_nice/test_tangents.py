"""The geometry of Proposition B.1 by quadrature; and false variants."""

import numpy as np
import pytest
from scipy import integrate

from theory.claims import Verdict
from theory.claims.sigma_nice import tangents


def test_roots_solve_the_quadratic():
    cosine, length = np.array([0.95, 0.99, 1.0]), np.array([0.3, 1.0, 0.7])
    root = tangents.chord_root(2.0, cosine, length)
    np.testing.assert_allclose(root**2 * length**2 - 2 * root * length * 2.0 * cosine + 4.0 - 1.0, 0, atol=1e-12)


def test_mean_of_the_root_in_the_plane_exceeds_the_printed_end(quick):
    # |u| and the angle are independent; E 1/|u| = 2 in the disc.
    half_angle = np.arcsin(1 / 3)
    mean = integrate.quad(lambda t: tangents.chord_root(3.0, np.cos(t), np.ones(1))[0], 0, half_angle)[0] / half_angle
    noise = 2 * mean
    assert noise > np.sqrt(8)
    found = quick("sigma_nice.region_factor").counterexample
    assert 3 / noise <= found["d_m at most"] < 1
    assert 2 <= mean <= np.sqrt(8)


def test_a_wrong_law_is_noticed(monkeypatch):
    monkeypatch.setattr(tangents, "tangent_probability", lambda a, dimension: np.full(np.shape(a), 0.2))
    assert tangents.probability_of_a_tangent.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("seed", [1, 2])
def test_other_draws_agree(seed):
    assert tangents.probability_of_a_tangent.check("quick", np.random.default_rng(seed)).verdict is Verdict.CONDITIONAL
