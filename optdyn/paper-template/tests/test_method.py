"""The method against a second implementation, written from the formula."""

import numpy as np
import pytest

from dynamics import simulate
from mypaper.method import Alternating
from synthetic import gradient, quadratic, rosenbrock


@pytest.mark.parametrize("problem", [quadratic(eigenvalues=[1.0, 0.1]), rosenbrock(2)])
def test_whole_trajectories(problem):
    x = np.array([1.1, -0.7])
    run = simulate(Alternating(3e-3, 1e-3), problem, steps=9, x0=x, record_iterates=True)
    for k in range(9):
        x = x - (3e-3 if k % 2 == 0 else 1e-3) * gradient(problem, x)
        np.testing.assert_allclose(run.iterates[k + 1], x, rtol=1e-12)
    assert run.gradients[-1] == 9


def test_steps_that_go_uphill_are_refused():
    with pytest.raises(ValueError, match=r"short = -1.0 must be positive"):
        simulate(Alternating(1.0, -1.0), quadratic(eigenvalues=[1.0]), steps=1, x0=[1.0])
