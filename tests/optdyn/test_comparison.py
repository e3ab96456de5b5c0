"""Departures name the array, the place and the amount."""

import numpy as np
import pytest
import xarray as xr

from optdyn.comparison import departures


@pytest.fixture
def stored():
    table = np.array([[1.0, np.nan, -np.inf], [4.0, 0.0, 6.0]])
    coords = {"name": ["μ", "β"], "t": [10, 20, 30]}
    return xr.Dataset({"a": (("name", "t"), table), "k": ("t", np.array([1, 2, 3], dtype=np.int32))}, coords)


def test_equal_data_do_not_depart(stored):
    assert departures(stored, stored.copy(deep=True)) == []


def put(stored, value, name, t):
    made = stored.copy(deep=True)
    made["a"].loc[{"name": name, "t": t}] = value
    return made


def test_the_largest_departure_is_named(stored):
    made = put(put(stored, 4.5, "β", 10), 6.000001, "β", 30)
    assert departures(stored, made) == [
        "a: 2 of 6 values differ, most at name=β, t=10: 4.0 on file, 4.5 now, by 0.5 (0.125 of it)"
    ]


def test_the_last_bit_counts(stored):
    (said,) = departures(stored, put(stored, np.nextafter(4.0, 5.0), "β", 10))
    assert "1 of 6 values differ, most at name=β, t=10: 4.0 on file, 4.000000000000001 now, by 8.88e-16" in said


@pytest.mark.parametrize(
    ("name", "t", "value", "said"),
    [
        ("μ", 20, 3.0, "nan on file, 3.0 now"),
        ("μ", 30, np.inf, "-inf on file, inf now"),
        ("β", 20, 1e-300, "0.0 on file, 1e-300 now, by 1e-300"),
    ],
)
def test_values_that_have_no_ratio(stored, name, t, value, said):
    (text,) = departures(stored, put(stored, value, name, t))
    assert text.endswith(said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.drop_vars("k"), "k: on file, but is not computed any more"),
        (lambda data: data.assign(b=1), "b: not on file"),
        (lambda data: data.assign(k=("u", [1, 2])), "k: 3 t on file, 2 u now"),
        (
            lambda data: data.assign_coords(name=["μ", "γ"]),
            "name: 1 of 2 texts differ, first at name=β: β on file, γ now",
        ),
        (lambda data: data.assign(k=data["k"].astype(np.int64)), "k: type int32 on file, int64 now"),
    ],
)
def test_structure(stored, change, said):
    assert departures(stored, change(stored)) == [said]
