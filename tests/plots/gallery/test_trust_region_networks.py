"""The numbers of figures trust_region.3, 9, 10 and 11: costs, budgets, and the runs behind the curves."""

import numpy as np
import pytest

import plots
from plots.gallery.trust_region_networks import EPOCHS, SAMPLED, Setting, multiply_adds, region

pytest.importorskip("sklearn")
from dynamics import SGD, simulate

SMALL = {"hidden": 2, "test_fraction": 0.9, "batch_size": 60, "small_batch": 30, "budget": 6, "rng": 3}

SETTING = Setting(hidden=2, test_fraction=0.9, batch_size=60, small_batch=30, budget=5.0, runs=5, rng=3)


@pytest.fixture(scope="module")
def epochs():
    return plots.compute("trust_region.10", **SMALL)


def test_a_curve_is_the_run_of_the_setting_that_was_chosen(epochs):
    cell = epochs.sel({"method": "SGD", "run": 2})
    step = 0.01 * 10 ** (0.5 * int(cell["tuned_setting"]))
    nets = SETTING.networks()
    # Run 2 is seed 7: its stream is that of the seed alone, since settings share their samples. An epoch of the
    # 180 images has six batches of 30.
    stream = np.random.SeedSequence(7)
    run = simulate(SGD(step), nets.small, steps=36, x0=nets.starts[7], rng=stream, record_every=6)
    np.testing.assert_allclose(cell["loss"].sel(cost=np.arange(7.0)), run.loss, rtol=1e-12)


def test_the_choice_has_the_lowest_upper_median(epochs):
    scores = np.sort(epochs["tuning_score"].values[:, :, 0], axis=-1)[..., 2]
    np.testing.assert_array_equal(epochs["tuned_setting"], scores.argmin(axis=1))


def test_an_iteration_of_a_trust_region_sees_one_batch():
    nets = SETTING.networks()
    run = simulate(region("rmsprop", 0.1, **SAMPLED), nets.large, steps=9, rng=0, record_every=1)
    spent = EPOCHS.value * run.values + EPOCHS.gradient * run.gradients + EPOCHS.hessian_product * run.hessian_products
    np.testing.assert_allclose(spent, np.arange(10) * 60 / 180, rtol=1e-12)


def test_work_by_counting_products():
    # One hidden unit and p inputs: forward p + 1 and c; back c for the second layer, c into the hidden unit, p + 1.
    inputs, classes = 3, 2
    forward = (inputs + 1) + classes
    gradient = forward + classes + classes + (inputs + 1)
    tangent = (inputs + 1) + 2 * classes  # v·a; v·h and x·dh for each class
    back = 2 * classes + 3 * classes + (inputs + 1)  # dz·h and z·dh; z·x, dz·x and z·v; and the first layer
    weights = multiply_adds(inputs, 1, classes)
    assert weights == pytest.approx((forward / gradient, 1.0, (forward + tangent + back) / gradient), rel=1e-14)


def test_measured_time_is_an_axis_of_each_method():
    dataset = plots.compute("trust_region.11", **{**SMALL, "measured": True})
    assert dataset["seconds"].attrs["units"] == "s"
    assert np.all(np.diff(dataset["seconds"], axis=-1) > 0)
    labels = {axes.get_xlabel() for axes in plots.draw(dataset).axes}
    assert labels == {"time in seconds"}


@pytest.mark.parametrize("figure", ["trust_region.9", "trust_region.10", "trust_region.11", "trust_region.3"])
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"runs": 4}, "runs = 4 must be at least 5"),
        ({"budget": 1}, "budget is 1; give at least 5"),
        ({"test_fraction": 0.0}, "test_fraction is 0.0"),
        ({"hidden": 0}, "hidden = 0"),
    ],
)
def test_refuses(figure, parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute(figure, **parameters)


def test_figure_3_pairs_runs_and_tells_settings_apart():
    small = {"hidden": 2, "test_fraction": 0.9, "batch_size": 60, "budget": 6, "net_budget": 20, "runs": 5}
    dataset = plots.compute("trust_region.3", **small)
    start = dataset["loss"].isel(share=0)
    assert np.all(start == start.isel(method=0, setting=0))  # all methods and settings begin at the same points
    assert len(np.unique(start.isel(method=0, setting=0))) == 10
    default = (
        dataset["loss"].sel({"network": "linear net", "setting": "default", "method": "TR RMSprop"}).isel(share=-1)
    )
    tuned = dataset["loss"].sel({"network": "linear net", "setting": "tuned", "method": "TR RMSprop"}).isel(share=-1)
    assert np.all(tuned < default)
