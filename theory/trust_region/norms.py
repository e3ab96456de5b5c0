"""When the norms of RMSprop's matrices are uniformly equivalent to the Euclidean one."""

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import Refusal, real_numbers, require_broadcast
from theory.trust_region.checks import FloatArray, require_positive


def uniform_equivalence_epsilon(gradient_bound: ArrayLike) -> FloatArray:
    """Return the largest epsilon for which RMSprop's norms are uniformly equivalent with the constant 1/epsilon.

    Parameters
    ----------
    gradient_bound : array_like
        Bound on the length of every gradient, at least 0, any shape.

    Returns
    -------
    Epsilon, of the same shape, in (0, 1].

    Raises
    ------
    ValueError
        If the bound is negative or not finite.

    Notes
    -----
    .. math:: \\varepsilon = \\tfrac12\\left(\\sqrt{L_H^4+4}-L_H^2\\right) = \\frac{2}{\\sqrt{L_H^4+4}+L_H^2},

    the positive root of :math:`\\varepsilon^2+L_H^2\\varepsilon-1=0`; the second form loses no digits where
    :math:`L_H` is large.

    References
    ----------
    Kohler et al., arXiv:1905.09201, equation (26).

    Examples
    --------
    >>> print(uniform_equivalence_epsilon([0.0, 1.0]).round(6), f"{uniform_equivalence_epsilon(1e4):.3g}")
    [1.       0.618034] 1e-08
    """
    bound = real_numbers("gradient_bound", gradient_bound)
    if not (np.all(bound >= 0) and np.all(np.isfinite(bound))):
        raise Refusal(f"gradient_bound = {bound} is a length, at least 0 and finite")
    square = bound**2
    return (2 / (np.hypot(square, 2) + square))[()]


def equivalence_constant(gradient_bound: ArrayLike, *, eps: ArrayLike) -> FloatArray:
    """Return the least constant with which RMSprop's norms are uniformly equivalent, for any epsilon.

    Parameters
    ----------
    gradient_bound : array_like
        Bound on the length of every gradient, at least 0, any shape.
    eps : array_like
        Epsilon, above 0, broadcast.

    Returns
    -------
    The least zeta that serves every sequence of gradients below the bound, at least 1.

    Raises
    ------
    ValueError
        If epsilon is not above 0 or the bound is negative.

    Notes
    -----
    The eigenvalues fill :math:`[\\varepsilon, L_H^2+\\varepsilon)`, so that
    :math:`\\zeta=\\max(1/\\varepsilon,\\ \\varepsilon+L_H^2)` (and at least 1) gives
    :math:`1/\\zeta\\le\\lambda\\le\\zeta`.

    References
    ----------
    Kohler et al., arXiv:1905.09201, Definition 1 and Lemma 2.

    Examples
    --------
    >>> print(equivalence_constant(10.0, eps=1.0))
    101.0
    """
    bound, shift = real_numbers("gradient_bound", gradient_bound), real_numbers("eps", eps)
    require_positive(eps=shift)
    require_broadcast(gradient_bound=bound, eps=shift)
    if not (np.all(bound >= 0) and np.all(np.isfinite(bound))):
        raise Refusal(f"gradient_bound = {bound} is a length, at least 0 and finite")
    return np.maximum(1 / shift, shift + bound**2)[()]
