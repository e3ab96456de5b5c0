"""The norms of trust regions: a sphere, or the ellipsoid of Adagrad's or RMSprop's preconditioner.

A norm is a NamedTuple of arrays with M, ‖s‖² = s·Ms, behind it. Solvers ask for products with M⁻¹, or go to the
coordinates y of the ball, s = Ry with RᵀMR = I. The methods that use norms have the fields `norm`, `matrix`, `beta`,
`eps`, `eps_mode` and `accumulate`; their memories have `norm` and `moved`.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from dynamics.checks import require_fraction, require_positive
from dynamics.kernels.generic import generic, implements
from dynamics.kernels.policy import kernel
from dynamics.words import places

Norm = Literal["sphere", "adagrad", "rmsprop"]
EpsMode = Literal["every_step", "initial"]
Accumulate = Literal["every", "successful"]
SPHERE, ADAGRAD, RMSPROP = places(Norm)
EVERY_STEP, INITIAL = places(EpsMode)
EVERY, SUCCESSFUL = places(Accumulate)
SMALLEST = float(np.finfo(np.float64).tiny)


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


@generic()
def gradient_in_ball(norm, g, out):
    """Write Rᵀg into `out`."""


@generic()
def hessian_in_ball(norm, matrix, out):
    """Write RᵀBR, made symmetric, into `out`."""


@generic()
def from_ball(norm, y, out):
    """Write Ry into `out`."""


@kernel
def update_norm(method, g, memory):
    """Take the gradient at the iterate into the norm."""
    if method.norm != SPHERE and (method.accumulate == EVERY or memory.moved[0]):
        keep, take = (1.0, 1.0) if method.norm == ADAGRAD else (method.beta, 1.0 - method.beta)
        renew(memory.norm, g, keep, take)
        if method.eps_mode == INITIAL:
            memory.norm.shift[0] = keep * memory.norm.shift[0]


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
