"""The norms of trust regions: a sphere, or the ellipsoid of Adagrad's or RMSprop's preconditioner.

A norm is a NamedTuple of arrays with M, ‖s‖² = s·Ms, behind it. Solvers ask for products with M⁻¹, or go to the
coordinates y of the ball, s = Ry with RᵀMR = I. The methods that use norms have the fields `norm`, `matrix`, `beta`,
`eps`, `eps_mode` and `accumulate`; their memories have `norm` and `moved`.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from dynamics.checks import require_fraction, require_positive
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import generic, implements
from dynamics.words import places

Norm = Literal["sphere", "adagrad", "rmsprop"]
EpsMode = Literal["every_step", "initial"]
Accumulate = Literal["every", "successful"]
SPHERE, ADAGRAD, RMSPROP = places(Norm)
EVERY_STEP, INITIAL = places(EpsMode)
EVERY, SUCCESSFUL = places(Accumulate)
SMALLEST = float(np.finfo(np.float64).tiny)


class Sphere(NamedTuple):
    """M is the identity."""

    inverse: np.ndarray  # 1, unknown to the compiler: squares are rounded as they are along a diagonal, shape (1,)


class DiagonalNorm(NamedTuple):
    """M is diagonal: the root of sums of squares."""

    shift: np.ndarray  # ε as it is added now, shape (1,)
    sums: np.ndarray  # of squared gradients, shape (d,)
    inverse: np.ndarray  # diagonal of M⁻¹, shape (d,)


@generic()
def renew(norm, g, keep, take):
    """Let the sums be `keep` times themselves and `take` times the square, or outer product, of g; then M."""


@generic()
def precondition(norm, v, out):
    """Write M⁻¹v into `out` and return v·M⁻¹v."""


def _no(norm):
    return False


@generic(fallback=_no)
def is_round(norm):
    """Return whether M is the identity, so that M⁻¹v needs no place of its own."""


def _one(norm):
    return 1.0


@generic(fallback=_one)
def scale(norm):
    """Return the number that M⁻¹ is, or 1 where it is a matrix."""


@generic()
def gradient_in_ball(norm, g, out):
    """Write Rᵀg into `out`."""


@generic()
def hessian_in_ball(norm, matrix, out):
    """Write RᵀBR, made symmetric, into `out`."""


@generic()
def from_ball(norm, y, out):
    """Write Ry into `out`."""


def _take_in(norm, method, g, moved):
    if method.accumulate == EVERY or moved:
        keep, take = (1.0, 1.0) if method.norm == ADAGRAD else (method.beta, 1.0 - method.beta)
        renew(norm, g, keep, take)
        if method.eps_mode == INITIAL:
            norm.shift[0] = keep * norm.shift[0]


@generic(fallback=_take_in)
def update_norm(norm, method, g, moved):
    """Take the gradient at the iterate into the norm; `moved` says whether the last step was accepted."""


always(is_round, Sphere)
always(update_norm, Sphere, answer=None)


@implements(precondition, Sphere)
def _(norm, v, out):
    squared = 0.0
    for j in range(len(v)):
        out[j] = v[j]
        squared += norm.inverse[0] * v[j] * v[j]
    return squared


@implements(scale, Sphere)
def _(norm):
    return norm.inverse[0]


@implements(gradient_in_ball, Sphere)
def _(norm, g, out):
    for j in range(len(g)):
        out[j] = g[j]


@implements(hessian_in_ball, Sphere)
def _(norm, matrix, out):
    for i in range(len(matrix)):
        for j in range(len(matrix)):
            out[i, j] = 0.5 * (matrix[i, j] + matrix[j, i])


@implements(from_ball, Sphere)
def _(norm, y, out):
    for j in range(len(y)):
        out[j] = y[j]


@implements(renew, DiagonalNorm)
def _(norm, g, keep, take):
    for j in range(len(g)):
        norm.sums[j] = keep * norm.sums[j] + take * g[j] * g[j]
        # An ε that fades away would leave 0/0 in a coordinate whose gradient has always been 0.
        norm.inverse[j] = 1.0 / np.sqrt(max(norm.sums[j] + norm.shift[0], SMALLEST))


@implements(precondition, DiagonalNorm)
def _(norm, v, out):
    squared = 0.0
    for j in range(len(v)):
        out[j] = norm.inverse[j] * v[j]
        squared += norm.inverse[j] * v[j] * v[j]
    return squared


@implements(gradient_in_ball, DiagonalNorm)
def _(norm, g, out):
    for j in range(len(g)):
        out[j] = np.sqrt(norm.inverse[j]) * g[j]


@implements(hessian_in_ball, DiagonalNorm)
def _(norm, matrix, out):
    inverse = norm.inverse
    for i in range(len(inverse)):
        for j in range(len(inverse)):
            out[i, j] = 0.5 * np.sqrt(inverse[i] * inverse[j]) * (matrix[i, j] + matrix[j, i])


@implements(from_ball, DiagonalNorm)
def _(norm, y, out):
    for j in range(len(y)):
        out[j] = np.sqrt(norm.inverse[j]) * y[j]


def check_norm(method: Any) -> None:
    """Refuse numbers with which the norm would be none."""
    require_fraction("beta", method.beta, "it weighs the old squared gradients, and with 1 no new one would enter")
    require_positive("eps", method.eps, "a coordinate whose gradient was always 0 would have no length")
