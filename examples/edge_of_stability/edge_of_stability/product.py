r"""The model in two parameters, :math:`f(x,y)=\frac12(xy-1)^2`, in which the edge of stability is in closed form.

Its minima are the hyperbola xy = 1, where the sharpness is x² + y²: the further from the diagonal, the sharper. With
r = xy - 1 and step size η, gradient descent multiplies x² - y² by exactly 1 - η²r², while gradient flow conserves it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics import hessian_product, implements, initial_point, value, value_and_gradient

__all__ = ["Product", "gradient_flow_end", "sharpness", "sharpness_gradient"]

Array = NDArray[np.float64]


class Product(NamedTuple):
    """The model; a run starts at (x, y).

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> run = simulate(GradientDescent(0.5), Product(), steps=200)
    >>> bool(abs(run.x[0] * run.x[1] - 1) < 1e-12)
    True
    """

    x: float = 2.0
    y: float = 0.25


@implements(value_and_gradient, Product)
def _(problem, x, out):
    residual = x[0] * x[1] - 1.0
    out[0] = residual * x[1]
    out[1] = residual * x[0]
    return 0.5 * residual * residual


@implements(value, Product)
def _(problem, x):
    residual = x[0] * x[1] - 1.0
    return 0.5 * residual * residual


@implements(hessian_product, Product)
def _(problem, x, v, out):
    mixed = 2.0 * x[0] * x[1] - 1.0
    out[0] = x[1] * x[1] * v[0] + mixed * v[1]
    out[1] = mixed * v[0] + x[0] * x[0] * v[1]


@implements(initial_point, Product)
def _(problem):
    return np.array([problem.x, problem.y])


def sharpness(x: ArrayLike, y: ArrayLike) -> Array:
    r"""The largest eigenvalue of the Hessian.

    Notes
    -----
    .. math:: \tfrac12(x^2+y^2)+\sqrt{\tfrac14(x^2-y^2)^2+(2xy-1)^2}

    Examples
    --------
    >>> float(sharpness(2.0, 0.5))
    4.25
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return (x * x + y * y) / 2 + np.hypot((x * x - y * y) / 2, 2 * x * y - 1)


def sharpness_gradient(x: float, y: float) -> Array:
    """The gradient of the sharpness, shape (2,).

    Examples
    --------
    >>> sharpness_gradient(2.0, 0.5).round(12)
    array([4.23529412, 2.88235294])
    """
    imbalance, mixed = (x * x - y * y) / 2, 2 * x * y - 1
    root = np.hypot(imbalance, mixed)
    return np.array([x + (imbalance * x + 2 * mixed * y) / root, y + (2 * mixed * x - imbalance * y) / root])


def gradient_flow_end(x: float, y: float) -> float:
    """The sharpness of the minimum to which gradient flow leads: x² - y² is conserved on the way.

    Examples
    --------
    >>> gradient_flow_end(2.0, 0.5)
    4.25
    """
    return float(np.hypot(x * x - y * y, 2.0))
