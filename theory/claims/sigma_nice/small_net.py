"""A tanh network on the digits in plain NumPy, many weights at once: gradients by sample, training, curvature."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
HIDDEN, CLASSES, INPUTS = 8, 10, 65


class Weights(NamedTuple):
    """Weights of several networks: shapes (runs, 8, 65) and (runs, 10, 9), the biases last."""

    first: Array
    second: Array

    def plus(self, step: Weights, factor: float) -> Weights:
        """Return self + factor step."""
        return Weights(self.first + factor * step.first, self.second + factor * step.second)

    def length(self) -> Array:
        """Return the length of each network's weights, shape (runs, 1, 1)."""
        return np.sqrt((self.first**2).sum((1, 2)) + (self.second**2).sum((1, 2)))[:, None, None]


class Digits(NamedTuple):
    """Images with a 1 appended, (n, 65), and labels; some are held out."""

    images: Array
    labels: NDArray[np.int64]
    test_images: Array
    test_labels: NDArray[np.int64]


def digits(rng: np.random.Generator) -> Digits:
    """Load the digits and hold 360 of them out; ImportError where scikit-learn is missing."""
    from synthetic.classifiers import digits

    pixels, labels = digits.images()
    images, order = np.column_stack([pixels / 16, np.ones(len(pixels))]), rng.permutation(len(pixels))
    train, test = order[360:], order[:360]
    return Digits(images[train], labels[train], images[test], labels[test])


def start(runs: int, rng: np.random.Generator) -> Weights:
    """Draw weights from N(0, 1/inputs of the unit), biases 0."""
    first, second = np.zeros((runs, HIDDEN, INPUTS)), np.zeros((runs, CLASSES, HIDDEN + 1))
    first[..., :-1] = rng.standard_normal((runs, HIDDEN, INPUTS - 1)) / np.sqrt(INPUTS - 1)
    second[..., :-1] = rng.standard_normal((runs, CLASSES, HIDDEN)) / np.sqrt(HIDDEN)
    return Weights(first, second)


def _forward(weights: Weights, images: Array) -> tuple[Array, Array]:
    """Return hidden units with a 1 appended, (runs, 9, n), and scores less the largest, (runs, 10, n).

    Samples come last, along which NumPy works fast.
    """
    before = weights.first @ images.swapaxes(-1, -2)
    units = np.empty((len(before), HIDDEN + 1, before.shape[2]))
    np.tanh(before, out=units[:, :-1])
    units[:, -1] = 1.0
    scores = weights.second @ units
    scores -= scores.max(axis=1, keepdims=True)
    return units, scores


def loss(weights: Weights, images: Array, labels: NDArray[np.int64]) -> Array:
    """Return the mean cross-entropy of each network."""
    scores = _forward(weights, images)[1]
    own = scores[:, labels, np.arange(len(labels))]
    return np.asarray((np.log(np.exp(scores).sum(axis=1)) - own).mean(axis=1))


def _errors(weights: Weights, images: Array, labels: NDArray[np.int64]) -> tuple[Array, Array, Array]:
    """Return units, derivatives by the scores, and those by the inputs of the hidden units, samples last."""
    units, scores = _forward(weights, images)
    by_scores = np.exp(scores, out=scores)
    by_scores /= by_scores.sum(axis=1, keepdims=True)
    runs, _, count = by_scores.shape
    by_scores[np.arange(runs)[:, None], labels, np.arange(count)] -= 1
    by_hidden = weights.second[:, :, :-1].swapaxes(1, 2) @ by_scores
    slope = units[:, :-1] ** 2
    by_hidden *= np.subtract(1, slope, out=slope)
    return units, by_scores, by_hidden


def gradient(weights: Weights, images: Array, labels: NDArray[np.int64]) -> Weights:
    """Return the mean gradient; images (n, 65), or (runs, n, 65) with labels (runs, n)."""
    units, by_scores, by_hidden = _errors(weights, images, labels)
    count = units.shape[2]
    return Weights(by_hidden @ images / count, by_scores @ units.swapaxes(1, 2) / count)


def by_sample(weights: Weights, images: Array, labels: NDArray[np.int64]) -> Array:
    """Return the gradient of each sample for the first of the networks, shape (n, 610)."""
    units, by_scores, by_hidden = (each[0].T for each in _errors(weights, images, labels))
    first = by_hidden[:, :, None] * images[:, None, :]
    second = by_scores[:, :, None] * units[:, None, :]
    return np.concatenate([first.reshape(len(images), -1), second.reshape(len(images), -1)], axis=1)


def train(
    weights: Weights, data: Digits, *, step_size: float, batch: int, steps: int, rng: np.random.Generator
) -> Weights:
    """Run SGD with batches drawn with replacement, other ones for each network."""
    runs = len(weights.first)
    for _ in range(steps):
        drawn = rng.integers(len(data.images), size=(runs, batch))
        weights = weights.plus(gradient(weights, data.images.take(drawn, axis=0), data.labels[drawn]), -step_size)
    return weights


def sharpness(weights: Weights, data: Digits, rng: np.random.Generator, rounds: int = 30) -> Array:
    """Return the largest eigenvalue of each network's Hessian, by power iteration on differences of gradients."""
    direction, value = start(len(weights.first), rng), np.zeros((len(weights.first), 1, 1))
    for _ in range(rounds):
        size = direction.length()
        direction, width = Weights(direction.first / size, direction.second / size), 1e-4
        ahead, behind = (
            gradient(weights.plus(direction, side * width), data.images, data.labels) for side in (1.0, -1.0)
        )
        product = ahead.plus(behind, -1.0)
        value = product.length() / (2 * width)
        direction = product
    return value[:, 0, 0]
