"""The numbers of figure sigma_nice.5, and what it says about the paper's conclusion."""

import numpy as np
import pytest

import plots


def test_rates_against_the_formulas():
    dataset = plots.compute("sigma_nice.5")
    t = np.arange(199)
    polynomial, cosine, _, exponential, step = dataset["decay_rate"].values
    np.testing.assert_allclose(polynomial, ((199 - t) / (200 - t)) ** 0.9, rtol=1e-12)
    np.testing.assert_allclose(cosine, (1 + np.cos(np.pi * (t + 1) / 200)) / (1 + np.cos(np.pi * t / 200)), rtol=1e-9)
    np.testing.assert_allclose(exponential, 0.9, rtol=1e-12)
    np.testing.assert_array_equal(np.flatnonzero(step < 1), [39, 79, 119, 159])
    np.testing.assert_array_equal(step[step < 1], 0.5)


@pytest.mark.parametrize("form", ["lenient", "strict"])
def test_least_radius_is_where_the_requirement_begins_to_hold(form):
    least = plots.compute("sigma_nice.5")[f"least_radius_{form}"].values
    for index, radius in enumerate(least):
        for factor, holds in ((1 + 1e-6, True), (1 - 1e-6, False)):
            dataset = plots.compute("sigma_nice.5", radius=float(radius * factor))
            rate, required = dataset["decay_rate"][index], dataset[f"required_{form}"][index]
            assert bool((rate >= required).all()) == holds


def test_at_the_stated_radius_only_the_polynomial_meets_the_strict_requirement():
    dataset = plots.compute("sigma_nice.5")
    strict = (dataset["decay_rate"] >= dataset["required_strict"]).all("epoch").values
    assert strict.tolist() == [True, False, False, False, False]


def test_a_small_power_is_not_enough():
    # (t/T)^p falls by T^-p at the end: p = 0.1 drops from 0.63 to 0.59 of the start in its last used epoch.
    dataset = plots.compute("sigma_nice.5", polynomial_power=0.1)
    margin = (dataset["decay_rate"] - dataset["required_strict"])[0].values
    assert margin[0] > 0 > margin[-1]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"radius": 0.0}, "r is 0.0"),
        ({"epochs": 2}, "epochs = 2"),
        ({"polynomial_power": -1.0}, "p is -1.0"),
        ({"factor": 2.0}, "factor is 2.0"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("sigma_nice.5", **parameters)
