"""Spectra of a prescribed condition number."""

from typing import Any, Literal

import numpy as np

from dynamics.checks import (
    Refusal,
    real_array,
    require_at_least,
    require_memory,
    require_positive,
    require_whole,
    require_word,
)
from dynamics.words import words

Spectrum = Literal["linear", "logarithmic", "two_point", "marchenko_pastur"]


def spectrum(
    kind: Spectrum,
    *,
    dimension: int,
    condition_number: float,
    largest: float = 1.0,
) -> np.ndarray:
    r"""Eigenvalues between :math:`\lambda_{\min}=\lambda_{\max}/\kappa` and :math:`\lambda_{\max}`, both attained.

    Parameters
    ----------
    kind : {"linear", "logarithmic", "two_point", "marchenko_pastur"}
        "linear": equal differences. "logarithmic": equal ratios. "two_point": the lower half of the entries (one fewer
        where d is odd) at the lower end, the others at the upper. "marchenko_pastur": quantiles of the
        Marchenko–Pastur law on this interval, at the levels 0, 1/(d−1), …, 1.
    dimension : int
        d, at least 2 unless κ = 1.
    condition_number : float
        κ, at least 1.
    largest : float
        λmax, positive.

    Returns
    -------
    numpy.ndarray
        Shape (d,), ascending.

    Raises
    ------
    ValueError
        For an unknown kind and for numbers outside these ranges.

    Notes
    -----
    The Marchenko–Pastur law of ratio q = d/n and variance σ² lives on σ²(1 ± √q)²; the condition number settles
    √q = (√κ − 1)/(√κ + 1) and λmax settles σ².

    References
    ----------
    Marchenko and Pastur, "Distribution of eigenvalues for some sets of random matrices" (1967).

    Examples
    --------
    >>> spectrum("linear", dimension=3, condition_number=4)
    array([0.25 , 0.625, 1.   ])
    >>> spectrum("logarithmic", dimension=3, condition_number=100)
    array([0.01, 0.1 , 1.  ])
    """
    require_word("spectrum", kind, words(Spectrum))
    dimension = require_whole("dimension", dimension, 1)
    condition_number = require_at_least(
        "condition_number", condition_number, 1, "it is the ratio of the largest eigenvalue to the least"
    )
    largest = require_positive("largest", largest)
    require_memory(f"dimension = {dimension}", 8.0 * dimension, "try a smaller one")
    if dimension == 1 and condition_number != 1:
        raise Refusal(
            f"dimension = 1 has one eigenvalue and so condition number 1, not {condition_number:g}; try dimension = 2."
        )
    least = largest / condition_number
    if kind == "linear":
        values = np.linspace(least, largest, dimension)
    elif kind == "logarithmic":
        values = np.geomspace(least, largest, dimension)
    elif kind == "two_point":
        values = np.where(np.arange(dimension) < dimension // 2, least, largest)
    else:
        values = marchenko_pastur_quantiles(np.linspace(0.0, 1.0, dimension), least, largest)
    values[0], values[-1] = least, largest
    return np.clip(values, least, largest)  # which rounding may have missed by an ulp


def marchenko_pastur_quantiles(levels: np.ndarray, least: float, largest: float) -> np.ndarray:
    r"""Quantiles of the Marchenko–Pastur law on [least, largest].

    Its density is proportional to :math:`\sqrt{(x-a)(b-x)}/x`. With :math:`x=(a+b)/2-((b-a)/2)\cos\theta` the
    distribution function is an elementary function of θ, which is inverted by bisection.

    Parameters
    ----------
    levels : ndarray
        Probabilities in [0, 1], shape (m,).
    least, largest : float
        The ends a < b of the support, positive.

    Returns
    -------
    numpy.ndarray
        Shape (m,).

    Examples
    --------
    >>> marchenko_pastur_quantiles([0.0, 1.0], 0.5, 2.0)
    array([0.5, 2. ])
    """
    levels = np.asarray(levels, dtype=np.float64)
    low, high = np.zeros_like(levels), np.full_like(levels, np.pi)
    total = _mass(np.pi, least, largest)
    for _ in range(60):
        middle = (low + high) / 2
        below = _mass(middle, least, largest) < levels * total
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    angle = np.where(levels >= 1.0, np.pi, np.where(levels <= 0.0, 0.0, (low + high) / 2))
    return least + (largest - least) * np.sin(angle / 2) ** 2


def _mass(angle: Any, least: float, largest: float) -> Any:
    r"""The integral of :math:`\sqrt{(x-a)(b-x)}/x` from a to the point at this angle.

    It is :math:`\int_0^\theta \frac{r^2\sin^2 s}{c-r\cos s}\,ds = c\theta + r\sin\theta
    - 2\sqrt{ab}\,\arctan\!\big(\sqrt{b/a}\,\tan(\theta/2)\big)`, with c and r the centre and radius of the support.
    """
    centre, radius = (largest + least) / 2, (largest - least) / 2
    turned = np.arctan2(np.sqrt(largest) * np.sin(angle / 2), np.sqrt(least) * np.cos(angle / 2))
    return centre * angle + radius * np.sin(angle) - 2.0 * np.sqrt(least * largest) * turned


def given_or_logarithmic(eigenvalues: Any, dimension: int | None, condition_number: float | None) -> np.ndarray:
    """The eigenvalues that are given, or else a logarithmic spectrum of that dimension and condition number.

    Examples
    --------
    >>> given_or_logarithmic(None, 3, 100.0)
    array([0.01, 0.1 , 1.  ])
    """
    if eigenvalues is None:
        return spectrum(
            "logarithmic",
            dimension=2 if dimension is None else dimension,
            condition_number=10.0 if condition_number is None else condition_number,
        )
    for name, given in (("dimension", dimension), ("condition_number", condition_number)):
        if given is not None:
            raise Refusal(f"{name} = {given} with eigenvalues: the eigenvalues settle it; leave one of them out.")
    return real_array("eigenvalues", eigenvalues, 1)
