"""The numbers of figure l4.3: effective learning rates from the formula, and the tuned settings."""

import numpy as np
import pytest

import plots
from dynamics import L4Mom, simulate
from plots.gallery.l4_3 import FRACTIONS, STEPS
from synthetic import digits_mlp, linear_net

pytest.importorskip("sklearn")

SMALL = {"hidden": 2, "batch_size": 200, "epochs": 4, "tuned_at": 2, "instances": 5, "net_iterations": 100, "rng": 1}


@pytest.fixture(scope="module")
def small():
    return plots.compute("l4.3", **SMALL)


@pytest.fixture(scope="module")
def streams():
    return np.random.SeedSequence(1).spawn(2)


def digits(stream):
    return digits_mlp(2, regularisation=0.0, batch_size=200, sampling="epoch", rng=stream)


def test_the_fraction_of_l4_is_the_best_on_other_instances(small, streams):
    others = [digits(stream) for stream in streams[0].spawn(10)[5:]]
    seed = np.random.SeedSequence(0)
    scores = [
        [simulate(L4Mom(alpha=alpha), p, steps=12, rng=seed, record_every=12).loss[-1] for p in others]
        for alpha in FRACTIONS
    ]
    assert int(small["tuned_setting"].sel({"method": "L4Mom*"})) == np.argmin(np.sort(scores, axis=1)[:, 2])


def test_the_rate_of_plain_methods_is_their_step(small):
    for name in ("mSGD*", "Adam*"):
        step = STEPS[int(small["tuned_setting"].sel({"method": name}))]
        np.testing.assert_allclose(small["rate"].sel({"setting": name}).values[:, :-1], step, rtol=1e-12)


def test_the_first_rates_on_the_net_by_the_formula(small, streams):
    # At the first step v is the gradient and the attainable loss 0.9 · 0.75 of the loss.
    data, *others = streams[1].spawn(6)
    for j, stream in enumerate(others):
        net = linear_net(maker="svd", data_rng=data, rng=stream)
        start = simulate(L4Mom(), net, steps=0)
        rate = 0.15 * (1 - 0.9 * 0.75) * start.loss[0] / start.gradient_norm[0] ** 2
        assert float(small["net_rate"].sel({"default": "L4Mom"})[j, 0]) == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"instances": 4}, "instances = 4 must be at least 5"),
        ({"tuned_at": 70}, "tuned_at is 70; it must lie from 1 to epochs = 60"),
        ({"net_iterations": 50}, "net_iterations = 50"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("l4.3", **parameters)
