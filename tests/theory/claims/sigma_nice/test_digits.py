"""The small network by differences, the law of its noise by draws of batches; and false variants."""

import numpy as np
import pytest

from theory.claims import Verdict
from theory.claims.constants import number
from theory.claims.routes.statistical import student_interval
from theory.claims.sigma_nice import digits, small_net


@pytest.fixture(scope="module")
def net():
    rng = np.random.default_rng(0)
    images = np.column_stack([rng.random((12, 64)), np.ones(12)])
    data = small_net.Digits(images, rng.integers(10, size=12), images, np.zeros(12, int))
    return small_net.start(2, rng), data


def moved(weights, name, place, width):
    changed = {each: getattr(weights, each).copy() for each in ("first", "second")}
    changed[name][place] += width
    return small_net.Weights(**changed)


@pytest.mark.parametrize(("name", "place"), [("first", (0, 3, 5)), ("first", (1, 0, 64)), ("second", (1, 7, 2))])
def test_gradient_is_the_derivative_of_the_loss(net, name, place):
    weights, data = net
    ends = [small_net.loss(moved(weights, name, place, side * 1e-5), data.images, data.labels) for side in (1, -1)]
    quotient = (ends[0] - ends[1]) / 2e-5
    found = getattr(small_net.gradient(weights, data.images, data.labels), name)
    assert found[place] == pytest.approx(quotient[place[0]], rel=1e-6)
    assert quotient[1 - place[0]] == 0  # the other network has not moved


def test_the_samples_gradients_have_the_gradient_as_their_mean(net):
    weights, data = net
    mean = small_net.by_sample(weights, data.images, data.labels).mean(axis=0)
    found = small_net.gradient(weights, data.images, data.labels)
    np.testing.assert_allclose(mean, np.concatenate([found.first[0].ravel(), found.second[0].ravel()]), atol=1e-14)


def test_sharpness_is_the_largest_eigenvalue(net):
    weights, data = net
    columns = []
    for name, shape in (("first", (8, 65)), ("second", (10, 9))):
        for index in np.ndindex(shape):
            ends = [
                small_net.gradient(moved(weights, name, (0, *index), side * 1e-4), data.images, data.labels)
                for side in (1, -1)
            ]
            both = [np.concatenate([end.first[0].ravel(), end.second[0].ravel()]) for end in ends]
            columns.append((both[0] - both[1]) / 2e-4)
    largest = np.abs(np.linalg.eigvalsh(np.array(columns))).max()
    assert small_net.sharpness(weights, data, np.random.default_rng(1), rounds=200)[0] == pytest.approx(
        largest, rel=1e-3
    )


def test_even_noise_has_all_dimensions_and_a_line_has_one():
    rng = np.random.default_rng(0)
    assert digits.effective_dimension(rng.standard_normal((20_000, 5))) == pytest.approx(5, rel=1e-2)
    assert digits.effective_dimension(np.outer(rng.standard_normal(50), np.ones(4))) == pytest.approx(1)


def test_kurtosis_of_a_batch_is_that_of_a_sample_over_its_size():
    rng = np.random.default_rng(0)
    population = rng.exponential(size=(400, 1)) ** 2
    population -= population.mean()
    one = float(digits.excess_kurtosis(population, np.eye(1))[0])
    batches = population[rng.integers(400, size=(200_000, 16)), 0].mean(axis=1)
    variance = population.var() / 16
    interval = student_interval(batches**4 / variance**2 - 3, error_level=1e-4)
    assert interval.contains(one / 16)
    assert not interval.contains(one / 4)


@pytest.mark.parametrize("samples", [5, 40])
def test_kurtosis_where_one_image_has_a_gradient_and_where_none_has(samples):
    gradients = np.zeros((samples, 2))
    gradients[3, 0] = -0.7
    alone, none = digits.excess_kurtosis(gradients - gradients.mean(axis=0), np.eye(2))
    assert alone == pytest.approx(samples**2 / (samples - 1) - 6, rel=1e-12)
    assert np.isnan(none)


def test_batches_of_the_digits_are_not_normal_along_a_pixel_of_one_image():
    pytest.importorskip("sklearn")
    evidence = digits.normal_noise_digits.check("quick", np.random.default_rng(0))
    found = evidence.counterexample
    samples = found["images"]
    assert found["images in which the pixel is lit"] == 1
    assert found["excess kurtosis of a batch of 128"] == pytest.approx((samples**2 / (samples - 1) - 6) / 128, rel=1e-9)
    few = digits.normal_noise_digits.vary(
        {**digits.normal_noise_digits.constants, "batch": number(2000)}, ()
    )  # a batch that is large enough is no counterexample
    assert few.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED


def test_runs_that_end_in_no_number_are_no_wins(monkeypatch):
    pytest.importorskip("sklearn")
    monkeypatch.setattr(small_net, "train", lambda weights, *a, **k: weights)
    monkeypatch.setattr(small_net, "sharpness", lambda weights, *a, **k: np.full(len(weights.first), np.nan))
    evidence = digits.sharpness_digits.check("quick", np.random.default_rng(0))
    assert evidence.verdict is Verdict.REFUTED
