"""The numbers of figure arsg.saturation against a simulation of its own and the limit in closed form."""

import numpy as np
import pytest

import plots
from plots.gallery.arsg_saturation import expected_loss
from theory.arsg import variance_limit

SMALL = {"mu": (0.0, 0.2), "steps": 1200, "copies": 20, "seeds": 5, "curvatures": (0.1, 1.0)}


@pytest.fixture(scope="module")
def dataset():
    return plots.compute("arsg.saturation", **SMALL)


def test_limit_is_half_curvature_times_variance(dataset):
    for mu in (0.0, 0.2):
        for curvature in (0.1, 1.0):
            sigma = 0.1 / curvature
            expected = 0.5 * curvature * sigma**2 * variance_limit(0.6 * curvature, beta=0.97, mu=mu)
            row = dataset.sel(mu=mu, curvature=curvature)
            assert float(row["limit_final"]) == pytest.approx(float(expected), rel=1e-12)
            assert float(row["predicted_final"]) == pytest.approx(float(expected), rel=1e-6)
    np.testing.assert_allclose(dataset["saturation"], dataset["limit_final"].sum("curvature"), rtol=1e-12)


def test_expected_loss_is_the_mean_of_runs():
    """4,000 runs of the update as the paper prints it: 20 steps, each mean within 5 of its errors (7e-7 each)."""
    beta, mu, step, noise, curvature, runs = 0.8, 0.3, 0.5, 0.4, 1.5, 4000
    rng = np.random.default_rng(3)
    x, m, losses = np.ones(runs), np.zeros(runs), []
    for _ in range(20):
        gradient = curvature * x + noise * rng.standard_normal(runs)
        m = beta * m + (1 - beta) * gradient
        x = x - step * ((1 - mu) * m + mu * gradient)
        losses.append(0.5 * curvature * x**2)
    predicted = expected_loss(beta, mu, step, noise, np.array([curvature]), 20)[0]
    error = np.std(losses, axis=1, ddof=1) / np.sqrt(runs)
    assert predicted[0] == 0.75
    assert np.all(np.abs(np.mean(losses, axis=1) - predicted[1:]) < 5 * error)


def test_intervals_contain_the_prediction(dataset):
    """All at once with probability 0.99 for a seed drawn at random; this one is fixed."""
    inside = (dataset["final_low"] <= dataset["limit_final"]) & (dataset["limit_final"] <= dataset["final_high"])
    assert inside.all()
    assert (dataset["final_low"] < dataset["final_loss"]).all()
    assert (dataset["final_loss"] < dataset["final_high"]).all()
    # The limit of SGD without momentum, τ/(2 - τ), is told apart.
    other = 0.5 * 0.1**2 * 0.6 / 1.4
    assert float(dataset["final_high"].sel(curvature=1.0, mu=0.2)) < other


def test_the_loss_starts_at_the_start(dataset):
    np.testing.assert_allclose(dataset["loss"].isel(iteration=0), 0.55, rtol=1e-12)
    np.testing.assert_allclose(dataset["expected_loss"].isel(step=0), 0.55, rtol=1e-12)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"step_size": 30.0}, "step_size is 30.0: .*τ_rb"),
        ({"mu": ()}, "one to 5"),
        ({"curvatures": (1.0,)}, "curvatures"),
        ({"noise": 0.0}, "noise is 0.0"),
        ({"seeds": 4}, "seeds = 4"),
        ({"copies": 9}, "copies = 9"),
        ({"steps": 10}, "steps = 10"),
        ({"rng": -1}, "rng = -1"),
    ],
)
def test_refuses(parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute("arsg.saturation", **parameters)
