"""Functions on the plane: a problem states its formula and derivatives, and gets the oracle protocol from them."""

from typing import Any

import numpy as np

from dynamics import hessian, hessian_product, implements, initial_point, value, value_and_gradient
from dynamics.checks import Refusal
from dynamics.kernels.generic import generic
from dynamics.protocol.oracle import gauss_newton_product


@generic()
def height(problem, x, y):
    """Return f(x, y)."""


@generic()
def slopes(problem, x, y):
    """Return the partial derivatives (∂f/∂x, ∂f/∂y)."""


@generic()
def curvatures(problem, x, y):
    """Return the second partial derivatives (∂²f/∂x², ∂²f/∂x∂y, ∂²f/∂y²)."""


@generic()
def square_curvatures(problem, x, y):
    """Return the entries (xx, xy, yy) of 2JᵀJ, where f is the sum of squares of residuals with the Jacobian J."""


def _value(problem, x):
    return height(problem, x[0], x[1])


def _value_and_gradient(problem, x, out):
    out[0], out[1] = slopes(problem, x[0], x[1])
    return height(problem, x[0], x[1])


def _hessian_product(problem, x, v, out):
    xx, xy, yy = curvatures(problem, x[0], x[1])
    out[0] = xx * v[0] + xy * v[1]
    out[1] = xy * v[0] + yy * v[1]


def _hessian(problem, x, out):
    xx, xy, yy = curvatures(problem, x[0], x[1])
    out[0, 0], out[0, 1] = xx, xy
    out[1, 0], out[1, 1] = xy, yy


def _initial_point(problem):
    return problem.start


def _gauss_newton_product(problem, x, v, out):
    xx, xy, yy = square_curvatures(problem, x[0], x[1])
    out[0] = xx * v[0] + xy * v[1]
    out[1] = xy * v[0] + yy * v[1]


_PROTOCOL: dict[Any, Any] = {
    value: _value,
    value_and_gradient: _value_and_gradient,
    hessian_product: _hessian_product,
    hessian: _hessian,
    initial_point: _initial_point,
}


def planar(kind: type) -> None:
    """Give a problem type with a field `start`, for which `height`, `slopes` and `curvatures` exist, the protocol."""
    for function, implementation in _PROTOCOL.items():
        implements(function, kind)(implementation)


def sum_of_squares(kind: type) -> None:
    """Give such a problem type, for which `square_curvatures` exists too, products with the Gauss-Newton matrix."""
    implements(gauss_newton_product, kind)(_gauss_newton_product)


def require_planar(start: np.ndarray) -> None:
    """Refuse a start that isn't a point of the plane.

    Examples
    --------
    >>> import numpy as np
    >>> require_planar(np.zeros(3))
    Traceback (most recent call last):
    dynamics.checks.Refusal: start has shape (3,): a function on the plane needs (2,).
    """
    if start.shape != (2,):
        raise Refusal(f"start has shape {start.shape}: a function on the plane needs (2,).")
