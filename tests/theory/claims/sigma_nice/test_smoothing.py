"""Lemmas 2.1 to 2.4 by samples and quadrature; and false variants of them."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from scipy import integrate

from theory.claims import Verdict
from theory.claims.routes import enumeration
from theory.claims.routes.statistical import bernstein_interval
from theory.claims.sigma_nice import smoothing


@pytest.mark.parametrize("dimension", [1, 2, 7])
def test_mean_norm_in_the_ball(dimension):
    rng = np.random.default_rng(dimension)
    norms = rng.random(20_000) ** (1 / dimension)
    for power, mean in ((1, dimension / (dimension + 1)), (2, dimension / (dimension + 2))):
        interval = bernstein_interval(norms**power, lower=0, upper=1, error_level=1e-4)
        assert interval.contains(mean)
        assert not interval.contains((dimension + 1) / (dimension + 2))
        d, r = sp.symbols("d r", positive=True)
        assert smoothing.mean_power(d, r, power).subs(d, dimension) == sp.Rational(dimension, dimension + power)


def test_distance_is_attained_by_the_norm_and_by_the_square():
    delta = 0.7  # in two dimensions, at 0, with L_f = L_g = 1
    norm = integrate.quad(lambda r: delta * r * 2 * r, 0, 1)[0]
    square = integrate.quad(lambda r: 0.5 * (delta * r) ** 2 * 2 * r, 0, 1)[0]
    assert norm == pytest.approx(delta * 2 / 3, rel=1e-12)
    assert square == pytest.approx(delta**2 * 2 / (2 * 4), rel=1e-12)


def test_batches_by_enumeration():
    population = np.array([[Fraction(v), Fraction(v * v)] for v in (1, 2, 5)])
    variance = smoothing.mean_square_error(population, enumeration.subsets(3, 1))
    numbers = population.astype(float)
    assert float(variance) == pytest.approx(((numbers - numbers.mean(axis=0)) ** 2).sum() / 3, rel=1e-14)
    pairs = smoothing.mean_square_error(population, itertools.product(range(3), repeat=2))
    distinct = smoothing.mean_square_error(population, enumeration.subsets(3, 2))
    assert pairs == variance / 2
    assert distinct == variance / 4
    assert pairs != variance / 4  # the exponent off by one


def test_a_wrong_power_of_the_batch_size_is_not_passed(monkeypatch):
    true = smoothing.mean_square_error
    monkeypatch.setattr(smoothing, "mean_square_error", lambda population, batches: 2 * true(population, batches) ** 2)
    assert smoothing.batch_variance.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED


def test_means_keep_a_bound_and_not_half_of_it():
    assert smoothing.mixture_inherits(parts=2)
    assert smoothing.mixture_inherits(Fraction(2), parts=5)
    assert not smoothing.mixture_inherits(Fraction(1, 2))


def test_smoothed_sine_turns_constant():
    slope = integrate.quad(lambda u: np.cos(3.0 * (0.4 - np.pi / 3 * u)), -1, 1)[0]
    assert slope == pytest.approx(0, abs=1e-12)
