r"""The reduced form of the loss of a two-layer linear net.

With :math:`S=\sum_i x_ix_i^\top` and :math:`y_i=Ax_i` the loss is :math:`\mathrm{tr}\,(W_1W_2-A)S(W_1W_2-A)^\top` and
its derivative with respect to the product is :math:`2(W_1W_2-A)S`: exact, at a cost that does not grow with n.
"""

from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    blocks,
    hessian_product,
    implements,
    initial_point,
    kernel,
    runs_in_lanes,
    value,
    value_and_gradient,
)
from dynamics.checks import Refusal, of_shapes, require_at_least
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import generic
from dynamics.protocol.oracle import gauss_newton_product
from dynamics.vectors.blocks import block_total
from dynamics.vectors.lanes import Lanes, entries_at_once
from dynamics.vectors.matrices import padded_width, product_block, put_row_block, row_block
from dynamics.vectors.shapes import column_count, row_count
from synthetic.linear_nets.layers import (
    NetWork,
    facts,
    gradient_from_product,
    hessian_product_from_product,
    layers,
    require_layers,
    scratch,
    shapes_of_layers,
    tangent,
)
from synthetic.linear_nets.reduced_lanes import value_and_gradient_in_lanes
from synthetic.parts.information import info


class LinearNet(NamedTuple):
    """The reduced form; `linear_net` draws it.

    Examples
    --------
    >>> from synthetic import linear_net
    >>> isinstance(linear_net(rng=0), LinearNet)
    True
    """

    A: np.ndarray  # what the net is to learn, shape (m, k)
    shape: Any  # of A, as a class of dynamics.vectors.shapes
    S: np.ndarray  # Σ xxᵀ, shape (k, k)
    start: np.ndarray  # shape (mk + k²,)
    weight: float  # of the sum: 1, or 1/n for the mean
    samples: int
    work: NetWork

    @of_shapes
    def check(self) -> None:
        """Refuse shapes that don't match."""
        require_layers(self.A, self.shape, self.start, self.work)
        require_at_least("samples", self.samples, 1, "a mean needs a sample")
        k = self.A.shape[1]
        if self.S.shape != (k, k):
            raise Refusal(f"S has shape {self.S.shape}, and A {self.A.shape} needs ({k}, {k}).")


@kernel
def weighed(problem, E, factor, G):
    """Write factor · E·S into G and return the sum of the entries of E ∘ G."""
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    scale = factor * problem.weight
    summed = 0.0
    for j in range(0, columns, entries_at_once(E)):
        for i in range(rows):
            entries = scale * product_block(E, problem.S, i, j, columns, columns)
            put_row_block(entries, G, i, j)
            summed = summed + entries * row_block(E, i, j, padded_width(columns), E)
    return block_total(summed, E)


@kernel
def product_error(problem, x):
    """Write W1·W2 − A into the first scratch matrix and return it."""
    rows, columns = row_count(problem.shape), column_count(problem.shape)
    W1, W2 = layers(x, problem.shape)
    E = scratch(problem, 0)
    for j in range(0, columns, entries_at_once(x)):
        for i in range(rows):
            entries = product_block(W1, W2, i, j, columns, columns)
            put_row_block(entries - row_block(problem.A, i, j, columns, x), E, i, j)
    return E


def _value_and_gradient(x, problem, out):
    G = scratch(problem, 1)
    summed = weighed(problem, product_error(problem, x), 2.0, G)
    gradient_from_product(problem, G, x, out)
    return 0.5 * summed


@generic(fallback=_value_and_gradient)
def reduced_value_and_gradient(x, problem, out):
    """Write the gradient at x into `out` and return the value: at one point, or on lanes at several."""


implements(reduced_value_and_gradient, Lanes)(value_and_gradient_in_lanes)


@implements(value_and_gradient, LinearNet)
def _(problem, x, out):
    return reduced_value_and_gradient(x, problem, out)


@implements(value, LinearNet)
def _(problem, x):
    return weighed(problem, product_error(problem, x), 1.0, scratch(problem, 1))


@implements(hessian_product, LinearNet)
def _(problem, x, v, out):
    G, T, D = scratch(problem, 1), scratch(problem, 2), scratch(problem, 3)
    weighed(problem, product_error(problem, x), 2.0, G)
    tangent(problem, x, v, T)
    weighed(problem, T, 2.0, D)
    hessian_product_from_product(problem, G, D, x, v, out)


@implements(gauss_newton_product, LinearNet)
def _(problem, x, v, out):
    # The Hessian's product without what the residuals bring, by the second derivative of W1·W2.
    T, D = scratch(problem, 2), scratch(problem, 3)
    tangent(problem, x, v, T)
    weighed(problem, T, 2.0, D)
    gradient_from_product(problem, D, x, out)


always(runs_in_lanes, LinearNet)


@implements(blocks, LinearNet)
def _(problem):
    return shapes_of_layers(problem.A)


@implements(initial_point, LinearNet)
def _(problem):
    return problem.start


@implements(info, LinearNet)
def _(problem):
    return facts(problem.A, problem.samples)
