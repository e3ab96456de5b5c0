"""The mean over summands of Hessian times gradient, and from it the mean over all mini-batches, by enumeration."""

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from dynamics import gradient, hessian_product, initial_point, mean_curved_gradient, new_sample, summands
from dynamics.kernels.cache import compiled
from dynamics.protocol.canonical import canonical
from dynamics.protocol.sampling_variance import sampling_variance
from dynamics.vectors.panels import as_panels
from synthetic import carmon, linear_net, quadratic
from synthetic.parts.sampling import SAMPLING
from synthetic.ridge_sums.ridge_data import ridge_data
from synthetic.smoothing.smoothing import smoothed
from synthetic.wrappers.noise import AxisNoise, Noisy
from synthetic.wrappers.raised import Raised
from tests.synthetic.classifiers.test_classifiers import logistic, net

MATRIX = [[1.0, 0.2, -0.3], [0.1, 0.5, 0.4], [0.3, -0.2, 0.9], [0.0, 0.7, 0.2]]


def ridge_rows(problem, rows):
    rows = list(rows)
    return problem._replace(data=ridge_data(problem.A[rows].copy(), problem.b[rows].copy()), batch_size=len(rows))


def labelled_rows(problem, rows):
    rows, data = list(rows), problem.data
    few = data._replace(inputs=data.inputs[rows], labels=data.labels[rows])
    return problem._replace(data=few, batch_size=len(rows))


def net_rows(problem, rows):
    rows = list(rows)
    weight = problem.weight * len(problem.X) / len(rows)
    X, Y = problem.X[rows], problem.Y[rows]
    panels = {"inputs": as_panels(X), "outputs": as_panels(Y)}
    return problem._replace(X=X, Y=Y, **panels, weight=weight, batch_size=len(rows))


def raised_rows(problem, rows):
    return Raised(ridge_rows(problem.problem, rows), problem.height)


def averaged_rows(problem, rows):
    return problem._replace(problem=ridge_rows(problem.problem, rows))


CARMON = carmon(samples=5, dimension=3, batch_size=2, rng=0)
CASES: dict[str, Any] = {
    "carmon": (CARMON, ridge_rows),
    "more than a panel": (carmon(samples=70, dimension=9, batch_size=69, rng=1), ridge_rows),
    "least squares": (
        quadratic(eigenvalues=[0.1, 1.0, 4.0], noise="samples", samples=5, batch_size=3, residual=0.7, rng=1),
        ridge_rows,
    ),
    "logistic": (canonical(logistic()), labelled_rows),
    "tanh net": (canonical(net()), labelled_rows),
    "linear net, sum": (
        linear_net(maker="given", matrix=MATRIX, samples=5, form="samples", batch_size=2, rng=4), net_rows,
    ),
    "linear net, mean": (
        linear_net(maker="given", matrix=MATRIX, samples=5, form="samples", reduction="mean", batch_size=2, rng=4),
        net_rows,
    ),
    "averaged": (smoothed(CARMON, 0.4, directions=4, rng=6), averaged_rows),
    "raised": (Raised(CARMON, 3.0), raised_rows),
}  # fmt: skip


def exact(problem, x):
    """∇²f ∇f of a whole problem."""
    g, out = np.empty_like(x), np.empty_like(x)
    gradient(problem, x, g)
    hessian_product(problem, x, g, out)
    return out


def found(problem, x):
    out = np.full_like(x, np.nan)
    mean_curved_gradient(problem, x, out)
    return out


def samples_of(problem):
    return len(new_sample(problem).permutation)


def somewhere(problem):
    return 0.7 * np.random.default_rng(3).standard_normal(initial_point(problem).size)


def law_of(problem, name):
    return problem._replace(sampling=SAMPLING.index(name))


@pytest.mark.parametrize("name", list(CASES))
def test_it_is_the_mean_over_problems_of_one_summand(name):
    problem, rows = CASES[name]
    x = somewhere(problem)
    expected = np.mean([exact(rows(problem, [n]), x) for n in range(samples_of(problem))], axis=0)
    np.testing.assert_allclose(found(problem, x), expected, rtol=1e-11, atol=1e-12 * np.abs(expected).max())
    assert np.abs(expected - exact(problem, x)).max() > 0.01 * np.abs(expected).max()


def curved(problem, x, out):
    mean_curved_gradient(problem, x, out)


@pytest.mark.parametrize("name", ["logistic", "tanh net", "linear net, sum", "averaged", "raised"])
def test_compiled_it_agrees_with_plain_python(name):
    problem, _ = CASES[name]
    x, out = somewhere(problem), np.empty(initial_point(problem).size)
    compiled(curved, (problem, x, out))(problem, x, out)
    expected = found(problem, x)
    np.testing.assert_allclose(out, expected, rtol=1e-11, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("name", list(CASES))
def test_the_closed_form_is_the_mean_over_all_subsets(name):
    problem, rows = CASES[name]
    x, sample = somewhere(problem), new_sample(problem)
    size = sample.size[0]
    expected = np.mean([exact(rows(problem, s), x) for s in combinations(range(samples_of(problem)), size)], axis=0)
    v = sampling_variance(problem, sample)
    closed = v * found(problem, x) + (1 - v) * exact(problem, x)
    np.testing.assert_allclose(closed, expected, rtol=1e-11, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["carmon", "tanh net", "linear net, sum"])
def test_with_replacement_it_is_the_mean_over_all_pairs(name):
    problem, rows = CASES[name]
    x, pairs = somewhere(problem), list(product(range(summands(problem)), repeat=2))
    expected = np.mean([exact(rows(problem, pair), x) for pair in pairs], axis=0)
    v = sampling_variance(law_of(problem, "replacement"), new_sample(problem))
    assert v == 0.5
    closed = v * found(problem, x) + (1 - v) * exact(problem, x)
    np.testing.assert_allclose(closed, expected, rtol=1e-11, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("law", SAMPLING)
def test_the_variance_of_batch_means_is_that_of_the_law(law):
    numbers = np.array([3.0, -1.0, 4.0, 1.5, -9.0])
    pick = product(numbers, repeat=3) if law == "replacement" else combinations(numbers, 3)
    problem = carmon(samples=5, dimension=2, batch_size=3, sampling=law, rng=0)
    expected = np.var([np.mean(some) for some in pick]) / np.var(numbers)
    assert sampling_variance(problem, new_sample(problem)) == pytest.approx(expected, rel=1e-13)


def test_one_summand_and_a_whole_batch_do_not_scatter():
    alone = carmon(samples=1, dimension=2, batch_size=1, rng=0)
    assert new_sample(alone) is None
    sample = new_sample(CARMON)
    sample.size[0] = 5
    assert sampling_variance(CARMON, sample) == 0.0
    noisy = quadratic(eigenvalues=[1.0, 2.0], noise=0.5)
    assert sampling_variance(noisy, new_sample(noisy)) == 0.0


def test_noise_leaves_the_mean_to_the_problem_below():
    # E[H(g + e)] = Hg; over the pairs ±e of a symmetric law the mean is exact.
    problem = Noisy(quadratic(eigenvalues=[1.0, 2.0], rotation="haar", rng=0), AxisNoise(np.ones(2)), np.zeros(2))
    x, e = np.array([0.3, -2.0]), np.array([0.8, 0.1])
    products = []
    for sign in (1.0, -1.0):
        g, out = np.empty(2), np.empty(2)
        gradient(problem.problem, x, g)
        hessian_product(problem.problem, x, g + sign * e, out)
        products.append(out)
    np.testing.assert_allclose(found(problem, x), np.mean(products, axis=0), rtol=1e-14)
