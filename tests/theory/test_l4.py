"""L4's step against the kernels, its defect against two steps, and what they refuse."""

import numpy as np
import pytest

from theory.l4 import affine_invariance_defect, l4_step, regularizer_floor


def test_first_step_is_the_kernels():
    from dynamics import L4Mom, simulate
    from synthetic import quadratic

    eigenvalues, start = np.array([1.0, 3.0]), np.array([0.5, -2.0])
    run = simulate(L4Mom(), quadratic(eigenvalues=eigenvalues), steps=1, x0=start)
    gradient, loss = eigenvalues * start, 0.5 * eigenvalues @ start**2
    np.testing.assert_allclose(start + l4_step(loss, gradient, gradient, minimum=0.75 * loss), run.x, rtol=1e-14)


def test_nothing_to_descend_is_no_step():
    np.testing.assert_array_equal(l4_step(1.0, [0.0], [0.0], minimum=0.0, regularizer=0.0), [0.0])
    np.testing.assert_array_equal(l4_step(0.0, [1.0], [1.0], minimum=0.0), [0.0])


def test_steps_broadcast():
    steps = l4_step([1.0, 2.0], np.ones((2, 3)), np.ones((2, 3)), minimum=0.0, alpha=1.0, regularizer=0.0)
    np.testing.assert_allclose(steps, [[-1 / 3] * 3, [-2 / 3] * 3])


@pytest.mark.parametrize(("a", "b", "eps"), [(3.0, 0.0, 0.1), (1.0, 2.0, 0.0), (0.2, 1.5, 0.7)])
def test_defect_is_the_ratio_of_two_steps(a, b, eps):
    gradient, direction = np.array([1.0, 2.0]), np.array([0.5, 0.3])
    before = l4_step(2.0, gradient, direction, minimum=1.5, regularizer=eps)
    after = l4_step(a * 2 + b, a * gradient, direction, minimum=a * 1.5 + b, regularizer=eps)
    defect = affine_invariance_defect(2.0, gradient @ direction, minimum=1.5, scale=a, shift=b, regularizer=eps)
    np.testing.assert_allclose(after / before - 1, np.full(2, defect), rtol=1e-12)


def test_core_rule_has_no_defect():
    assert affine_invariance_defect(2.0, 0.3, minimum=1.0, scale=7.0, shift=3.0, gamma=1.0, regularizer=0.0) == 0


def test_floor_is_where_product_and_regularizer_meet():
    curvature, eps = 3.0, 1e-8
    x = np.sqrt(2 * regularizer_floor(curvature, regularizer=eps) / curvature)
    assert (curvature * x) ** 2 == pytest.approx(eps)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: l4_step(-1.0, [1.0], [1.0], minimum=0.0), "non-negative loss"),
        (lambda: l4_step(1.0, [1.0], [-1.0], minimum=0.0), "90 degrees"),
        (lambda: l4_step(1.0, [1.0], [1.0], minimum=0.0, alpha=0.0), "alpha = 0.0"),
        (lambda: l4_step(1.0, [1.0], [1.0], minimum=0.0, gamma=1.1), "gamma = 1.1"),
        (lambda: l4_step(1.0, [1.0], [1.0], minimum=0.0, regularizer=-1.0), "regularizer = -1.0"),
        (lambda: affine_invariance_defect(1.0, 1.0, minimum=0.0, scale=-1.0), "above 0"),
        (lambda: affine_invariance_defect(0.5, 1.0, minimum=1.0), "above 0"),
        (lambda: regularizer_floor(0.0), "must be positive"),
    ],
)
def test_bad_numbers_are_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
