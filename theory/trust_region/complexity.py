"""How many iterations an ellipsoidal trust region needs, with every constant written out."""

import math
from typing import NamedTuple

from dynamics.checks import Refusal, require_real
from theory.trust_region.checks import require_not_negative, require_positive, within_floats


class ComplexityBound(NamedTuple):
    """Upper bounds on the iterations before both accuracies are reached, and a lower bound on the radius.

    Examples
    --------
    >>> ComplexityBound._fields
    ('iterations', 'successful', 'unsuccessful', 'smallest_radius')
    """

    iterations: float
    successful: float
    unsuccessful: float
    smallest_radius: float


@within_floats()
def success_radius_gradient(
    *,
    gradient_accuracy: float,
    zeta: float,
    hessian_norm: float,
    hessian_lipschitz: float,
    eta1: float = 0.01,
    gradient_error: float = 0.0,
    hessian_error: float = 0.0,
) -> float:
    """Return a radius up to which every step is successful while the gradient is long.

    Parameters
    ----------
    gradient_accuracy : float
        Epsilon_g > 0; the gradient of the model is at least so long.
    zeta : float
        At least 1; the eigenvalues of the norm's matrix lie in [1/zeta, zeta].
    hessian_norm : float
        Bound on the spectral norm of the model's quadratic part.
    hessian_lipschitz : float
        Lipschitz constant of the Hessian of the loss.
    eta1 : float
        Success threshold, in (0, 1).
    gradient_error, hessian_error : float
        Delta_g and delta_H of Assumption 1.

    Returns
    -------
    The radius, in the norm of the ellipsoid; it may be infinite only where nothing limits the model.

    Raises
    ------
    ValueError
        If a number is outside its range, or the error of the gradient is so large that no radius is safe.

    Notes
    -----
    With the decrease (29) and the error of the model from Lemma 7, :math:`1-\\rho` is at most

    .. math:: \\frac{2\\zeta\\delta_g}{\\epsilon_g}+\\frac{\\zeta^{3/2}\\delta_H}{\\epsilon_g}\\Delta
              +\\frac{\\zeta^2L_H}{3\\epsilon_g}\\Delta^2
              \\quad\\text{for}\\quad\\Delta\\le\\frac{\\sqrt\\zeta\\,\\epsilon_g}{1+\\|B\\|},

    which is held at :math:`1-\\eta_1`. So :math:`\\delta_g<(1-\\eta_1)\\epsilon_g/(2\\zeta)` is needed: the sphere's
    condition has no zeta.

    References
    ----------
    Kohler et al., arXiv:1905.09201, Lemma 8.

    Examples
    --------
    >>> success_radius_gradient(gradient_accuracy=0.1, zeta=1.0, hessian_norm=1.0, hessian_lipschitz=0.0)
    0.05
    """
    _check(zeta, eta1, nu=1.0, gradient_accuracy=gradient_accuracy)
    require_not_negative(hessian_norm=hessian_norm, hessian_lipschitz=hessian_lipschitz)
    require_not_negative(gradient_error=gradient_error, hessian_error=hessian_error)
    room = 1 - eta1 - 2 * zeta * gradient_error / gradient_accuracy
    if not room > 0:
        limit = (1 - eta1) * gradient_accuracy / (2 * zeta)
        raise Refusal(
            f"gradient_error = {gradient_error} must stay below (1 - eta1) epsilon_g / (2 zeta) = {limit:.3g}: with "
            f"more, no radius makes the step of Lemma 8 successful; sample more data"
        )
    linear = zeta**1.5 * hessian_error / gradient_accuracy
    square = zeta**2 * hessian_lipschitz / (3 * gradient_accuracy)
    denominator = linear + math.sqrt(linear**2 + 4 * square * room)
    of_error = 2 * room / denominator if denominator > 0 else math.inf
    return min(of_error, math.sqrt(zeta) * gradient_accuracy / (1 + hessian_norm))


@within_floats()
def success_radius_curvature(
    *,
    curvature_accuracy: float,
    zeta: float,
    hessian_lipschitz: float,
    eta1: float = 0.01,
    nu: float = 1.0,
    hessian_error: float = 0.0,
) -> float:
    """Return a radius up to which every step is successful while the curvature is below -epsilon_H.

    Parameters
    ----------
    curvature_accuracy : float
        Epsilon_H > 0; the least eigenvalue of the model is below its negative. zeta, hessian_lipschitz, eta1,
        hessian_error As for :func:`success_radius_gradient`.
    zeta, hessian_lipschitz, eta1, hessian_error : float
    nu : float
        Share of the least eigenvalue that the direction of the eigenpoint reaches, in (0, 1].

    Returns
    -------
    The radius; infinite where the loss is quadratic.

    Raises
    ------
    ValueError
        If a number is outside its range, or the error of the Hessian is so large that no radius is safe.

    Notes
    -----
    For steps that the error of the gradient does not point uphill (an exact gradient, in particular),
    :math:`1-\\rho\\le\\frac{\\zeta^2\\delta_H}{\\nu\\epsilon_H}
    +\\frac{\\zeta^{5/2}L_H}{3\\nu\\epsilon_H}\\Delta`, which is held at :math:`1-\\eta_1`.

    References
    ----------
    Kohler et al., arXiv:1905.09201, Lemma 9.

    Examples
    --------
    >>> round(success_radius_curvature(curvature_accuracy=1.0, zeta=1.0, hessian_lipschitz=3.0, eta1=0.5), 6)
    0.5
    """
    _check(zeta, eta1, nu, curvature_accuracy=curvature_accuracy)
    require_not_negative(hessian_lipschitz=hessian_lipschitz, hessian_error=hessian_error)
    room = (1 - eta1) * nu * curvature_accuracy - zeta**2 * hessian_error
    if not room > 0:
        limit = (1 - eta1) * nu * curvature_accuracy / zeta**2
        raise Refusal(
            f"hessian_error = {hessian_error} must stay below (1 - eta1) nu epsilon_H / zeta^2 = {limit:.3g}: with "
            f"more, no radius makes the step of Lemma 9 successful; sample more data"
        )
    return 3 * room / (zeta**2.5 * hessian_lipschitz) if hessian_lipschitz > 0 else math.inf


