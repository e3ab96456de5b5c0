r"""A classifier with one hidden layer, :math:`z=W_2\tanh(W_1a)`, biases included, under cross-entropy and a penalty."""

from typing import NamedTuple

import numpy as np

from dynamics import blocks, implements, kernel
from synthetic.classifiers.penalised_means import (
    Labelled,
    add_sample,
    add_sample_gauss_newton,
    add_sample_product,
    penalised_mean,
    require_penalised_mean,
)
from synthetic.classifiers.scores import scores
from synthetic.classifiers.softmax import to_loss_tangent, to_probabilities
from synthetic.parts.information import Information, info
from synthetic.parts.requirements import require_scratch
from synthetic.parts.sampling import Sampling


class TanhWork(NamedTuple):
    """Scratch of one run."""

    hidden: np.ndarray  # shape (hidden,)
    hidden_tangents: np.ndarray
    scores: np.ndarray  # shape (classes,)
    score_tangents: np.ndarray


class TanhNet(NamedTuple):
    """The classifier; x holds W₁ by rows, shape (hidden, p + 1), then W₂, shape (classes, hidden + 1).

    Examples
    --------
    >>> from synthetic import digits_mlp
    >>> digits_mlp(8, rng=0).hidden
    8
    """

    data: Labelled
    hidden: int
    regularisation: float  # λ
    batch_size: int
    sampling: Sampling
    start: np.ndarray  # shape (d,)
    work: TanhWork

    def check(self) -> None:
        """Refuse a start of another dimension, a batch larger than the data and a negative penalty."""
        dimension = self.hidden * self.data.inputs.shape[1] + self.data.classes * (self.hidden + 1)
        require_penalised_mean(self, dimension)
        require_scratch(self.work, (self.hidden,), (self.hidden,), (self.data.classes,), (self.data.classes,))


@kernel
def _forward(x, a, h, z):
    """Write the hidden layer's output into h and the scores into z."""
    for i in range(len(h)):
        total = 0.0
        for j in range(len(a)):
            total += x[i * len(a) + j] * a[j]
        h[i] = np.tanh(total)
    for k in range(len(z)):
        row = len(h) * len(a) + k * (len(h) + 1)
        total = x[row + len(h)]
        for i in range(len(h)):
            total += x[row + i] * h[i]
        z[k] = total


@kernel
def _forward_tangent(x, v, a, h, dh, dz):
    """Write how h and z change along v into dh and dz."""
    for i in range(len(h)):
        total = 0.0
        for j in range(len(a)):
            total += v[i * len(a) + j] * a[j]
        dh[i] = (1.0 - h[i] * h[i]) * total
    for k in range(len(dz)):
        row = len(h) * len(a) + k * (len(h) + 1)
        total = v[row + len(h)]
        for i in range(len(h)):
            total += v[row + i] * h[i] + x[row + i] * dh[i]
        dz[k] = total


@kernel
def _add_backward(x, a, h, r, out):
    """Add to out what the derivative r of a loss with respect to the scores is with respect to the parameters."""
    second = len(h) * len(a)
    for k in range(len(r)):
        row = second + k * (len(h) + 1)
        for i in range(len(h)):
            out[row + i] += r[k] * h[i]
        out[row + len(h)] += r[k]
    for i in range(len(h)):
        back = 0.0
        for k in range(len(r)):
            back += r[k] * x[second + k * (len(h) + 1) + i]
        back *= 1.0 - h[i] * h[i]
        for j in range(len(a)):
            out[i * len(a) + j] += back * a[j]


@implements(add_sample, TanhNet)
def _(problem, x, n, total, out):
    a, label, h, z = problem.data.inputs[n], problem.data.labels[n], problem.work.hidden, problem.work.scores
    _forward(x, a, h, z)
    chosen = z[label]
    total += to_probabilities(z) - chosen
    z[label] -= 1.0
    _add_backward(x, a, h, z, out)
    return total


@implements(add_sample_product, TanhNet)
def _(problem, x, v, n, out):
    # Pearlmutter's forward differentiation of the gradient: each line of it once more, along v.
    work, a, label = problem.work, problem.data.inputs[n], problem.data.labels[n]
    h, dh, z, dz = work.hidden, work.hidden_tangents, work.scores, work.score_tangents
    _forward(x, a, h, z)
    _forward_tangent(x, v, a, h, dh, dz)
    to_probabilities(z)
    to_loss_tangent(z, dz)
    z[label] -= 1.0
    second = len(h) * len(a)
    for k in range(len(z)):
        row = second + k * (len(h) + 1)
        for i in range(len(h)):
            out[row + i] += dz[k] * h[i] + z[k] * dh[i]
        out[row + len(h)] += dz[k]
    for i in range(len(h)):
        back, change = 0.0, 0.0
        for k in range(len(z)):
            entry = second + k * (len(h) + 1) + i
            back += z[k] * x[entry]
            change += dz[k] * x[entry] + z[k] * v[entry]
        change = (1.0 - h[i] * h[i]) * change - 2.0 * h[i] * dh[i] * back
        for j in range(len(a)):
            out[i * len(a) + j] += change * a[j]


@implements(add_sample_gauss_newton, TanhNet)
def _(problem, x, v, n, out):
    work, a = problem.work, problem.data.inputs[n]
    h, z, dz = work.hidden, work.scores, work.score_tangents
    _forward(x, a, h, z)
    _forward_tangent(x, v, a, h, work.hidden_tangents, dz)
    to_probabilities(z)
    to_loss_tangent(z, dz)
    _add_backward(x, a, h, dz, out)


penalised_mean(TanhNet)


@implements(blocks, TanhNet)
def _(problem):
    return (problem.hidden, problem.data.inputs.shape[1]), (problem.data.classes, problem.hidden + 1)


@implements(scores, TanhNet)
def _(problem, x, inputs):
    split = problem.hidden * inputs.shape[1]
    first, second = x[:split].reshape(problem.hidden, -1), x[split:].reshape(problem.data.classes, -1)
    return np.tanh(inputs @ first.T) @ second[:, :-1].T + second[:, -1]


@implements(info, TanhNet)
def _(problem):
    return Information(
        dimension=problem.start.size,
        samples=len(problem.data.labels),
        notes=("nonconvex: hidden units can change places, and sign together with their outgoing weights",),
    )
