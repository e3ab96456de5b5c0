r"""Means over labelled samples with a quadratic penalty, :math:`\frac1N\sum_n\ell_n(x)+\frac\lambda2\|x\|^2`.

A problem is a NamedTuple with `data`, `regularisation`, `batch_size`, `sampling` and `start`. It says what one sample
adds to value, gradient and Hessian product; `penalised_mean` gives it the oracle protocol.
"""

from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    hessian_product,
    implements,
    initial_point,
    kernel,
    mean_curved_gradient,
    sampled_value_and_gradient,
    summands,
    value_and_gradient,
)
from dynamics.checks import Refusal, require_at_least, require_finite
from dynamics.kernels.generic import generic
from dynamics.protocol.large_data import parts, stretches
from dynamics.protocol.oracle import gauss_newton_product, sampled_hessian_product
from dynamics.vectors.roundings import product
from synthetic.parts.mini_batches import mini_batches
from synthetic.parts.requirements import require_batch


class Labelled(NamedTuple):
    """Labelled samples, some of them held out for testing."""

    inputs: np.ndarray  # a row each, shape (N, p + 1), the last column 1
    labels: np.ndarray  # whole numbers from 0 on, shape (N,)
    test_inputs: np.ndarray  # shape (M, p + 1)
    test_labels: np.ndarray  # shape (M,)
    classes: int

    def check(self) -> None:
        """Refuse shapes that don't match and labels that are no class."""
        for inputs, labels in ((self.inputs, self.labels), (self.test_inputs, self.test_labels)):
            if inputs.ndim != 2 or labels.shape != inputs.shape[:1] or inputs.shape[1] != self.inputs.shape[1]:
                raise Refusal(
                    f"inputs has shape {inputs.shape} and labels {labels.shape}: (N, p + 1) and (N,) are needed, with "
                    f"one p for training and testing."
                )
            if labels.dtype != np.int64 or (labels < 0).any() or (labels >= self.classes).any():
                raise Refusal(f"labels must be whole numbers from 0 to {self.classes - 1}.")
        if not self.inputs.size:
            raise Refusal("inputs is empty: a mean needs a sample.")


@generic(called=True)
def add_sample(problem, x, n, total, out):
    """Add the gradient of sample n's loss to `out`, and return `total` with the loss added."""


@generic(called=True)
def add_sample_product(problem, x, v, n, out):
    """Add the product of the Hessian of sample n's loss with `v` to `out`."""


@generic(called=True)
def add_sample_gauss_newton(problem, x, v, n, out):
    """Add the product of the Gauss-Newton matrix of sample n's loss with `v` to `out`: convex is the loss of scores."""


@kernel
def _penalise(problem, x, v, terms, out):
    """Turn a sum of so many terms into their mean and add λv; return the penalty at x."""
    squares = 0.0
    for j in range(len(out)):
        out[j] = out[j] / terms + problem.regularisation * v[j]
        squares += x[j] * x[j]
    return 0.5 * problem.regularisation * squares


def _value_and_gradient(problem, x, out):
    samples = len(problem.data.labels)
    out[:] = 0.0
    total = 0.0
    for n in range(samples):
        total = add_sample(problem, x, n, total, out)
    # As written: else the compiler chooses between this and a quotient, where it inlines the function.
    return product(total, 1.0 / samples) + _penalise(problem, x, x, samples, out)


def _sampled_value_and_gradient(problem, x, sample, out):
    indices, size = sample.indices, sample.size[0]
    out[:] = 0.0
    total = 0.0
    for i in range(size):
        total = add_sample(problem, x, indices[i], total, out)
    return total / size + _penalise(problem, x, x, size, out)


def _hessian_product(problem, x, v, out):
    samples = len(problem.data.labels)
    out[:] = 0.0
    for n in range(samples):
        add_sample_product(problem, x, v, n, out)
    _penalise(problem, x, v, samples, out)


def _gauss_newton_product(problem, x, v, out):
    samples = len(problem.data.labels)
    out[:] = 0.0
    for n in range(samples):
        add_sample_gauss_newton(problem, x, v, n, out)
    _penalise(problem, x, v, samples, out)


def _sampled_hessian_product(problem, x, v, sample, out):
    indices, size = sample.indices, sample.size[0]
    out[:] = 0.0
    for i in range(size):
        add_sample_product(problem, x, v, indices[i], out)
    _penalise(problem, x, v, size, out)


def _mean_curved_gradient(problem, x, out):
    samples, penalty, g = len(problem.data.labels), problem.regularisation, np.empty_like(x)
    out[:] = 0.0
    for n in range(samples):
        for j in range(len(x)):
            g[j] = penalty * x[j]
        add_sample(problem, x, n, 0.0, g)
        add_sample_product(problem, x, g, n, out)
        for j in range(len(x)):
            out[j] += penalty * g[j]
    for j in range(len(x)):
        out[j] /= samples


def _summands(problem):
    return len(problem.data.labels)


def _parts(problem):
    data = problem.data
    cuts = [slice(*stretch) for stretch in stretches(*data.inputs.shape)]
    pieces = (data._replace(inputs=data.inputs[cut], labels=data.labels[cut]) for cut in cuts)
    return tuple(problem._replace(data=piece) for piece in pieces)


def _initial_point(problem):
    return problem.start


_PROTOCOL: dict[Any, Any] = {
    value_and_gradient: _value_and_gradient,
    hessian_product: _hessian_product,
    gauss_newton_product: _gauss_newton_product,
    sampled_hessian_product: _sampled_hessian_product,
    mean_curved_gradient: _mean_curved_gradient,
    sampled_value_and_gradient: _sampled_value_and_gradient,
    summands: _summands,
    parts: _parts,
    initial_point: _initial_point,
}


def penalised_mean(kind: type) -> None:
    """Give a problem type, for which `add_sample` and its products are written down, the oracle protocol."""
    for function, implementation in _PROTOCOL.items():
        implements(function, kind)(implementation)
    mini_batches(kind)


def require_penalised_mean(problem: Any, dimension: int) -> None:
    """Refuse a start of another dimension, a batch larger than the data and a negative penalty."""
    if problem.start.shape != (dimension,):
        raise Refusal(f"start has shape {problem.start.shape}: these data need ({dimension},).")
    require_batch(problem.batch_size, len(problem.data.labels))
    require_finite("regularisation", np.full(1, problem.regularisation))
    require_at_least("regularisation", problem.regularisation, 0, "a negative penalty has no minimum")
