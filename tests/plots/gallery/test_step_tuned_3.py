"""The numbers of figure step_tuned.3: the runs behind the curves, the work, and the step factor."""

import numpy as np
import pytest

import plots
from dynamics import SGD, StepTunedSGD, simulate
from plots.gallery.step_tuned_3 import GRID
from synthetic import carmon

SMALL = {
    "epochs": 6,
    "tuned_at": 3,
    "samples": 40,
    "dimension": 4,
    "batch_size": 5,
    "instances": 5,
    "tuning_instances": 5,
    "rng": 3,
}


@pytest.fixture(scope="module")
def small():
    return plots.compute("step_tuned.3", **SMALL)


@pytest.fixture(scope="module")
def problems():
    streams = np.random.SeedSequence(3).spawn(10)
    return [carmon(samples=40, dimension=4, batch_size=5, rng=stream) for stream in streams]


def sgd(step, problem, steps):
    """SGD with the decay written out, on the stream of a sweep's first seed."""
    alphas = step / np.arange(1.0, steps + 1) ** 0.501
    return simulate(SGD(alphas), problem, steps=steps, rng=np.random.SeedSequence(0), record_every=8)


def test_sgd_has_the_step_with_the_lowest_loss_on_the_other_instances(small, problems):
    scores = np.sort([[sgd(step, problem, 24).loss[-1] for problem in problems[5:]] for step in GRID], axis=1)[:, 2]
    cut = small.sel({"method": "SGD"})
    best = int(cut["tuned_setting"])
    assert scores[best] == pytest.approx(scores.min(), rel=1e-12)
    run = sgd(GRID[best], problems[1], 48)
    np.testing.assert_allclose(cut["loss"].sel(instance=1), run.loss, rtol=1e-12)
    np.testing.assert_array_equal(cut["factor"].values[:, :-1].round(12), 1.0)


def test_step_tuned_sgd_takes_half_as_many_batches(small, problems):
    cut = small.sel({"method": "Step-Tuned SGD"})
    method = StepTunedSGD(GRID[int(cut["tuned_setting"])])
    run = simulate(method, problems[4], steps=24, rng=np.random.SeedSequence(0), record_every=4)
    np.testing.assert_array_equal(cut["loss"].sel(instance=4), run.loss)
    np.testing.assert_array_equal(cut["work"], np.arange(7))


def test_the_work_of_an_epoch_by_hand(small):
    # 8 batches of 5 from 40 samples: a full-batch gradient a step makes 8 more, and two with two products 16
    # and 2 · 16.
    work = small["work"].values[:, -1] / 6
    np.testing.assert_allclose(work, [1.0, 1.0 + 8, 1.0, 1.0 + 16 + 2 * 16, 1.0], rtol=1e-12)


def test_the_factor_stays_within_its_bounds(small):
    factor = small["factor"].values[1:, :, :-1]
    np.testing.assert_allclose(factor[..., 0], 1.0, rtol=1e-12)
    assert (factor > 0.5 - 1e-9).all()
    assert (factor < 2 + 1e-9).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"instances": 4}, "instances = 4 must be at least 5"),
        ({"tuned_at": 300}, "tuned_at is 300; it must lie from 1 to epochs = 250"),
        ({"batch_size": 60}, "batch_size is 60 for 500 samples; an even number of batches"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("step_tuned.3", **parameters)
