"""Theorem 2: how small ARSG's gradient becomes without convexity, with the constants written out."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import real_numbers, require_broadcast, require_word
from dynamics.words import words
from theory.arsg.checks import FloatArray, broadcasting, momentum_parameters, positive, refuse

Bounded = Literal["arsg", "amsgrad"]  # the methods for which Theorem 2 has coefficients


class Theorem2Coefficients(NamedTuple):
    """The coefficients D₁ to D₆ of Theorem 2, in the units in which the arguments were given.

    Attributes
    ----------
    d1, d2 : ndarray
        Of the terms that fall like one over the root of the number of steps.
    d3, d4 : ndarray
        Of the terms that fall like one over the number of steps, with and without the dimension.
    d5, d6 : ndarray
        Of the terms that fall like its power -3/2, with and without the dimension.

    Examples
    --------
    >>> Theorem2Coefficients._fields
    ('d1', 'd2', 'd3', 'd4', 'd5', 'd6')
    """

    d1: FloatArray
    d2: FloatArray
    d3: FloatArray
    d4: FloatArray
    d5: FloatArray
    d6: FloatArray


@broadcasting
def theorem2_coefficients(
    *,
    beta: ArrayLike,
    mu: ArrayLike,
    smoothness: ArrayLike,
    gradient_bound: ArrayLike,
    initial_gap: ArrayLike,
    method: Bounded = "arsg",
) -> Theorem2Coefficients:
    """Return the coefficients of Theorem 2's bound.

    Parameters
    ----------
    beta : array_like
        Momentum coefficient β₁ in [0, 1), any shape.
    mu : array_like
        Observation factor μ in [0, 1); 0 for AMSGrad.
    smoothness : array_like
        Lipschitz constant L > 0 of the gradient.
    gradient_bound : array_like
        G₂ > 0, which no gradient, noisy or not, exceeds in norm.
    initial_gap : array_like
        Value f(x₁) minus the least value of f, not negative. All arguments are broadcast.
    method : {"arsg", "amsgrad"}
        "amsgrad" has the coefficients that the paper compares with.

    Returns
    -------
    Theorem2Coefficients

    Raises
    ------
    ValueError
        If an argument lies outside its range, the method is neither of the two, or AMSGrad is given a μ other than 0.

    Notes
    -----
    With :math:`q=\\beta/(1-\\beta)`,

    .. math::
        D_1 &= L^2G_2^3\\Big(\\tfrac{(1-\\mu)q^2}{(1-\\beta)^2}+\\tfrac{\\mu q^2}2\\Big)
               +LG_2^3\\big((1+\\mu q)(9\\mu^2q^2+6)+\\tfrac{\\mu q}2\\big)+\\tfrac{G_2^3}2,\\\\
        D_2 &= (1-\\mu)q\\,G_2^3+G_2\\,(f(x_1)-f^*), \\qquad
        D_3 = G_2^3((1-\\mu)q+4), \\qquad D_4=\\mu q\\,G_2^3,\\\\
        D_5 &= L^2G_2^3\\tfrac{(1-\\mu)q^4}{(1-\\beta)^2}+\\tfrac32LG_2^3(1+\\mu q)q^2, \\qquad
        D_6 = \\big((1-\\mu)q+\\tfrac32L(1+\\mu q)q^2\\big)G_2^3.

    AMSGrad's are those at μ = 0, but with :math:`\\tfrac32` in place of 6 in D₁.

    References
    ----------
    Chen et al., arXiv:1905.01422, Theorem 2, supplement (A94) and (A95).

    Examples
    --------
    >>> known = {"smoothness": 1.0, "gradient_bound": 1.0, "initial_gap": 1.0}
    >>> [float(value) for value in theorem2_coefficients(beta=0.0, mu=0.0, **known)]
    [6.5, 1.0, 4.0, 0.0, 0.0, 0.0]
    """
    beta, mu = momentum_parameters(beta, mu)
    L, G = positive("smoothness", smoothness), positive("gradient_bound", gradient_bound)
    gap = real_numbers("initial_gap", initial_gap)
    refuse("initial_gap", gap, (gap >= 0) & np.isfinite(gap), "is below 0, and no value of f is below its least one")
    require_word("method", method, words(Bounded))
    require_broadcast(beta=beta, mu=mu, smoothness=L, gradient_bound=G, initial_gap=gap)
    if method == "amsgrad":
        refuse("mu", mu, mu == 0, "is not 0, and AMSGrad has no observation factor: use method='arsg'")
    q, forget, first = beta / (1 - beta), 1 - beta, 6.0 if method == "arsg" else 1.5
    kept, now = (1 - mu) * q, mu * q
    d1 = (
        L**2 * (kept * q / forget**2 + now * q / 2) + L * ((1 + now) * (9 * now**2 + first) + now / 2) + np.float64(0.5)
    )
    d5 = L**2 * kept * q**3 / forget**2 + 1.5 * L * (1 + now) * q**2
    d6 = kept + 1.5 * L * (1 + now) * q**2
    cube = G**3
    return Theorem2Coefficients(d1 * cube, kept * cube + G * gap, cube * (kept + 4), now * cube, d5 * cube, d6 * cube)


@broadcasting
def theorem2_bound(
    steps: ArrayLike,
    *,
    step_size: ArrayLike,
    beta: ArrayLike,
    mu: ArrayLike,
    eps: ArrayLike,
    smoothness: ArrayLike,
    gradient_bound: ArrayLike,
    initial_gap: ArrayLike,
    dimension: ArrayLike,
    method: Bounded = "arsg",
) -> FloatArray:
    """Return Theorem 2's bound on the least expected squared gradient norm among the first iterates.

    Parameters
    ----------
    steps : array_like
        Number of steps T ≥ 1, any shape.
    step_size : array_like
        α' > 0; each step has the size α'/√T, in units of the iterates.
    beta, mu : array_like
        Momentum coefficient and observation factor, both in [0, 1).
    eps : array_like
        The initial value ε > 0 of ARSG's accumulator, in units of the squared gradient; for AMSGrad the number added to
        its root, in units of the gradient.
    smoothness, gradient_bound, initial_gap : array_like
        As in :func:`theorem2_coefficients`.
    dimension : array_like
        Number d ≥ 1 of coordinates. All arguments are broadcast.
    method : {"arsg", "amsgrad"}

    Returns
    -------
    The bound, in units of the squared gradient.

    Raises
    ------
    ValueError
        If an argument lies outside its range, or G₂ is below ARSG's √ε.

    Notes
    -----
    .. math::
        D_1\\frac{\\alpha'}{\\sqrt T\\epsilon}+D_2\\frac1{\\alpha'\\sqrt T}+(D_3d+D_4)\\frac1{T\\sqrt\\epsilon}
        +(D_5d+D_6)\\frac{\\alpha'}{T^{3/2}\\epsilon}, \\qquad \\epsilon\\to\\epsilon^2 \\text{ for AMSGrad}.

    The theorem doesn't say :math:`G_2 \\ge \\sqrt\\epsilon`, but its constants need it: the preconditioner is at
    most :math:`\\max(G_2, \\sqrt\\epsilon)`, which enters D₂ as G₂. A larger G₂ is always allowed.

    References
    ----------
    Chen et al., arXiv:1905.01422, Theorem 2, equation (17), supplement (A94) and (A95).

    Examples
    --------
    >>> known = {"smoothness": 1.0, "gradient_bound": 1.0, "initial_gap": 1.0, "dimension": 2}
    >>> print(f"{theorem2_bound(10**6, step_size=0.5, beta=0.0, mu=0.0, eps=0.25, **known):.6f}")
    0.015016
    """
    steps, step_size = positive("steps", steps), positive("step_size", step_size)
    dimension, eps = positive("dimension", dimension), positive("eps", eps)
    refuse("steps", steps, steps >= 1, "is below 1: the bound speaks of the iterates that are stepped from")
    refuse("dimension", dimension, dimension >= 1, "is below 1")
    require_word("method", method, words(Bounded))
    squared = eps if method == "arsg" else eps**2
    bound = positive("gradient_bound", gradient_bound)
    require_broadcast(steps=steps, step_size=step_size, dimension=dimension, eps=eps, gradient_bound=bound)
    refuse(
        "gradient_bound",
        bound,
        bound >= np.sqrt(squared),
        "is below the root of the accumulator's start, which Theorem 2's constants silently assume it to exceed: "
        "raise gradient_bound, an upper bound, to that root",
    )
    D = theorem2_coefficients(
        beta=beta, mu=mu, smoothness=smoothness, gradient_bound=bound, initial_gap=initial_gap, method=method
    )
    root = np.sqrt(steps)
    return (
        D.d1 * step_size / (root * squared)
        + D.d2 / (step_size * root)
        + (D.d3 * dimension + D.d4) / (steps * np.sqrt(squared))
        + (D.d5 * dimension + D.d6) * step_size / (steps * root * squared)
    )
