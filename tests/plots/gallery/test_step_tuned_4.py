"""The numbers of figures step_tuned.4 and step_tuned.5: the runs on the digits, and how an epoch is counted."""

import sys

import numpy as np
import pytest

import plots
from dynamics import SGD, StepTunedSGD, simulate
from plots.gallery.step_tuned_digits import GRID, Setting, batches_an_epoch, candidate, draw_instances, run
from synthetic import digits_mlp

pytest.importorskip("sklearn")

SMALL = {"hidden": 2, "batch_size": 100, "epochs": 3, "tuned_at": 1, "instances": 5, "tuning_instances": 5, "rng": 1}


@pytest.fixture(scope="module")
def small():
    return plots.compute("step_tuned.4", **SMALL)


@pytest.fixture(scope="module")
def echoes():
    return plots.compute("step_tuned.5", methods=["SGD"], **SMALL)


@pytest.fixture(scope="module")
def problems():
    streams = np.random.SeedSequence(1).spawn(10)
    return [digits_mlp(2, regularisation=1e-4, batch_size=100, sampling="epoch", rng=stream) for stream in streams]


def decayed(step, updates):
    """The decay once an epoch, written out for so many updates an epoch."""
    return np.repeat(step / np.arange(1.0, 4) ** 0.501, updates)


def test_sgd_has_the_step_with_the_lowest_loss_on_the_other_instances(small, problems):
    stream = np.random.SeedSequence(0)
    scores = [
        [simulate(SGD(step), p, steps=14, rng=stream, record_every=14).loss[-1] for p in problems[5:]] for step in GRID
    ]
    cut = small.sel({"method": "SGD"})
    best = int(cut["tuned_setting"])
    assert best == np.argmin(np.sort(scores, axis=1)[:, 2])
    trajectory = simulate(SGD(decayed(GRID[best], 14)), problems[2], steps=42, rng=0, record_every=14)
    np.testing.assert_allclose(cut["loss"].sel(instance=2), trajectory.loss, rtol=1e-10)


def test_accuracy_is_that_of_the_network_written_out(small, problems):
    cut, problem = small.sel({"method": "SGD"}), problems[0]
    trajectory = simulate(SGD(decayed(GRID[int(cut["tuned_setting"])], 14)), problem, steps=42, rng=0, record_every=14)
    first, second = np.split(trajectory.x, [2 * 65])
    units = np.tanh(problem.data.test_inputs @ first.reshape(2, 65).T)
    scores = np.column_stack([units, np.ones(len(units))]) @ second.reshape(10, 3).T
    right = np.mean(scores.argmax(axis=1) == problem.data.test_labels)
    assert float(cut["accuracy"].sel(instance=0)[-1]) == pytest.approx(right)


def test_step_tuned_sgd_decays_once_in_an_epoch_of_gradients(small, problems):
    cut = small.sel({"method": "Step-Tuned SGD"})
    step = GRID[int(cut["tuned_setting"])]
    method = StepTunedSGD(decayed(step, 7), delta=-0.5)
    trajectory = simulate(method, problems[3], steps=21, rng=0, record_every=7)
    np.testing.assert_allclose(cut["loss"].sel(instance=3), trajectory.loss, rtol=1e-10)
    factor = trajectory.step_size[:-1] / decayed(step, 1)
    np.testing.assert_allclose(small["factor"].sel(instance=3)[:-1], factor, rtol=1e-10)


@pytest.mark.parametrize("name", ["SGD", "SGD, batches twice", "Step-Tuned SGD"])
def test_an_epoch_takes_as_many_gradients_whether_batches_are_used_once_or_twice(problems, name):
    method = candidate(name, batches_an_epoch(problems[0])).make(step_size=0.1)
    trajectory = run(method, problems[0], 3)
    np.testing.assert_allclose(trajectory.gradients, 14 * 100 / 1438 * np.arange(4), rtol=1e-12)


def test_twice_is_step_tuned_sgd_that_tunes_nothing(echoes, problems):
    cut = echoes.sel({"method": "SGD, batches twice"})
    step = GRID[int(cut["tuned_setting"])]
    # both of a mini-batch's steps fall in one epoch
    method = StepTunedSGD(decayed(step, 7), m=1.0, M=1.0, delta=-0.5)
    trajectory = simulate(method, problems[1], steps=21, rng=0, record_every=7)
    np.testing.assert_allclose(cut["loss"].sel(instance=1), trajectory.loss, rtol=1e-10)


def test_both_figures_show_the_same_runs_of_sgd(small, echoes):
    for name in ("SGD", "Step-Tuned SGD"):
        np.testing.assert_array_equal(small["loss"].sel({"method": name}), echoes["loss"].sel({"method": name}))


@pytest.mark.parametrize("figure", ["step_tuned.4", "step_tuned.5"])
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"instances": 4}, "instances = 4 must be at least 5"),
        ({"tuned_at": 70}, "tuned_at is 70; it must lie from 1 to epochs = 60"),
        ({"batch_size": 1000}, "batch_size is 1000; an epoch needs two batches"),
    ],
)
def test_refuses(figure, parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute(figure, **parameters)


def test_refuses_methods_that_it_does_not_have():
    with pytest.raises(ValueError, match=r"methods is \['AdamW'\]; give some of SGD, RMSprop, Adam"):
        plots.compute("step_tuned.5", methods=["AdamW"])


def test_names_the_extra_that_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"optdyn\[digits\]"):
        draw_instances(Setting(**{**SMALL, "regularisation": 1e-4, "test_fraction": 0.2}))
