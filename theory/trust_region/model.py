"""Decrease of the quadratic model at the Cauchy point and at the eigenpoint, and what they are sure to reach."""

import math

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import Refusal, real_numbers, require_broadcast, require_real
from theory.trust_region.checks import FloatArray, one_model, require_positive, within_floats


def model_decrease(g: ArrayLike, B: ArrayLike, s: ArrayLike) -> FloatArray:
    """Return how much the model falls from 0 to a step.

    Parameters
    ----------
    g, s : array_like
        Slope and step, shape (..., d).
    B : array_like
        Quadratic part, shape (..., d, d).

    Returns
    -------
    :math:`m(0)-m(s)=-g^\\top s-\\tfrac12s^\\top Bs`, shape (...).

    Examples
    --------
    >>> print(model_decrease([2.0], [[4.0]], [-0.5]))
    0.5
    """
    slope, form, step = (real_numbers(name, value) for name, value in {"g": g, "B": B, "s": s}.items())
    if not (slope.ndim and step.ndim) or form.ndim < 2:
        given = f"{slope.shape}, {form.shape}, {step.shape}"
        raise Refusal(f"g, B, s have shapes {given}: (..., d), (..., d, d), (..., d) are needed.")
    require_broadcast(g=slope, s=step)
    require_broadcast(B=form, g=slope[..., None, :], s=step[..., None])
    return (-np.sum(slope * step, axis=-1) - 0.5 * np.einsum("...i,...ij,...j", step, form, step))[()]


def along(A: FloatArray, g: FloatArray, B: FloatArray, direction: FloatArray, radius: float) -> FloatArray:
    """Return the minimiser of the model on the ray t * direction, t >= 0, inside the region."""
    longest = radius / math.sqrt(direction @ A @ direction)
    slope, curvature = float(g @ direction), float(direction @ B @ direction)
    if curvature > 0:
        return min(max(-slope / curvature, 0.0), longest) * direction
    # Concave along the ray, so that its lowest point is one of the two ends.
    return longest * direction if longest * (slope + 0.5 * longest * curvature) < 0 else 0.0 * direction


@within_floats()
def cauchy_point(A: ArrayLike, g: ArrayLike, B: ArrayLike, radius: float) -> FloatArray:
    """Return the minimiser of the model along the negative gradient, inside the region.

    Parameters
    ----------
    A : array_like
        Positive definite matrix of the norm, shape (d, d).
    g : array_like
        Slope of the model, shape (d,).
    B : array_like
        Quadratic part of the model, shape (d, d).
    radius : float
        Above 0, in the norm of A.

    Returns
    -------
    The step, shape (d,); zero where g is.

    Raises
    ------
    ValueError
        If the subproblem is none.

    Notes
    -----
    .. math:: s_C=\\arg\\min\\{m(-tg): t\\ge0,\\ t\\|g\\|_A\\le\\Delta\\}

    References
    ----------
    Kohler et al., arXiv:1905.09201, equation (28).

    Examples
    --------
    >>> cauchy_point([[1.0]], [2.0], [[4.0]], 9.0)
    array([-0.5])
    """
    metric, slope, form = _subproblem(A, g, B, radius)
    radius = float(radius)
    return along(metric, slope, form, -slope, radius) if slope.any() else np.zeros_like(slope)


@within_floats()
def eigen_point(A: ArrayLike, g: ArrayLike, B: ArrayLike, radius: float) -> FloatArray:
    """Return the minimiser of the model along the eigenvector of the lowest curvature, turned downhill.

    Parameters
    ----------
    A, g, B, radius
        As for :func:`cauchy_point`.

    Returns
    -------
    The step, shape (d,).

    Raises
    ------
    ValueError
        If the subproblem is none, or B has no negative eigenvalue (there is no eigenpoint then).

    References
    ----------
    Kohler et al., arXiv:1905.09201, equation (28), with nu = 1.

    Examples
    --------
    >>> eigen_point([[4.0]], [1.0], [[-1.0]], 1.0)
    array([-0.5])
    """
    metric, slope, form = _subproblem(A, g, B, radius)
    radius = float(radius)
    values, vectors = np.linalg.eigh(form)
    if not values[0] < 0:
        raise Refusal(f"B has the least eigenvalue {values[0]:.3g}: the eigenpoint needs a negative one")
    lowest = vectors[:, 0]
    return along(metric, slope, form, -lowest if slope @ lowest > 0 else lowest, radius)


