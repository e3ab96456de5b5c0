r"""Expected risk of SGD on a stream of Gaussian rows: exact in any dimension, and its limit in high dimension.

One step is :math:`x'=x-\frac\gamma B\sum_{i\le B}a_i(a_i^\top x-b_i)` with fresh rows :math:`a_i\sim N(0,H)` and
:math:`b_i=a_i^\top x^*+\sigma e_i`. With H's eigenvalues λ and :math:`p_j=E(x_j-x^*_j)^2` along its eigenvectors, the
risk is :math:`R=\frac12\sum_j\lambda_jp_j+\frac12\sigma^2`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from dynamics.checks import Refusal, real_array, require_at_least, require_positive, require_whole

__all__ = ["Moments", "expected_risk", "largest_step", "moments", "risk_flow"]

Array = NDArray[np.float64]


class Moments(NamedTuple):
    r"""One step of the second moments, :math:`p'=(\mathrm{diag}(D)+cu u^\top)p+c\sigma^2u`.

    Examples
    --------
    >>> Moments._fields
    ('decay', 'spread', 'weight')
    """

    decay: Array  # D, shape (d,)
    spread: Array  # u: the eigenvalues, shape (d,)
    weight: float  # c = γ²/B


def moments(eigenvalues: ArrayLike, step_size: float, *, batch_size: int = 1) -> Moments:
    r"""What one step does to the second moments of the error, exactly.

    Parameters
    ----------
    eigenvalues : array_like
        λ, of the covariance of the rows, shape (d,), at least 0.
    step_size : float
        γ, positive.
    batch_size : int
        B, rows of a step.

    Returns
    -------
    Moments

    Raises
    ------
    ValueError
        If an eigenvalue is negative, the step size not positive or the batch empty.

    Notes
    -----
    By Isserlis's theorem :math:`E(a^\top v)^2a_j^2=2\lambda_j^2v_j^2+\lambda_j\sum_i\lambda_iv_i^2` along the
    eigenvectors, so that

    .. math:: D_j=(1-\gamma\lambda_j)^2+\gamma^2\lambda_j^2/B .

    References
    ----------
    Paquette, Lee, Pedregosa and Paquette, "SGD in the large", arXiv:2102.04396, for the limit.

    Examples
    --------
    >>> moments([1.0], 0.5)
    Moments(decay=array([0.5]), spread=array([1.]), weight=0.25)
    """
    values = _covariance(eigenvalues)
    step_size = require_positive("step_size", step_size)
    batch_size = require_whole("batch_size", batch_size, 1, "a gradient needs a row")
    return Moments(
        (1 - step_size * values) ** 2 + (step_size * values) ** 2 / batch_size, values, step_size**2 / batch_size
    )


def expected_risk(
    eigenvalues: ArrayLike,
    step_size: float,
    steps: int,
    *,
    batch_size: int = 1,
    residual: float = 0.0,
    displacement: ArrayLike = 1.0,
) -> Array:
    r"""The expected risk after 0, 1, …, `steps` steps, exactly.

    Parameters
    ----------
    eigenvalues : array_like
        λ, shape (d,), at least 0.
    step_size : float
        γ, positive.
    steps : int
    batch_size : int
        B.
    residual : float
        σ.
    displacement : array_like
        x₀ − x* along the eigenvectors, a number or shape (d,).

    Returns
    -------
    ndarray
        R, shape (steps + 1,); infinite where it overflows.

    Raises
    ------
    ValueError
        As `moments`, and for a negative residual.

    Examples
    --------
    >>> expected_risk([1.0], 0.5, 2)
    array([0.5    , 0.375  , 0.28125])
    """
    decay, spread, weight = moments(eigenvalues, step_size, batch_size=batch_size)
    steps = require_whole("steps", steps, 0)
    variance, p = _variance(residual), _squares(displacement, spread)
    risk = np.empty(steps + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps + 1):
            risk[step] = 0.5 * (spread @ p + variance)
            p = decay * p + (2 * weight * risk[step]) * spread
    return np.where(np.isnan(risk), np.inf, risk)


def risk_flow(
    eigenvalues: ArrayLike,
    step_size: float,
    times: ArrayLike,
    *,
    batch_size: int = 1,
    residual: float = 0.0,
    displacement: ArrayLike = 1.0,
) -> Array:
    r"""The limit of the risk in high dimension, at any real number of steps.

    Parameters
    ----------
    eigenvalues, step_size, batch_size, residual, displacement
        As in `expected_risk`.
    times : array_like
        Numbers of steps, shape (n,), ascending from 0 on.

    Returns
    -------
    ndarray
        R(t), shape (n,).

    Raises
    ------
    ValueError
        As `expected_risk`, and for times that are negative or descend.

    Notes
    -----
    The moments obey :math:`\dot p_j=-2\gamma\lambda_jp_j+\frac{2\gamma^2}B\lambda_jR`, so that R solves a Volterra
    equation whose kernel forgets at the pace of gradient flow:

    .. math:: R(t)=\tfrac12\sigma^2+\tfrac12\sum_j\lambda_jp_j(0)e^{-2\gamma\lambda_jt}
              +\int_0^t\tfrac{\gamma^2}B\sum_j\lambda_j^2e^{-2\gamma\lambda_j(t-s)}R(s)\,ds .

    Where no eigenvalue is a fixed share of the trace, a single run follows it, and so does its expectation.

    References
    ----------
    Paquette, Lee, Pedregosa and Paquette, "SGD in the large", arXiv:2102.04396.

    Examples
    --------
    >>> risk_flow([1.0], 1e-3, [0.0, 1000.0]).round(4)  # e^-2/2 and what a small step adds
    array([0.5   , 0.0677])
    """
    spread = _covariance(eigenvalues)
    step_size = require_positive("step_size", step_size)
    weight = step_size**2 / require_whole("batch_size", batch_size, 1, "a gradient needs a row")
    variance, start = _variance(residual), _squares(displacement, spread)
    instants = real_array("times", times, 1)
    if instants[0] < 0 or (np.diff(instants) < 0).any():
        raise Refusal(f"times = {times!r}: numbers of steps are at least 0 and ascend; sort them.")

    def slope(_: float, p: Array) -> Array:
        return spread * (weight * (spread @ p + variance) - 2 * step_size * p)

    moved = solve_ivp(slope, (0.0, max(instants[-1], 1e-300)), start, "DOP853", instants, rtol=1e-9, atol=1e-14)
    return 0.5 * (spread @ moved.y + variance)


def largest_step(eigenvalues: ArrayLike, *, batch_size: int = 1) -> float:
    r"""The step size below which the expected risk stays bounded, and above which it grows without end.

    Parameters
    ----------
    eigenvalues : array_like
        λ, shape (d,), at least 0 and not all 0.
    batch_size : int
        B.

    Returns
    -------
    float
        γ, in the units of 1/λ.

    Raises
    ------
    ValueError
        As `moments`, and if all eigenvalues are 0.

    Notes
    -----
    The moments' matrix, a diagonal and a product of one positive vector with itself, has its largest eigenvalue below
    1 if and only if

    .. math:: \frac\gamma B\sum_j\frac{\lambda_j}{2-\gamma\lambda_j(1+1/B)}<1
              \quad\text{and all denominators are positive.}

    The sum exceeds γ tr(H)/(2B), so the step is below its limit in high dimension, 2B/tr(H).

    References
    ----------
    Paquette, Lee, Pedregosa and Paquette, "SGD in the large", arXiv:2102.04396, for the limit.

    Examples
    --------
    One row in one dimension: 3γ < 2, as :math:`Ea^4=3`.

    >>> round(largest_step([1.0]), 12)
    0.666666666667
    """
    values = _covariance(eigenvalues)
    batch_size = require_whole("batch_size", batch_size, 1, "a gradient needs a row")
    scale = values.max()
    if scale == 0:
        raise Refusal("all eigenvalues are 0: nothing moves, and every step size is stable.")
    shares, excess = values / scale, 1 + 1 / batch_size

    def growth(step: float) -> float:
        return float((step / batch_size * shares / (2 - step * excess * shares)).sum()) - 1

    pole = 2 / excess
    return float(brentq(growth, 0.0, pole * (1 - 1e-15), xtol=1e-15, rtol=1e-14)) / float(scale)


def _covariance(eigenvalues: ArrayLike) -> Array:
    values = real_array("eigenvalues", eigenvalues, 1)
    if (values < 0).any():
        raise Refusal(f"eigenvalues holds {values.min():g}: those of a covariance are at least 0.")
    return values


def _variance(residual: float) -> float:
    return require_at_least("residual", residual, 0, "it is a standard deviation") ** 2


def _squares(displacement: ArrayLike, spread: Array) -> Array:
    try:
        return np.broadcast_to(np.asarray(displacement, dtype=np.float64) ** 2, spread.shape).copy()
    except ValueError:
        raise Refusal(
            f"displacement has shape {np.shape(displacement)}: {spread.size} eigenvalues need ({spread.size},)."
        ) from None
