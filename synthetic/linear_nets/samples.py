r"""The loss of a two-layer linear net over samples, :math:`\sum_i\|W_1W_2x_i-y_i\|^2`: what mini-batches need."""

from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    blocks,
    hessian_product,
    implements,
    initial_point,
    kernel,
    mean_curved_gradient,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.checks import Refusal, of_shapes
from dynamics.protocol.large_data import parts, stretches
from dynamics.protocol.oracle import gauss_newton_product, sampled_hessian_product
from dynamics.vectors.panels import (
    PANEL,
    STRIP,
    STRIPS,
    add_strip,
    collect,
    panel_count,
    strip_product,
    strip_start,
)
from dynamics.vectors.registers import load
from dynamics.vectors.shapes import column_count, row_count
from dynamics.vectors.vector import filled, multiply_add, total
from synthetic.linear_nets.layers import (
    NetWork,
    facts,
    gradient_from_product,
    hessian_product_from_product,
    product,
    require_layers,
    scratch,
    shapes_of_layers,
    tangent,
)
from synthetic.parts.information import info
from synthetic.parts.mini_batches import mini_batches
from synthetic.parts.requirements import require_batch
from synthetic.parts.sampling import Sampling


class SampledLinearNet(NamedTuple):
    """The form over samples; `linear_net` draws it.

    Examples
    --------
    >>> from synthetic import linear_net
    >>> isinstance(linear_net(form="samples", rng=0), SampledLinearNet)
    True
    """

    A: np.ndarray  # what the net is to learn, shape (m, k)
    shape: Any  # of A, as a class of dynamics.vectors.shapes
    X: np.ndarray  # inputs, a row each, shape (n, k)
    Y: np.ndarray  # outputs, a row each, shape (n, m)
    inputs: np.ndarray  # the same by panels
    outputs: np.ndarray
    start: np.ndarray  # shape (mk + k²,)
    weight: float  # of the sum: 1, or 1/n for the mean
    batch_size: int
    sampling: Sampling
    work: NetWork

    @of_shapes
    def check(self) -> None:
        """Refuse shapes that don't match and batches larger than the data."""
        require_layers(self.A, self.shape, self.start, self.work)
        (m, k), n = self.A.shape, len(self.X)
        if self.X.shape != (n, k) or self.Y.shape != (n, m):
            raise Refusal(
                f"X has shape {self.X.shape} and Y {self.Y.shape}: with A {self.A.shape}, "
                f"(n, {k}) and (n, {m}) are needed."
            )
        panels = panel_count(n) * PANEL
        if self.inputs.size != panels * k or self.outputs.size != panels * m:
            raise Refusal(
                f"inputs holds {self.inputs.size} numbers and outputs {self.outputs.size}: {n} samples need "
                f"{panels * k} and {panels * m}; use as_panels(X) and as_panels(Y)."
            )
        require_batch(self.batch_size, n)


@kernel
def add_sample(W, x, y, G):
    """Add (Wx − y)xᵀ to G and return ‖Wx − y‖²."""
    squares = 0.0
    for i in range(len(y)):
        error = -y[i]
        for k in range(len(x)):
            error += W[i, k] * x[k]
        squares += error * error
        for k in range(len(x)):
            G[i, k] += error * x[k]
    return squares


@kernel
def scale_matrix(G, factor):
    """Multiply a matrix by a number."""
    for i in range(G.shape[0]):
        for j in range(G.shape[1]):
            G[i, j] *= factor


@kernel
def strips(problem):
    """How many strips hold the samples."""
    return len(problem.inputs) // (column_count(problem.shape) * STRIP)


@kernel
def errors(problem, W, strip, i):
    """Entry i of Wx − y for the samples of a strip; 0 in those that fill up the last panel."""
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    targets = load(problem.outputs, strip_start(strip, rows) + i * PANEL, STRIP)
    return strip_product(problem.inputs, strip_start(strip, columns), W[i, :columns]) - targets


@implements(value_and_gradient, SampledLinearNet)
def _(problem, x, out):
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    W, G, sums = scratch(problem, 0), scratch(problem, 1), problem.work.sums
    product(problem, x, W)
    first, second = filled(0.0, STRIP), filled(0.0, STRIP)  # squares in the two strips of a panel, if there are two
    for strip in range(0, strips(problem), STRIPS):
        for i in range(rows):
            error = errors(problem, W, strip, i)
            first = multiply_add(error, error, first)
            add_strip(problem.inputs, strip_start(strip, columns), columns, error, sums[i])
            if STRIPS > 1:
                error = errors(problem, W, strip + 1, i)
                second = multiply_add(error, error, second)
                add_strip(problem.inputs, strip_start(strip + 1, columns), columns, error, sums[i])
    for i in range(rows):
        collect(sums[i], 2.0 * problem.weight, G[i, :columns])
    gradient_from_product(problem, G, x, out)
    return problem.weight * total(first + second)


