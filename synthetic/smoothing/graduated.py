"""A problem together with its smoothed versions, through which a method can lead a run."""

from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    batch_summands,
    blocks,
    draw,
    gradient,
    implements,
    initial_point,
    new_sample,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.checks import Refusal, real_array
from dynamics.kernels.declarations import always, wraps
from dynamics.protocol.canonical import canonical
from dynamics.protocol.graduation import graduate
from synthetic.parts.information import info
from synthetic.smoothing.factor import Smoothing
from synthetic.smoothing.levels import (
    MeanLevels,
    level_terms,
    level_value_and_gradient,
    levels_in_closed_form,
    require_levels,
)
from synthetic.smoothing.smoothing import drawn_directions, require_smoothing
from synthetic.wrappers.averaged import AveragedWork
from synthetic.wrappers.noise import Noisy


class Graduated(NamedTuple):
    """A problem whose sampled gradient is that of its current smoothed version; `graduated` makes it.

    Examples
    --------
    >>> from synthetic import graduated, quadratic_cosine
    >>> isinstance(graduated(quadratic_cosine(), [0.2, 0.1]), Graduated)
    True
    """

    levels: Any  # of a class in synthetic.smoothing.levels
    degrees: np.ndarray  # δ, falling to 0, shape (M + 1,)

    def check(self) -> None:
        """Refuse levels of another number than the degrees."""
        require_levels(self.levels, self.degrees.size)


class Level(NamedTuple):
    """Which smoothed version is current."""

    number: np.ndarray  # counted from 0, shape (1,)


def graduated(
    problem: Any, degrees: Any, noise: Smoothing = "ball", *, directions: int | None = None, rng: Any = None
) -> Graduated:
    r"""Give a problem its versions smoothed to falling degrees.

    .. math:: \hat f_{\delta_m}(x)=\mathbb E_u\,f(x-\delta_mu),\qquad\delta_1>\dots>\delta_M>\delta_{M+1}=0

    What a method sees as sampled gradient is that of one of them, the first until the method goes on; what is recorded
    is the problem itself. In closed form where `smoothed` has one; elsewhere all degrees share their random directions,
    so that nothing but the degree changes from one to the next.

    Parameters
    ----------
    problem : NamedTuple
        A problem, whose mini-batches and noise are left aside.
    degrees : array_like
        δ₁, δ₂, ..., positive and falling, in the units of x; a 0 at the end may be there or not.
        `theory.sigma_nice.ladder` gives the paper's.
    noise, directions, rng
        The law of u, how many shifts are drawn, and the generator; see `smoothed`.

    Returns
    -------
    Graduated
        The problem and its smoothed versions.

    Raises
    ------
    ValueError
        If the degrees don't fall, and for whatever `smoothed` refuses.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, Definition 2.1 and Algorithm 1.

    Examples
    --------
    >>> from synthetic import rastrigin
    >>> graduated(rastrigin(), [1.0, 0.5]).levels.amplitudes.round(3) + 0.0
    array([ 0.,  0., 10.])
    """
    steps = _falling(real_array("degrees", degrees, 1))
    problem = canonical(problem)
    while isinstance(problem, Noisy):
        problem = problem.problem
    start = require_smoothing(problem, noise, directions)
    levels = levels_in_closed_form(problem, steps, noise) if directions is None else None
    if levels is None:
        shifts = drawn_directions(start.size, noise, directions, rng)
        levels = MeanLevels(problem, shifts, steps, AveragedWork(np.zeros(start.size), np.zeros(start.size)))
    return canonical(Graduated(levels, steps))


def _falling(degrees):
    """The degrees, with a 0 at their end."""
    steps = degrees if degrees[-1] == 0.0 else np.append(degrees, 0.0)
    if len(steps) < 2 or (np.diff(steps) >= 0.0).any():
        raise Refusal(
            f"degrees = {degrees.tolist()} must be positive and fall, each below the one before: graduated "
            f"optimisation goes from the smoothest version to the problem itself; sort them."
        )
    return steps


wraps(
    Graduated,
    inside="levels.problem",
    hands_on=(value_and_gradient, value, gradient, summands, initial_point, blocks, info),
    asks={draw: (), graduate: (), new_sample: (), sampled_value_and_gradient: (value_and_gradient,)},
)
always(draw, Graduated, answer=None)


@implements(graduate, Graduated)
def _(problem, sample, stage):
    sample.number[0] = min(stage, len(problem.degrees) - 1)


@implements(sampled_value_and_gradient, Graduated)
def _(problem, x, sample, out):
    return level_value_and_gradient(problem.levels, sample.number[0], x, out)


@implements(new_sample, Graduated)
def _(problem):
    return Level(np.zeros(1, dtype=np.int64))


@implements(batch_summands, Graduated)
def _(problem, sample):
    return level_terms(problem.levels, sample.number[0])
