"""The numbers of figure arsg.2a: the least loss, the choice of steps, and where runs begin."""

import numpy as np
import pytest
from scipy.special import logsumexp

import plots
from plots.gallery.arsg_2a import least_loss
from plots.tuning import best_setting
from synthetic import digits_logistic

pytest.importorskip("sklearn")

# The images and runs of the quick version, whose kernels the other tests of figures compile.
SMALL = {"methods": ["HB", "ARSG"], "epochs": 2, "settings": 3, "seeds": 5}


@pytest.fixture(scope="module")
def dataset():
    return plots.compute("arsg.2a", **SMALL)


def test_least_loss_is_that_of_accelerated_descent(dataset):
    problem = digits_logistic(batch_size=10, rng=0)
    inputs, labels = problem.data.inputs[:60], problem.data.labels[:60]
    small = problem._replace(data=problem.data._replace(inputs=inputs, labels=labels))
    weights = _accelerated(inputs, labels, problem.regularisation)
    assert _loss(weights, inputs, labels, problem.regularisation) == pytest.approx(least_loss(small), abs=1e-7)
    assert least_loss(small) < float(dataset["minimum"])  # fewer images are easier to tell apart
    assert (dataset["excess_loss"] > 0).all()


def test_the_choice_is_the_best_of_the_grid(dataset):
    for name in ("HB", "ARSG"):
        part = dataset.sel({"method": name})
        scores = part["tuning_score"].values.reshape(3, -1)
        assert int(part["tuned_setting"]) == best_setting(scores)
        assert bool(part["at_edge"]) == (int(part["tuned_setting"]) != 1)
        assert np.allclose(np.diff(np.log10(part["step_size"])), 0.5)


def test_runs_start_at_zero_weights_and_fall(dataset):
    """At 0 every class is as likely as any other: the loss is log 10."""
    excess = dataset["excess_loss"]
    np.testing.assert_allclose(excess.isel(epoch=0), np.log(10) - float(dataset["minimum"]), rtol=1e-12)
    assert (excess.isel(epoch=-1) < 0.5 * excess.isel(epoch=0)).all()
    assert np.unique(excess.isel(epoch=-1)).size == 10  # two methods, five streams of mini-batches


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"methods": ["HB"]}, "methods is"),
        ({"methods": ["HB", "LION"]}, "methods is"),
        ({"epochs": 1}, "epochs = 1"),
        ({"settings": 4}, "settings is 4; an odd number"),
        ({"seeds": 4}, "seeds = 4"),
        ({"tuning_seeds": 4}, "tuning_seeds = 4"),
        ({"batch_size": 0}, "batch_size = 0"),
        ({"rng": -1}, "rng = -1"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("arsg.2a", **parameters)


def _loss(weights, inputs, labels, penalty):
    logits = inputs @ weights.T
    return np.mean(logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]) + penalty / 2 * np.sum(
        weights**2
    )


def _accelerated(inputs, labels, penalty):
    """Accelerated descent with the momentum of a strongly convex loss, on the formula in matrix form."""
    lipschitz = 0.5 * np.linalg.norm(inputs, ord=2) ** 2 / len(labels) + penalty
    root = np.sqrt(penalty / lipschitz)
    momentum = (1 - root) / (1 + root)
    weights = previous = np.zeros((10, inputs.shape[1]))
    targets = np.eye(10)[labels]
    for _ in range(2500):
        ahead = weights + momentum * (weights - previous)
        logits = inputs @ ahead.T
        share = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
        slope = (share - targets).T @ inputs / len(labels) + penalty * ahead
        weights, previous = ahead - slope / lipschitz, weights
    return weights
