"""Lemma 1's kin and Lemma 2: wrong multipliers, sharp thresholds, and the laws of the accumulators."""

import numpy as np
import pytest

from theory.claims import Verdict, unmet
from theory.claims.routes import symbolic
from theory.claims.trust_region import epsilon, first_order, norms
from theory.claims.trust_region.source import BOUNDED_GRADIENT


def symbols(dimension):
    import sympy as sp

    return sp.Matrix(sp.symbols(f"g:{dimension}"))


def test_another_multiplier_is_refuted():
    assert symbolic.identity(first_order.optimality(2, symbols(2)), text="as stated").verdict is Verdict.PROVED
    wrong = symbolic.identity(first_order.optimality(2, symbols(2), multiplier=-1), text="sign flipped")
    assert wrong.verdict is Verdict.REFUTED
    assert wrong.counterexample["identity"].startswith("stationarity")


def test_a_wrong_step_disagrees_with_the_generic_solver():
    rng = np.random.default_rng(0)
    metric, slope = first_order.random_problem(rng)
    step = -first_order.ETA * slope  # preconditioner forgotten
    radius = float(np.sqrt(step @ metric @ step))
    assert first_order.generic_value(metric, slope, radius) < slope @ step * (1 + 1e-3)


def test_draws_without_slope_are_void():
    draw = lambda rng: (np.eye(2), np.zeros(2))  # noqa: E731
    assert first_order.largest_disagreement(draw, 5, np.random.default_rng(0)) == (0, 5, 0.0)


def test_root_is_the_root_and_accumulators_follow_the_recursion():
    rng = np.random.default_rng(4)
    matrix, last = first_order.accumulated(rng, decay=0.8)
    np.testing.assert_allclose(first_order.root(matrix) @ first_order.root(matrix), matrix, rtol=1e-12, atol=1e-14)
    assert matrix.shape == (len(last), len(last))


def test_adam_without_the_average_is_no_minimiser():
    # The average of 1 and -1/2 with beta1 = 0.9 is positive: the step is uphill of the last gradient.
    average = 0.1 * 0.9 * 1 + 0.1 * -0.5
    assert average * -0.5 < 0


@pytest.mark.parametrize("every_step", [True, False])
def test_accumulator_is_the_recursion(every_step):
    rng = np.random.default_rng(0)
    gradients, beta, eps = rng.normal(size=(7, 3)), 0.8, 1e-3
    matrix = np.zeros((3, 3)) if every_step else eps * np.eye(3)
    for gradient in gradients:
        matrix = beta * matrix + (1 - beta) * np.outer(gradient, gradient)
    expected = matrix + eps * np.eye(3) if every_step else matrix
    found = norms.accumulator(gradients, beta=beta, eps=eps, every_step=every_step)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-18)


def test_threshold_of_lemma_2_is_sharp(quick):
    largest = quick("trust_region.uniform_equivalence").data["largest epsilon at L_H = 1"]

    def equivalent(eps):
        spectrum = epsilon.spectrum_of_constant_gradient(0.9, eps, 1.0, 2000)
        return spectrum[0] >= eps * (1 - 1e-12) and spectrum[-1] <= 1 / eps

    assert equivalent(largest * (1 - 1e-6))
    assert not equivalent(largest * (1 + 1e-6))


def test_a_smaller_bound_on_the_gradient_makes_trials_void_instead_of_failing():
    gradients = np.tile([1.0, 0.0], (3, 1))
    assert unmet((BOUNDED_GRADIENT,), gradients=gradients, bound=0.5)
    trials, void, worst = norms._accumulator_trials(50, np.random.default_rng(0))
    assert trials + void == 50
    assert void > 0
    assert worst >= -1e-12


def test_the_diagonal_bound_is_attained_and_breaks_for_longer_gradients():
    gradients = np.tile([1.0, 0.0], (30, 1))
    assert norms.diagonal_room(gradients, beta=0.8, eps=0.1, bound=1.0) == pytest.approx(0, abs=1e-12)
    assert norms.diagonal_room(1.1 * gradients, beta=0.8, eps=0.1, bound=1.0) < -0.1


def test_smaller_epsilon_names_what_the_proof_picks(quick):
    evidence = quick("trust_region.smaller_epsilon")
    case = evidence.counterexample
    spectrum = epsilon.spectrum_of_constant_gradient(case["beta"], case["epsilon"], case["g_t"][0], 200)
    np.testing.assert_allclose(spectrum, case["eigenvalues"], rtol=1e-12)
    assert spectrum[-1] > 1 / case["epsilon"]  # Definition 1 fails with 1/epsilon ...
    assert 1 / case["zeta"] <= spectrum[0]  # ... and holds with another constant
    assert spectrum[-1] <= case["zeta"] * (1 + 1e-12)