@within_floats()
def complexity_bound(
    *,
    gap: float,
    gradient_accuracy: float,
    curvature_accuracy: float,
    zeta: float,
    hessian_norm: float,
    hessian_lipschitz: float,
    radius: float,
    eta1: float = 0.01,
    increase: float = 1.1,
    decrease: float = 1.5,
    nu: float = 1.0,
    gradient_error: float = 0.0,
    hessian_error: float = 0.0,
) -> ComplexityBound:
    """Return bounds on the iterations of Algorithm 1 before a second-order stationary point.

    Parameters
    ----------
    gap : float
        Loss at the start less a lower bound of the loss.
    radius, increase, decrease : float
        First radius, growth factor (at least 1) and divisor (above 1) of the radius. gradient_accuracy,
        curvature_accuracy, zeta, hessian_norm, hessian_lipschitz, eta1, nu As for :func:`success_radius_gradient` and
        :func:`success_radius_curvature`. gradient_error, hessian_error As there; the gradient's counts where the
        gradient is long.
    gradient_accuracy, curvature_accuracy, zeta, hessian_norm, hessian_lipschitz, eta1, nu : float
    gradient_error, hessian_error : float

    Returns
    -------
    ComplexityBound

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    Below the radii of Lemmas 8 and 9 steps succeed, so the radius stays above
    :math:`\\Delta_{\\min}=\\min(\\Delta_0,\\Delta_g/\\gamma_2,\\Delta_H/\\gamma_2)`. A successful step lowers the
    loss by at least

    .. math:: \\eta_1\\min\\left\\{\\frac{\\epsilon_g}2\\min\\left(\\frac{\\epsilon_g}{1+\\|B\\|},
              \\frac{\\Delta_{\\min}}{\\sqrt\\zeta}\\right),\\frac{\\nu\\epsilon_H}{2\\zeta}\\Delta_{\\min}^2\\right\\},

    which bounds their number S; the radius then bounds the number of others by
    :math:`(\\log(\\Delta_0/\\Delta_{\\min})+S\\log\\gamma_1)/\\log\\gamma_2`.
    It is :math:`O(\\max\\{\\epsilon_g^{-2}\\epsilon_H^{-1},\\epsilon_H^{-3}\\})`.

    References
    ----------
    Kohler et al., arXiv:1905.09201, Theorem 1, Lemmas 10 and 11.

    Examples
    --------
    >>> bound = complexity_bound(gap=1.0, gradient_accuracy=0.1, curvature_accuracy=0.1, zeta=1.0,
    ...                          hessian_norm=1.0, hessian_lipschitz=1.0, radius=1.0)
    >>> bound.iterations == bound.successful + bound.unsuccessful, round(bound.smallest_radius, 4)
    (True, 0.0333)
    """
    require_positive(gap=require_real("gap", gap), radius=require_real("radius", radius))
    increase, decrease = require_real("increase", increase), require_real("decrease", decrease)
    if not (increase >= 1 and decrease > 1):
        raise Refusal(f"increase = {increase} is at least 1 and decrease = {decrease} above 1; try 1.1 and 1.5")
    long = success_radius_gradient(
        gradient_accuracy=gradient_accuracy,
        zeta=zeta,
        hessian_norm=hessian_norm,
        hessian_lipschitz=hessian_lipschitz,
        eta1=eta1,
        gradient_error=gradient_error,
        hessian_error=hessian_error,
    )
    curved = success_radius_curvature(
        curvature_accuracy=curvature_accuracy,
        zeta=zeta,
        hessian_lipschitz=hessian_lipschitz,
        eta1=eta1,
        nu=nu,
        hessian_error=hessian_error,
    )
    smallest = min(radius, long / decrease, curved / decrease)
    by_gradient = 0.5 * gradient_accuracy * min(gradient_accuracy / (1 + hessian_norm), smallest / math.sqrt(zeta))
    by_curvature = 0.5 * nu * curvature_accuracy * smallest**2 / zeta
    successful = math.floor(gap / (eta1 * min(by_gradient, by_curvature)))
    unsuccessful = math.floor((math.log(radius / smallest) + successful * math.log(increase)) / math.log(decrease))
    return ComplexityBound(successful + unsuccessful, successful, unsuccessful, smallest)


def _check(zeta: float, eta1: float, nu: float, **accuracies: float) -> None:
    require_positive(**{name: require_real(name, value) for name, value in accuracies.items()})
    zeta, eta1, nu = require_real("zeta", zeta), require_real("eta1", eta1), require_real("nu", nu)
    if not (1 <= zeta < math.inf and 0 < eta1 < 1 and 0 < nu <= 1):
        raise Refusal(
            f"zeta = {zeta} is at least 1 (Definition 1), eta1 = {eta1} in (0, 1) and nu = {nu} in (0, 1]; "
            f"try eta1 = 0.01 and nu = 1"
        )
