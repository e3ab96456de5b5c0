"""Noise levels: the degree of smoothing of SGD, and the ladder of levels that graduated optimisation descends."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import (
    Refusal,
    real_numbers,
    require_broadcast,
    require_memory,
    require_positive,
    require_real,
    require_whole,
)

__all__ = ["ladder", "noise_level"]

Array = NDArray[np.float64]


def noise_level(step_size: ArrayLike, C: ArrayLike, batch_size: ArrayLike) -> Array:
    r"""Degree of smoothing of SGD: the root mean square length of its noise in one step.

    Parameters
    ----------
    step_size : array_like
        η, not negative.
    C : array_like
        Root of the variance of one sample's gradient, in the units of a gradient, not negative.
    batch_size : array_like
        b, at least 1; it need not be whole. All three broadcast.

    Returns
    -------
    ndarray
        δ, in the units of x.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    .. math:: \delta=\eta C/\sqrt b .

    A uniform point of the ball of radius δ has a mean square of :math:`\delta^2d/(d+2)`, not :math:`\delta^2`:
    the ball that smooths a quadratic as SGD's noise does has the radius :math:`\delta\sqrt{1+2/d}`.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, equation (6) and section 3.3.

    Examples
    --------
    >>> noise_level(0.1, 20.0, [1, 4, 16])
    array([2. , 1. , 0.5])
    """
    named = {"step_size": step_size, "C": C, "batch_size": batch_size}
    eta, deviation, batch = (real_numbers(name, value) for name, value in named.items())
    require_broadcast(step_size=eta, C=deviation, batch_size=batch)
    for name, value, allowed, least in (
        ("step_size", eta, eta >= 0, "0 or above"),
        ("C", deviation, deviation >= 0, "0 or above: it is a standard deviation"),
        ("batch_size", batch, batch >= 1, "1 or above: (A4) averages over at least one sample"),
    ):
        if not np.all(allowed & np.isfinite(value)):
            raise Refusal(f"{name} is {value.tolist()!r}; it must be finite and {least}.")
    return np.asarray(eta * deviation / np.sqrt(batch))


def ladder(delta1: float, levels: int, power: float) -> Array:
    r"""Noise levels of graduated optimisation, down to the loss itself.

    Parameters
    ----------
    delta1 : float
        First noise level, in the units of x; its sign does not matter.
    levels : int
        Number M of smoothed functions, at least 1.
    power : float
        p, above 0; the paper asks for p at most 1.

    Returns
    -------
    ndarray of shape (levels + 1,)
        :math:`|\delta_1|,\dots,|\delta_M|` and :math:`\delta_{M+1}=0`.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    The decay rates :math:`\gamma_m=(M-m)^p/(M-m+1)^p` multiply to polynomial decay,

    .. math:: \delta_m=\delta_1\Big(1-\frac{m-1}M\Big)^p,\qquad\delta_M=\delta_1M^{-p} .

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, Algorithms 1 and 3; the rates are those of the authors' code.

    Examples
    --------
    >>> ladder(2.0, 4, 1.0)
    array([2. , 1.5, 1. , 0.5, 0. ])
    """
    levels = require_whole("levels", levels, 1, "graduated optimisation needs a smoothed function")
    require_memory(f"levels = {levels}", 4 * levels, "try 5")
    first = abs(require_real("delta1", delta1))
    if not np.isfinite(first):
        raise Refusal(f"delta1 is {delta1!r}; a noise level is a finite number.")
    power = require_positive("power", power, "or the levels would not decay")
    return first * (1 - np.arange(levels + 1) / levels) ** power
