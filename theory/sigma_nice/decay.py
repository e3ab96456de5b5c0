"""How far a strongly convex region may exceed the noise level, and how fast the noise may then decay."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal, real_numbers, require_broadcast

__all__ = ["decay_rate_band", "least_radius", "required_decay_rate"]

Array = NDArray[np.float64]


def decay_rate_band(delta: ArrayLike, r: ArrayLike) -> tuple[Array, Array]:
    r"""Range of the factor d by which the strongly convex region may exceed the noise level.

    Parameters
    ----------
    delta : array_like
        Noise level δ, in the units of x; its sign does not matter. δ = 0 gives infinity at both ends.
    r : array_like
        Radius of the ball about the minimiser on which the loss is strongly convex, in the units of x;
        above 0. Broadcasts with `delta`.

    Returns
    -------
    low, high : ndarray
        The ends of the range.

    Raises
    ------
    ValueError
        If `r` is not positive and finite, or `delta` is not finite.

    Notes
    -----
    .. math:: \sqrt{1+r^2/\delta^2}\;\le\;d\;\le\;1+r/|\delta|,

    which is the paper's :math:`a/\sqrt{a^2-1}\le d\le a/(a-1)` with the auxiliary :math:`a=d|\delta|/r`
    eliminated at each end.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, equation (8).

    Examples
    --------
    >>> low, high = decay_rate_band(1.0, 0.75)
    >>> float(low), float(high)
    (1.25, 1.75)
    """
    level, radius = _level_and_radius(delta, r)
    with np.errstate(divide="ignore"):
        return np.hypot(level, radius) / level, 1 + radius / level


def required_decay_rate(delta: ArrayLike, r: ArrayLike) -> tuple[Array, Array]:
    r"""Least decay rate γ with which the noise level may have fallen to δ, at both ends of the range of d.

    Parameters
    ----------
    delta : array_like
        The noise level that is reached, :math:`\delta_{m+1}`, in the units of x; its sign does not matter.
    r : array_like
        Radius of strong convexity, in the units of x; above 0. Only r/δ enters.

    Returns
    -------
    lenient, strict : ndarray
        1/d for the largest and for the smallest d of `decay_rate_band`.

    Raises
    ------
    ValueError
        If `r` is not positive and finite, or `delta` is not finite.

    Notes
    -----
    The next minimiser stays in the current region if :math:`\gamma_m=\delta_{m+1}/\delta_m\ge1/d_{m+1}`, with

    .. math:: \frac{|\delta|}{|\delta|+r}\;\le\;\frac1d\;\le\;\frac{|\delta|}{\sqrt{\delta^2+r^2}} .

    In terms of the levels: the lenient end says :math:`\delta_m-\delta_{m+1}\le r`, the strict end
    :math:`\delta_m^2-\delta_{m+1}^2\le r^2`.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, Proposition 3.2 (ii) and equation (8).

    Examples
    --------
    >>> lenient, strict = required_decay_rate(1.0, 0.75)
    >>> round(float(lenient), 6), float(strict)
    (0.571429, 0.8)
    """
    level, radius = _level_and_radius(delta, r)
    return level / (level + radius), level / np.hypot(level, radius)


def least_radius(levels: ArrayLike) -> tuple[float, float]:
    r"""Smallest radius of strong convexity with which a sequence of noise levels decays slowly enough.

    Parameters
    ----------
    levels : array_like, shape (M,)
        Noise levels in order, none negative, none above the one before it; a final 0 stands for the loss itself.

    Returns
    -------
    lenient, strict : float
        Least r, in the units of the levels, for the two ends of `required_decay_rate`.

    Raises
    ------
    ValueError
        If there are fewer than two levels, one is negative or not finite, or a level exceeds the one before it.

    Notes
    -----
    .. math:: r_{lenient}=\max_m(\delta_m-\delta_{m+1}),\qquad r_{strict}^2=\max_m(\delta_m^2-\delta_{m+1}^2) .

    Since the drops add up to the first level, M drops to 0 need at least :math:`\delta_1/M`, which polynomial
    decay with power 1 attains, and at least :math:`\delta_1/\sqrt M` at the strict end, which power 1/2 attains.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, Proposition 3.2 (ii) and equation (8), solved for the radius.

    Examples
    --------
    >>> least_radius([1.0, 0.75, 0.5, 0.25, 0.0])[0]
    0.25
    >>> round(least_radius([1.0, 0.75, 0.5, 0.25, 0.0])[1], 6)
    0.661438
    """
    sequence = real_numbers("levels", levels)
    if sequence.ndim != 1 or sequence.size < 2:
        raise Refusal(f"levels has shape {sequence.shape}; a decay needs one axis of 2 or more.")
    if not np.all(np.isfinite(sequence) & (sequence >= 0)):
        raise Refusal("levels holds a negative or non-finite number; a noise level is 0 or above.")
    drops = -np.diff(sequence)
    if drops.min() < 0:
        raise Refusal(f"levels rises by {-drops.min():g}; equation (8) is about levels that fall: sort them.")
    return float(drops.max()), float(np.sqrt((drops * (sequence[:-1] + sequence[1:])).max()))


def _level_and_radius(delta: ArrayLike, r: ArrayLike) -> tuple[Array, Array]:
    level, radius = np.abs(real_numbers("delta", delta)), real_numbers("r", r)
    require_broadcast(delta=level, r=radius)
    if not np.all(np.isfinite(level)):
        raise Refusal("delta holds NaN or infinity; a noise level is a finite number.")
    if not np.all((radius > 0) & np.isfinite(radius)):
        raise Refusal(f"r is {r!r}; equation (8) needs a positive, finite radius of strong convexity.")
    return level, radius
