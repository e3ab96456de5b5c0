"""Convex sets, and the projection on them in a metric of its own weight for each coordinate."""

from typing import NamedTuple

import numpy as np

from dynamics.checks import Refusal, real_numbers, require_positive
from dynamics.kernels.generic import generic, implements

_LARGEST = float(np.finfo(np.float64).max)


class Everywhere(NamedTuple):
    """The whole space: no constraint.

    Examples
    --------
    >>> from dynamics import ARSG
    >>> ARSG(0.1).constraint == Everywhere()
    True
    """


class Box(NamedTuple):
    r"""The box :math:`l_j\le x_j\le u_j`; `box` makes it of numbers too.

    Parameters
    ----------
    lower, upper : ndarray
        l and u, shape (d,), or (1,) for the same bound in each coordinate.

    Examples
    --------
    >>> from dynamics import box
    >>> box(-1.0, 2.0).upper
    array([2.])
    """

    lower: np.ndarray
    upper: np.ndarray

    def check(self) -> None:
        """Refuse bounds that are no vectors, or that leave nothing between them."""
        for name in self._fields:
            if np.ndim(getattr(self, name)) != 1:
                raise Refusal(f"Box.{name} = {getattr(self, name)} must be an array of shape (d,) or (1,); try box.")
        if len({len(self.lower), len(self.upper), 1}) > 2 or not (self.lower <= self.upper).all():
            raise Refusal(
                f"lower = {self.lower} and upper = {self.upper} hold no point between them: a box needs bounds of one "
                f"shape with lower at most upper in each coordinate."
            )


class Ball(NamedTuple):
    r"""The Euclidean ball :math:`\|x-c\|\le r`.

    Parameters
    ----------
    radius : float
        r > 0.
    center : ndarray
        c, shape (d,), or (1,) for the same number in each coordinate.

    Examples
    --------
    >>> import numpy as np
    >>> Ball(2.0, np.array([0.0])).radius
    2.0
    """

    radius: float
    center: np.ndarray = np.zeros(1)

    def check(self) -> None:
        """Refuse a radius that is not positive, and a center that is no vector."""
        require_positive("radius", self.radius, "a ball of radius 0 leaves nothing to search")
        if np.ndim(self.center) != 1:
            raise Refusal(f"Ball.center = {self.center} must be an array of shape (d,) or (1,); try [{self.center}].")


def box(lower: float | np.ndarray, upper: float | np.ndarray) -> Box:
    """Make the box between two bounds, numbers or arrays of shape (d,); an infinite bound leaves its side open.

    Examples
    --------
    >>> box(-1.0, 1.0).lower
    array([-1.])
    """
    bounds = (np.atleast_1d(real_numbers(name, bound)) for name, bound in (("lower", lower), ("upper", upper)))
    return Box(*(np.clip(bound, -_LARGEST, _LARGEST) for bound in bounds))


def require_dimension(constraint: Everywhere | Box | Ball, dimension: int) -> None:
    """Refuse a set that does not lie in the space of `dimension` coordinates.

    Examples
    --------
    >>> require_dimension(Ball(1.0, np.zeros(3)), 2)
    Traceback (most recent call last):
    dynamics.checks.Refusal: Ball.center has shape (3,), and the iterate has 2 coordinates: give shape (2,) or (1,).
    """
    for name, array in constraint._asdict().items():
        if np.ndim(array) and len(array) not in (1, dimension):
            raise Refusal(
                f"{type(constraint).__name__}.{name} has shape {array.shape}, and the iterate has {dimension} "
                f"coordinates: give shape ({dimension},) or (1,)."
            )


@generic()
def project(constraint, x, squares):
    r"""Move `x` to the point y of the set with the least :math:`\sum_j\sqrt{q_j}\,(y_j-x_j)^2`, q the squares."""


@implements(project, Everywhere)
def _(constraint, x, squares):
    pass


@implements(project, Box)
def _(constraint, x, squares):
    """Coordinates don't meet in a box, so their weights don't matter."""
    lower, upper = constraint.lower, constraint.upper
    for j in range(len(x)):
        x[j] = min(max(x[j], lower[min(j, len(lower) - 1)]), upper[min(j, len(upper) - 1)])


@implements(project, Ball)
def _(constraint, x, squares):
    r"""With s the weights and u the way from the center, y - c has the entries s u / (s + λ) for some λ ≥ 0.

    The inverse of its length is concave in λ, so Newton's method on that rises to the root from λ = 0 without passing
    it; with equal weights it is linear and one step is enough.
    """
    center, radius = constraint.center, constraint.radius
    multiplier = 0.0
    for _ in range(100):
        square = slope = 0.0
        for j in range(len(x)):
            weight = np.sqrt(squares[j])
            entry = (x[j] - center[min(j, len(center) - 1)]) * weight / (weight + multiplier)
            square += entry * entry
            slope += entry * entry / (weight + multiplier)
        length = np.sqrt(square)
        following = multiplier + (square * (length - radius) / (radius * slope) if length > radius else 0.0)
        if not following > multiplier:
            break
        multiplier = following
    if multiplier > 0.0:
        for j in range(len(x)):
            c, weight = center[min(j, len(center) - 1)], np.sqrt(squares[j])
            x[j] = c + (x[j] - c) * weight / (weight + multiplier)
