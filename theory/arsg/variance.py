"""The stationary error variance of RSG under gradient noise."""

from numpy.typing import ArrayLike

from dynamics.checks import real_numbers
from theory.arsg.checks import FloatArray, broadcasting, momentum_parameters
from theory.arsg.formulas import variance_formula
from theory.arsg.points import at_points


@broadcasting
def variance_limit(tau: ArrayLike, *, beta: ArrayLike, mu: ArrayLike) -> FloatArray:
    """Return the limit of the error's variance per unit of gradient noise.

    Parameters
    ----------
    tau : array_like
        Scaled curvature τ = αλ (step size times curvature, no unit), any shape.
    beta : array_like
        Momentum coefficient β in [0, 1), broadcast with ``tau``.
    mu : array_like
        Observation factor μ in [0, 1), broadcast with ``tau``.

    Returns
    -------
    The limit of Var(s_t)/σ², of the broadcast shape and without unit, where σ is the standard deviation of
    the gradient noise on the direction divided by the curvature. NaN outside the convergence region 0 < τ <
    tau_rb, where no limit exists. The expected final loss on the direction is ½ λ σ² times it.

    Raises
    ------
    ValueError
        If β or μ lies outside [0, 1).

    Notes
    -----
    The lower right entry of the solution of the discrete Lyapunov equation
    :math:`\\Sigma = A\\Sigma A^\\top + \\tau^2 b b^\\top`,

    .. math::
        l_{\\mathrm{Var}} = \\frac{\\tau\\,[(1-\\beta^2) + \\beta\\mu\\tau(1-\\beta+2\\beta\\mu)]}
                                {(1-\\beta+\\beta\\mu\\tau)\\,[2(1+\\beta) - \\tau(1-\\beta+2\\beta\\mu)]}.

    The paper's sum over eigenvectors (15) is the same number, but divides by zero where the two eigenvalues
    meet. It increases with τ over the whole convergence region.

    References
    ----------
    Chen et al., arXiv:1905.01422, equation (15), where the δ² of the definition stands for σ².

    Examples
    --------
    >>> print(f"{variance_limit(0.01, beta=0.999, mu=0.1):.16f}")
    0.0027536335780638
    >>> print(variance_limit([-0.1, 0.5, 2.5], beta=0.0, mu=0.0))  # SGD: τ/(2 - τ) on 0 < τ < 2
    [       nan 0.33333333        nan]
    """
    beta, mu = momentum_parameters(beta, mu)
    return at_points(variance_formula, real_numbers("tau", tau), beta, mu)
