"""The numbers of the figures on the digits network: sample gradients, noise, sharpness, and the runs behind curves."""

import numpy as np
import pytest
from scipy.stats import spearmanr

import plots
from dynamics import simulate
from dynamics.algorithms.graduated_sgd import four_types
from dynamics.protocol.canonical import canonical
from dynamics.sweeps.content import stream
from plots.gallery import sigma_nice_8, sigma_nice_9, sigma_nice_10, sigma_nice_13
from plots.gallery.digits_training import gradient_variance, network, plain_sgd, sample_gradients, starts
from synthetic import accuracy, gradient, value
from theory.sigma_nice import schedule

pytest.importorskip("sklearn", reason="the digits come with scikit-learn")


@pytest.fixture(scope="module")
def problem():
    return network(3, 1e-2, 4)


@pytest.fixture(scope="module")
def point(problem):
    return starts(problem, range(1), 4)[0]


def test_sample_gradients_average_to_the_gradient(problem, point):
    gradients = sample_gradients(problem, point)
    np.testing.assert_allclose(gradients.mean(axis=0), gradient(problem, point), atol=1e-13)


def test_a_sample_s_gradient_is_a_difference_quotient_of_its_loss(problem, point):
    data = problem.data._replace(inputs=problem.data.inputs[7:8], labels=problem.data.labels[7:8])
    single = problem._replace(data=data, batch_size=1)
    ahead, behind = (value(single, point + s * 1e-6 * np.eye(point.size)) for s in (1, -1))
    np.testing.assert_allclose(sample_gradients(problem, point)[7], (ahead - behind) / 2e-6, atol=1e-8)


def test_noise_has_the_variance_of_drawing_without_replacement(problem, point):
    gradients = sample_gradients(problem, point)
    centred, samples, size = gradients - gradients.mean(axis=0), len(gradients), 100
    noise = sigma_nice_8.batch_noise(centred, size, 4000, np.random.default_rng(1))
    squares = (noise**2).sum(axis=1)
    expected = gradient_variance(gradients) / size * (samples - size) / (samples - 1)
    assert abs(squares.mean() - expected) < 5 * squares.std() / np.sqrt(len(squares))  # error level 1e-6
    normal = (sigma_nice_8.normal_noise(centred, 4000, np.random.default_rng(2)) ** 2).sum(axis=1)
    assert abs(normal.mean() - gradient_variance(gradients)) < 5 * normal.std() / np.sqrt(len(normal))


def test_effective_dimension_of_known_covariances():
    assert sigma_nice_8.effective_dimension(np.vstack([np.eye(6), -np.eye(6)])) == pytest.approx(6)
    assert sigma_nice_8.effective_dimension(np.outer([1.0, -2.0, 1.0], np.ones(9))) == pytest.approx(1)


def test_the_normality_test_has_its_level_and_power():
    rng = np.random.default_rng(3)
    # A binomial count above 40 of 1,500 at 1 % each has a probability below 1e-6.
    assert sigma_nice_8.rejected(rng.standard_normal((400, 1500))) < 40 / 1500
    assert sigma_nice_8.rejected(rng.standard_exponential((400, 50))) == 1.0
    assert sigma_nice_8.rejected(np.column_stack([np.zeros(400), np.ones(400)])[:, [0, 0]] + [[0.0, 1.0]]) == 1.0


def test_normal_noise_passes_and_blank_pixels_do_not_count():
    dataset = plots.compute("sigma_nice.8", hidden=3, draws=300, epochs=1, batch_sizes=[4, 64], rng=4)
    # 10 correlated tests of some 200 coordinates at 1 % each; mini-batches of 4 are far from normal.
    assert float(dataset["rejected_normal"].mean()) < 0.03
    assert float(dataset["rejected"].sel(batch_size=4).min()) > 0.5
    inputs = network(3, 1e-4, 4).data.inputs
    inked = np.count_nonzero(inputs.max(axis=0) > 0)
    assert dataset["live_coordinates"].values.tolist() == [[3 * inked + 10 * 4] * 5] * 2


def test_sharpness_lies_between_random_corners_and_the_taylor_bound(problem, point):
    rho = 1e-3
    (found,) = sigma_nice_9.sharpness(problem, point[np.newaxis], rho)
    signs = np.sign(np.random.default_rng(2).standard_normal((200, point.size)))
    corners = value(problem, point + rho * np.abs(point) * signs) - value(problem, point)
    slope = rho * np.abs(point * gradient(problem, point)).sum()
    assert corners.max() < found
    assert abs(found - slope) < 0.05 * slope


def test_correlation_of_medians():
    rng = np.random.default_rng(6)
    level, values = rng.random((4, 5)), rng.random((4, 5, 7))
    low, estimate, high = sigma_nice_9.correlations(level, values, 0)
    assert estimate == pytest.approx(spearmanr(level.ravel(), np.median(values, axis=2).ravel()).statistic)
    assert low < high
    assert sigma_nice_9.correlations(level, np.repeat(level[..., np.newaxis], 7, axis=2), 0) == (1.0, 1.0, 1.0)


@pytest.mark.filterwarnings("ignore:All-NaN slice")
def test_the_interval_of_a_correlation_is_that_of_resamples_taken_one_by_one(monkeypatch):
    monkeypatch.setattr(sigma_nice_9, "RESAMPLES", 40)
    rng = np.random.default_rng(6)
    level, values = rng.random((4, 5)), rng.random((4, 5, 7)).round(1)  # with ties
    values[0, 0], values[1, 1, :3], values[2, 2, :6] = np.nan, np.nan, np.nan  # of some settings, runs diverged
    draws, found = np.random.default_rng(5), []
    for _ in range(40):
        middle = np.nanmedian(values[..., draws.integers(7, size=7)], axis=-1).ravel()
        kept = np.isfinite(middle)
        found.append(spearmanr(level.ravel()[kept], middle[kept]).statistic)
    low, _, high = sigma_nice_9.correlations(level, values, 5)
    assert [low, high] == np.quantile(found, [0.025, 0.975]).tolist()


