r"""Least squares with a prescribed Hessian: a quadratic that is a finite sum, so that mini-batches are real."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dynamics import implements, initial_point
from dynamics.checks import of_shapes
from dynamics.protocol.canonical import canonical
from synthetic.parts.information import info, of_constant_hessian
from synthetic.parts.requirements import require_batch
from synthetic.parts.rotations import haar_frame
from synthetic.parts.sampling import Sampling
from synthetic.ridge_sums.ridge_data import RidgeData, RidgeWork, require_ridge_work, ridge_data, ridge_work
from synthetic.ridge_sums.ridge_functions import ridge, ridge_curvature, ridge_residual_slope, ridge_slope
from synthetic.ridge_sums.ridge_sums import ridge_sum, squared_ridge_sum


class LeastSquares(NamedTuple):
    r"""The quadratic :math:`f(x)=\frac1N\sum_n\frac12(a_n^\top x-b_n)^2`; `quadratic` makes it with noise="samples".

    Examples
    --------
    >>> from synthetic import quadratic
    >>> isinstance(quadratic(eigenvalues=[1.0, 2.0], noise="samples", samples=10, batch_size=5, rng=0), LeastSquares)
    True
    """

    data: RidgeData
    batch_size: int
    sampling: Sampling
    work: RidgeWork
    eigenvalues: np.ndarray  # of the Hessian AᵀA/N, shape (d,)
    minimiser: np.ndarray  # shape (d,)
    minimum: float
    start: np.ndarray  # shape (d,)

    @property
    def A(self) -> np.ndarray:
        """The rows, shape (samples, dimension)."""
        return self.data.A

    @property
    def b(self) -> np.ndarray:
        """The targets, shape (samples,)."""
        return self.data.b

    @of_shapes
    def check(self) -> None:
        """Refuse batches larger than the data, and scratch for other data."""
        require_batch(self.batch_size, self.data.samples)
        require_ridge_work(self.data, self.work)


@implements(ridge, LeastSquares)
def _(problem, t):
    return 0.5 * t * t


@implements(ridge_slope, LeastSquares)
def _(problem, t):
    return t


@implements(ridge_curvature, LeastSquares)
def _(problem, t):
    return 1.0


@implements(ridge_residual_slope, LeastSquares)
def _(problem, t):
    return np.sqrt(0.5)


ridge_sum(LeastSquares)
squared_ridge_sum(LeastSquares)


@implements(initial_point, LeastSquares)
def _(problem):
    return problem.start


@implements(info, LeastSquares)
def _(problem):
    known = of_constant_hessian(problem.eigenvalues, problem.minimiser, problem.minimum)
    return replace(known, samples=problem.data.samples)


def least_squares(
    eigenvalues: np.ndarray,
    rotation: np.ndarray,
    minimiser: np.ndarray,
    *,
    samples: int,
    batch_size: int,
    law: int,
    residual: float,
    rng: np.random.Generator,
) -> LeastSquares:
    r"""Draw rows with :math:`A^\top A/N=R\,\mathrm{diag}(\lambda)\,R^\top` exactly, up to rounding.

    The rows are those of :math:`\sqrt N\,Q\,\mathrm{diag}(\sqrt\lambda)\,R^\top`, where Q is a Haar-random frame of N
    rows. The residuals at the minimiser are orthogonal to the columns of Q, which makes it the minimiser, and have the
    root mean square `residual`: with 0, every batch has the same minimiser and the gradient noise vanishes there.
    """
    dimension = len(eigenvalues)
    frame = haar_frame(samples, dimension, rng)
    A = np.sqrt(samples) * (frame * np.sqrt(eigenvalues)) @ rotation.T
    b = A @ minimiser
    if residual:
        free = rng.standard_normal(samples)
        for _ in range(2):  # once more takes away what rounding left
            free -= frame @ (frame.T @ free)
        b -= residual * free / np.sqrt(np.mean(free**2))
    data = ridge_data(A, b)
    return canonical(
        LeastSquares(
            data=data,
            work=ridge_work(data),
            batch_size=batch_size,
            sampling=law,  # type: ignore[arg-type]
            eigenvalues=eigenvalues,
            minimiser=minimiser,
            minimum=0.5 * residual**2,
            start=minimiser + rotation.sum(axis=1),
        )
    )
