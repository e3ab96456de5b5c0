"""The regression of these tests: its kernels against its formulas."""

import numpy as np
import pytest

from dynamics import gradient, hessian_product, value
from tests.dynamics.algorithms.regression import Formulas, carmon_like, interpolated, quadratic


@pytest.mark.parametrize("problem", [carmon_like(), interpolated(), quadratic([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])])
def test_kernels_and_formulas(problem):
    x, v = np.random.default_rng(1).standard_normal((2, 6))
    formulas, out = Formulas(problem), np.empty(6)
    assert value(problem, x) == pytest.approx(formulas.loss(0, x), rel=1e-13)
    gradient(problem, x, out)
    np.testing.assert_allclose(out, formulas.gradient(0, x), rtol=1e-12)
    hessian_product(problem, x, v, out)
    h = 1e-5
    difference = (formulas.gradient(0, x + h * v) - formulas.gradient(0, x - h * v)) / (2 * h)
    np.testing.assert_allclose(out, difference, rtol=1e-7)
