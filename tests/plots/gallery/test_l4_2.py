"""The numbers of figure l4.2: the runs behind the curves, the makers, and the smoothing."""

import numpy as np
import pytest

import plots
from dynamics import L4Mom, simulate
from plots.gallery.l4_2 import FRACTIONS
from plots.seeds import smoothed_in_log
from synthetic import linear_net

SMALL = {"iterations": 60, "tuned_at": 30, "records": 20, "rng": 2}


@pytest.fixture(scope="module")
def small():
    return plots.compute("l4.2", **SMALL)


@pytest.mark.parametrize("maker", ["recht", "svd"])
def test_each_curve_is_the_run_of_its_net(small, maker):
    data, *streams = np.random.SeedSequence(2).spawn(11)
    nets = [linear_net(maker=maker, data_rng=data, rng=stream) for stream in streams]
    scores = [[simulate(L4Mom(alpha=alpha), net, steps=30).loss[-1] for net in nets[5:]] for alpha in FRACTIONS]
    best = int(small["tuned_setting"].sel({"maker": maker, "method": "L4Mom*"}))
    assert best == np.argmin(np.sort(scores, axis=1)[:, 2])
    for name, alpha in (("L4Mom", 0.15), ("L4Mom*", FRACTIONS[best])):
        run = simulate(L4Mom(alpha=alpha), nets[3], steps=60, record_every=3)
        cell = small.sel({"maker": maker, "setting": name, "draw": 3})
        np.testing.assert_allclose(cell["loss"], run.loss, rtol=1e-12)
        np.testing.assert_array_equal(cell["iteration"], run.iteration)
    singular = np.linalg.svd(nets[3].A, compute_uv=False)
    np.testing.assert_allclose(cell["true_condition_number"], singular[0] / singular[-1], rtol=1e-5)


def test_only_one_maker_gives_the_condition_number_that_was_asked_for(small):
    conditions = small["true_condition_number"]
    assert float(conditions.sel(maker="recht").max()) < 1000
    np.testing.assert_allclose(conditions.sel(maker="svd"), 1e10, rtol=1e-3)


def test_smoothing_is_a_centred_geometric_mean():
    loss = np.exp(np.random.default_rng(0).standard_normal(9))
    smooth = smoothed_in_log(loss, 5)
    assert smooth[4] == pytest.approx(np.prod(loss[2:7]) ** 0.2)
    assert smooth[0] == pytest.approx(np.prod(loss[:3]) ** (1 / 3))
    np.testing.assert_allclose(smoothed_in_log(np.full(7, 2.5), 3), 2.5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"draws": 4}, "draws is 4; a band needs at least 5"),
        ({"smoothing": 4}, "smoothing is 4; a centred window needs an odd number: try 5"),
        ({"records": 5}, "records is 5"),
        ({"tuned_at": 40_000}, "tuned_at is 40000; it must lie from 10 to iterations = 30000"),
        ({"iterations": 100, "records": 200}, "records is 200 for 100 iterations"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("l4.2", **parameters)
