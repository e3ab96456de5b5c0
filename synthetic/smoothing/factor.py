"""What smoothing leaves of a cosine: the factor by which averaging over a ball or a Gaussian shrinks it."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal, real_numbers, require_memory, require_whole, require_word
from dynamics.words import words

Array = NDArray[np.float64]
Smoothing = Literal["ball", "gaussian"]  # the law of the shifts

# Above this dimension scipy's hyp0f1 overflows (dimension 353, s = 0.05 gives NaN); the quadrature that
# replaces it converges faster the larger the dimension is.
_LARGEST_SERIES_DIMENSION = 31


def attenuation(dimension: int, s: ArrayLike, *, noise: Smoothing = "ball") -> Array:
    r"""Factor by which smoothing shrinks a cosine ridge.

    A function :math:`\cos(k^\top x+\varphi)` that is averaged over :math:`x-\delta u` becomes
    :math:`A\cos(k^\top x+\varphi)`; the phase stays.

    Parameters
    ----------
    dimension : int
        Dimension d of the space, at least 1.
    s : array_like
        :math:`s=\|k\|\,|\delta|`, wave number times noise level (a pure number), any shape.
    noise : {"ball", "gaussian"}
        Law of u: uniform in the unit ball, or normal with the identity as covariance, where d is immaterial.

    Returns
    -------
    ndarray
        A, of the shape of `s`; absolute error of a few rounding units.

    Raises
    ------
    ValueError
        If `dimension` is not a whole number above 0, `s` is not finite, or `noise` has another name.

    Notes
    -----
    .. math:: A_{ball}=\Gamma(\tfrac d2+1)\,(2/s)^{d/2}J_{d/2}(s)={}_0F_1(;\tfrac d2+1;-\tfrac{s^2}4),
        \qquad A_{gauss}=e^{-s^2/2}.

    From dimension 32 on the ball's factor is computed as the mean of :math:`\cos(s\sin\varphi)` under the
    weight :math:`\cos^d\varphi`, by the trapezoidal rule on a full period.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, Definition 2.1 (the smoothed function, without these closed forms).

    Examples
    --------
    >>> float(attenuation(1, 2.0).round(6)), float(np.round(np.sin(2.0) / 2.0, 6))
    (0.454649, 0.454649)
    >>> attenuation(50, [0.0, 5.0]).round(6)
    array([1.      , 0.785475])
    >>> float(attenuation(50, 1.0, noise="gaussian").round(6))
    0.606531
    """
    dimension = require_whole("dimension", dimension, 1, "a ball has a dimension")
    require_word("noise", noise, words(Smoothing))
    frequency = np.abs(real_numbers("s", s))
    if not np.all(np.isfinite(frequency)):
        raise Refusal("s holds NaN or infinity; wave number times noise level must be finite.")
    if noise == "gaussian":
        return np.exp(-0.5 * frequency**2)
    if dimension <= _LARGEST_SERIES_DIMENSION:
        from scipy.special import hyp0f1

        return np.asarray(hyp0f1(dimension / 2 + 1, -0.25 * frequency**2))
    return _attenuation_by_quadrature(int(dimension), frequency)


def _attenuation_by_quadrature(dimension: int, frequency: Array) -> Array:
    # The integrand's Fourier coefficients are negligible beyond s from the cosine plus 13 sqrt(d) from
    # the weight. Angles are counted from the equator, where the weight sits, so that s sin keeps its digits;
    # by symmetry a quarter of the period is enough.
    highest = float(frequency.max(initial=0.0)) + 13 * math.sqrt(dimension)
    nodes = math.ceil(highest / 4) + 32
    require_memory(f"the factor at s = {highest:.3g}", 3.0 * nodes * max(frequency.size, 1), "try smaller ones")
    coordinate = np.sin((np.arange(nodes) + 0.5) * (math.pi / 2 / nodes))
    weight = np.exp(0.5 * dimension * np.log1p(-(coordinate**2)))
    return np.asarray(np.cos(frequency[..., np.newaxis] * coordinate) @ (weight / weight.sum()))
