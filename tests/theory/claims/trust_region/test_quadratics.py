"""Figures 1 and 4: the vectorised methods against loops, and statements turned round."""

import numpy as np
import pytest

from theory.claims import Verdict
from theory.claims.trust_region import figure_1, first_order_analogue
from theory.claims.trust_region.quadratics import EPS, GRID, TARGET, axis_aligned, iterations


def counted(form, start, method, size, steps=400):
    """Iterations of one method with one step size, written out."""
    x, sums = start.copy(), np.zeros((2, 2))
    for k in range(steps):
        if x @ form @ x <= TARGET * (start @ form @ start):
            return k
        gradient = form @ x
        sums += np.outer(gradient, gradient)
        if method == "gradient descent":
            x = x - size / np.linalg.eigvalsh(form)[-1] * gradient
        elif method == "diagonal":
            x = x - size * gradient / np.sqrt(np.diag(sums) + EPS)
        else:
            values, vectors = np.linalg.eigh(sums)
            x = x - size * vectors @ ((vectors.T @ gradient) / np.sqrt(np.maximum(values, 0) + EPS))
        if not np.abs(x).max() < 1e6:
            return steps
    return steps


@pytest.mark.parametrize("method", ["gradient descent", "diagonal", "full"])
def test_iterations_are_those_of_a_loop_over_step_sizes(method):
    problems = axis_aligned(2, (3.0, 20.0), np.random.default_rng(0)).rotated(np.array([0.4, -1.0]))
    found = iterations(problems, method)
    for index in range(2):
        each = [counted(problems.forms[index], problems.starts[index], method, size) for size in GRID]
        assert found[index] == min(each)


def test_gradient_descent_and_the_full_matrix_do_not_notice_a_turn():
    straight = axis_aligned(5, (30.0, 300.0), np.random.default_rng(1))
    turned = straight.rotated(np.full(5, 0.7))
    for method in ("gradient descent", "full"):
        np.testing.assert_allclose(iterations(straight, method), iterations(turned, method), atol=1)
    assert (iterations(turned, "diagonal") > 3 * iterations(straight, "diagonal")).all()


def test_the_statement_turned_round_is_refuted_and_a_null_is_left_open():
    rng = np.random.default_rng(2)
    straight, _ = figure_1.draw("quick", rng)
    slow_down = iterations(straight, "diagonal") / iterations(straight, "gradient descent")
    assert figure_1.judged(slow_down, statement="turned round").verdict is Verdict.REFUTED
    null = np.exp(rng.normal(size=50))
    assert figure_1.judged(null, statement="nothing").verdict is Verdict.UNDECIDED


def test_constant_steps_are_gradient_descent():
    problems = axis_aligned(1, (5.0, 6.0), np.random.default_rng(3))
    left = first_order_analogue.losses_of(problems, ellipsoid=False, region="none")[0]
    values, start = np.diag(problems.forms[0]), problems.starts[0]
    factors = 1 - GRID[:, None] * values / values.max()
    expected = (factors**60 * start**2) @ values / (start**2 @ values)
    calm = expected < 1
    np.testing.assert_allclose(left[calm], np.maximum(expected[calm], first_order_analogue.FLOOR), rtol=1e-6)


def test_median_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(4)
    hits = [first_order_analogue.median_interval(rng.exponential(size=25), error_level=0.1) for _ in range(400)]
    covered = np.mean([interval.contains(np.log(2)) for interval in hits])
    assert 0.88 < covered < 0.99  # exact coverage at n = 25 is 0.957
    with pytest.raises(ValueError, match="draw more"):
        first_order_analogue.median_interval(np.arange(4.0), error_level=0.01)


def test_another_measure_of_similarity_would_refute_the_sphere():
    evidence = first_order_analogue.compare(
        "quick", np.random.default_rng(0), ellipsoid=False, name="gradient descent", similar=1e-3
    )
    assert evidence.verdict is Verdict.REFUTED
