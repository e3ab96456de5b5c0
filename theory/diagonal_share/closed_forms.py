"""Diagonal share of a matrix, and its closed forms for random matrices."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import poch

from dynamics.checks import Refusal, real_numbers, require_broadcast, require_word

FloatArray = NDArray[np.float64]


def whole(name: str, value: ArrayLike) -> FloatArray:
    """Return ``value`` as a float64 array of positive whole numbers."""
    array = real_numbers(name, value)
    allowed = (array >= 1) & (array == np.floor(array)) & np.isfinite(array)
    if not np.all(allowed):
        raise Refusal(f"{name} = {array[~allowed].flat[0]:g} is a count: whole numbers from 1 on")
    return array


def diagonal_share(matrix: ArrayLike) -> FloatArray:
    """Return the share of the diagonal in the sum of a matrix's absolute entries.

    Parameters
    ----------
    matrix : array_like
        Square matrices, shape (..., d, d), any unit.

    Returns
    -------
    Shares in [0, 1], shape (...). NaN for a matrix of zeros, which has no share.

    Raises
    ------
    ValueError
        If the last two axes are not square.

    Notes
    -----
    .. math:: \\delta(A) = \\frac{\\sum_i |A_{ii}|}{\\sum_{ij} |A_{ij}|}

    References
    ----------
    Kohler, Adolphs, Lucchi, "Adaptive norms for deep learning with regularized Newton methods",
    arXiv:1905.09201, section 3.2.

    Examples
    --------
    >>> print(diagonal_share([[3.0, -1.0], [-1.0, 3.0]]))
    0.75
    """
    matrix = np.abs(real_numbers("matrix", matrix))
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise Refusal(f"matrix has shape {matrix.shape}; only square matrices, shape (..., d, d), have a diagonal")
    diagonal, total = np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1))
    return np.divide(diagonal, total, out=np.full(np.shape(total), np.nan), where=total != 0)[()]


def wigner_share(dimension: ArrayLike, *, ratio: ArrayLike = 1.0) -> FloatArray:
    """Return the diagonal share of the expected absolute Wigner matrix.

    Parameters
    ----------
    dimension : array_like
        d, a positive whole number, any shape.
    ratio : array_like
        E|off-diagonal entry| / E|diagonal entry|, at least 0, broadcast with ``dimension``. For Gaussian entries it is
        the ratio of the standard deviations: 1 for equal distributions, 1/√2 for the orthogonal ensemble.

    Returns
    -------
    Shares of the broadcast shape.

    Raises
    ------
    ValueError
        If the dimension is not a positive whole number or the ratio is negative or not finite.

    Notes
    -----
    .. math:: \\frac{1}{1 + (d-1)\\,\\mathbb E|A_{12}| / \\mathbb E|A_{11}|}

    Only the expected absolute values enter, so that any distribution that has them will do.

    References
    ----------
    Kohler et al., arXiv:1905.09201, Proposition 1.

    Examples
    --------
    >>> print(wigner_share([1, 10, 100]))
    [1.   0.1  0.01]
    """
    dimension = whole("dimension", dimension)
    ratio = real_numbers("ratio", ratio)
    allowed = (ratio >= 0) & np.isfinite(ratio)
    if not np.all(allowed):
        raise Refusal(
            f"ratio = {ratio[~allowed].flat[0]:g} is a quotient of mean absolute values: finite and at least 0"
        )
    return 1 / (1 + (dimension - 1) * ratio)


def ols_share(
    dimension: ArrayLike, samples: ArrayLike, *, data: Literal["limit", "gaussian", "rademacher"] = "limit"
) -> FloatArray:
    """Return the diagonal share of the expected absolute Hessian of least squares with random data.

    Parameters
    ----------
    dimension : array_like
        Number of weights d, a positive whole number, any shape.
    samples : array_like
        Number of samples n, a positive whole number, broadcast with ``dimension``.
    data : {"limit", "gaussian", "rademacher"}
        "limit" for the proposition's large-n form, which holds for every distribution of i.i.d. entries with mean zero
        and finite variance; "gaussian" and "rademacher" (random signs) for that data's exact value at every n.

    Returns
    -------
    Shares of the broadcast shape.

    Raises
    ------
    ValueError
        If the dimension or the number of samples is not a positive whole number, or the data are unknown.

    Notes
    -----
    For the Hessian :math:`H = \\frac1n XX^\\top` the share is that of :func:`wigner_share` with the ratio

    .. math::
        \\frac{\\mathbb E|H_{12}|}{\\mathbb E|H_{11}|} =
        \\sqrt{\\frac{2}{\\pi n}}, \\quad
        \\frac{2\\,\\Gamma(\\frac{n+1}2)}{\\sqrt\\pi\\,n\\,\\Gamma(\\frac n2)}, \\quad
        \\frac{2\\,\\Gamma(m+\\frac12)}{\\sqrt\\pi\\,n\\,\\Gamma(m)} \\text{ with } m = \\lceil n/2\\rceil

    for the limit, Gaussian and Rademacher data. The limit is meant as n grows at a fixed d and describes the
    off-diagonal mass, while the share itself tends to 1. The exact ratios leave it by a relative -1/(4n)
    (Gaussian, and Rademacher with even n) or +1/(4n) (Rademacher with odd n). In general the Wasserstein form
    of the Berry-Esseen theorem bounds the relative gap by :math:`\\sqrt{\\pi/2}\\,(\\mathbb E|x|^3)^2/\\sqrt
    n` for data x of unit variance.

    References
    ----------
    Kohler et al., arXiv:1905.09201, Proposition 2 and equations (46)-(47); Goldstein, "Bounds on the constant in
    the mean central limit theorem", Annals of Probability 38, 2010.

    Examples
    --------
    >>> print(ols_share(10, [1, 100], data="gaussian").round(6), ols_share(10, 100).round(6))
    [0.148598 0.582648] 0.58204
    """
    dimension, samples = whole("dimension", dimension), whole("samples", samples)
    require_broadcast(dimension=dimension, samples=samples)
    require_word("data", data, ("limit", "gaussian", "rademacher"))
    # poch(x, 1/2) is Γ(x + 1/2)/Γ(x); a difference of log-gammas would lose digits in proportion to n.
    if data == "limit":
        ratio = np.sqrt(2 / (np.pi * samples))
    elif data == "gaussian":
        ratio = 2 * poch(samples / 2, 0.5) / (np.sqrt(np.pi) * samples)
    else:
        ratio = 2 * poch(np.ceil(samples / 2), 0.5) / (np.sqrt(np.pi) * samples)
    return wigner_share(dimension, ratio=ratio)
