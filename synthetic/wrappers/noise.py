r"""Additive gradient noise on any problem, Gaussian here and of heavy tails in `heavy_tails`.

The function of one draw is :math:`f(x;e)=f(x)+e^\top(x-c)`, so that its gradient is :math:`\nabla f(x)+e`.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    blocks,
    draw,
    gradient,
    hessian,
    hessian_product,
    implements,
    initial_point,
    mean_curved_gradient,
    new_sample,
    runs_in_lanes,
    sampled_gradient,
    sampled_value_and_gradient,
    samples_in_lanes,
    value,
    value_and_gradient,
)
from dynamics.checks import KindRefusal, Refusal, shown
from dynamics.kernels.declarations import always, wraps
from dynamics.kernels.generic import generic
from dynamics.protocol.coordinates import separable, slope
from dynamics.protocol.oracle import gauss_newton_product, sampled_hessian_product
from dynamics.vectors.blocks import block_of
from dynamics.vectors.roundings import plus, product
from dynamics.vectors.streams import Stream, new_stream, take_normals
from synthetic.parts.information import info


class AxisNoise(NamedTuple):
    """Independent Gaussian noise on the coordinates.

    Examples
    --------
    >>> from synthetic import quadratic
    >>> quadratic(eigenvalues=[1.0, 2.0], noise=0.5).noise.deviation
    array([0.5, 0.5])
    """

    deviation: np.ndarray  # standard deviations, shape (d,)


class DenseNoise(NamedTuple):
    """Gaussian noise of the covariance factor · factorᵀ.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import quadratic
    >>> DenseNoise(np.eye(2)).factor.shape
    (2, 2)
    """

    factor: np.ndarray  # shape (d, d)


class NoiseVector(NamedTuple):
    """A drawn noise vector e."""

    noise: np.ndarray  # shape (d,)
    stream: Stream  # of the standard normal numbers that it is made of


class Noisy(NamedTuple):
    """A problem whose gradient is seen through additive noise.

    Examples
    --------
    >>> from synthetic import quadratic
    >>> isinstance(quadratic(eigenvalues=[1.0, 2.0], noise=0.5), Noisy)
    True
    """

    problem: Any
    noise: Any  # AxisNoise, DenseNoise, StudentNoise or StableNoise
    centre: np.ndarray  # c, where noise leaves the value alone, shape (d,)

    def check(self) -> None:
        """Refuse noise of another dimension."""
        if not draw_noise.has(type(self.noise)):
            known = "AxisNoise, DenseNoise, StudentNoise or StableNoise"
            raise KindRefusal(f"noise = {shown(self.noise)} must be {known}.")
        d = self.centre.size
        start = initial_point(self.problem)
        noise = self.noise[0].shape
        if noise not in ((d,), (d, d)) or self.centre.ndim != 1 or (start is not None and start.size != d):
            raise Refusal(
                f"noise has shape {noise}, centre {self.centre.shape} and the start of {type(self.problem).__name__} "
                f"{None if start is None else start.shape}: they must be of one dimension."
            )


@generic()
def draw_noise(noise, stream, rng, out):
    """Write a noise vector of this law, made of the stream's standard normal numbers."""


@implements(draw_noise, AxisNoise)
def _(noise, stream, rng, out):
    begin = take_normals(stream, rng, len(out))
    for j in range(len(out)):
        out[j] = noise.deviation[j] * stream.numbers[begin + j]


@implements(draw_noise, DenseNoise)
def _(noise, stream, rng, out):
    begin = take_normals(stream, rng, len(out))
    for i in range(len(out)):
        total = 0.0
        for j in range(len(out)):
            total += noise.factor[i, j] * stream.numbers[begin + j]
        out[i] = total


wraps(
    Noisy,
    hands_on=(
        value,
        gradient,
        value_and_gradient,
        hessian_product,
        gauss_newton_product,
        hessian,
        initial_point,
        blocks,
    ),
    asks={
        draw: (),
        sampled_gradient: (gradient,),
        sampled_value_and_gradient: (value_and_gradient,),
        sampled_hessian_product: (hessian_product,),
        mean_curved_gradient: (gradient, hessian_product),
        new_sample: (),
        samples_in_lanes: (),
    },
)


@implements(draw, Noisy)
def _(problem, rng, sample):
    draw_noise(problem.noise, sample.stream, rng, sample.noise)


@implements(sampled_gradient, Noisy)
def _(problem, x, sample, out):
    gradient(problem.problem, x, out)
    for j in range(len(x)):
        out[j] += sample.noise[j]


@implements(sampled_value_and_gradient, Noisy)
def _(problem, x, sample, out):
    total = value_and_gradient(problem.problem, x, out)
    for j in range(len(x)):
        out[j] += sample.noise[j]
        total += sample.noise[j] * (x[j] - problem.centre[j])
    return total


@implements(sampled_hessian_product, Noisy)
def _(problem, x, v, sample, out):
    hessian_product(problem.problem, x, v, out)  # noise adds a linear function


@implements(mean_curved_gradient, Noisy)
def _(problem, x, out):
    # The one summand is the whole: noise in the gradient has mean 0 and leaves the Hessian alone.
    g = np.empty_like(x)
    gradient(problem.problem, x, g)
    hessian_product(problem.problem, x, g, out)


@implements(runs_in_lanes, Noisy)
def _(thing):
    return runs_in_lanes(thing.problem) and isinstance(thing.noise, AxisNoise)


always(samples_in_lanes, Noisy)


@implements(separable, Noisy)
def _(problem):
    return isinstance(problem.noise, AxisNoise) and slope.has(type(problem.problem))


@implements(slope, Noisy)
def _(problem, x, normal, j):
    noise = product(block_of(problem.noise.deviation, j, len(problem.centre)), normal)
    return plus(slope(problem.problem, x, normal, j), noise)


@implements(new_sample, Noisy)
def _(problem):
    return NoiseVector(np.zeros_like(problem.centre), new_stream(problem.centre.size))


@implements(info, Noisy)
def _(problem):
    exact, law = info(problem.problem), getattr(problem.noise, "words", "Gaussian noise")
    return replace(exact, notes=(*exact.notes, f"gradients carry additive {law}"))
