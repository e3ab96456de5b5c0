"""Rates of RSG over a whole spectrum: exact, by Theorem 1, and the best that any parameters reach."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import real_numbers
from theory.arsg.checks import FloatArray, broadcasting, momentum_parameters, positive, refuse
from theory.arsg.gain import gain_factor


@broadcasting
def convergence_rate(
    *, step_size: ArrayLike, beta: ArrayLike, mu: ArrayLike, lambda_min: ArrayLike, lambda_max: ArrayLike
) -> FloatArray:
    """Return the largest gain factor of RSG over all curvatures of an interval.

    Parameters
    ----------
    step_size : array_like
        Step size α > 0, in units of one over curvature, any shape.
    beta, mu : array_like
        Momentum coefficient and observation factor, both in [0, 1), broadcast with ``step_size``.
    lambda_min, lambda_max : array_like
        Ends of the interval of curvatures, lambda_min ≤ lambda_max. They may be negative: at a saddle the rate is above
        1.

    Returns
    -------
    The rate, of the broadcast shape; below 1 exactly where RSG with exact gradients converges on every
    direction.

    Raises
    ------
    ValueError
        If α is not positive, β or μ lies outside [0, 1), or lambda_min > lambda_max.

    Notes
    -----
    :math:`r_c = \\max(r_g(\\alpha\\lambda_{min}), r_g(\\alpha\\lambda_{max}))`, with no search. By Jury's
    test, both eigenvalues lie in the disc of radius c exactly if :math:`c^2 \\pm \\rho c + D \\ge 0` and
    :math:`|D| \\le c^2`, where the trace ρ and the determinant :math:`D = \\beta(1-\\mu\\tau)` are affine in
    τ. The set :math:`\\{\\tau : r_g \\le c\\}` is thus an intersection of half-lines, and a maximum over an
    interval is found at one of its ends.

    References
    ----------
    Chen et al., arXiv:1905.01422, definition of r_c in Theorem 1.

    Examples
    --------
    >>> rate = convergence_rate(step_size=1.0, beta=0.9, mu=0.1, lambda_min=0.01, lambda_max=1.0)
    >>> print(f"{rate:.6f}")
    0.988999
    """
    step_size = positive("step_size", step_size)
    beta, mu = momentum_parameters(beta, mu)
    low, high = real_numbers("lambda_min", lambda_min), real_numbers("lambda_max", lambda_max)
    refuse(
        "lambda_min",
        low,
        low <= high,
        "is not at most lambda_max, so that there is no interval: swap the two",
    )
    return np.maximum(gain_factor(step_size * low, beta=beta, mu=mu), gain_factor(step_size * high, beta=beta, mu=mu))


@broadcasting
def theorem1_rate(*, c_alpha: ArrayLike, c_beta: ArrayLike, c_mu: ArrayLike, condition_number: ArrayLike) -> FloatArray:
    """Return Theorem 1's approximation of RSG's convergence rate at a large condition number.

    Parameters
    ----------
    c_alpha : array_like
        The step size is c_alpha √κ / lambda_max; positive, at most 2/(c_beta + c_mu).
    c_beta : array_like
        The momentum coefficient is 1 - c_beta/√κ; in (0, √κ].
    c_mu : array_like
        The observation factor is c_mu/√κ; in [0, √κ).
    condition_number : array_like
        κ ≥ 1. All arguments are broadcast.

    Returns
    -------
    The approximate rate, of the broadcast shape. As κ grows with the constants fixed, it differs from
    :func:`convergence_rate` by O(1/κ), and by O(κ^(-3/4)) where 4 c_alpha = c_beta.

    Raises
    ------
    ValueError
        If a constant lies outside the range above.

    Notes
    -----
    .. math::
        r_c \\approx 1 - \\frac{c_\\beta - \\sqrt{c_\\beta(c_\\beta - 4c_\\alpha)}}{2\\sqrt\\kappa}
        \\text{ if } 4c_\\alpha < c_\\beta, \\quad\\text{else}\\quad 1 - \\frac{c_\\beta}{2\\sqrt\\kappa}.

    The assumption on c_alpha keeps the step inside the convergence region at every κ. The theorem takes the
    worst curvature to be lambda_min, which holds for large κ; at a moderate κ it can be lambda_max. With
    :math:`q = \\sqrt{c_\\beta(c_\\beta-4c_\\alpha)}` the next term of the expansion at lambda_min is

    .. math::
        \\frac{(c_\\beta-q)^2(c_\\beta+c_\\mu)(c_\\beta+q)}{8c_\\beta q\\,\\kappa}
        \\text{ if } 4c_\\alpha < c_\\beta, \\quad\\text{else}\\quad
        -\\frac{4c_\\alpha c_\\mu + c_\\beta^2}{8\\kappa}.

    References
    ----------
    Chen et al., arXiv:1905.01422, Theorem 1, equation (16).

    Examples
    --------
    >>> print(f"{theorem1_rate(c_alpha=0.1, c_beta=1.0, c_mu=0.5, condition_number=1e4):.6f}")
    0.998873
    """
    kappa = positive("condition_number", condition_number)
    refuse("condition_number", kappa, kappa >= 1, "is below 1, and lambda_max is at least lambda_min")
    root = np.sqrt(kappa)
    c_alpha, c_beta = positive("c_alpha", c_alpha), positive("c_beta", c_beta)
    c_mu = real_numbers("c_mu", c_mu)
    refuse("c_beta", c_beta, c_beta <= root, "exceeds the root of the condition number, so that beta is negative")
    refuse("c_mu", c_mu, (c_mu >= 0) & (c_mu < root), "must put mu = c_mu/√κ into [0, 1)")
    limit = 2 / (c_beta + c_mu)
    refuse(
        "c_alpha",
        c_alpha,
        c_alpha <= limit,
        "exceeds 2/(c_beta + c_mu), which Theorem 1 assumes: lower c_alpha",
    )
    # c_beta - sqrt(c_beta (c_beta - 4 c_alpha)) without the cancellation at small c_alpha
    real_pair = 2 * c_alpha / (1 + np.sqrt(np.maximum(1 - 4 * c_alpha / c_beta, 0)))
    return 1 - np.where(4 * c_alpha < c_beta, real_pair, c_beta / 2) / root


class OptimalParameters(NamedTuple):
    """RSG's best parameters for a condition number, with the rate they reach.

    Attributes
    ----------
    step_size : ndarray
        In units of 1/lambda_max.
    beta, mu : ndarray
        Momentum coefficient and observation factor.
    rate : ndarray
        Largest gain factor over the spectrum.

    Examples
    --------
    >>> OptimalParameters._fields
    ('step_size', 'beta', 'mu', 'rate')
    """

    step_size: FloatArray
    beta: FloatArray
    mu: FloatArray
    rate: FloatArray


@broadcasting
def optimal_parameters(condition_number: ArrayLike) -> OptimalParameters:
    """Return the step size, β and μ with which RSG with exact gradients converges fastest.

    Parameters
    ----------
    condition_number : array_like
        κ = lambda_max/lambda_min ≥ 1, any shape.

    Returns
    -------
    OptimalParameters, each field of the shape of κ; the step size in units of 1/lambda_max.

    Raises
    ------
    ValueError
        If κ < 1 or κ is not finite.

    Notes
    -----
    .. math::
        r = \\frac{\\sqrt\\kappa - 1}{\\sqrt\\kappa + 1}, \\quad \\beta = r^2, \\quad \\mu = 0, \\quad
        \\alpha = \\frac{\\sqrt\\kappa}{\\lambda_{max}},

    which is Polyak's heavy ball. For a given rate c the curvatures with :math:`r_g \\le c` span at most a
    ratio of :math:`((1+c)/(1-c))^2`, and only these parameters reach it: with exact gradients the observation
    factor gains nothing in the worst case.

    References
    ----------
    Chen et al., arXiv:1905.01422, the minimisation stated below Theorem 1; Polyak, "Some methods of speeding
    up the convergence of iteration methods", 1964.

    Examples
    --------
    >>> step_size, beta, mu, rate = optimal_parameters(100.0)
    >>> print(f"{step_size:.1f} {beta:.6f} {mu:.1f} {rate:.6f}")
    10.0 0.669421 0.0 0.818182
    """
    kappa = positive("condition_number", condition_number)
    refuse("condition_number", kappa, kappa >= 1, "is below 1, and lambda_max is at least lambda_min")
    root = np.sqrt(kappa)
    rate = (root - 1) / (root + 1)
    return OptimalParameters(step_size=root, beta=rate**2, mu=np.zeros_like(rate), rate=rate)
