"""Adam: against the twin, and what sets it apart: no scale, no rotation."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import Adam, simulate
from dynamics.algorithms.parts.moments import bias_correction, normalized
from dynamics.protocol.schedules import cosine
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic
from tests.dynamics.twins import adam

STEPS = 60
X0 = np.zeros(6)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(("beta1", "beta2", "eps"), [(0.9, 0.999, 1e-8), (0.5, 0.7, 1e-2), (0.0, 0.9, 0.0)])
def test_twin(batch, beta1, beta2, eps):
    problem = carmon_like(batch=batch)
    twin = adam(formulas_of(problem, STEPS).gradient, X0, np.full(STEPS, 0.1), beta1, beta2, eps)
    assert_same_run(run_of(Adam(0.1, beta1, beta2, eps), problem, STEPS), twin)


@pytest.mark.parametrize("dimension", [8, 19])
def test_twin_in_whole_blocks_and_what_is_left(dimension):
    problem = carmon_like(dimension=dimension)
    twin = adam(formulas_of(problem, STEPS).gradient, np.zeros(dimension), np.full(STEPS, 0.1), 0.9, 0.999, 1e-8)
    assert_same_run(run_of(Adam(0.1), problem, STEPS), twin)


def test_twin_with_a_falling_step():
    problem = carmon_like()
    falling = 0.2 * (1 + np.cos(np.pi * np.arange(STEPS) / STEPS)) / 2
    twin = adam(formulas_of(problem, STEPS).gradient, X0, falling, 0.9, 0.999, 1e-8)
    assert_same_run(run_of(Adam(cosine(0.2, horizon=STEPS)), problem, STEPS), twin)


def test_without_eps_the_scale_of_the_loss_is_nothing():
    problem = carmon_like()
    once = run_of(Adam(0.1, eps=0.0), problem, STEPS).iterates
    thousandfold = run_of(Adam(0.1, eps=0.0), problem._replace(dent=1024.0), STEPS).iterates
    np.testing.assert_allclose(thousandfold, once, rtol=0, atol=1e-12)


def test_without_eps_a_coordinate_without_gradient_stays():
    run = run_of(Adam(0.1, eps=0.0), quadratic([1.0, 0.0, 0.0], [0.0] * 3), 5, x0=[1.0, 2.0, -3.0])
    assert np.array_equal(run.iterates[:, 1:], np.tile([2.0, -3.0], (6, 1)))
    assert run.iterates[1, 0] == pytest.approx(0.9, abs=1e-15)


@settings(deadline=None)
@given(st.floats(0.0, 1.0, exclude_max=True), st.integers(0, 10**7))
def test_the_correction_is_exact_up_to_the_rounding_of_the_power(beta, k):
    # The power is rounded to an ulp of itself, so at most to one of 1; then the difference is.
    exact = 1 - mpmath.mpf(beta) ** (k + 1) if k < 10**4 else -mpmath.expm1((k + 1) * mpmath.log(beta or 1e-300))
    assert abs(bias_correction(beta, k) - exact) <= 2.0**-52


@given(st.floats(0.5, 1.0 - 1e-6), st.floats(0.9, 1.1))
def test_no_power_is_taken_only_where_the_correction_rounds_to_one(beta, around):
    k = int(around * 37.5 / (1.0 - beta))
    assert bias_correction(beta, k) == pytest.approx(1.0 - float(np.power(beta, k + 1.0)), abs=2.0**-53)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((0.0, 0.0, 0.0), 0.0),
        ((1e-200, 0.0, 0.0), 0.0),
        ((1.0, 4.0, 0.0), 0.5),
        ((0.0, 0.0, 1.0), 0.0),
        ((3.0, 4.0, 1.0), 1.0),
    ],
)
def test_nothing_over_nothing_is_no_step(numbers, expected):
    with np.errstate(all="ignore"):  # plain Python would warn of the quotient that is not taken
        assert normalized(*map(np.float64, numbers)) == expected


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (Adam(-1.0), "step_size = -1.0 must be positive"),
        (Adam(0.1, beta1=1.0), r"beta1 = 1.0 must lie in \[0, 1\)"),
        (Adam(0.1, beta2=-0.5), r"beta2 = -0.5 must lie in \[0, 1\)"),
        (Adam(0.1, eps=-1e-8), "eps = -1e-08 must be at least 0"),
        (Adam(0.1, eps=float("nan")), "eps = nan must be at least 0"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
