"""The gain factor of RSG and the scaled curvatures at which its behaviour changes."""

from typing import NamedTuple

from numpy.typing import ArrayLike

from dynamics.checks import real_numbers
from theory.arsg.checks import FloatArray, broadcasting, momentum_parameters
from theory.arsg.formulas import gain_formula, points_formula
from theory.arsg.points import at_points


class CriticalPoints(NamedTuple):
    """Scaled curvatures τ = αλ at which RSG changes its behaviour on an eigen-direction.

    With exact gradients the error decays without oscillation on (0, tau_cb1], oscillates with a complex pair
    of eigenvalues on (tau_cb1, tau_cb2), and has real eigenvalues again from tau_cb2 on.

    Attributes
    ----------
    tau_rb : ndarray
        End of the convergence region 0 < τ < tau_rb.
    tau_sym : ndarray
        The two eigenvalues sum to zero.
    tau_cb1, tau_cb2 : ndarray
        Between them the eigenvalues are complex; for μ > 0 the gain factor is least at tau_cb2.

    Examples
    --------
    >>> from theory.arsg import critical_points
    >>> round(float(critical_points(beta=0.9, mu=0.1).tau_rb), 4)  # 2(1 + β)/(1 - β + 2βμ)
    13.5714
    """

    tau_rb: FloatArray
    tau_sym: FloatArray
    tau_cb1: FloatArray
    tau_cb2: FloatArray


@broadcasting
def critical_points(*, beta: ArrayLike, mu: ArrayLike) -> CriticalPoints:
    """Return the convergence boundary, the symmetric point and the two real-complex boundaries.

    Parameters
    ----------
    beta : array_like
        Momentum coefficient β in [0, 1), any shape.
    mu : array_like
        Observation factor μ in [0, 1), broadcast with ``beta``.

    Returns
    -------
    CriticalPoints, each field of the broadcast shape, without unit (step size times curvature).

    Raises
    ------
    ValueError
        If β or μ lies outside [0, 1).

    Notes
    -----
    With :math:`s = \\beta(1-\\mu)`,

    .. math::
        \\tau_{rb} = \\frac{2(1+\\beta)}{1-\\beta+2\\beta\\mu}, \\quad
        \\tau_{sym} = \\frac{1+\\beta}{1-s}, \\quad
        \\tau_{cb1,2} = \\frac{1-\\beta}{(1\\pm\\sqrt s)^2}.

    The last is the paper's form with its perfect square taken out, which leaves nothing to cancel.

    References
    ----------
    Chen et al., "An Adaptive Remote Stochastic Gradient Method for Training Neural Networks",
    arXiv:1905.01422, supplement (A9), (A13), (A14).

    Examples
    --------
    >>> points = critical_points(beta=0.999, mu=0.1)
    >>> print(f"{points.tau_rb:.4f} {points.tau_sym:.4f} {points.tau_cb1:.6f} {points.tau_cb2:.5f}")
    19.9104 19.8117 0.000263 0.37281
    """
    return CriticalPoints(*points_formula(*momentum_parameters(beta, mu)))


@broadcasting
def gain_factor(tau: ArrayLike, *, beta: ArrayLike, mu: ArrayLike) -> FloatArray:
    """Return the factor by which RSG with exact gradients multiplies the error per step.

    Parameters
    ----------
    tau : array_like
        Scaled curvature τ = αλ (step size times curvature, no unit), any real number and any shape.
    beta : array_like
        Momentum coefficient β in [0, 1), broadcast with ``tau``.
    mu : array_like
        Observation factor μ in [0, 1), broadcast with ``tau``.

    Returns
    -------
    Gain factors of the broadcast shape; below 1 exactly for 0 < τ < tau_rb. NaN where τ is NaN.

    Raises
    ------
    ValueError
        If β or μ lies outside [0, 1).

    Notes
    -----
    The spectral radius :math:`r_g = \\max(|r_1|, |r_2|)` of the system matrix, with

    .. math::
        r_{1,2} = \\tfrac12\\Big(\\rho \\pm \\sqrt{\\rho^2 - 4\\beta(1-\\mu\\tau)}\\Big), \\quad
        \\rho = 1 + \\beta - \\tau(1 - \\beta(1-\\mu)).

    The discriminant is evaluated as
    :math:`(\\tau(1-\\beta(1-\\mu)) - (1-\\beta))^2 - 4\\tau\\beta(1-\\beta)(1-\\mu)`, which does not lose the
    small number :math:`(1-\\beta)^2` in a difference of numbers near 4. At the real-complex boundaries the
    eigenvalues depend on the arguments like a square root; there the result is exact for arguments that are
    wrong in the last bits.

    References
    ----------
    Chen et al., arXiv:1905.01422, equation (11); supplement (A16) for the complex pair.

    Examples
    --------
    >>> print(gain_factor([-0.1, 0.0, 0.5], beta=0.9, mu=0.1).round(6))
    [1.06739  1.       0.924662]
    """
    beta, mu = momentum_parameters(beta, mu)
    return at_points(gain_formula, real_numbers("tau", tau), beta, mu)
