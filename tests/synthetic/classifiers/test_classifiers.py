"""Logistic regression and the tanh network on small drawn data, against formulas written once more for complex x."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest

import synthetic
from dynamics import (
    batch_summands,
    draw,
    hessian_product,
    initial_point,
    new_sample,
    sampled_gradient,
    sampled_value_and_gradient,
    summands,
    value_and_gradient,
)
from dynamics.protocol.canonical import canonical
from synthetic import info, quadratic
from synthetic.classifiers.penalised_means import Labelled
from synthetic.classifiers.scores import accuracy
from synthetic.classifiers.softmax_regression import SoftmaxRegression, SoftmaxWork
from synthetic.classifiers.tanh_net import TanhNet, TanhWork

SAMPLES, INPUTS, CLASSES, HIDDEN, PENALTY = 6, 3, 4, 5, 0.07


def labelled():
    rng = np.random.default_rng(0)
    inputs, tests = np.ones((SAMPLES, INPUTS + 1)), np.ones((3, INPUTS + 1))
    inputs[:, :-1], tests[:, :-1] = rng.standard_normal((SAMPLES, INPUTS)), rng.standard_normal((3, INPUTS))
    return Labelled(inputs, rng.integers(CLASSES, size=SAMPLES), tests, np.array([0, 3, 1]), CLASSES)


def logistic(batch_size=2, sampling="subset", **changes):
    work = SoftmaxWork(np.zeros(CLASSES), np.zeros(CLASSES))
    start = np.zeros(CLASSES * (INPUTS + 1))
    return SoftmaxRegression(labelled(), PENALTY, batch_size, sampling, start, work)._replace(**changes)


def net(batch_size=2, sampling="subset"):
    work = TanhWork(np.zeros(HIDDEN), np.zeros(HIDDEN), np.zeros(CLASSES), np.zeros(CLASSES))
    start = np.zeros(HIDDEN * (INPUTS + 1) + CLASSES * (HIDDEN + 1))
    return TanhNet(labelled(), HIDDEN, PENALTY, batch_size, sampling, start, work)


def logistic_scores(x, a):
    return x.reshape(CLASSES, INPUTS + 1) @ a


def net_scores(x, a):
    first, second = np.split(x, [HIDDEN * (INPUTS + 1)])
    h = np.tanh(first.reshape(HIDDEN, INPUTS + 1) @ a)
    return second.reshape(CLASSES, HIDDEN + 1) @ np.append(h, 1.0)


def formula(scores, x, rows=range(SAMPLES)):
    data = labelled()
    losses = []
    for n in rows:
        z = scores(x, data.inputs[n])
        losses.append(np.log(np.exp(z).sum()) - z[data.labels[n]])
    return np.mean(losses) + PENALTY / 2 * (x**2).sum()


def by_complex_step(function, x):
    return np.array([function(x + step).imag for step in 1e-30j * np.eye(len(x))]) / 1e-30


CASES: dict[str, Any] = {"logistic": (logistic, logistic_scores), "net": (net, net_scores)}


@pytest.fixture(params=list(CASES))
def case(request):
    make, scores = CASES[request.param]
    problem = canonical(make())
    x, v = np.random.default_rng(1).standard_normal((2, initial_point(problem).size))
    return problem, scores, x, v


def test_value_and_gradient(case):
    problem, scores, x, _ = case
    expected = by_complex_step(lambda y: formula(scores, y), x)
    assert synthetic.value(problem, x) == pytest.approx(formula(scores, x), rel=1e-13)
    np.testing.assert_allclose(synthetic.gradient(problem, x), expected, rtol=1e-11, atol=1e-14)
    out = np.empty_like(x)  # in plain Python, beside the compiled functions
    assert value_and_gradient(problem, x, out) == pytest.approx(formula(scores, x), rel=1e-13)
    np.testing.assert_allclose(out, expected, rtol=1e-11, atol=1e-14)


def test_hessian_product(case):
    problem, scores, x, v = case
    steps = [by_complex_step(lambda y: formula(scores, y), x + t * v) for t in (1e-5, -1e-5)]
    expected = (steps[0] - steps[1]) / 2e-5
    found = synthetic.hessian_product(problem, x, v)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)
    out = np.empty_like(x)
    hessian_product(problem, x, v, out)
    np.testing.assert_allclose(out, found, rtol=1e-11, atol=1e-14)
    products = []
    for unit in np.eye(len(x)):
        hessian_product(problem, x, unit, out)
        products.append(out.copy())
    np.testing.assert_allclose(np.array(products), np.array(products).T, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(products @ v, found, rtol=1e-10, atol=1e-13)


def test_mini_batches_average_to_the_whole(case):
    problem, scores, x, _ = case
    sample, out, again = new_sample(problem), np.empty_like(x), np.empty_like(x)
    values, gradients = [], []
    for pair in combinations(range(SAMPLES), 2):
        sample.indices[:2] = pair
        values.append(sampled_value_and_gradient(problem, x, sample, out))
        assert values[-1] == pytest.approx(formula(scores, x, pair), rel=1e-13)
        expected = by_complex_step(lambda y, rows=pair: formula(scores, y, rows), x)
        np.testing.assert_allclose(out, expected, rtol=1e-11, atol=1e-14)
        sampled_gradient(problem, x, sample, again)
        np.testing.assert_array_equal(again, out)
        gradients.append(out.copy())
    assert len(values) == 15
    assert np.mean(values) == pytest.approx(formula(scores, x), rel=1e-13)
    assert value_and_gradient(problem, x, out) == pytest.approx(formula(scores, x), rel=1e-13)
    np.testing.assert_allclose(np.mean(gradients, axis=0), out, rtol=1e-12, atol=1e-14)


def test_batches_follow_their_law(case):
    problem, *_ = case
    assert (summands(problem), batch_summands(problem, new_sample(problem))) == (SAMPLES, 2)
    make = logistic if isinstance(problem, SoftmaxRegression) else net
    epoch = canonical(make(sampling="epoch"))
    sample, rng, seen = new_sample(epoch), np.random.default_rng(2), []
    for _ in range(3):
        draw(epoch, rng, sample)
        seen.extend(sample.indices[: sample.size[0]])
    assert sorted(seen) == list(range(SAMPLES))
    assert new_sample(canonical(make(SAMPLES))) is None


def test_large_scores_do_not_overflow():
    problem = canonical(logistic())
    x = 1e4 * np.random.default_rng(3).standard_normal(problem.start.size)
    data = problem.data
    z = np.array([logistic_scores(x, a) for a in data.inputs])
    losses = np.logaddexp.reduce(z, axis=1) - z[np.arange(SAMPLES), data.labels]
    assert synthetic.value(problem, x) == pytest.approx(losses.mean() + PENALTY / 2 * (x**2).sum(), rel=1e-13)
    assert np.isfinite(synthetic.gradient(problem, x)).all()


def test_curvature_of_logistic_regression_is_within_its_constants():
    problem = canonical(logistic())
    known = info(problem)
    points = np.random.default_rng(4).standard_normal((20, known.dimension)) * np.geomspace(1e-3, 10, 20)[:, None]
    for x in points:
        curvatures = np.linalg.eigvalsh(synthetic.hessian(problem, x))
        assert curvatures[0] == pytest.approx(known.strong_convexity, rel=1e-10)
        assert curvatures[-1] <= known.lipschitz_constant
    assert known.condition_number == known.lipschitz_constant / PENALTY
    # Two classes at even odds attain the bound 1/2.
    pair = Labelled(np.ones((2, 1)), np.array([0, 1]), np.ones((0, 1)), np.zeros(0, dtype=np.int64), 2)
    tight = canonical(SoftmaxRegression(pair, 0.0, 2, 0, np.zeros(2), SoftmaxWork(np.zeros(2), np.zeros(2))))  # type: ignore[arg-type]
    assert np.linalg.eigvalsh(synthetic.hessian(tight, [0.0, 0.0]))[-1] == pytest.approx(info(tight).lipschitz_constant)
    assert info(tight).condition_number == np.inf


def test_hidden_units_are_interchangeable():
    problem = canonical(net())
    x = np.random.default_rng(5).standard_normal(info(problem).dimension)
    split = HIDDEN * (INPUTS + 1)
    first, second = x[:split].reshape(HIDDEN, -1).copy(), x[split:].reshape(CLASSES, -1).copy()
    first[[0, 2]] = first[[2, 0]]
    second[:, [0, 2]] = second[:, [2, 0]]
    first[1], second[:, 1] = -first[1], -second[:, 1]
    twin = np.concatenate([first.ravel(), second.ravel()])
    assert synthetic.value(problem, twin) == pytest.approx(synthetic.value(problem, x), rel=1e-13)


def test_accuracy_counts_the_highest_scores(case):
    problem, scores, x, _ = case
    data = problem.data
    for part, inputs, labels in (("test", data.test_inputs, data.test_labels), ("train", data.inputs, data.labels)):
        right = [np.argmax(scores(x, a)) == label for a, label in zip(inputs, labels, strict=True)]
        assert accuracy(problem, x, part) == np.mean(right)
    # Labels that are the model's own predictions are all right.
    own = np.array([np.argmax(scores(x, a)) for a in data.test_inputs])
    assert accuracy(problem._replace(data=data._replace(test_labels=own)), x) == 1
    assert accuracy(problem._replace(data=data._replace(test_labels=(own + 1) % CLASSES)), x) == 0


DATA = labelled()
EMPTY = DATA._replace(test_inputs=np.ones((0, INPUTS + 1)), test_labels=np.zeros(0, dtype=np.int64))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: canonical(logistic(batch_size=7)), "batch_size = 7 is larger than the data: there are 6 samples"),
        (lambda: canonical(logistic(regularisation=-1.0)), "regularisation = -1.0"),
        (lambda: canonical(logistic(regularisation=np.nan)), "regularisation has NaN"),
        (lambda: canonical(logistic(start=np.zeros(3))), r"start has shape \(3,\): these data need \(16,\)"),
        (lambda: canonical(DATA._replace(labels=np.full(SAMPLES, 4))), "labels must be whole numbers from 0 to 3"),
        (lambda: canonical(DATA._replace(labels=np.full(SAMPLES, -1))), "labels must be whole numbers from 0 to 3"),
        (lambda: canonical(DATA._replace(test_labels=np.zeros(2, int))), "one p for training and testing"),
        (lambda: canonical(EMPTY._replace(inputs=np.ones((0, 4)), labels=np.zeros(0, int))), "inputs is empty"),
        (lambda: accuracy(logistic(), np.zeros(3)), r"x has shape \(3,\): SoftmaxRegression needs \(16,\)"),
        (lambda: accuracy(logistic(), np.full(16, np.nan)), "x has NaN"),
        (lambda: accuracy(logistic(), np.zeros(16), "all"), "unknown part 'all'"),
        (lambda: accuracy(logistic(data=EMPTY), np.zeros(16)), "no samples were held out"),
    ],
)
def test_domain_errors(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_what_is_no_classifier_has_no_accuracy():
    with pytest.raises(TypeError, match="has no scores"):
        accuracy(quadratic(), [0.0, 0.0])
