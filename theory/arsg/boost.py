"""Observation boost: how the step size follows when the observation factor is doubled."""

from numpy.typing import ArrayLike

from dynamics.checks import real_numbers
from theory.arsg.checks import FloatArray, broadcasting, momentum_parameters, refuse
from theory.arsg.gain import critical_points


@broadcasting
def boost_factor(*, beta: ArrayLike, mu: ArrayLike) -> FloatArray:
    """Return the factor for the step size that keeps the best curvature when μ is doubled.

    Parameters
    ----------
    beta : array_like
        Momentum coefficient β in [0, 1), any shape.
    mu : array_like
        Observation factor μ in (0, 1/2) before the boost, broadcast with ``beta``.

    Returns
    -------
    New step size over old, of the broadcast shape.

    Raises
    ------
    ValueError
        If β lies outside [0, 1) or μ outside (0, 1/2).

    Notes
    -----
    The gain factor is least at :math:`\\tau^*(\\mu) = \\tau_{cb2}(\\mu)`. The policy scales the step size by

    .. math:: \\frac{\\tau^*(2\\mu)}{\\tau^*(\\mu)}
              = \\left(\\frac{1-\\sqrt{\\beta(1-\\mu)}}{1-\\sqrt{\\beta(1-2\\mu)}}\\right)^2,

    so that the curvature with the least gain factor stays the same.

    References
    ----------
    Chen et al., arXiv:1905.01422, section 3, policy OBSB (the paper rounds the factor at its defaults to
    1/4).

    Examples
    --------
    >>> print(f"{boost_factor(beta=0.999, mu=0.05):.5f}")
    0.24831
    """
    mu = real_numbers("mu", mu)
    refuse(
        "mu",
        mu,
        (mu > 0) & (mu < 0.5),
        "lies outside (0, 1/2): twice mu must stay below 1, and at mu = 0 the gain factor is flat "
        "between the real-complex boundaries and has no single best curvature; the paper starts at 0.05",
    )
    beta, mu = momentum_parameters(beta, mu)
    return critical_points(beta=beta, mu=2 * mu).tau_cb2 / critical_points(beta=beta, mu=mu).tau_cb2
