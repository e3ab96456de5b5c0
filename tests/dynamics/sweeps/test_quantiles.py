"""Quantiles over seeds: failed runs are the worst, whoever computes which block, in memory and in stores."""

import numpy as np
import pytest

from dynamics import Stop, ensemble, open_sweep, replay, sweep_quantiles
from dynamics.sweeps.quantiles import held, ranked
from dynamics.sweeps.store import opened
from tests.dynamics.sweeps.stores import OVER, REST, same_bytes, swept

SHARES = [0.1, 0.5, 0.9]


def without_ends(dataset):
    """What quantiles are made of: neither step sizes nor ends have an order."""
    return {name: column for name, column in dataset.data_vars.items() if "step_size" not in str(name)}


@pytest.mark.parametrize("rows", [{}, {"iteration": [0, 10, 25]}, {"gradients": [3.0, 10.0]}, {"below": 0.3}])
def test_quantiles_as_they_come_in_are_those_of_the_whole_sweep(rows, tmp_path):
    changes = {"seeds": 7, "stop": Stop(gradient_norm=0.3)}
    whole = swept(reduce=rows or "last", **changes)
    kept = swept(reduce={"quantiles": SHARES} | rows, **changes)
    same = sweep_quantiles(whole, SHARES)
    assert set(kept.data_vars) == set(same.data_vars)
    if "iteration" not in rows:  # of a run that has converged its last row is held
        for name in kept.data_vars:
            np.testing.assert_array_equal(kept[name], same[name], err_msg=name)
    failed = (whole.status > 2).values
    np.testing.assert_array_equal(kept.failed, failed.mean(axis=-1))
    assert 0 < kept.failed.values.max() == 1
    assert kept.attrs["failed"] == failed.sum() == 14
    loss = np.where(np.isnan(whole.loss.values), np.inf, whole.loss.values)
    if not rows:
        np.testing.assert_array_equal(kept.loss[..., 1], np.sort(loss, axis=2)[:, :, 3])
        np.testing.assert_array_equal(kept.loss[2], np.inf)


def test_a_store_of_quantiles_is_that_of_memory_and_grows_by_settings(tmp_path):
    path, reduce = tmp_path / "runs.zarr", {"quantiles": SHARES, "iteration": [0, 25]}
    made = swept(path, reduce=reduce)
    assert same_bytes(made, swept(reduce=reduce))
    assert same_bytes(open_sweep(path), made)
    assert same_bytes(open_sweep(path, lazy=True).load(), made)
    assert opened(path).runs == 1200
    assert [entry["runs"] for entry in opened(path).entries().values()] == [400, 400, 400]
    assert open_sweep(path).attrs["failed"] == 400
    wider = OVER | {"step_size": [0.05, *OVER["step_size"]]}
    assert same_bytes(swept(path, over=wider, reduce=reduce), swept(over=wider, reduce=reduce))
    assert replay(open_sweep(path), step_size=0.2, noise=0.1, seed=199).loss.size == 6
    with pytest.raises(ValueError, match="holds a sweep with seeds = 200, and 201 is asked for"):
        swept(path, reduce=reduce, seeds=201)


def test_order_statistics_by_hand():
    values = np.array([3.0, np.nan, 1.0, 2.0])
    np.testing.assert_array_equal(ranked(values, [0.0, 0.3, 0.5, 0.6, 1.0], axis=0), [1.0, 2.0, 3.0, 3.0, np.inf])
    np.testing.assert_array_equal(ranked(np.arange(11.0), [0.1, 0.9], axis=0), [1.0, 9.0])
    records = np.array([[[4.0, 2.0, np.nan, np.nan]], [[4.0, np.nan, np.nan, np.nan]]])
    np.testing.assert_array_equal(held(records, np.array([[True], [False]]))[:, 0, -1], [2.0, np.nan])


BAD = [
    ({"quantiles": []}, "quantiles = .* must be a list, of one at least"),
    ({"quantiles": [0.5, 0.1]}, "must increase"),
    ({"quantiles": [50]}, r"quantiles\[0\] = 50.0 must lie from 0 to 1"),
    ({"quantiles": [0.5], "below": 1.0, "values": [1.0]}, "a dict with one key of .*, and quantiles beside it"),
]


@pytest.mark.parametrize(("reduce", "sentence"), BAD)
def test_bad_quantiles_are_refused(reduce, sentence):
    with pytest.raises(ValueError, match=sentence):
        swept(reduce=reduce)


def test_quantiles_need_seeds_and_runs_that_are_done():
    made = swept(seeds=3)
    with pytest.raises(TypeError, match="with its dimension seed"):
        sweep_quantiles(made.isel(seed=0))
    made.status.values[0, 0, 0] = 0
    with pytest.raises(ValueError, match="1 runs of the sweep are not done"):
        sweep_quantiles(made)


def test_the_card_of_an_ensemble_says_that_a_setting_has_failed():
    from dynamics import RSG
    from synthetic import quadratic

    problem = quadratic(eigenvalues=[1.0, 0.1], noise=0.1)
    made = ensemble([RSG(60.0, beta=0.9)], problem, steps=25, seeds=3, x0=REST["x0"], record_every=5)
    assert "3 DIVERGED" in made._repr_html_()
    assert ">failed<" in made._repr_html_()
