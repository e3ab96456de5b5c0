"""Thresholds against the numbers that the literature prints, and against spectral radii."""

import numpy as np
import pytest
import sympy as sp
from edge_of_stability.thresholds import METHODS, derived, margins, threshold

from theory.linear import RSG, GradientDescent, HeavyBall, Nesterov, TwoStepHeavyBall

PRINTED = {  # at beta = 0.9 and step size 1
    "gradient descent": 2.0,
    "heavy ball, classical": 3.8,
    "heavy ball, moving average": 38.0,
    "Nesterov, classical": 3.8 / 2.8,
    "Nesterov, moving average": 38.0 / 2.8,
}
MATRICES = {
    "gradient descent": lambda beta: GradientDescent(),
    "heavy ball, classical": lambda beta: TwoStepHeavyBall(beta=beta),
    "heavy ball, moving average": lambda beta: HeavyBall(beta=beta),
    "Nesterov, classical": lambda beta: Nesterov(beta=beta),
    "Nesterov, moving average": lambda beta: RSG(beta=beta, mu=1 - beta),
}


@pytest.mark.parametrize("name", METHODS)
def test_numbers_of_the_literature(name):
    assert threshold(name, 1.0, 0.9) == pytest.approx(PRINTED[name], rel=1e-12)
    assert threshold(name, 0.1, 0.9) == pytest.approx(10 * PRINTED[name], rel=1e-12)


@pytest.mark.parametrize("name", METHODS)
def test_derived_is_what_is_printed(name):
    assert sp.simplify(derived(name) - METHODS[name].printed) == 0
    assert {"at 1", "at -1"} <= set(margins(name)[1])


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("beta", [0.2, 0.9])
def test_spectral_radius_leaves_one_there(name, beta):
    tau = threshold(name, 1.0, beta)
    below, above = MATRICES[name](beta).spectral_radius(np.array([1 - 1e-6, 1 + 1e-6]) * tau)
    assert below < 1 < above