@within_floats()
def cauchy_decrease(A: ArrayLike, g: ArrayLike, B: ArrayLike, radius: float) -> float:
    """Return the decrease of the model that its Cauchy point is sure to reach.

    Parameters
    ----------
    A, g, B, radius
        As for :func:`cauchy_point`.

    Returns
    -------
    The lower bound.

    Raises
    ------
    ValueError
        If the subproblem is none.

    Notes
    -----
    .. math:: m(0)-m(s_C)\\ge\\tfrac12\\|g\\|\\min\\left(\\frac{\\|g\\|}{1+\\|B\\|},
              \\Delta\\frac{\\|g\\|}{\\|g\\|_A}\\right)

    References
    ----------
    Kohler et al., arXiv:1905.09201, Lemma 5 and equation (29); Conn, Gould, Toint, Trust-region methods, Theorem 6.3.1.

    Examples
    --------
    >>> cauchy_decrease([[4.0]], [2.0], [[1.0]], 1.0)
    0.5
    """
    metric, slope, form = _subproblem(A, g, B, radius)
    radius = float(radius)
    length = float(np.linalg.norm(slope))
    if length == 0:
        return 0.0
    within = radius * length / math.sqrt(slope @ metric @ slope)
    return 0.5 * length * min(length / (1 + float(np.linalg.norm(form, 2))), within)


@within_floats()
def eigenpoint_decrease(A: ArrayLike, B: ArrayLike, u: ArrayLike, radius: float, *, share: float = 1.0) -> float:
    r"""Return the decrease of the model that its eigenpoint is sure to reach.

    Parameters
    ----------
    A, B, radius
        As for :func:`cauchy_point`.
    u : array_like
        Direction of negative curvature, shape (d,), with u'Bu at most :math:`\nu\,\lambda_{\min}|u|^2`.
    share : float
        Nu in (0, 1].

    Returns
    -------
    The lower bound.

    Raises
    ------
    ValueError
        If the subproblem is none, or u is not as curved as `share` asks for.

    Notes
    -----
    .. math:: m(0)-m(s_E)\\ge\\tfrac12\\nu|\\lambda_{\\min}(B)|\\Delta^2\\frac{\\|u\\|^2}{\\|u\\|_A^2}

    References
    ----------
    Kohler et al., arXiv:1905.09201, Lemma 6 and equation (30); Conn, Gould, Toint, Trust-region methods, Theorem 6.6.1.

    Examples
    --------
    >>> eigenpoint_decrease([[4.0]], [[-1.0]], [3.0], 2.0)
    0.5
    """
    metric, direction, form = _subproblem(A, u, B, radius)
    radius = float(radius)
    share = require_real("share", share)
    if not 0 < share <= 1:
        raise Refusal(f"share = {share} lies in (0, 1]: no direction is curved below the least eigenvalue")
    lowest, square = float(np.linalg.eigvalsh(form)[0]), float(direction @ direction)
    curvature = float(direction @ form @ direction)
    # An eigenvector in floating point reaches its eigenvalue up to rounding.
    if not (lowest < 0 < square and curvature <= share * lowest * square * (1 - 1e-12)):
        raise Refusal(
            f"u has the curvature {curvature:.3g} |u|^2 = {square:.3g}, and Lemma 6 asks for at most share times the "
            f"least eigenvalue {lowest:.3g}, itself negative: lower share or turn u"
        )
    return 0.5 * share * abs(lowest) * radius**2 * square / float(direction @ metric @ direction)


def _subproblem(A: ArrayLike, g: ArrayLike, B: ArrayLike, radius: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    require_positive(radius=require_real("radius", radius))
    return one_model(A, g, B)
