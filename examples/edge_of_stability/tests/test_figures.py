"""Figures: what they show, and what they refuse."""

import numpy as np
import pytest
import xarray as xr
from edge_of_stability.figures import flows
from edge_of_stability.product import sharpness

import plots


def test_thresholds_are_measured_where_they_are_derived():
    dataset = plots.compute("edge_of_stability.thresholds", betas=[0.9], bisections=4)
    derived = dataset["derived"].interp(curve_beta=0.9)
    np.testing.assert_allclose(dataset["measured"].isel(beta=0), derived, rtol=0.01)


def test_descent_ends_flatter_than_the_flow():
    dataset = plots.compute("edge_of_stability.product")
    ends = dataset["sharpness"].isel(step=-1).values
    assert ends[0] < 2 / 0.3 < ends[1]
    np.testing.assert_allclose(dataset["sharpness"][0], sharpness(*dataset["descent"].values.T))
    plots.draw(dataset)


@pytest.mark.parametrize(
    ("figure", "parameters", "message"),
    [
        ("thresholds", {"betas": [1.5]}, "in \\(0, 1\\)"),
        ("thresholds", {"bisections": 0}, "halved"),
        ("product", {"step_size": 5.0}, "leaves the picture"),
        ("product", {"steps": 2}, "a path needs points"),
        ("edge", {"seeds": 2}, "fewer say little"),
        ("flows", {"seeds": 2}, "an error bar needs several"),
        ("flows", {"steps": 5}, "the edge is reached"),
    ],
)
def test_refuses(figure, parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute(f"edge_of_stability.{figure}", **parameters)


@pytest.mark.parametrize(("late", "words"), [(1.02, "falls to the central flow"), (1.2, "is not yet back at it")])
def test_the_message_says_which_flow_the_sharpness_follows(late, words):
    descent = np.r_[np.linspace(0.2, 1.25, 60), np.full(61, late)]
    ratio = np.array([descent, np.minimum(descent, 1.0), np.full(121, 1.25)])[:, np.newaxis]
    dataset = xr.Dataset({"ratio": (("path", "seed", "step"), ratio)})
    assert words in flows._message(dataset)
    assert "to 1.25 times it" in flows._message(dataset)