@implements(value, SampledLinearNet)
def _(problem, x):
    W, first, second = scratch(problem, 0), filled(0.0, STRIP), filled(0.0, STRIP)
    product(problem, x, W)
    for strip in range(0, strips(problem), STRIPS):
        for i in range(row_count(problem.shape)):
            error = errors(problem, W, strip, i)
            first = multiply_add(error, error, first)
            if STRIPS > 1:
                error = errors(problem, W, strip + 1, i)
                second = multiply_add(error, error, second)
    return problem.weight * total(first + second)


@implements(sampled_value_and_gradient, SampledLinearNet)
def _(problem, x, sample, out):
    W, G = scratch(problem, 0), scratch(problem, 1)
    product(problem, x, W)
    G[:, :] = 0.0
    squares = 0.0
    for i in range(sample.size[0]):
        n = sample.indices[i]
        squares += add_sample(W, problem.X[n], problem.Y[n], G)
    weight = problem.weight * len(problem.X) / sample.size[0]
    scale_matrix(G, 2.0 * weight)
    gradient_from_product(problem, G, x, out)
    return weight * squares


@kernel
def add_tangent(T, x, D):
    """Add (Tx)xᵀ to D."""
    for i in range(T.shape[0]):
        image = 0.0
        for k in range(len(x)):
            image += T[i, k] * x[k]
        for k in range(len(x)):
            D[i, k] += image * x[k]


@implements(hessian_product, SampledLinearNet)
def _(problem, x, v, out):
    W, G, T, D = scratch(problem, 0), scratch(problem, 1), scratch(problem, 2), scratch(problem, 3)
    product(problem, x, W)
    tangent(problem, x, v, T)
    G[:, :] = 0.0
    D[:, :] = 0.0
    for n in range(len(problem.X)):
        add_sample(W, problem.X[n], problem.Y[n], G)
        add_tangent(T, problem.X[n], D)
    scale_matrix(G, 2.0 * problem.weight)
    scale_matrix(D, 2.0 * problem.weight)
    hessian_product_from_product(problem, G, D, x, v, out)


@implements(mean_curved_gradient, SampledLinearNet)
def _(problem, x, out):
    # One sample's loss is weight · N ‖Wx − y‖².
    W, G, T, D = scratch(problem, 0), scratch(problem, 1), scratch(problem, 2), scratch(problem, 3)
    g, curved, samples = np.empty_like(x), np.empty_like(x), len(problem.X)
    product(problem, x, W)
    out[:] = 0.0
    for n in range(samples):
        G[:, :] = 0.0
        D[:, :] = 0.0
        add_sample(W, problem.X[n], problem.Y[n], G)
        scale_matrix(G, 2.0 * problem.weight * samples)
        gradient_from_product(problem, G, x, g)
        tangent(problem, x, g, T)
        add_tangent(T, problem.X[n], D)
        scale_matrix(D, 2.0 * problem.weight * samples)
        hessian_product_from_product(problem, G, D, x, g, curved)
        for j in range(len(x)):
            out[j] += curved[j] / samples


@implements(sampled_hessian_product, SampledLinearNet)
def _(problem, x, v, sample, out):
    W, G, T, D = scratch(problem, 0), scratch(problem, 1), scratch(problem, 2), scratch(problem, 3)
    product(problem, x, W)
    tangent(problem, x, v, T)
    G[:, :] = 0.0
    D[:, :] = 0.0
    for i in range(sample.size[0]):
        n = sample.indices[i]
        add_sample(W, problem.X[n], problem.Y[n], G)
        add_tangent(T, problem.X[n], D)
    weight = problem.weight * len(problem.X) / sample.size[0]
    scale_matrix(G, 2.0 * weight)
    scale_matrix(D, 2.0 * weight)
    hessian_product_from_product(problem, G, D, x, v, out)


@implements(gauss_newton_product, SampledLinearNet)
def _(problem, x, v, out):
    # The Hessian's product without what the residuals bring, by the second derivative of W1·W2.
    T, D = scratch(problem, 2), scratch(problem, 3)
    tangent(problem, x, v, T)
    D[:, :] = 0.0
    for n in range(len(problem.X)):
        add_tangent(T, problem.X[n], D)
    scale_matrix(D, 2.0 * problem.weight)
    gradient_from_product(problem, D, x, out)


mini_batches(SampledLinearNet)


@implements(summands, SampledLinearNet)
def _(problem):
    return len(problem.X)


@implements(parts, SampledLinearNet)
def _(problem):
    (m, k), n = problem.A.shape, len(problem.X)
    return tuple(
        problem._replace(
            X=problem.X[first:last],
            Y=problem.Y[first:last],
            inputs=problem.inputs[first * k : panel_count(last) * PANEL * k],
            outputs=problem.outputs[first * m : panel_count(last) * PANEL * m],
            weight=problem.weight * n / (last - first),
        )
        for first, last in stretches(n, m + k)
    )


@implements(blocks, SampledLinearNet)
def _(problem):
    return shapes_of_layers(problem.A)


@implements(initial_point, SampledLinearNet)
def _(problem):
    return problem.start


@implements(info, SampledLinearNet)
def _(problem):
    return facts(problem.A, len(problem.X))
