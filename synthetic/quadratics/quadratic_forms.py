r"""Exact quadratics, :math:`f(x)=\frac12(x-x^*)^\top H(x-x^*)`: axis-aligned and turned."""

from typing import NamedTuple

import numpy as np

from dynamics import hessian, hessian_product, implements, initial_point, runs_in_lanes, value, value_and_gradient
from dynamics.checks import Refusal, of_shapes
from dynamics.kernels.declarations import always
from dynamics.protocol.coordinates import slope
from dynamics.vectors.blocks import block_of
from dynamics.vectors.roundings import product
from synthetic.parts.information import info, of_constant_hessian


class DiagonalQuadratic(NamedTuple):
    """A quadratic whose Hessian is diagonal; `quadratic` makes it.

    Examples
    --------
    >>> from synthetic import quadratic
    >>> quadratic(eigenvalues=[1.0, 2.0]).eigenvalues
    array([1., 2.])
    """

    eigenvalues: np.ndarray  # the diagonal of H, shape (d,)
    minimiser: np.ndarray  # x*, shape (d,)

    @of_shapes
    def check(self) -> None:
        """Refuse shapes that don't match."""
        if self.eigenvalues.ndim != 1 or self.minimiser.shape != self.eigenvalues.shape:
            raise Refusal(
                f"eigenvalues has shape {self.eigenvalues.shape} and minimiser {self.minimiser.shape}: both need (d,)."
            )


class Quadratic(NamedTuple):
    """A quadratic with any symmetric Hessian; `quadratic` makes it.

    Examples
    --------
    >>> from synthetic import quadratic
    >>> quadratic(eigenvalues=[1.0, 2.0], rotation=[[0.0, 1.0], [1.0, 0.0]]).matrix
    array([[2., 0.],
           [0., 1.]])
    """

    matrix: np.ndarray  # H, shape (d, d)
    eigenvalues: np.ndarray  # of H, shape (d,)
    minimiser: np.ndarray  # x*, shape (d,)
    start: np.ndarray  # shape (d,)

    def check(self) -> None:
        """Refuse shapes that don't match and a matrix that is not symmetric."""
        d = self.minimiser.shape
        if self.matrix.shape != d + d or self.eigenvalues.shape != d or self.start.shape != d or len(d) != 1:
            raise Refusal(
                f"matrix has shape {self.matrix.shape}, eigenvalues {self.eigenvalues.shape}, minimiser "
                f"{self.minimiser.shape} and start {self.start.shape}: (d, d) and three times (d,) are needed."
            )
        if (self.matrix != self.matrix.T).any():
            raise Refusal("matrix is not symmetric, so Hx is no gradient; try (matrix + matrix.T) / 2.")


@implements(value_and_gradient, DiagonalQuadratic)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        displacement = x[j] - problem.minimiser[j]
        slope = problem.eigenvalues[j] * displacement
        out[j] = slope
        total += slope * displacement
    return 0.5 * total


@implements(value, DiagonalQuadratic)
def _(problem, x):
    total = 0.0
    for j in range(len(x)):
        displacement = x[j] - problem.minimiser[j]
        total += problem.eigenvalues[j] * displacement * displacement
    return 0.5 * total


@implements(hessian_product, DiagonalQuadratic)
def _(problem, x, v, out):
    for j in range(len(x)):
        out[j] = problem.eigenvalues[j] * v[j]


@implements(hessian, DiagonalQuadratic)
def _(problem, x, out):
    out[:, :] = 0.0
    for j in range(len(x)):
        out[j, j] = problem.eigenvalues[j]


always(runs_in_lanes, DiagonalQuadratic)


@implements(slope, DiagonalQuadratic)
def _(problem, x, normal, j):
    d = len(problem.minimiser)
    return product(block_of(problem.eigenvalues, j, d), x - block_of(problem.minimiser, j, d))


@implements(initial_point, DiagonalQuadratic)
def _(problem):
    return problem.minimiser + 1.0


@implements(value_and_gradient, Quadratic)
def _(problem, x, out):
    total = 0.0
    for i in range(len(x)):
        slope = 0.0
        for j in range(len(x)):
            slope += problem.matrix[i, j] * (x[j] - problem.minimiser[j])
        out[i] = slope
        total += slope * (x[i] - problem.minimiser[i])
    return 0.5 * total


@implements(value, Quadratic)
def _(problem, x):
    total = 0.0
    for i in range(len(x)):
        slope = 0.0
        for j in range(len(x)):
            slope += problem.matrix[i, j] * (x[j] - problem.minimiser[j])
        total += slope * (x[i] - problem.minimiser[i])
    return 0.5 * total


@implements(hessian_product, Quadratic)
def _(problem, x, v, out):
    for i in range(len(x)):
        product = 0.0
        for j in range(len(x)):
            product += problem.matrix[i, j] * v[j]
        out[i] = product


@implements(hessian, Quadratic)
def _(problem, x, out):
    # By entries: an assignment from array to array takes numba seconds to compile.
    for i in range(len(x)):
        for j in range(len(x)):
            out[i, j] = problem.matrix[i, j]


@implements(initial_point, Quadratic)
def _(problem):
    return problem.start


def _info(problem):
    return of_constant_hessian(problem.eigenvalues, problem.minimiser)


implements(info, DiagonalQuadratic)(_info)
implements(info, Quadratic)(_info)
