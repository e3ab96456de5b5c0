"""Noise of heavy tails against the laws of SciPy and the characteristic function; each test errs once in 10⁶ times."""

import numpy as np
import pytest
from scipy import stats

from dynamics import SGD, Refusal, check_problem, draw, new_sample, simulate
from synthetic import info, noisy, quadratic
from tests.dynamics.problems import Bowl

DIMENSION, ERROR_LEVEL = 6000, 1e-6


def drawn(law, scale=1.0, **tail):
    problem = noisy(quadratic(eigenvalues=np.ones(DIMENSION)), law=law, scale=scale, **tail)
    sample = new_sample(problem)
    draw(problem, np.random.default_rng(5), sample)
    return sample.noise.copy()


@pytest.mark.parametrize(
    ("law", "tail", "known"),
    [
        ("normal", {}, stats.norm()),
        ("student", {"tail": 1.0}, stats.cauchy()),
        ("student", {"tail": 2.5}, stats.t(2.5)),
        ("student", {"tail": 1e6}, stats.norm()),
        ("stable", {"tail": 1.0}, stats.cauchy()),
        ("stable", {"tail": 2.0}, stats.norm(scale=np.sqrt(2.0))),
    ],
)
def test_laws_of_scipy(law, tail, known):
    assert stats.kstest(drawn(law, 3.0, **tail) / 3.0, known.cdf).pvalue > ERROR_LEVEL


@pytest.mark.parametrize("index", [0.7, 1.0, 1.4, 1.9])
def test_the_characteristic_function_of_a_stable_law(index):
    numbers = drawn("stable", 0.5, tail=index)
    for u in (0.5, 2.0, 5.0):
        waves = np.cos(u * numbers)
        off = abs(waves.mean() - np.exp(-((0.5 * u) ** index))) / (waves.std() / np.sqrt(DIMENSION))
        assert off < stats.norm.isf(ERROR_LEVEL / 2)
    assert abs(np.sin(2.0 * numbers).mean()) < stats.norm.isf(ERROR_LEVEL / 2) / np.sqrt(2 * DIMENSION)


@pytest.mark.parametrize("law", ["student", "stable"])
def test_entries_are_independent(law):
    signs = np.sign(drawn(law, tail=1.5))
    for gap in (1, 2, 3, DIMENSION // 2):
        assert abs(np.mean(signs[gap:] * signs[:-gap])) < stats.norm.isf(ERROR_LEVEL / 2) / np.sqrt(DIMENSION - gap)


@pytest.mark.parametrize(("law", "tail"), [("student", 2.5), ("stable", 1.6)])
def test_nothing_is_wrong_with_the_problem(law, tail):
    problem = noisy(quadratic(eigenvalues=[1.0, 0.3], minimiser=[0.5, -0.5]), law=law, tail=tail, scale=0.1)
    report = check_problem(problem, rng=0)
    assert report, str(report)
    assert "noise" in info(problem).notes[-1]


def test_a_run_resumed_draws_the_noise_that_it_would_have_drawn():
    problem = noisy(quadratic(eigenvalues=[1.0, 0.3]), law="stable", tail=1.5, scale=0.1)
    whole = simulate(SGD(0.1), problem, steps=9, rng=3)
    part = simulate(SGD(0.1), problem, steps=4, rng=3)
    assert np.array_equal(simulate(SGD(0.1), problem, steps=5, resume=part).x, whole.x)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"law": "cauchy"}, "unknown law 'cauchy'"),
        ({"law": "student", "tail": 0.0}, "tail = 0.0 must be positive"),
        ({"law": "stable", "tail": 2.5}, "tail = 2.5 must be at most 2"),
        ({"law": "normal", "tail": 2.0}, "would be ignored"),
        ({"scale": 0.0}, "scale = 0.0 must be positive"),
        ({"scale": [1.0, 2.0, 3.0]}, r"of shape \(2,\)"),
    ],
)
def test_refuses(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        noisy(quadratic(eigenvalues=[1.0, 0.3]), **options)
    with pytest.raises(Refusal, match="no initial point"):
        noisy(Bowl(np.ones(2)))
