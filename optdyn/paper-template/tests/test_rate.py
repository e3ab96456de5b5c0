"""The closed form against the steps themselves, over the whole interval of curvatures."""

import numpy as np
import pytest

from mypaper.rate import factor, rate, steps


@pytest.mark.parametrize("condition_number", [1.5, 10.0, 1e4])
def test_rate_is_the_largest_factor(condition_number):
    long, short = steps(condition_number, largest=3.0)
    curvatures = np.linspace(3.0 / condition_number, 3.0, 1001)
    factors = (1 - long * curvatures) * (1 - short * curvatures)
    np.testing.assert_allclose(factor(curvatures, 3.0 / condition_number, 3.0), factors, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.abs(factors).max(), rate(condition_number), rtol=1e-9)


def test_no_other_two_steps_are_better():
    long, short = steps(10.0)
    curvatures = np.linspace(0.1, 1.0, 1001)
    for change in (0.99, 1.01):
        for other in ((long * change, short), (long, short * change)):
            assert np.abs((1 - other[0] * curvatures) * (1 - other[1] * curvatures)).max() > rate(10.0)
