r"""Least squares whose spectrum and whose error along it fall by powers: where rates have exponents of their own."""

import numpy as np

from dynamics.checks import Refusal, require_positive, require_whole
from synthetic.quadratics.streamed import StreamedSquares, streamed_squares


def power_law(
    *, dimension: int = 200, capacity: float = 1.5, source: float = 0.5, residual: float = 0.0, batch_size: int = 1
) -> StreamedSquares:
    r"""Streamed least squares with a power-law spectrum under a source condition.

    .. math:: \lambda_j=j^{-a},\qquad \lambda_j(x_j-x^*_j)^2=j^{-(1+as)}\ \text{at the start},\qquad j=1,\dots,d.

    Parameters
    ----------
    dimension : int
        d.
    capacity : float
        a > 1, so that the trace stays bounded as d grows: how fast the spectrum falls.
    source : float
        s > 0: how little of the error lies where the spectrum is small.
    residual, batch_size
        As in `streamed_squares`.

    Returns
    -------
    StreamedSquares
        With x* = 0.

    Raises
    ------
    ValueError
        For numbers outside these ranges.

    Notes
    -----
    For exact gradients, step size γ and :math:`1\ll\gamma k\ll d^a`, the loss above its minimum is

    .. math:: \tfrac12\sum_j\lambda_j(x_j-x^*_j)^2e^{-2\gamma\lambda_jk}\approx\frac{\Gamma(s)}{2a}(2\gamma k)^{-s},

    and that of SGD without residuals falls with the exponent :math:`\min(s,\,2-1/a)`.

    References
    ----------
    Velikanov, Kuznedelev and Yarotsky, "A view of mini-batch SGD via generating functions", arXiv:2206.11124.

    Examples
    --------
    >>> import numpy as np
    >>> problem = power_law(dimension=3, capacity=2.0, source=0.5)
    >>> problem.eigenvalues.round(4), (problem.eigenvalues * problem.start**2).round(4)
    (array([1.    , 0.25  , 0.1111]), array([1.    , 0.25  , 0.1111]))
    """
    dimension = require_whole("dimension", dimension, 1)
    if not require_positive("capacity", capacity) > 1.0:
        raise Refusal(f"capacity = {capacity!r} must exceed 1: else the trace grows without bound with d; try 1.5.")
    require_positive("source", source, "else the loss at the start grows without bound with d")
    places = np.arange(1.0, dimension + 1.0)
    values = places**-capacity
    return streamed_squares(
        eigenvalues=values,
        minimiser=np.zeros(dimension),
        residual=residual,
        batch_size=batch_size,
        start=np.sqrt(places ** -(1.0 + capacity * source) / values),
    )
