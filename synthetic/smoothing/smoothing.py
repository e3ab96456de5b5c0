r"""Smoothed problems, :math:`\hat f_\delta(x)=\mathbb E_u f(x-\delta u)`: in closed form or over fixed shifts."""

from typing import Any

import numpy as np

from dynamics import implements, initial_point
from dynamics.checks import (
    Refusal,
    as_generator,
    require_finite,
    require_memory,
    require_real,
    require_whole,
    require_word,
)
from dynamics.kernels.generic import generic
from dynamics.protocol.canonical import canonical
from dynamics.words import words
from synthetic.landscapes.cosines import QuadraticCosine
from synthetic.quadratics.least_squares import LeastSquares
from synthetic.quadratics.quadratic_forms import DiagonalQuadratic, Quadratic
from synthetic.smoothing.factor import Smoothing, attenuation
from synthetic.wrappers.averaged import Averaged, AveragedWork
from synthetic.wrappers.noise import Noisy
from synthetic.wrappers.raised import Raised

DIRECTIONS = 64


def smoothed(
    problem: Any, delta: float, noise: Smoothing = "ball", *, directions: int | None = None, rng: Any = None
) -> Any:
    r"""Smooth a problem over a ball or a Gaussian.

    .. math:: \hat f_\delta(x)=\mathbb E_u\,f(x-\delta u)

    In closed form for quadratics (:math:`\frac12\delta^2\operatorname{tr}H\;\mathbb E u_1^2` is added, where
    :math:`\mathbb E u_1^2` is 1/(d+2) for the ball and 1 for the Gaussian) and for a quadratic with cosines, such as
    Rastrigin's function (which are multiplied by `synthetic.smoothing.factor.attenuation` besides). Any other problem
    is replaced by its mean over fixed random shifts, the same at every x, which is smooth itself and unbiased for
    :math:`\hat f_\delta`.

    Parameters
    ----------
    problem : NamedTuple
        A problem. On mini-batches, the constant that a quadratic gains is that of the whole sum.
    delta : float
        δ, in the units of x, finite; its sign does not matter.
    noise : {"ball", "gaussian"}
        The law of u: "ball", uniform in the unit ball, or "gaussian", N(0, I).
    directions : int, optional
        How many shifts are drawn, in pairs u, -u: an even number. None: the closed form where there is one, and 64
        shifts elsewhere. A number averages over shifts even where there is a closed form.
    rng : int, SeedSequence, Generator or None
        An int, a SeedSequence, a Generator or None; draws the shifts.

    Returns
    -------
    QuadraticCosine, Raised, Noisy or Averaged
        The smoothed problem, which starts where `problem` does.

    Raises
    ------
    ValueError
        If `delta` is not finite, `noise` is another word, `directions` is odd or below 2, or the dimension of a user's
        own problem is not known.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, Definition 2.1.

    Examples
    --------
    >>> from synthetic import info, quadratic, value
    >>> value(smoothed(quadratic(eigenvalues=[1.0, 3.0]), 2.0), [0.0, 0.0])
    2.0
    >>> from synthetic.landscapes.cosines import rastrigin
    >>> info(smoothed(rastrigin(), 0.5)).strong_convexity.__round__(9)
    2.0
    """
    delta = require_real("delta", delta)
    require_finite("delta", np.full(1, delta))
    problem = canonical(problem)
    start = require_smoothing(problem, noise, directions)
    exact = in_closed_form(problem, abs(delta), noise) if directions is None else None
    if exact is not None:
        return canonical(exact)
    return canonical(_averaged(problem, delta * drawn_directions(start.size, noise, directions, rng)))


def require_smoothing(problem: Any, noise: Smoothing, directions: int | None) -> np.ndarray:
    """Where the problem starts, which says its dimension; refuses another law, an odd number of shifts and no start."""
    require_word("noise", noise, words(Smoothing))
    if directions is not None:
        directions = require_whole("directions", directions, 2, "shifts are drawn in pairs u, -u")
        if directions % 2:
            raise Refusal(
                f"directions = {directions} must be even: shifts are drawn in pairs u, -u; try {directions + 1}."
            )
    start = initial_point(problem)
    if start is None:
        raise Refusal(
            f"{type(problem).__name__} has no initial_point, which says in what dimension shifts are drawn: write it "
            f"with @implements(initial_point, {type(problem).__name__})."
        )
    if directions is not None:
        require_memory(f"directions = {directions}", 4.0 * directions * start.size, "try fewer")
    return start


@generic(default=None)
def in_closed_form(problem, delta, noise):
    """Return the problem smoothed by δ ≥ 0 in closed form, or None where there is none."""


def _raised(problem, delta, noise):
    height = 0.5 * delta**2 * problem.eigenvalues.sum() * _second_moment(problem.minimiser.size, noise)
    return Raised(problem, float(height))


for _kind in (DiagonalQuadratic, Quadratic, LeastSquares):
    implements(in_closed_form, _kind)(_raised)


@implements(in_closed_form, QuadraticCosine)
def _(problem, delta, noise):
    a, c, omega, offset, start = problem
    d = start.size
    factor = float(attenuation(d, omega * delta, noise=noise))
    # c(1 − A cos) is cA(1 − cos) and c(1 − A) besides.
    gained = 0.5 * a * delta**2 * _second_moment(d, noise) + c * (1.0 - factor)
    return problem._replace(amplitude=c * factor, offset=offset + d * gained)


@implements(in_closed_form, Noisy)
def _(problem, delta, noise):
    # Noise adds a linear function, whose mean over a symmetric law is itself.
    exact = in_closed_form(problem.problem, delta, noise)
    return None if exact is None else problem._replace(problem=exact)


def _second_moment(dimension, noise):
    """The mean of a coordinate's square."""
    return 1.0 / (dimension + 2) if noise == "ball" else 1.0


def drawn_directions(dimension: int, noise: Smoothing, count: int | None, rng: Any) -> np.ndarray:
    """Draws of u in pairs u, −u, shape (count, dimension): odd powers then average to zero, as in the law itself."""
    rng, half = as_generator(rng), (count or DIRECTIONS) // 2
    shifts = rng.standard_normal((half, dimension))
    if noise == "ball":
        radius = rng.random((half, 1)) ** (1.0 / dimension)
        shifts *= radius / np.linalg.norm(shifts, axis=1, keepdims=True)
    return np.concatenate([shifts, -shifts])


def _averaged(problem, shifts):
    if isinstance(problem, Noisy):
        return problem._replace(problem=_averaged(problem.problem, shifts))
    d = shifts.shape[1]
    return Averaged(problem, shifts, AveragedWork(np.zeros(d), np.zeros(d)))
