"""The numbers of figure beyond.basins against descent written out, and the function itself."""

import numpy as np
import pytest

import plots
from plots.gallery.beyond_basins import FILLS, METHODS, NONE
from tests.plots.legibility import lightness

SMALL = {"methods": ["gradient descent", "heavy ball"], "resolution": 11, "steps": 400}


@pytest.fixture(scope="module")
def dataset():
    return plots.compute("beyond.basins", **SMALL)


def slope(x, y):
    p, q = x * x + y - 11, x + y * y - 7
    return np.array([4 * x * p + 2 * q, 2 * p + 4 * y * q])


@pytest.mark.parametrize("name", ["gradient descent", "heavy ball"])
def test_reached_minimisers(dataset, name):
    rng = np.random.default_rng(0)
    method, part = METHODS[name], dataset.sel({"method": name})
    beta = getattr(method, "beta", 0.0)
    for i, j in rng.integers(11, size=(25, 2)):
        point, average = np.array([float(dataset["x"][j]), float(dataset["y"][i])]), np.zeros(2)
        for _ in range(400):
            average = beta * average + (1 - beta) * slope(*point)
            point = point - method.step_size * average
        distance = np.linalg.norm(dataset["minimiser"].values - point, axis=1)
        expected = int(distance.argmin()) if distance.min() <= 0.05 else -1
        assert int(part["reached"][i, j]) == expected


def test_minimisers_have_no_slope_and_no_height(dataset):
    for x, y in dataset["minimiser"].values:
        assert np.abs(slope(x, y)).max() < 1e-12
    x, y = np.meshgrid(dataset["x"].values, dataset["y"].values)
    np.testing.assert_allclose(dataset["height"], (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2, rtol=1e-13)


def test_short_runs_reach_nothing_but_where_they_start():
    """(3, 2) is a minimiser and on the grid."""
    dataset = plots.compute("beyond.basins", methods=["gradient descent"], resolution=11, steps=10, tolerance=1e-9)
    reached = dataset["reached"].isel(method=0)
    assert int(reached.sel(x=3, y=2)) == 0
    assert int((reached >= 0).sum()) == 1
    assert int((dataset["steps_taken"] == 10).sum()) == 120


def test_fills_differ_in_grey():
    steps = np.diff([lightness(fill) for fill in (*FILLS, NONE)])
    assert np.all(steps > 8)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"methods": ["newton"]}, "methods is"),
        ({"methods": []}, "methods is"),
        ({"resolution": 10}, "resolution = 10"),
        ({"steps": 9}, "steps = 9"),
        ({"tolerance": 1.0}, "tolerance is 1.0"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("beyond.basins", **parameters)
