"""Adagrad with the full matrix: against a twin by singular values, where it is other methods, and at its edges."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from dynamics import Adagrad, RMSprop, simulate
from dynamics.algorithms.parts.full_matrix import times_inverse_root
from tests.dynamics.algorithms import adaptive_twins as twins
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic

STEPS = 40
X0 = np.linspace(-1, 1, 6)


def full_adagrad(*, eps, initial_sum=0.0):
    """By the singular values σ of the matrix of all gradients, whose squares are the eigenvalues of the sum."""

    def direction(seen):
        u, sigma, _ = np.linalg.svd(np.column_stack([*seen, *np.zeros((len(seen[0]), len(seen[0])))]))
        root = np.sqrt(sigma**2 + initial_sum)
        root[sigma <= 1e-8 * sigma[0]] = np.inf  # the gradient has no part there
        return u @ ((u.T @ seen[-1]) / (root + eps))

    return direction


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(("eps", "initial_sum"), [(0.0, 0.0), (1e-10, 0.0), (0.0, 0.1), (0.3, 1e-8)])
def test_twin(batch, eps, initial_sum):
    problem = carmon_like(batch=batch)
    direction = full_adagrad(eps=eps, initial_sum=initial_sum)
    twin = twins.along(direction, formulas_of(problem, STEPS).gradient, X0, np.full(STEPS, 0.3))
    run = run_of(Adagrad(0.3, eps, initial_sum, "full"), problem, STEPS, x0=X0)
    assert_same_run(run, twin, tolerance=1e-9)


def test_a_shift_of_the_matrix_is_the_initial_sum():
    """Equation (2) of Adolphs et al.: the step −α A^(−1/2) g, A = GGᵀ + εI, with a matrix square root."""
    problem, shift = carmon_like(), 0.01
    gradient, x, seen = formulas_of(problem, STEPS).gradient, X0, []
    for k in range(STEPS):
        seen.append(gradient(k, x))
        matrix = np.array(seen).T @ np.array(seen) + shift * np.eye(6)
        x = x - 0.3 * np.linalg.solve(sqrtm(matrix), seen[-1])
    run = run_of(Adagrad(0.3, eps=0.0, initial_sum=shift, matrix="full"), problem, STEPS, x0=X0)
    np.testing.assert_allclose(run.x, x, rtol=1e-10)


@pytest.mark.parametrize("eps", [0.0, 0.1])
def test_in_one_dimension_both_forms_are_one(eps):
    full, diagonal = (
        run_of(Adagrad(0.3, eps, matrix=matrix), quadratic([2.0]), 20, x0=[3.0]).iterates
        for matrix in ("full", "diagonal")
    )
    np.testing.assert_allclose(full, diagonal, rtol=1e-13)


def test_gradients_on_one_line_are_scaled_by_the_root_of_their_sum():
    """On a circular bowl all gradients point to the minimiser: x shrinks by 1 − α/√Σ‖g‖², and leaves no line."""
    start = np.array([3.0, 4.0, 12.0])
    run = run_of(Adagrad(2.0, eps=0.0, matrix="full"), quadratic([1.0] * 3, [0.0] * 3), 30, x0=start)
    lengths, total = [13.0], 0.0
    for _ in range(30):
        total += lengths[-1] ** 2
        lengths.append(lengths[-1] * (1 - 2.0 / np.sqrt(total)))
    np.testing.assert_allclose(run.iterates, np.outer(lengths, start / 13), rtol=0, atol=1e-12)


def test_a_direction_without_gradient_stays():
    run = run_of(Adagrad(0.1, eps=0.0, matrix="full"), quadratic([1.0, 0.0, 2.0], [0.0] * 3), 5, x0=[1.0, 2.0, -3.0])
    assert (run.iterates[:, 1] == 2.0).all()
    still = run_of(Adagrad(0.1, eps=0.0, matrix="full"), quadratic([1.0, 2.0]), 3, x0=[1.0, 1.0])
    assert np.array_equal(still.iterates, np.ones((4, 2)))


def test_sums_that_overflow_give_a_step_of_zero_as_in_the_diagonal_form():
    """An eigenvalue routine would refuse infinity in the midst of a run."""
    step = np.ones(2)
    times_inverse_root(np.array([[np.inf, 1.0], [1.0, 2.0]]), np.array([1.0, 2.0]), 0.0, 0.0, step)
    assert step.tolist() == [0.0, 0.0]


def test_a_word_that_is_no_matrix_is_refused():
    with pytest.raises(ValueError, match=r"unknown Adagrad.matrix 'block'. Allowed: diagonal, full"):
        simulate(Adagrad(0.1, matrix="block"), carmon_like(), steps=1)


# Before the matrix has full rank its zero eigenvalues are rounding, 1e-17, whose root 3e-9 adds to an outer ε of 0.1.
@pytest.mark.parametrize(("eps", "placement", "tolerance"), [(1e-3, "inside", 1e-9), (0.1, "outside", 1e-7)])
def test_rmsprop_with_the_full_matrix_is_the_moving_average_under_a_matrix_root(eps, placement, tolerance):
    problem, matrix, x = carmon_like(), np.zeros((6, 6)), X0
    gradient, inside = formulas_of(problem, STEPS).gradient, eps if placement == "inside" else 0.0
    for k in range(STEPS):
        g = gradient(k, x)
        matrix = 0.8 * matrix + 0.2 * np.outer(g, g)
        eigenvalues, vectors = np.linalg.eigh(matrix)
        roots = np.sqrt(np.maximum(eigenvalues, 0.0) + inside) + (eps - inside)
        kept = eigenvalues > 1e-13 * eigenvalues[-1]
        x = x - 0.05 * vectors[:, kept] @ ((vectors[:, kept].T @ g) / roots[kept])
    run = run_of(RMSprop(0.05, 0.8, eps, placement, "full"), problem, STEPS, x0=X0)
    np.testing.assert_allclose(run.x, x, rtol=tolerance)


def test_rmsprop_in_one_dimension_has_one_form():
    full, diagonal = (
        run_of(RMSprop(0.1, matrix=matrix), quadratic([2.0]), 20, x0=[3.0]).iterates for matrix in ("full", "diagonal")
    )
    np.testing.assert_allclose(full, diagonal, rtol=1e-12)
