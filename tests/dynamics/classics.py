"""Classical test functions as one problem class, for plain Python: sums of squares, and functions of the plane.

Moré, Garbow, Hillstrom: Testing unconstrained optimization software, ACM Trans. Math. Softw. 7 (1981), by their names.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dynamics import gauss_newton_product, hessian_product, implements, value_and_gradient
from tests.dynamics.jets import Jet, angle, cos, exp, sin, variables

I10, I13, I15, I20 = (np.arange(1.0, m + 1) for m in (10, 13, 15, 20))
BARD = np.array([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39])
GAUSS = np.array([0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989])
MEYER = np.array(
    [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872.0]
)
KOWALIK = np.array([0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])
DOSES = np.array([4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])


class Formula(NamedTuple):
    """A test function: its residuals, or its value alone; where runs begin; its values at minima."""

    terms: Callable[[list[Jet]], list[Jet]]
    start: tuple[float, ...]
    minima: tuple[float, ...]
    squares: bool = True


def freudenstein_roth(x):
    y = x[1]
    return [x[0] - 13.0 + ((5.0 - y) * y - 2.0) * y, x[0] - 29.0 + ((y + 1.0) * y - 14.0) * y]


def wood(x):
    valleys = [10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0], 90**0.5 * (x[3] - x[2] * x[2]), 1.0 - x[2]]
    return [*valleys, 10**0.5 * (x[1] + x[3] - 2.0), 10**-0.5 * (x[1] - x[3])]


def helical(x):
    radius = (x[0] * x[0] + x[1] * x[1]) ** 0.5
    return [10.0 * (x[2] - 5.0 / np.pi * angle(x[1], x[0])), 10.0 * (radius - 1.0), x[2]]


def powell_singular(x):
    middle, ends = x[1] - 2.0 * x[2], x[0] - x[3]
    return [x[0] + 10.0 * x[1], 5**0.5 * (x[2] - x[3]), middle * middle, 10**0.5 * ends * ends]


def brown_dennis(x):
    t = I20 / 5
    first, second = x[0] + t * x[1] - np.exp(t), x[2] + np.sin(t) * x[3] - np.cos(t)
    return [first * first + second * second]


def biggs(x):
    t = 0.1 * I13
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return [x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4]) - y]


def trigonometric(x):
    total = sum(cos(t) for t in x)
    return [len(x) - total + (i + 1.0) * (1.0 - cos(t)) - sin(t) for i, t in enumerate(x)]


def watson(x):
    t = np.arange(1.0, 30.0) / 29
    slope = sum(j * t ** (j - 1) * x[j] for j in range(1, 6))
    value = sum(t**j * x[j] for j in range(1, 6)) + x[0]
    return [slope - value * value - 1.0, x[0], x[1] - x[0] * x[0] - 1.0]


def goldstein_price(x):
    a, b = x
    first, second = a + b + 1.0, 2.0 * a - 3.0 * b
    p = 19.0 - 14.0 * a + 3.0 * a * a - 14.0 * b + 6.0 * a * b + 3.0 * b * b
    q = 18.0 - 32.0 * a + 12.0 * a * a + 48.0 * b - 36.0 * a * b + 27.0 * b * b
    return [(1.0 + first * first * p) * (30.0 + second * second * q)]


FORMULAS = {
    "rosenbrock": Formula(lambda x: [10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]], (-1.2, 1.0), (0.0,)),
    "freudenstein_roth": Formula(freudenstein_roth, (0.5, -2.0), (0.0, 48.98425)),
    "powell_badly_scaled": Formula(
        lambda x: [1e4 * x[0] * x[1] - 1.0, exp(-x[0]) + exp(-x[1]) - 1.0001], (0.0, 1.0), (0.0,)
    ),
    "brown_badly_scaled": Formula(lambda x: [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0], (1.0, 1.0), (0.0,)),
    "beale": Formula(
        lambda x: [y - x[0] * (1.0 - x[1] ** p) for y, p in ((1.5, 1), (2.25, 2), (2.625, 3))], (1.0, 1.0), (0.0,)
    ),
    "jennrich_sampson": Formula(
        lambda x: [2.0 + 2.0 * I10 - exp(I10 * x[0]) - exp(I10 * x[1])], (0.3, 0.4), (124.36218,)
    ),
    "helical_valley": Formula(helical, (-1.0, 0.0, 0.0), (0.0,)),
    "bard": Formula(
        lambda x: [
            BARD
            - x[0]
            - np.arange(1.0, 16) * ((16 - np.arange(1, 16)) * x[1] + (8 - abs(np.arange(-7.0, 8))) * x[2]) ** -1.0
        ],
        (1.0, 1.0, 1.0),
        (8.21488e-3,),
    ),
    "gaussian": Formula(
        lambda x: [
            x[0] * exp(-0.5 * x[1] * (np.arange(3.5, -4, -0.5) - x[2]) * (np.arange(3.5, -4, -0.5) - x[2]))
            - np.append(GAUSS, GAUSS[-2::-1])
        ],
        (0.4, 1.0, 0.0),
        (1.12793e-8,),
    ),
    "meyer": Formula(
        lambda x: [x[0] * exp(x[1] / (np.arange(50.0, 130, 5) + x[2])) - MEYER], (0.02, 4000.0, 250.0), (87.94586,)
    ),
    "box": Formula(
        lambda x: [exp(-0.1 * I10 * x[0]) - exp(-0.1 * I10 * x[1]) - (np.exp(-0.1 * I10) - np.exp(-I10)) * x[2]],
        (0.0, 10.0, 20.0),
        (0.0,),
    ),
    "powell_singular": Formula(powell_singular, (3.0, -1.0, 0.0, 1.0), (0.0,)),
    "wood": Formula(wood, (-3.0, -1.0, -3.0, -1.0), (0.0,)),
    "kowalik_osborne": Formula(
        lambda x: [KOWALIK - x[0] * (DOSES**2 + DOSES * x[1]) / (DOSES**2 + DOSES * x[2] + x[3])],
        (0.25, 0.39, 0.415, 0.39),
        (3.07506e-4, 4.23675e-4),
    ),
    "brown_dennis": Formula(brown_dennis, (25.0, 5.0, -5.0, -1.0), (85822.2016,)),
    "biggs": Formula(biggs, (1.0, 2.0, 1.0, 1.0, 1.0, 1.0), (0.0,)),
    "watson": Formula(watson, (0.0,) * 6, (2.28767e-3,)),
    "penalty": Formula(
        lambda x: [1e-5**0.5 * (t - 1.0) for t in x] + [sum(t * t for t in x) - 0.25],
        (1.0, 2.0, 3.0, 4.0),
        (2.24998e-5,),
    ),
    "trigonometric": Formula(trigonometric, (0.2,) * 5, (0.0,)),
    "three_hump_camel": Formula(
        lambda x: [2.0 * x[0] ** 2 - 1.05 * x[0] ** 4 + x[0] ** 6 / 6.0 + x[0] * x[1] + x[1] ** 2],
        (2.0, 2.0),
        (0.0, 0.298638),
        squares=False,
    ),
    "mccormick": Formula(
        lambda x: [sin(x[0] + x[1]) + (x[0] - x[1]) ** 2 - 1.5 * x[0] + 2.5 * x[1] + 1.0],
        (0.0, 0.0),
        (-1.913223,),
        squares=False,
    ),
    "goldstein_price": Formula(goldstein_price, (-0.5, -0.5), (3.0, 30.0, 84.0, 840.0), squares=False),
    "raised_cosines": Formula(
        lambda x: [20.0 + sum(t * t - 10.0 * cos(2 * np.pi * t) for t in x)], (0.2, 0.3), (0.0, 0.994959), squares=False
    ),
}
NAMES = tuple(FORMULAS)


class Classic(NamedTuple):
    """One of the functions, by its place."""

    place: int


class Squares(NamedTuple):
    """One of those that are sums of squares, by its place."""

    place: int


def classic(name: str) -> Classic | Squares:
    """The problem of this name."""
    return (Squares if FORMULAS[name].squares else Classic)(NAMES.index(name))


def derivatives(problem: Any, x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Value, gradient, Hessian and Gauss–Newton matrix at x."""
    formula, n = FORMULAS[NAMES[problem.place]], len(x)
    with np.errstate(all="ignore"):
        terms = formula.terms(variables(x))
        r = np.concatenate([t.value for t in terms])
        g, h = np.concatenate([t.gradient for t in terms]), np.concatenate([t.hessian for t in terms])
        if not formula.squares:
            return r[0], g[0], h[0], np.zeros((n, n))
        squares = 2 * g.T @ g
        return r @ r, 2 * r @ g, squares + 2 * np.einsum("i,ijk->jk", r, h), squares


def _value_and_gradient(problem, x, out):
    value, gradient, _, _ = derivatives(problem, x)
    out[:] = gradient
    return float(value)


def _hessian_product(problem, x, v, out):
    out[:] = derivatives(problem, x)[2] @ v


def _gauss_newton_product(problem, x, v, out):
    out[:] = derivatives(problem, x)[3] @ v


for _kind in (Classic, Squares):
    implements(value_and_gradient, _kind)(_value_and_gradient)
    implements(hessian_product, _kind)(_hessian_product)
implements(gauss_newton_product, Squares)(_gauss_newton_product)
