"""The classics, Rastrigin's family and the drop wave against formulas written once more, for complex x."""

import numpy as np
import pytest
from scipy.optimize import minimize

import synthetic
from dynamics import gradient, initial_point, value_and_gradient
from synthetic.landscapes.classics import beale, himmelblau, monkey_saddle, narrow_valley, saddle
from synthetic.landscapes.cosines import QuadraticCosine, quadratic_cosine, rastrigin
from synthetic.landscapes.drop_waves import drop_wave
from synthetic.landscapes.rosenbrock_valley import rosenbrock
from synthetic.parts.information import info


def rosenbrock_formula(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def valley_formula(x):
    along, across = np.cos(0.7) * x[0] + np.sin(0.7) * x[1], np.cos(0.7) * x[1] - np.sin(0.7) * x[0]
    return along**2 / 200 + across**2 / 2


CASES = {
    "rosenbrock": (rosenbrock(5), rosenbrock_formula),
    "himmelblau": (himmelblau(), lambda x: (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2),
    "beale": (beale(), lambda x: sum((c - x[0] * (1 - x[1] ** k)) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)))),
    "monkey saddle": (monkey_saddle(), lambda x: x[0] ** 3 - 3 * x[0] * x[1] ** 2),
    "saddle": (saddle(), lambda x: x[0] ** 2 - x[1] ** 2),
    "narrow valley": (narrow_valley(condition_number=100.0, angle=0.7), valley_formula),
    "rastrigin": (rastrigin(3), lambda x: np.sum(x**2 - 10 * np.cos(2 * np.pi * x) + 10)),
    "quadratic cosine": (
        quadratic_cosine(0.3, -0.8, 1.7, dimension=2), lambda x: np.sum(0.15 * x**2 - 0.8 * (1 - np.cos(1.7 * x)))
    ),
    "drop wave": (drop_wave(), lambda x: -(1 + np.cos(12 * np.pi * x[0])) / (2 + x[0] ** 2 / 2)),
}  # fmt: skip


def by_complex_step(function, x):
    return np.array([function(x + step).imag for step in 1e-30j * np.eye(len(x))]) / 1e-30


@pytest.fixture(params=list(CASES))
def case(request):
    problem, formula = CASES[request.param]
    rng = np.random.default_rng(3)
    points, vectors = rng.standard_normal((2, 4, info(problem).dimension))
    return problem, formula, points, vectors


def test_value_and_gradient(case):
    problem, formula, points, _ = case
    expected = [by_complex_step(formula, x) for x in points]
    scale = np.abs(expected).max()
    np.testing.assert_allclose(synthetic.value(problem, points), [formula(x) for x in points], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(synthetic.gradient(problem, points), expected, rtol=1e-12, atol=1e-13 * scale)
    out = np.empty(points.shape[1])
    for x in points:
        # In plain Python, beside the compiled functions.
        assert value_and_gradient(problem, x, out) == pytest.approx(synthetic.value(problem, x), rel=1e-12, abs=1e-13)
        np.testing.assert_allclose(out, synthetic.gradient(problem, x), rtol=1e-12, atol=1e-13 * scale)


def test_hessian_and_products(case):
    problem, formula, points, vectors = case
    steps = 1e-5 * np.eye(points.shape[1])
    hessians = synthetic.hessian(problem, points)
    for x, found in zip(points, hessians, strict=True):
        rows = [by_complex_step(formula, x + h) - by_complex_step(formula, x - h) for h in steps]
        expected = np.array(rows) / 2e-5
        # Central differences err by h²/6 of the fourth derivative, ω² = 1421 times the second for the drop wave.
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7 * np.abs(hessians).max())
    expected = np.einsum("pij,pj->pi", hessians, vectors)
    np.testing.assert_allclose(
        synthetic.hessian_product(problem, points, vectors), expected, rtol=1e-12, atol=1e-13 * np.abs(hessians).max()
    )


def test_known_minimisers(case):
    problem, formula, *_ = case
    known = info(problem)
    assert initial_point(problem).shape == (known.dimension,)
    if known.minimiser is None:
        assert known.minimum == -np.inf
        assert "saddle" in known.notes[0]
        return
    assert formula(known.minimiser) == pytest.approx(known.minimum, abs=1e-14)
    assert np.abs(by_complex_step(formula, known.minimiser)).max() < 1e-12
    # No descent from 200 points far and near gets lower.
    starts = np.random.default_rng(4).standard_normal((200, known.dimension)) * np.geomspace(0.1, 10, 200)[:, None]
    assert min(formula(x) for x in starts) >= known.minimum
    assert min(minimize(formula, x).fun for x in starts[::20]) >= known.minimum - 1e-12


def test_himmelblau_has_four_minimisers():
    minimisers = himmelblau().minimisers
    np.testing.assert_allclose(synthetic.value(himmelblau(), minimisers), 0.0, atol=1e-27)
    assert np.linalg.eigvalsh(synthetic.hessian(himmelblau(), minimisers)).min() > 10
    assert min(np.linalg.norm(p - q) for i, p in enumerate(minimisers) for q in minimisers[:i]) > 3


