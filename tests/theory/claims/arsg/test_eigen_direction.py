"""The printed equations of the dynamics against runs of RSG."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory.claims import claim
from theory.claims.arsg import common, eigen_direction


def gain_matrix(beta, mu, tau):
    matrix, noise = common.gain_matrix(*map(sp.Float, (beta, mu, tau)))
    return np.array(matrix, dtype=float), np.array(noise, dtype=float)[:, 0]


def test_printed_solution_fails_and_the_shifted_one_holds_in_simulation(quick):
    counterexample = quick("arsg.solution").counterexample
    beta, mu, tau = (float(Fraction(counterexample[name])) for name in ("beta", "mu", "tau"))
    matrix, noise = gain_matrix(beta, mu, tau)
    disturbances = np.random.default_rng(1).normal(size=12)
    trajectory = [np.array([0.3, 1.0])]
    for disturbance in disturbances:
        trajectory.append(matrix @ trajectory[-1] + tau * disturbance * noise)
    for t in (1, 5, 10):
        homogeneous = np.linalg.matrix_power(matrix, t) @ trajectory[0]
        shifted, printed = (
            homogeneous
            + sum(
                tau * disturbances[step - 1] * np.linalg.matrix_power(matrix, t + extra - step) @ noise
                for step in range(1, t + extra + 1)
            )
            for extra in (0, 1)
        )
        np.testing.assert_allclose(shifted, trajectory[t], rtol=1e-10)
        assert np.linalg.norm(printed - trajectory[t]) > 1e-2


def rsg(step_size, beta, mu, curvature, noise, steps):
    """Momenta m_0 … and positions s_1 … of (3) from s_1 = 1."""
    momenta, positions = [0.0], [1.0]
    for t in range(steps):
        gradient = curvature * (positions[-1] + noise[t])
        momenta.append(beta * momenta[-1] + (1 - beta) * gradient)
        positions.append(positions[-1] - step_size * ((1 - mu) * momenta[-1] + mu * gradient))
    return momenta, positions


def test_printed_momentum_is_one_step_late(quick):
    """The refuted reading of (9) misses by what the counterexample says, in a run of (3) itself."""
    case = quick("arsg.eigen_dynamics").counterexample
    beta = float(Fraction(case["beta"]))
    momenta, positions = rsg(1.0, beta, 0.0, 1.0, [0.0], 1)
    printed = positions[0] - beta * momenta[1] - (1 - beta) * positions[0]
    shifted = positions[0] - beta * momenta[0] - (1 - beta) * positions[0]
    assert printed - positions[1] == float(Fraction(case["(9) minus (3)"]))
    assert shifted == positions[1]


def test_the_system_and_its_expectation_follow_a_run():
    step_size, beta, mu, curvature = 0.4, 0.8, 0.15, 1.5
    noise = np.random.default_rng(2).normal(size=15)
    matrix, vector = gain_matrix(beta, mu, step_size * curvature)
    momenta, positions = rsg(step_size, beta, mu, curvature, noise, 15)
    for t in range(15):
        state = np.array([step_size * momenta[t], positions[t]])
        following = matrix @ state + step_size * curvature * noise[t] * vector
        np.testing.assert_allclose(following, [step_size * momenta[t + 1], positions[t + 1]], atol=1e-13)
    roots, vectors = np.linalg.eig(matrix)
    weights = np.linalg.solve(vectors, [0.0, 1.0])
    _, quiet = rsg(step_size, beta, mu, curvature, np.zeros(15), 15)
    for t in range(15):
        assert (roots**t * weights * vectors[1]).sum().real == pytest.approx(quiet[t], abs=1e-13)


def test_a_false_entry_of_the_matrix_is_found_out(monkeypatch):
    def flipped(beta, mu, tau):
        matrix, vector = common.gain_matrix(beta, mu, tau)
        matrix[1, 0] = -matrix[1, 0]
        return matrix, vector

    monkeypatch.setattr(eigen_direction, "gain_matrix", flipped)
    assert claim("arsg.system_matrix").check().verdict == "refuted"
    assert claim("arsg.eigenvalues").check().verdict == "refuted"
    assert claim("arsg.eigenbasis").check().verdict == "undecided"
    assert claim("arsg.expectation").check().verdict == "refuted"
