"""The numbers of figure step_tuned.table2: work by hand, and memory by what the update rules remember."""

import numpy as np
import pytest

import plots


@pytest.fixture(scope="module")
def data():
    return plots.compute("step_tuned.table2", samples=[40, 80], dimension=3, batch_size=10)


def test_work_by_hand(data):
    batches = np.array([4, 8])  # in an epoch
    plain = ["SGD", "RMSprop", "Adam", "Stochastic-GV", "Step-Tuned SGD"]
    np.testing.assert_array_equal(data["gradients"].sel({"method": plain}), 1.0)
    np.testing.assert_array_equal(data["hessian_products"].sel({"method": [*plain, "Exact-GV"]}), 0.0)
    np.testing.assert_array_equal(data["gradients"].sel({"method": "Exact-GV"}), 1 + batches)
    np.testing.assert_array_equal(data["gradients"].sel({"method": "Expected-GV"}), 1 + 2 * batches)
    np.testing.assert_array_equal(data["hessian_products"].sel({"method": "Expected-GV"}), 2 * batches)
    drawn = data["samples_drawn"].mean("samples").to_series().to_dict()
    assert drawn.pop("Step-Tuned SGD") == 0.5
    assert set(drawn.values()) == {1.0}


def test_memory(data):
    # Adam two averages; BB rules the last iterate and gradient; Step-Tuned SGD its average and the second gradient.
    kept = data["vectors"].to_series().to_dict()
    assert (kept["SGD"], kept["RMSprop"], kept["Adam"]) == (0, 1, 2)
    assert (kept["Stochastic-GV"], kept["Step-Tuned SGD"]) == (2, 2)


def test_times_are_measured_on_request_only(data):
    assert np.isnan(data["seconds"]).all()
    timed = plots.compute("step_tuned.table2", samples=[40], dimension=3, batch_size=10, measure=True)
    assert (timed["seconds"] > 0).all()
    assert "not reproducible" in timed.attrs["caption"]
    assert len(plots.draw(timed).axes) == 3


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"samples": [500, 250]}, r"samples is \[500, 250\] for batches of 50; give increasing multiples of 100"),
        ({"repeats": 1}, "repeats = 1"),
        ({"dimension": 1}, "dimension = 1"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("step_tuned.table2", **parameters)