def test_a_point_of_the_sharpness_figure_is_a_run():
    small = {"hidden": 3, "step_sizes": [0.2, 0.5], "batch_sizes": [64, 256], "epochs": 2, "training_time": 5.0}
    dataset = plots.compute("sigma_nice.9", **small, seeds=3, rng=1)
    problem = network(3, 1e-4, 1)
    begin = starts(problem, range(3), 1)
    for protocol, steps in (("same epochs", 2 * (1438 // 256)), ("same training time", 10)):
        method = plain_sgd(0.5, 256)
        run = simulate(method, problem, steps=steps, x0=begin[2], rng=stream(2, canonical(method)))
        cell = dataset.sel(protocol=protocol, step_size=0.5, batch_size=256, seed=2)
        assert float(cell["loss"]) == pytest.approx(run.loss[-1], rel=1e-9)
        assert float(cell["accuracy"]) == accuracy(problem, run.x)
        first = 2e-4 * np.abs(run.x * gradient(problem, run.x)).sum()
        assert float(cell["first_order"]) == pytest.approx(first, rel=1e-6)
    deviation = np.sqrt(np.mean([gradient_variance(sample_gradients(problem, x)) for x in begin]))
    assert float(dataset["level"].sel(step_size=0.2, batch_size=64)) == pytest.approx(0.2 * deviation / 8)


def test_the_four_types_share_budget_and_ladder():
    dataset = plots.compute("sigma_nice.10", hidden=3, epochs=5, records=10, rng=2)
    spent = dataset["epochs"].max("record").values
    assert ((spent > 4.5) & (spent <= 5)).all()  # an epoch leaves out the samples that fill no batch
    ladder = dataset["level"].values
    np.testing.assert_allclose(ladder[1:], np.broadcast_to(2.0 ** (-np.arange(5) / 2), (3, 5)), rtol=1e-12)
    np.testing.assert_array_equal(ladder[0], 1.0)
    scores = dataset["tuning_score"].values[:, :, 0]
    best = np.argmin(np.sort(scores, axis=-1)[..., 2], axis=1)
    grid = np.array(sigma_nice_10.GRID)
    np.testing.assert_array_equal(dataset["step_size"].sel(tuning="own step size"), grid[best])
    common = np.argmin(np.prod(np.median(scores, axis=-1), axis=0))
    np.testing.assert_array_equal(dataset["step_size"].sel(tuning="one step size"), grid[common])
    problem, seed = network(3, 1e-3, 2), 1
    method = four_types(grid[common], batch_size=8, stages=5, period=1)["both"]
    begin = starts(problem, range(10), 2)[5 + seed]
    steps = sigma_nice_10.updates(method, 1438)
    run = simulate(method, problem, steps=steps, x0=begin, rng=np.random.SeedSequence(5 + seed))
    cell = dataset.sel({"method": "both", "seed": seed, "tuning": "one step size"})
    last = int(cell["epochs"].notnull().sum()) - 1
    assert float(cell["loss"][last]) == run.loss[-1]
    assert float(cell["accuracy"][last]) == accuracy(problem, run.x)
    assert float(cell["epochs"][last]) == run.gradients[-1]


def test_a_schedule_s_curve_is_a_run_with_its_step_sizes():
    dataset = plots.compute("sigma_nice.13", hidden=3, epochs=10, seeds=5, rng=3)
    cell = dataset.sel({"method": "p = 2", "seed": 1})
    eta, every = float(cell["step_size"]), 1438 // 16
    problem = network(3, 1e-3, 3)
    x = starts(problem, range(10), 3)[6]
    method = sigma_nice_13.scheduled_sgd(eta, schedule("polynomial", 10, 1.0, p=2.0), every)
    run = simulate(method, problem, steps=10 * every, x0=x, rng=np.random.SeedSequence(6), record_every=every)
    np.testing.assert_allclose(cell["loss"], run.loss, rtol=1e-9)
    np.testing.assert_allclose(run.step_size[:-1], eta * (1 - np.arange(10) / 10) ** 2, rtol=1e-12)
    radii = dataset["least_radius"].sel({"method": "p = 1"})
    np.testing.assert_allclose(radii, [0.1, np.sqrt(1 - 0.81)], rtol=1e-9)


@pytest.mark.parametrize(
    ("figure", "parameters", "message"),
    [
        ("sigma_nice.8", {"batch_sizes": (4, 2)}, "batch_sizes is"),
        ("sigma_nice.8", {"shown": 5}, "shown is 5"),
        ("sigma_nice.8", {"seeds": 4}, "seeds = 4"),
        ("sigma_nice.8", {"batch_sizes": (64, 1438)}, "there is no noise"),
        ("sigma_nice.9", {"seeds": 2}, "seeds = 2"),
        ("sigma_nice.9", {"radius": 0.0}, "radius 0.0"),
        ("sigma_nice.9", {"batch_sizes": (4.5, 9)}, "whole number"),
        ("sigma_nice.10", {"epochs": 12}, "epochs is 12; .*try 10"),
        ("sigma_nice.10", {"tuning_seeds": 3}, "tuning_seeds = 3"),
        ("sigma_nice.13", {"epochs": 5}, "epochs = 5"),
    ],
)
def test_refuses(figure, parameters, message):
    with pytest.raises(ValueError, match=message):
        plots.compute(figure, **parameters)


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"optdyn\[digits\]"):
        plots.compute("sigma_nice.8", seeds=5)
