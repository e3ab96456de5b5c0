"""The problem's gradient against complex steps of its energy, and what is known of it against linear algebra."""

import numpy as np

from dynamics import simulate
from mypaper.method import Alternating
from mypaper.problem import chain
from mypaper.rate import rate, steps
from synthetic import gradient, info, value


def energy(x, pull):
    return 0.5 * (np.diff(np.concatenate([[0.0], x, [0.0]])) ** 2).sum() - pull @ x


def test_gradient():
    problem = chain(dimension=5, rng=1)
    x = np.random.default_rng(2).normal(size=5)
    by_complex_steps = [energy(x + 1e-30j * row, problem.pull).imag / 1e-30 for row in np.eye(5)]
    np.testing.assert_allclose(gradient(problem, x), by_complex_steps, rtol=1e-12)
    np.testing.assert_allclose(value(problem, x), energy(x, problem.pull), rtol=1e-12)


def test_what_is_known():
    problem = chain(dimension=6, rng=3)
    known = info(problem)
    hessian = np.array([gradient(problem, row) - gradient(problem, np.zeros(6)) for row in np.eye(6)])
    np.testing.assert_allclose(known.spectrum, np.linalg.eigvalsh(hessian), rtol=1e-12)
    np.testing.assert_allclose(gradient(problem, known.minimiser), 0.0, atol=1e-12)
    np.testing.assert_allclose(value(problem, known.minimiser), known.minimum, rtol=1e-12)


def test_two_steps_on_a_chain_are_worth_the_rate():
    problem = chain(dimension=4, rng=0)
    known = info(problem)
    method = Alternating(*steps(known.condition_number, known.lipschitz_constant))
    run = simulate(method, problem, steps=10, x0=known.minimiser + 1.0)
    assert np.linalg.norm(run.x - known.minimiser) <= 2.0 * rate(known.condition_number) ** 5
