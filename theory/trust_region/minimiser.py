"""The global minimiser of the quadratic model in an ellipsoid."""

import math

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import require_real
from theory.trust_region.checks import FloatArray, one_model, require_positive, within_floats

ROUNDING = 1e-13  # of the largest entry: what is smaller counts as 0 in the hard case


@within_floats()
def model_minimiser(A: ArrayLike, g: ArrayLike, B: ArrayLike, radius: float) -> FloatArray:
    """Return a global minimiser of the quadratic model in the ellipsoid, hard case included.

    Parameters
    ----------
    A : array_like
        Positive definite matrix of the norm, shape (d, d).
    g : array_like
        Slope of the model, shape (d,); zero is allowed.
    B : array_like
        Quadratic part of the model, symmetric, shape (d, d).
    radius : float
        Above 0, in the norm of A.

    Returns
    -------
    The step, shape (d,).

    Raises
    ------
    ValueError
        If the subproblem is none.

    Notes
    -----
    s is a global minimiser exactly where some :math:`\\nu\\ge0` gives :math:`(B+\\nu A)s=-g`, :math:`B+\\nu A` is
    positive semidefinite, and :math:`\\nu(\\|s\\|_A-\\Delta)=0`. In the eigenvectors of :math:`L^{-1}BL^{-\\top}`,
    :math:`A=LL^\\top`, the equation for :math:`\\nu` has one unknown.

    References
    ----------
    Conn, Gould, Toint, Trust-region methods, section 7.3; Kohler et al., arXiv:1905.09201, equation (7).

    Examples
    --------
    >>> abs(model_minimiser([[1.0, 0.0], [0.0, 4.0]], [0.0, 0.0], [[1.0, 0.0], [0.0, -1.0]], 1.0))
    array([0. , 0.5])
    """
    metric, slope, form = one_model(A, g, B)
    radius = require_real("radius", radius)
    require_positive(radius=radius)
    factor = np.linalg.cholesky(metric)
    scaled = np.linalg.solve(factor, np.linalg.solve(factor, form).T)
    values, vectors = np.linalg.eigh((scaled + scaled.T) / 2)
    gamma = vectors.T @ np.linalg.solve(factor, slope)
    gamma[np.abs(gamma) <= ROUNDING * np.linalg.norm(gamma)] = 0.0
    return np.linalg.solve(factor.T, vectors @ _in_eigenvectors(values, gamma, radius))


def _in_eigenvectors(values: FloatArray, gamma: FloatArray, radius: float) -> FloatArray:
    """Solve the subproblem for a diagonal form in the Euclidean ball."""
    lowest = values[0]
    gaps = values - lowest
    least = max(lowest, 0.0)  # mu = lowest + nu, with nu >= 0 and mu >= 0

    lowest_part = gaps <= ROUNDING * np.max(np.abs(values))
    singular = least == 0 and gamma[lowest_part].any()
    if not singular:
        gamma = np.where(lowest_part & (least == 0), 0.0, gamma)
    down, everywhere = -gamma, gamma.all()

    def step(mu: float) -> FloatArray:
        if everywhere:
            return np.asarray(down / (gaps + mu))
        return np.divide(down, gaps + mu, out=np.zeros_like(gamma), where=gamma != 0)

    if not singular:
        short = step(least)
        length = float(np.linalg.norm(short))
        if length <= radius:
            if lowest < 0:  # the hard case: the rest of the way along the lowest eigenvector
                short[0] += math.sqrt(max(radius**2 - length**2, 0.0))
            return short
    from scipy.optimize import brentq

    upper = least + float(np.linalg.norm(gamma)) / radius
    lower = max(least, float(np.max(np.abs(gamma) / radius - gaps)))

    def excess(mu: float) -> float:
        tried = step(mu)
        return 1 / radius - 1 / math.sqrt(tried.dot(tried))

    if excess(lower) <= 0:
        return step(lower)
    if excess(upper) >= 0:
        return step(upper)
    found = step(brentq(excess, lower, upper, xtol=1e-300, rtol=1e-14))
    return found * radius / float(np.linalg.norm(found))
