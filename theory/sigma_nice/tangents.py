"""How often a random line through a point meets a ball: the probability behind Proposition B.1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal, real_numbers, require_whole

__all__ = ["tangent_probability"]

Array = NDArray[np.float64]


def tangent_probability(a: ArrayLike, dimension: int) -> Array:
    r"""Probability that a random ray from distance a·r of the centre meets the ball of radius r.

    Parameters
    ----------
    a : array_like
        Distance over radius, at least 1 (a pure number).
    dimension : int
        d, at least 1.

    Returns
    -------
    ndarray
        Probability for one sign of the cosine; a whole line meets the ball with twice that.

    Raises
    ------
    ValueError
        If `a` is below 1 or not finite, or `dimension` is not a whole number above 0.

    Notes
    -----
    The ray meets the ball if its angle θ with the line to the centre has :math:`\cos\theta\ge\sqrt{a^2-1}/a`:

    .. math:: P_d(a)=\tfrac12I_{1/a^2}\!\big(\tfrac{d-1}2,\tfrac12\big),\qquad P_2(a)=\arccos(\sqrt{a^2-1}/a)/\pi,
        \qquad P_1(a)=\tfrac12 .

    The paper gives :math:`P_2` as the bound in every dimension. It falls with d, to nothing as d grows.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, equation (11) and appendix B; d = 2 is the paper's formula.

    Examples
    --------
    >>> tangent_probability([1.0, 2.0], 2).round(6)
    array([0.5     , 0.166667])
    >>> [round(float(tangent_probability(2.0, d)), 6) for d in (1, 3, 50)]
    [0.5, 0.066987, 0.0]
    """
    from scipy.special import betainc

    dimension = require_whole("dimension", dimension, 1, "a ball has a dimension")
    ratio = real_numbers("a", a)
    if not np.all((ratio >= 1) & np.isfinite(ratio)):
        raise Refusal(f"a is {ratio.tolist()!r}; a point outside the ball has a finite a of at least 1.")
    if dimension == 1:  # a ray points at the ball or away from it
        return np.full(ratio.shape, 0.5)
    return np.asarray(0.5 * betainc((dimension - 1) / 2, 0.5, 1 / ratio**2))
