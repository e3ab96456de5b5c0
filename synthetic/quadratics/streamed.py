r"""Least squares on a stream of Gaussian rows, each seen once: the model of one pass over endless data."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    batch_summands,
    draw,
    hessian,
    hessian_product,
    implements,
    initial_point,
    mean_curved_gradient,
    new_sample,
    sampled_value_and_gradient,
    value,
    value_and_gradient,
)
from dynamics.checks import Refusal, real_array, require_at_least, require_whole
from dynamics.protocol.canonical import canonical
from dynamics.protocol.oracle import sampled_hessian_product
from dynamics.vectors.streams import Stream, new_stream, take_normals
from synthetic.parts.information import info, of_constant_hessian
from synthetic.quadratics.spectra import given_or_logarithmic


class StreamedSquares(NamedTuple):
    r"""The expected loss :math:`\frac12E(a^\top x-b)^2` of an endless stream; `streamed_squares` makes it.

    Examples
    --------
    >>> from synthetic import streamed_squares
    >>> streamed_squares(eigenvalues=[1.0, 0.5]).eigenvalues
    array([1. , 0.5])
    """

    eigenvalues: np.ndarray  # of the covariance E aaᵀ, which is diagonal, shape (d,)
    minimiser: np.ndarray  # x*, shape (d,)
    residual: float  # standard deviation of b - aᵀx*
    batch_size: int
    start: np.ndarray  # shape (d,)

    def check(self) -> None:
        """Refuse shapes that don't match and what no covariance has."""
        shape = self.eigenvalues.shape
        if len(shape) != 1 or self.minimiser.shape != shape or self.start.shape != shape:
            raise Refusal(
                f"eigenvalues has shape {shape}, minimiser {self.minimiser.shape} and start {self.start.shape}: all "
                f"need (d,)."
            )
        if (self.eigenvalues < 0).any():
            raise Refusal(f"eigenvalues holds {self.eigenvalues.min():g}: those of a covariance are at least 0.")
        require_at_least("residual", self.residual, 0.0, "it is a standard deviation")
        require_whole("batch_size", self.batch_size, 1, "a gradient needs a row")


class Rows(NamedTuple):
    """A drawn batch of rows."""

    rows: np.ndarray  # shape (batch size, d)
    residuals: np.ndarray  # b - aᵀx* of each row, shape (batch size,)
    stream: Stream  # of the standard normal numbers that they are made of


def streamed_squares(
    *,
    eigenvalues: Any = None,
    dimension: int | None = None,
    condition_number: float | None = None,
    minimiser: Any = None,
    residual: float = 0.0,
    batch_size: int = 1,
    start: Any = None,
) -> StreamedSquares:
    r"""Least squares where each gradient is that of fresh rows a ~ N(0, diag(λ)).

    The targets are :math:`b=a^\top x^*+\sigma e` with e standard normal, so that the expected loss is
    :math:`\frac12\sum_j\lambda_j(x_j-x^*_j)^2+\frac12\sigma^2`. Runs start at x* + 1
    unless told otherwise.

    Parameters
    ----------
    eigenvalues : array_like, optional
        λ, of the covariance of the rows, shape (d,), at least 0. None stands for
        ``spectrum("logarithmic", dimension=dimension, condition_number=condition_number)``.
    dimension, condition_number
        d and κ where no eigenvalues are given; 2 and 10 unless given.
    minimiser : array_like, optional
        x*, shape (d,), 0 unless given.
    residual : float
        σ, in the units of b; 0 lets the gradient noise vanish at x*.
    batch_size : int
        Rows of a stochastic gradient.
    start : array_like, optional
        Where runs start, shape (d,).

    Returns
    -------
    StreamedSquares

    Raises
    ------
    ValueError
        For shapes that don't match, negative eigenvalues or residuals, and empty batches.

    Examples
    --------
    >>> from synthetic import streamed_squares, value
    >>> problem = streamed_squares(eigenvalues=[0.5, 1.5], residual=2.0)
    >>> value(problem, [1.0, 1.0])
    3.0
    """
    values = given_or_logarithmic(eigenvalues, dimension, condition_number)
    centre = np.zeros(len(values)) if minimiser is None else real_array("minimiser", minimiser, 1)
    begin = centre + 1.0 if start is None else real_array("start", start, 1)
    problem = StreamedSquares(values, centre, residual, batch_size, begin)
    problem.check()
    return canonical(problem._replace(residual=float(residual), batch_size=int(batch_size)))