@pytest.mark.parametrize(("dimension", "second"), [(3, False), (4, True), (10, True), (100, True)])
def test_rosenbrocks_second_minimum(dimension, second):
    problem = rosenbrock(dimension)
    x = np.ones(dimension)
    x[0] = -1.0
    for _ in range(50):
        x -= np.linalg.solve(synthetic.hessian(problem, x), synthetic.gradient(problem, x))
    local = np.linalg.norm(synthetic.gradient(problem, x)) < 1e-8
    local = local and np.linalg.eigvalsh(synthetic.hessian(problem, x)).min() > 0 and synthetic.value(problem, x) > 1
    assert local == second == any("second" in note for note in info(problem).notes)


@pytest.mark.parametrize("dimension", [2, 3, 8, 9, 10, 11, 17, 18, 100])
def test_rosenbrocks_products_are_those_of_its_hessian_however_long_the_vector_is(dimension):
    rng, problem = np.random.default_rng(dimension), rosenbrock(dimension)
    x, v = rng.standard_normal((2, dimension))
    product = synthetic.hessian_product(problem, x, v)
    np.testing.assert_allclose(product, synthetic.hessian(problem, x) @ v, rtol=1e-12, atol=1e-9)


def test_the_monkey_saddle_attracts_along_its_ridge():
    ridge, beside, slope = np.array([1.0, 0.0]), initial_point(monkey_saddle()).copy(), np.empty(2)
    for _ in range(45):
        for x in (ridge, beside):
            gradient(monkey_saddle(), x, slope)
            x -= 0.05 * slope
    assert 0 < ridge[0] < 0.15
    assert ridge[1] == 0
    assert synthetic.value(monkey_saddle(), beside) < -0.5
    assert not synthetic.hessian(monkey_saddle(), [0.0, 0.0]).any()


LIPSCHITZ = {
    "convex": (quadratic_cosine(2.0, 0.5, 1.5), 1.0),
    "rippled": (quadratic_cosine(0.3, -0.8, 1.7), 1.0),
    "rastrigin": (rastrigin(), 1.0),
    "drop wave": (drop_wave(), 0.2),
}


@pytest.mark.parametrize("name", list(LIPSCHITZ))
def test_lipschitz_constants_are_the_largest_curvature(name):
    problem, reach = LIPSCHITZ[name]
    known = info(problem)
    x = np.linspace(-20 * reach, 20 * reach, 400_001)[:, None]
    curvature = synthetic.hessian_product(problem, x, np.ones(1))[:, 0]
    assert known.lipschitz_is_exact
    assert np.abs(curvature).max() == pytest.approx(known.lipschitz_constant, rel=1e-6)
    if known.strong_convexity is None:
        assert curvature.min() < 0
    else:
        assert curvature.min() == pytest.approx(known.strong_convexity, rel=1e-6)
        assert known.condition_number == known.lipschitz_constant / known.strong_convexity


def test_a_hollowed_bowl_has_two_minimisers_a_coordinate():
    problem = quadratic_cosine(1.0, -1.0, 3.0)
    known = info(problem)
    grid = np.linspace(-6, 6, 1_200_001)
    values = synthetic.value(problem, grid[:, None])
    assert abs(abs(grid[values.argmin()]) - known.minimiser[0]) < 1e-5
    assert values.min() == pytest.approx(known.minimum, abs=1e-9)
    assert known.minimiser[0] > 0.5
    # At the edge of convexity the bowl is flat in its centre, and 0 is the minimiser.
    assert info(quadratic_cosine(1.0, -0.25, 2.0)).minimiser[0] == 0
    assert info(quadratic_cosine(1.0, -0.25 * (1 + 1e-15), 2.0)).minimiser[0] < 1e-6


def test_rastrigin_has_63_local_minimisers():
    x = np.linspace(-40, 40, 800_001)
    slope = synthetic.gradient(rastrigin(), x[:, None])[:, 0]
    assert ((slope[:-1] < 0) & (slope[1:] >= 0)).sum() == 63


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: rosenbrock(1), "dimension = 1"),
        (lambda: rosenbrock(2.5), "dimension = 2.5 must be a whole number"),  # type: ignore[arg-type]
        (lambda: rastrigin(0), "dimension = 0"),
        (lambda: quadratic_cosine(0.0), "a = 0.0"),
        (lambda: quadratic_cosine(1.0, 1.0, -2.0), "omega = -2.0"),
        (lambda: quadratic_cosine(1.0, np.inf), "NaN or infinity"),
        (lambda: narrow_valley(condition_number=0.5), "condition_number = 0.5"),
        (lambda: narrow_valley(angle=np.nan), "angle = nan must be a real number"),
        (lambda: synthetic.value(QuadraticCosine(1.0, 1.0, 1.0, 0.0, np.zeros((2, 2))), [0.0]), r"start has shape"),
        (lambda: synthetic.value(type(himmelblau())(np.zeros(3)), [0.0] * 3), r"a function on the plane needs \(2,\)"),
    ],
)
def test_domain_errors(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
