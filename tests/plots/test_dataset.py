"""What a figure's dataset keeps of how it was made."""

import json

import numpy as np
import pytest
import xarray as xr

from plots.dataset import recorded


@recorded
def compute(*, points: int = 3, mu: object = (0.1, 0.2), name: str = "a") -> xr.Dataset:
    assert type(points) is int
    return xr.Dataset(attrs={"title": "t", "parameters": "{}", "seeds": "[]"})


def test_parameters_are_kept_as_given_with_defaults_between_the_other_attributes():
    made = compute(mu=np.array([0.5, 1.0]), points=np.int64(7))
    assert json.loads(made.attrs["parameters"]) == {"mu": [0.5, 1.0], "name": "a", "points": 7}
    assert list(made.attrs) == ["title", "parameters", "seeds"]
    assert json.loads(compute(points=4.0).attrs["parameters"])["points"] == 4


@pytest.mark.parametrize("points", [True, 2.5, "3", None])
def test_a_whole_number_is_whole(points):
    with pytest.raises(ValueError, match=r"points = .* must be a whole number"):
        compute(points=points)


def test_it_still_says_its_name_and_parameters():
    assert compute.__name__ == "compute"
    with pytest.raises(TypeError, match="unexpected keyword argument 'point'"):
        compute(point=3)
