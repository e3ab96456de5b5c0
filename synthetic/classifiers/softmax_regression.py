r"""Multinomial logistic regression, :math:`\frac1N\sum_n\ell_{y_n}(Wa_n)+\frac\lambda2\|W\|^2`, W with biases."""

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


class SoftmaxWork(NamedTuple):
    """Scratch of one run."""

    scores: np.ndarray  # shape (classes,)
    tangents: np.ndarray  # shape (classes,)


class SoftmaxRegression(NamedTuple):
    """Multinomial logistic regression; x is W by rows, a class each; `digits_logistic` makes it.

    Examples
    --------
    >>> from synthetic import digits_logistic
    >>> digits_logistic(rng=0).batch_size
    50
    """

    data: Labelled
    regularisation: float  # λ
    batch_size: int
    sampling: Sampling
    start: np.ndarray  # shape (classes (p + 1),)
    work: SoftmaxWork

    def check(self) -> None:
        """Refuse a start of another dimension, a batch larger than the data and a negative penalty."""
        require_penalised_mean(self, self.data.classes * self.data.inputs.shape[1])
        require_scratch(self.work, (self.data.classes,), (self.data.classes,))


@kernel
def _linear(x, a, z):
    """Write Wa into z."""
    for k in range(len(z)):
        total = 0.0
        for j in range(len(a)):
            total += x[k * len(a) + j] * a[j]
        z[k] = total


@kernel
def _add_outer(r, a, out):
    """Add raᵀ to out."""
    for k in range(len(r)):
        for j in range(len(a)):
            out[k * len(a) + j] += r[k] * a[j]


@implements(add_sample, SoftmaxRegression)
def _(problem, x, n, total, out):
    a, label, z = problem.data.inputs[n], problem.data.labels[n], problem.work.scores
    _linear(x, a, z)
    chosen = z[label]
    total += to_probabilities(z) - chosen
    z[label] -= 1.0
    _add_outer(z, a, out)
    return total


@implements(add_sample_product, SoftmaxRegression)
def _(problem, x, v, n, out):
    a, z, dz = problem.data.inputs[n], problem.work.scores, problem.work.tangents
    _linear(x, a, z)
    _linear(v, a, dz)
    to_probabilities(z)
    to_loss_tangent(z, dz)
    _add_outer(dz, a, out)


@implements(add_sample_gauss_newton, SoftmaxRegression)
def _(problem, x, v, n, out):
    add_sample_product(problem, x, v, n, out)  # scores are linear in x, so nothing is left out


penalised_mean(SoftmaxRegression)


@implements(blocks, SoftmaxRegression)
def _(problem):
    return ((problem.data.classes, problem.data.inputs.shape[1]),)


@implements(scores, SoftmaxRegression)
def _(problem, x, inputs):
    return inputs @ x.reshape(problem.data.classes, -1).T


@implements(info, SoftmaxRegression)
def _(problem):
    data, penalty = problem.data, problem.regularisation
    lipschitz = float(0.5 * np.linalg.norm(data.inputs, 2) ** 2 / len(data.labels) + penalty)
    return Information(
        dimension=problem.start.size,
        samples=len(data.labels),
        lipschitz_constant=lipschitz,
        # The same vector added to every row of W changes the penalty alone, so λ is attained everywhere.
        strong_convexity=penalty,
        condition_number=lipschitz / penalty if penalty else np.inf,
        notes=("L rests on diag p - ppᵀ ≤ 1/2 for probabilities p",),
    )
