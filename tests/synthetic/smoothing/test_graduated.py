"""Problems with their smoothed versions: each level is what `smoothed` makes of that degree, the last the problem."""

from typing import Any

import numpy as np
import pytest

from dynamics import (
    batch_summands,
    draw,
    gradient,
    new_sample,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.protocol.graduation import graduate
from synthetic import carmon, info, quadratic
from synthetic.landscapes.classics import himmelblau
from synthetic.landscapes.cosines import rastrigin
from synthetic.landscapes.drop_waves import drop_wave
from synthetic.smoothing.graduated import graduated
from synthetic.smoothing.smoothing import smoothed
from tests.dynamics.problems import Bowl
from theory.sigma_nice import ladder

DEGREES = ladder(0.9, 3, 0.5)
CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "rastrigin": (rastrigin(3), {}),
    "rastrigin, gaussian": (rastrigin(3), {"noise": "gaussian"}),
    "diagonal": (quadratic(eigenvalues=[-0.5, 4.0]), {}),
    "dense": (quadratic(eigenvalues=[-0.5, 4.0], rotation="haar", rng=0), {"noise": "gaussian"}),
    "noisy": (quadratic(eigenvalues=[1.0, 4.0], noise=0.3), {}),
    "least squares": (quadratic(eigenvalues=[1.0, 4.0], noise="samples", samples=7, batch_size=2, rng=2), {}),
    "himmelblau": (himmelblau(), {"directions": 6, "rng": 5}),
    "drop wave": (drop_wave(), {"directions": 4, "noise": "gaussian", "rng": 5}),
    "rastrigin, over shifts": (rastrigin(2), {"directions": 4, "rng": 5}),
    "carmon": (carmon(samples=6, dimension=3, batch_size=2, rng=3), {"rng": 5}),
}


def exact(problem, x):
    out = np.empty_like(x)
    return value_and_gradient(problem, x, out), out


def at_stage(problem, stage, x):
    sample, out = new_sample(problem), np.empty_like(x)
    graduate(problem, sample, stage)
    return sampled_value_and_gradient(problem, x, sample, out), out


@pytest.mark.parametrize("name", list(CASES))
def test_each_level_is_the_problem_smoothed_to_its_degree(name):
    problem, options = CASES[name]
    family = graduated(problem, DEGREES, **options)
    x = np.random.default_rng(1).standard_normal(info(family).dimension)
    for stage, delta in enumerate(DEGREES[:-1]):
        expected = exact(smoothed(problem, delta, **options), x)  # the same rng: the same directions
        for found, right in zip(at_stage(family, stage, x), expected, strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", list(CASES))
def test_after_the_last_degree_comes_the_problem_itself(name):
    problem, options = CASES[name]
    family = graduated(problem, DEGREES[:-1], **options)
    np.testing.assert_array_equal(family.degrees, DEGREES)
    x = np.random.default_rng(1).standard_normal(info(family).dimension)
    number, slope = exact(problem, x)
    for stage in (3, 4, 1000):
        found = at_stage(family, stage, x)
        assert found[0] == number
        np.testing.assert_array_equal(found[1], slope)
    out = np.empty_like(x)
    gradient(family, x, out)
    np.testing.assert_allclose(out, slope, rtol=1e-14)
    assert exact(family, x)[0] == number
    assert value(family, x) == pytest.approx(number, rel=1e-13)


def test_an_evaluation_counts_the_terms_that_it_takes():
    problem = carmon(samples=6, dimension=3, batch_size=2, rng=3)
    family = graduated(problem, [2.0, 1.0], directions=4, rng=0)
    sample, terms = new_sample(family), []
    for stage in range(3):
        graduate(family, sample, stage)
        terms.append(batch_summands(family, sample))
    assert (terms, summands(family)) == ([24, 24, 6], 6)
    closed = graduated(quadratic(eigenvalues=[1.0], noise="samples", samples=7, batch_size=2, rng=2), [1.0])
    assert batch_summands(closed, new_sample(closed)) == summands(closed) == 7


def test_nothing_is_drawn():
    family, rng = graduated(rastrigin(), [1.0]), np.random.default_rng(0)
    before = rng.bit_generator.state
    draw(family, rng, new_sample(family))
    assert rng.bit_generator.state == before


@pytest.mark.parametrize("degrees", [[1.0, 1.0], [0.5, 1.0], [0.0], [1.0, -0.5], [1.0, 0.0, 0.0]])
def test_degrees_must_fall(degrees):
    with pytest.raises(ValueError, match="must be positive and fall, each below the one before"):
        graduated(rastrigin(), degrees)


@pytest.mark.parametrize(
    ("problem", "degrees", "options", "sentence"),
    [
        (rastrigin(), [], {}, "degrees has shape"),
        (rastrigin(), [np.inf, 1.0], {}, "degrees has NaN or infinity"),
        (rastrigin(), [1.0], {"noise": "cube"}, "unknown noise 'cube'"),
        (rastrigin(), [1.0], {"directions": 3}, "directions = 3 must be even"),
        (Bowl(np.ones(2)), [1.0], {}, "Bowl has no initial_point"),
    ],
)
def test_bad_arguments_are_refused(problem, degrees, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        graduated(problem, degrees, **options)
