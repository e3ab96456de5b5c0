"""The model's step and its range by other routes, and false variants."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory.claims import Verdict, unmet
from theory.claims.routes import search, symbolic
from theory.claims.step_tuned import model, source
from theory.step_tuned import curvature_step


def test_search_and_certificate_speak_of_the_same_range():
    rng = np.random.default_rng(0)
    for _ in range(50):
        one, two, angle = (Fraction(int(value), 7) for value in rng.integers(-20, 21, size=3))
        if unmet((source.STRONGLY_CONVEX,), eigenvalues=(one, two)):
            continue
        step = (1 + angle**2) / (one + two * angle**2)
        within = 1 / max(one, two) <= step <= 1 / min(one, two)
        assert within == (model.curvature_step_violation(one, two, angle) <= 0)
        assert within


def test_without_strong_convexity_the_range_is_refuted():
    def violation(one, two, angle):
        return (1 + angle**2) / (one + two * angle**2) - 1 / min(one, two)

    found = search.find_violation(
        violation,
        [(-5, 10), (-5, 10), (-5, 5)],
        rng=np.random.default_rng(0),
        admissible=lambda one, two, angle: one * two != 0 and one + two * angle**2 > 0,
    )
    assert min(found.point[:2]) < 0
    assert violation(*found.point) == found.violation > 0


def test_a_narrower_range_is_refuted():
    def violation(one, two, angle):
        high = max(one, two) * Fraction(9, 10)
        return one + two * angle**2 - high * (1 + angle**2)

    found = search.find_violation(
        violation,
        [(-1, 10), (-1, 10), (-5, 5)],
        rng=np.random.default_rng(0),
        admissible=lambda one, two, angle: not unmet((source.STRONGLY_CONVEX,), eigenvalues=(one, two)),
    )
    assert violation(*found.point) > 0
    assert min(found.point[:2]) > 0


def test_the_range_holds_on_strongly_convex_functions_that_are_no_quadratics():
    """The slope x + sin(x)/2 rises by between 1/2 and 3/2 times the distance."""
    rng = np.random.default_rng(0)
    old, new = rng.normal(scale=5, size=(2, 200))
    steps = (new - old) / (new + np.sin(new) / 2 - old - np.sin(old) / 2)
    assert ((steps >= 2 / 3 - 1e-12) & (steps <= 2 + 1e-12)).all()
    assert steps.max() > 1.9


def test_the_counterexample_without_convexity_is_a_step_of_algorithm_1(quick):
    found = quick("step_tuned.range_beyond_quadratics").counterexample
    old, new = Fraction(found["x_{k-1}"]), Fraction(found["x_k"])
    slope = old**2 / 2 - 1
    assert (new - old) / -slope > 0  # downhill from the old iterate, for some alpha
    assert (new - old) / ((new**2 - old**2) / 2) == Fraction(found["gamma_k"]) == 200
    assert 1 / Fraction(found["|J''| at most"]) <= 200  # the lower end stays


def test_wrong_step_does_not_minimise_the_model():
    gamma, slope, curvature = sp.symbols("gamma slope curvature")
    second_order = gamma * slope + gamma**2 * curvature / 2
    wrong = slope / curvature
    gap = second_order - second_order.subs(gamma, wrong) - curvature * (gamma - wrong) ** 2 / 2
    assert symbolic.identity({"sign flipped": gap}, text="minimises").verdict is Verdict.REFUTED


def test_difference_quotient_on_a_quadratic_is_the_models_step_at_the_iterate_before():
    rng = np.random.default_rng(1)
    root = rng.normal(size=(4, 4))
    hessian, old = root @ root.T, rng.normal(size=4)
    moved = -0.3 * hessian @ old
    change = hessian @ (old + moved) - hessian @ old
    assert moved @ moved / (moved @ change) == pytest.approx(float(curvature_step(hessian @ old, hessian)), rel=1e-10)
    # at the NEW iterate the model's step is another one
    assert abs(moved @ moved / (moved @ change) - curvature_step(hessian @ (old + moved), hessian)) > 1e-3


def test_long_step_is_the_least_squares_solution():
    rng = np.random.default_rng(2)
    moved = rng.normal(size=5)
    change = moved * rng.uniform(0.5, 2, size=5)
    inverse = np.linalg.lstsq(moved[:, None], change, rcond=None)[0][0]
    short = np.linalg.lstsq(change[:, None], moved, rcond=None)[0][0]
    assert moved @ moved / (moved @ change) == pytest.approx(1 / inverse)
    assert short < 1 / inverse
