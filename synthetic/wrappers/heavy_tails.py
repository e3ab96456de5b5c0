r"""Gradient noise of heavy tails: Student's t and symmetric stable laws, independent on the coordinates.

Both have a tail index: the chance of an entry beyond t falls like :math:`t^{-a}`. There is a mean where a > 1, and a
variance where a > 2. They are made of the stream of standard normal numbers that Gaussian noise is made of: of a pair
(z, w) the length and the angle are independent, :math:`(z^2+w^2)/2` is exponential and the angle uniform.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from dynamics import implements, initial_point
from dynamics.checks import Refusal, require_positive, require_word
from dynamics.protocol.canonical import canonical
from dynamics.vectors.streams import take_normals
from dynamics.words import words
from synthetic.parts.information import info
from synthetic.wrappers.noise import AxisNoise, Noisy, draw_noise

Law = Literal["normal", "student", "stable"]


class StudentNoise(NamedTuple):
    """Student's t with any positive number of degrees of freedom, which is its tail index.

    Examples
    --------
    >>> StudentNoise(1.0, 3.0).freedom
    3.0
    """

    scale: np.ndarray  # shape (d,)
    freedom: float

    @property
    def words(self) -> str:
        """For `info`."""
        return f"noise of Student's t with {self.freedom:g} degrees of freedom"


class StableNoise(NamedTuple):
    r"""Symmetric stable noise, of the characteristic function :math:`\exp(-|cu|^a)`; a = 2 is Gaussian.

    Examples
    --------
    >>> StableNoise(1.0, 1.5).exponent
    1.5
    """

    scale: np.ndarray  # c, shape (d,)
    exponent: float  # a in (0, 2]

    @property
    def words(self) -> str:
        """For `info`."""
        return f"symmetric stable noise of index {self.exponent:g}"


@implements(draw_noise, StudentNoise)
def _(noise, stream, rng, out):
    # Bailey's polar method: with U = exp(-r²/2), sqrt(ν (U^(-2/ν) - 1)) times a cosine has Student's law.
    for j in range(len(out)):
        begin = take_normals(stream, rng, 2)
        first, second = stream.numbers[begin], stream.numbers[begin + 1]
        square = first * first + second * second
        longer = np.sqrt(noise.freedom * np.expm1(square / noise.freedom) / square) if square > 0.0 else 1.0
        out[j] = noise.scale[j] * longer * first


@implements(draw_noise, StableNoise)
def _(noise, stream, rng, out):
    # Chambers, Mallows and Stuck: an angle V, uniform on (-π/2, π/2), and an exponential number W.
    a = noise.exponent
    for j in range(len(out)):
        begin = take_normals(stream, rng, 4)
        z = stream.numbers[begin : begin + 4]
        angle = np.arctan(z[0] / z[1]) if z[1] != 0.0 else 0.0
        exponential = 0.5 * (z[2] * z[2] + z[3] * z[3])
        turned = np.sin(a * angle) / np.cos(angle) ** (1.0 / a)
        if a != 1.0:
            turned *= (np.cos((1.0 - a) * angle) / exponential) ** ((1.0 - a) / a) if exponential > 0.0 else 0.0
        out[j] = noise.scale[j] * turned


def noisy(problem: Any, *, law: Law = "normal", scale: Any = 1.0, tail: float | None = None) -> Noisy:
    r"""A problem whose gradients carry independent noise on each coordinate, of a law with heavy tails or without.

    Parameters
    ----------
    problem : NamedTuple
        With exact gradients, and an initial point or a minimiser that `info` knows.
    law : {"normal", "student", "stable"}
        "student" and "stable" have heavy tails.
    scale : float or array_like
        Positive, a number or shape (d,): the standard deviation of "normal"; what multiplies a number of Student's
        law; c in the characteristic function :math:`\exp(-|cu|^a)` of the "stable" one.
    tail : float, optional
        The tail index: degrees of freedom for "student", positive, 3 unless given; a in (0, 2] for "stable", 1.5
        unless given.

    Returns
    -------
    Noisy

    Raises
    ------
    ValueError
        For unknown laws, numbers outside these ranges, and a problem of which no point is known.

    Notes
    -----
    With a tail index of at most 1 there is no mean, and sampled gradients are not unbiased. The function of one draw is
    :math:`f(x)+e^\top(x-c)` with c the minimiser where it is known, else the initial point.

    References
    ----------
    Bailey, "Polar generation of random variates with the t-distribution", Math. Comp. 62 (1994).
    Chambers, Mallows and Stuck, "A method for simulating stable random variables", JASA 71 (1976).

    Examples
    --------
    >>> from dynamics import SGD, simulate
    >>> from synthetic import noisy, quadratic
    >>> problem = noisy(quadratic(eigenvalues=[1.0, 0.1]), law="student", tail=2.5, scale=0.1)
    >>> simulate(SGD(0.1), problem, steps=100, rng=0).status.name
    'MAX_ITERATIONS'
    """
    require_word("law", law, words(Law))
    known, start = info(problem).minimiser, initial_point(problem)
    centre = start if known is None else known
    if centre is None:
        raise Refusal(
            f"{type(problem).__name__} has no initial point, and no minimiser is known: add "
            f"@implements(initial_point, {type(problem).__name__})."
        )
    scales = np.asarray(scale, dtype=np.float64)
    if scales.shape not in ((), centre.shape) or not (scales > 0).all() or not np.isfinite(scales).all():
        raise Refusal(f"scale = {scale!r} must be positive, a number or of shape {centre.shape}.")
    made: Any = AxisNoise(scales + np.zeros_like(centre))
    if law == "normal" and tail is not None:
        raise Refusal(f"tail = {tail!r} would be ignored: normal noise has no heavy tails; try law = 'student'.")
    if law == "student":
        freedom = require_positive("tail", 3.0 if tail is None else tail, "it counts degrees of freedom")
        made = StudentNoise(made.deviation, freedom)
    elif law == "stable":
        exponent = require_positive("tail", 1.5 if tail is None else tail, "it is an exponent")
        if exponent > 2.0:
            raise Refusal(f"tail = {tail!r} must be at most 2, where a stable law is Gaussian; try 2.")
        made = StableNoise(made.deviation, exponent)
    return canonical(Noisy(problem, made, centre.astype(float)))
