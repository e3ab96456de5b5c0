"""Classic functions on the plane: Himmelblau, Beale, the monkey saddle, the quadratic saddle and a narrow valley."""

from typing import NamedTuple

import numpy as np

from dynamics import implements
from dynamics.checks import require_at_least, require_real
from dynamics.protocol.canonical import canonical
from synthetic.landscapes.plane import (
    curvatures,
    height,
    planar,
    require_planar,
    slopes,
    square_curvatures,
    sum_of_squares,
)
from synthetic.parts.information import Information, info
from synthetic.quadratics.quadratic_forms import DiagonalQuadratic, Quadratic
from synthetic.quadratics.quadratics import quadratic

_ROUGH = "nonconvex; the gradient is not Lipschitz on all of the plane"


class Himmelblau(NamedTuple):
    """Himmelblau's function; `himmelblau` makes it.

    Examples
    --------
    >>> from synthetic import himmelblau, value
    >>> value(himmelblau(), [3.0, 2.0])
    0.0
    """

    start: np.ndarray  # shape (2,)

    @property
    def minimisers(self) -> np.ndarray:
        """The four global minimisers, shape (4, 2)."""
        return np.array(
            [
                [3.0, 2.0],
                [-2.805118086952745, 3.131312518250573],
                [-3.7793102533777469, -3.2831859912861694],
                [3.5844283403304917, -1.8481265269644036],
            ]
        )

    def check(self) -> None:
        """Refuse a start off the plane."""
        require_planar(self.start)


@implements(height, Himmelblau)
def _(problem, x, y):
    p, q = x * x + y - 11.0, x + y * y - 7.0
    return p * p + q * q


@implements(slopes, Himmelblau)
def _(problem, x, y):
    p, q = x * x + y - 11.0, x + y * y - 7.0
    return 4.0 * x * p + 2.0 * q, 2.0 * p + 4.0 * y * q


@implements(curvatures, Himmelblau)
def _(problem, x, y):
    return 12.0 * x * x + 4.0 * y - 42.0, 4.0 * (x + y), 12.0 * y * y + 4.0 * x - 26.0


@implements(square_curvatures, Himmelblau)
def _(problem, x, y):
    return 8.0 * x * x + 2.0, 4.0 * (x + y), 2.0 + 8.0 * y * y


@implements(info, Himmelblau)
def _(problem):
    return Information(
        dimension=2,
        minimiser=problem.minimisers[0],
        minimum=0.0,
        notes=(_ROUGH, "four global minimisers, given by its attribute minimisers"),
    )


class Beale(NamedTuple):
    """Beale's function; `beale` makes it.

    Examples
    --------
    >>> from synthetic import beale, value
    >>> value(beale(), [3.0, 0.5])
    0.0
    """

    start: np.ndarray  # shape (2,)

    def check(self) -> None:
        """Refuse a start off the plane."""
        require_planar(self.start)


@implements(height, Beale)
def _(problem, x, y):
    p, q, r = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
    return p * p + q * q + r * r


@implements(slopes, Beale)
def _(problem, x, y):
    a, b, c = y - 1.0, y * y - 1.0, y * y * y - 1.0
    p, q, r = 1.5 + a * x, 2.25 + b * x, 2.625 + c * x
    return 2.0 * (a * p + b * q + c * r), 2.0 * x * (p + 2.0 * y * q + 3.0 * y * y * r)


@implements(curvatures, Beale)
def _(problem, x, y):
    a, b, c = y - 1.0, y * y - 1.0, y * y * y - 1.0
    p, q, r = 1.5 + a * x, 2.25 + b * x, 2.625 + c * x
    xx = 2.0 * (a * a + b * b + c * c)
    xy = 2.0 * (p + 2.0 * y * q + 3.0 * y * y * r + x * (a + 2.0 * y * b + 3.0 * y * y * c))
    yy = 2.0 * x * (x * (1.0 + 4.0 * y * y + 9.0 * y * y * y * y) + 2.0 * q + 6.0 * y * r)
    return xx, xy, yy


@implements(square_curvatures, Beale)
def _(problem, x, y):
    a, b, c = y - 1.0, y * y - 1.0, y * y * y - 1.0
    da, db, dc = x, 2.0 * x * y, 3.0 * x * y * y
    return 2.0 * (a * a + b * b + c * c), 2.0 * (a * da + b * db + c * dc), 2.0 * (da * da + db * db + dc * dc)


@implements(info, Beale)
def _(problem):
    return Information(dimension=2, minimiser=np.array([3.0, 0.5]), minimum=0.0, notes=(_ROUGH,))


