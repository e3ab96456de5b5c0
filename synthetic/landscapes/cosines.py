r"""A bowl with ripples on every coordinate, :math:`\sum_j\frac12 a x_j^2+c(1-\cos\omega x_j)`: Rastrigin's family."""

from typing import NamedTuple

import numpy as np

from dynamics import hessian, hessian_product, implements, initial_point, value, value_and_gradient
from dynamics.checks import Refusal, require_finite, require_memory, require_positive, require_real, require_whole
from dynamics.protocol.canonical import canonical
from synthetic.parts.information import Information, info

_WHY_BOWL = "without a bowl, the ripples have no lowest point"
_WHY_EVEN = "the cosine is even"


class QuadraticCosine(NamedTuple):
    """The bowl with ripples; `quadratic_cosine` and `rastrigin` make it.

    Examples
    --------
    >>> from synthetic import gradient, quadratic_cosine
    >>> gradient(quadratic_cosine(), [0.0])
    array([0.])
    """

    curvature: float  # a
    amplitude: float  # c; smoothing can turn it negative
    frequency: float  # ω
    offset: float  # added to the value
    start: np.ndarray  # shape (d,)

    def check(self) -> None:
        """Refuse a family member without a minimiser, and numbers that are not finite."""
        require_finite("curvature, amplitude, frequency, offset", np.array(self[:4]))
        require_positive("curvature", self.curvature, _WHY_BOWL)
        require_positive("frequency", self.frequency, _WHY_EVEN)
        if self.start.ndim != 1 or not self.start.size:
            raise Refusal(f"start has shape {self.start.shape}: (d,) is needed.")


@implements(value_and_gradient, QuadraticCosine)
def _(problem, x, out):
    total = problem.offset
    for j in range(len(x)):
        angle = problem.frequency * x[j]
        total += 0.5 * problem.curvature * x[j] * x[j] + problem.amplitude * (1.0 - np.cos(angle))
        out[j] = problem.curvature * x[j] + problem.amplitude * problem.frequency * np.sin(angle)
    return total


@implements(value, QuadraticCosine)
def _(problem, x):
    total = problem.offset
    for j in range(len(x)):
        ripple = 1.0 - np.cos(problem.frequency * x[j])
        total += 0.5 * problem.curvature * x[j] * x[j] + problem.amplitude * ripple
    return total


@implements(hessian_product, QuadraticCosine)
def _(problem, x, v, out):
    for j in range(len(x)):
        ripple = problem.amplitude * problem.frequency * problem.frequency * np.cos(problem.frequency * x[j])
        out[j] = (problem.curvature + ripple) * v[j]


@implements(hessian, QuadraticCosine)
def _(problem, x, out):
    out[:, :] = 0.0
    for j in range(len(x)):
        ripple = problem.amplitude * problem.frequency * problem.frequency * np.cos(problem.frequency * x[j])
        out[j, j] = problem.curvature + ripple


@implements(initial_point, QuadraticCosine)
def _(problem):
    return problem.start


@implements(info, QuadraticCosine)
def _(problem):
    a, c, omega, offset, start = problem
    ripple = abs(c) * omega**2
    coordinate = _minimising_coordinate(a, c, omega)
    lowest = 0.5 * a * coordinate**2 + c * (1.0 - np.cos(omega * coordinate))
    convex = ripple <= a
    return Information(
        dimension=start.size,
        minimiser=np.full(start.size, coordinate),
        minimum=float(offset + start.size * lowest),
        lipschitz_constant=a + ripple,
        lipschitz_is_exact=True,
        strong_convexity=a - ripple if convex else None,
        condition_number=None if not convex else (a + ripple) / (a - ripple) if ripple < a else np.inf,
        notes=(
            "the second derivative along an axis runs through [a - |c|ω², a + |c|ω²]",
            *(() if convex else ("nonconvex: a ripple on every coordinate",)),
            *(("every change of sign of a coordinate of the minimiser gives another",) if coordinate else ()),
        ),
    )


def _minimising_coordinate(a: float, c: float, omega: float) -> float:
    """A minimiser of ½at² + c(1 − cos ωt): 0, unless the ripple hollows out the bowl from its centre."""
    if -c * omega**2 <= a:
        return 0.0
    from scipy.optimize import brentq

    def slope(t):
        return a * t + c * omega * np.sin(omega * t)

    # The sine is concave on (0, π/ω], so the slope changes sign once there; farther out, the bowl is higher for the
    # same ripple.
    least = 1e-9 / omega
    if slope(least) >= 0.0:
        return 0.0  # the hollow is lost in rounding
    return float(brentq(slope, least, np.pi / omega, xtol=1e-15 / omega))


def quadratic_cosine(
    a: float = 1.0, c: float = 1.0, omega: float = 2.0 * np.pi, *, dimension: int = 1
) -> QuadraticCosine:
    r"""A quadratic plus a cosine on every coordinate.

    .. math:: f(x)=\sum_{j=1}^d\tfrac12ax_j^2+c\,(1-\cos\omega x_j)

    Convex exactly where :math:`|c|\omega^2\le a`. Runs start at (2.5, ..., 2.5), in units of the wavelength
    :math:`2\pi/\omega`.

    Parameters
    ----------
    a : float
        Curvature of the bowl, above 0.
    c : float
        Amplitude of the cosine, of any sign.
    omega : float
        Its frequency in radians per unit of x, above 0.
    dimension : int
        d, at least 1.

    Raises
    ------
    ValueError
        If `a` or `omega` is not positive, a number is not finite, or `dimension` is below 1.

    Examples
    --------
    >>> from synthetic import info, value
    >>> value(quadratic_cosine(1.0, 0.5, 2.0), [0.0])
    0.0
    >>> info(quadratic_cosine(1.0, 0.125, 2.0)).condition_number
    3.0
    """
    dimension = require_whole("dimension", dimension, 1)
    require_memory(f"dimension = {dimension}", 8.0 * dimension, "try a smaller one")
    a, c, omega = require_positive("a", a, _WHY_BOWL), require_real("c", c), require_positive("omega", omega, _WHY_EVEN)
    return canonical(QuadraticCosine(a, c, omega, 0.0, np.full(dimension, 5.0 * np.pi / omega)))


def rastrigin(dimension: int = 1) -> QuadraticCosine:
    r"""Rastrigin's function, with a local minimiser near every point of the lattice of whole numbers up to ±31.

    .. math:: f(x)=\sum_{j=1}^dx_j^2-10\cos2\pi x_j+10

    Its gradient has the Lipschitz constant :math:`2+40\pi^2`. Runs start at (2.5, ..., 2.5).

    Parameters
    ----------
    dimension : int
        d, at least 1.

    Raises
    ------
    ValueError
        If `dimension` is not a whole number of at least 1.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, where the one-dimensional function illustrates smoothing.

    Examples
    --------
    >>> from synthetic import gradient, value
    >>> value(rastrigin(2), [0.0, 0.5]), gradient(rastrigin(), [0.25]).round(6)
    (20.25, array([63.331853]))
    """
    dimension = require_whole("dimension", dimension, 1)
    require_memory(f"dimension = {dimension}", 8.0 * dimension, "try a smaller one")
    return canonical(QuadraticCosine(2.0, 10.0, 2.0 * np.pi, 0.0, np.full(dimension, 2.5)))