@implements(value_and_gradient, StreamedSquares)
def _(problem, x, out):
    total = problem.residual * problem.residual
    for j in range(len(x)):
        displacement = x[j] - problem.minimiser[j]
        slope = problem.eigenvalues[j] * displacement
        out[j] = slope
        total += slope * displacement
    return 0.5 * total


@implements(value, StreamedSquares)
def _(problem, x):
    total = problem.residual * problem.residual
    for j in range(len(x)):
        displacement = x[j] - problem.minimiser[j]
        total += problem.eigenvalues[j] * displacement * displacement
    return 0.5 * total


@implements(hessian_product, StreamedSquares)
def _(problem, x, v, out):
    for j in range(len(x)):
        out[j] = problem.eigenvalues[j] * v[j]


@implements(hessian, StreamedSquares)
def _(problem, x, out):
    out[:, :] = 0.0
    for j in range(len(x)):
        out[j, j] = problem.eigenvalues[j]


@implements(draw, StreamedSquares)
def _(problem, rng, sample):
    d = len(problem.minimiser)
    for i in range(problem.batch_size):
        begin = take_normals(sample.stream, rng, d + 1)
        numbers = sample.stream.numbers[begin : begin + d + 1]
        for j in range(d):
            sample.rows[i, j] = np.sqrt(problem.eigenvalues[j]) * numbers[j]
        sample.residuals[i] = problem.residual * numbers[d]


@implements(sampled_value_and_gradient, StreamedSquares)
def _(problem, x, sample, out):
    weight, total = 1.0 / problem.batch_size, 0.0
    for j in range(len(x)):
        out[j] = 0.0
    for i in range(problem.batch_size):
        error = -sample.residuals[i]
        for j in range(len(x)):
            error += sample.rows[i, j] * (x[j] - problem.minimiser[j])
        for j in range(len(x)):
            out[j] += weight * error * sample.rows[i, j]
        total += error * error
    return 0.5 * weight * total


@implements(sampled_hessian_product, StreamedSquares)
def _(problem, x, v, sample, out):
    weight = 1.0 / problem.batch_size
    for j in range(len(x)):
        out[j] = 0.0
    for i in range(problem.batch_size):
        along = 0.0
        for j in range(len(x)):
            along += sample.rows[i, j] * v[j]
        for j in range(len(x)):
            out[j] += weight * along * sample.rows[i, j]


@implements(mean_curved_gradient, StreamedSquares)
def _(problem, x, out):
    # E aaᵀa(aᵀv - e) = (2H² + tr(H) H) v for Gaussian rows, by Isserlis's theorem.
    trace = 0.0
    for j in range(len(x)):
        trace += problem.eigenvalues[j]
    for j in range(len(x)):
        slope = problem.eigenvalues[j] * (x[j] - problem.minimiser[j])
        out[j] = (2.0 * problem.eigenvalues[j] + trace) * slope


@implements(new_sample, StreamedSquares)
def _(problem):
    size, d = problem.batch_size, len(problem.minimiser)
    return Rows(np.zeros((size, d)), np.zeros(size), new_stream(d + 1))


@implements(batch_summands, StreamedSquares)
def _(problem, sample):
    return problem.batch_size


@implements(initial_point, StreamedSquares)
def _(problem):
    return problem.start


@implements(info, StreamedSquares)
def _(problem):
    known = of_constant_hessian(problem.eigenvalues, problem.minimiser, 0.5 * problem.residual**2)
    return replace(known, notes=(*known.notes, "gradients are those of rows that are drawn anew each time"))