class MonkeySaddle(NamedTuple):
    """The monkey saddle; `monkey_saddle` makes it.

    Examples
    --------
    >>> from synthetic import monkey_saddle, value
    >>> value(monkey_saddle(), [2.0, 0.0])
    8.0
    """

    start: np.ndarray  # shape (2,)

    def check(self) -> None:
        """Refuse a start off the plane."""
        require_planar(self.start)


@implements(height, MonkeySaddle)
def _(problem, x, y):
    return x * (x * x - 3.0 * y * y)


@implements(slopes, MonkeySaddle)
def _(problem, x, y):
    return 3.0 * (x * x - y * y), -6.0 * x * y


@implements(curvatures, MonkeySaddle)
def _(problem, x, y):
    return 6.0 * x, -6.0 * y, -6.0 * x


@implements(info, MonkeySaddle)
def _(problem):
    return Information(
        dimension=2,
        minimum=-np.inf,
        notes=("a degenerate saddle at 0, where the Hessian vanishes; unbounded below", _ROUGH),
    )


for _kind in (Himmelblau, Beale, MonkeySaddle):
    planar(_kind)
for _kind in (Himmelblau, Beale):
    sum_of_squares(_kind)


def himmelblau() -> Himmelblau:
    r"""Himmelblau's function, :math:`(x^2+y-11)^2+(x+y^2-7)^2`: four minimisers of value 0. Runs start at 0.

    References
    ----------
    Himmelblau, "Applied Nonlinear Programming" (1972).

    Examples
    --------
    >>> from synthetic import value
    >>> value(himmelblau(), [0.0, 0.0]), value(himmelblau(), [3.0, 2.0])
    (170.0, 0.0)
    """
    return canonical(Himmelblau(np.zeros(2)))


def beale() -> Beale:
    r"""Beale's function, :math:`(1.5-x+xy)^2+(2.25-x+xy^2)^2+(2.625-x+xy^3)^2`: flat far out, with one minimiser.

    Runs start at (1, 1).

    References
    ----------
    Moré, Garbow and Hillstrom, "Testing unconstrained optimization software" (1981), problem 5.

    Examples
    --------
    >>> from synthetic import value
    >>> value(beale(), [1.0, 1.0]), value(beale(), [3.0, 0.5])
    (14.203125, 0.0)
    """
    return canonical(Beale(np.ones(2)))


def monkey_saddle() -> MonkeySaddle:
    r"""The monkey saddle, :math:`x^3-3xy^2`: three ways down from 0, where gradient and Hessian vanish.

    Runs start at (1, 0.01), beside the ridge that leads into the saddle.

    Examples
    --------
    >>> from synthetic import hessian, value
    >>> value(monkey_saddle(), [-1.0, 0.0]), hessian(monkey_saddle(), [0.0, 0.0]).any()
    (-1.0, np.False_)
    """
    return canonical(MonkeySaddle(np.array([1.0, 0.01])))


def saddle() -> DiagonalQuadratic:
    r"""The quadratic saddle :math:`x^2-y^2`, with its only stationary point at 0. Runs start at (1, 1).

    Examples
    --------
    >>> from synthetic import info, value
    >>> value(saddle(), [3.0, 2.0]), info(saddle()).notes
    (5.0, ('indefinite: a saddle, unbounded below',))
    """
    return quadratic(eigenvalues=[2.0, -2.0])  # type: ignore[return-value]


def narrow_valley(*, condition_number: float = 1000.0, angle: float = np.pi / 6) -> Quadratic:
    r"""A long narrow valley across the axes: the quadratic with curvature 1 across and 1/κ along, minimiser 0.

    Runs start at the sum of the unit vectors along and across the valley.

    Parameters
    ----------
    condition_number : float
        κ, at least 1: the level sets are ellipses √κ times as long as wide.
    angle : float
        From the x axis to the valley, in radians.

    Raises
    ------
    ValueError
        If `condition_number` is below 1, or either number is not finite.

    Examples
    --------
    >>> from synthetic import info, value
    >>> valley = narrow_valley(condition_number=100.0, angle=0.0)
    >>> value(valley, [1.0, 0.0]), value(valley, [0.0, 1.0]), info(valley).condition_number
    (0.005, 0.5, 100.0)
    """
    angle = require_real("angle", angle)
    condition_number = require_at_least(
        "condition_number", condition_number, 1, "it is the largest over the least curvature"
    )
    eigenvalues = [1.0 / condition_number, 1.0]
    return quadratic(eigenvalues=eigenvalues, rotation=angle)  # type: ignore[return-value]
