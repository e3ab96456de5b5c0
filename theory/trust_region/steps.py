"""The first-order step in an ellipsoid."""

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import Refusal, real_numbers, require_broadcast
from theory.trust_region.checks import FloatArray, as_metric, as_vector, require_positive


def ellipsoid_step(A: ArrayLike, g: ArrayLike, radius: ArrayLike) -> FloatArray:
    """Return the minimiser of a linear model over an ellipsoid.

    Parameters
    ----------
    A : array_like
        Positive definite matrices of the norm, shape (..., d, d).
    g : array_like
        Slope of the model, shape (..., d), not zero; broadcast with A.
    radius : array_like
        Above 0, shape (...), in the norm of A.

    Returns
    -------
    Steps, shape (..., d).

    Raises
    ------
    ValueError
        If A is not positive definite, g is zero (every step then minimises), or the radius is not above 0.

    Notes
    -----
    .. math:: \\arg\\min_{\\|s\\|_A\\le\\Delta} g^\\top s = -\\Delta\\,\\frac{A^{-1}g}{\\|g\\|_{A^{-1}}}

    With :math:`\\Delta = \\eta\\|g\\|_{A^{-1}}` it is the preconditioned step :math:`-\\eta A^{-1}g`.

    References
    ----------
    Kohler et al., arXiv:1905.09201, Lemma 1.

    Examples
    --------
    >>> ellipsoid_step([[4.0, 0.0], [0.0, 1.0]], [2.0, 0.0], 1.0) + 0.0
    array([-0.5,  0. ])
    """
    metric = as_metric(A)
    slope = as_vector("g", g, metric.shape[-1])
    within = real_numbers("radius", radius)
    require_positive(radius=within)
    require_broadcast(A=metric[..., 0, 0], g=slope[..., 0], radius=within)
    if not np.any(slope != 0, axis=-1).all():
        raise Refusal("g is zero: every step of the region minimises a flat model; stop there instead")
    direction = np.linalg.solve(metric, slope[..., None])[..., 0]
    length = np.sqrt(np.sum(slope * direction, axis=-1, keepdims=True))
    return -within[..., None] * direction / length
