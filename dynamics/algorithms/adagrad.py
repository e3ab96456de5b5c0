"""Adagrad: the plain gradient, scaled by the root of the sum of all squares, or outer products, so far."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.full_matrix import (
    FULL,
    Matrix,
    OuterProducts,
    new_outer_products,
    take_in,
    times_inverse_root,
)
from dynamics.algorithms.parts.moments import normalized
from dynamics.checks import Refusal, require_at_least
from dynamics.kernels.generic import generic, implements
from dynamics.protocol.method import new_memory, preconditioner, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled


class Adagrad(NamedTuple):
    r"""Adagrad with a diagonal or a full matrix.

    .. math:: v_t=v_{t-1}+g_t^2,\quad x_{t+1}=x_t-\alpha\,\frac{g_t}{\sqrt{v_t}+\epsilon}

    and, in the full form, :math:`A_t=A_{t-1}+g_tg_t^\top,\; x_{t+1}=x_t-\alpha\,(A_t^{1/2}+\epsilon I)^{-1}g_t`.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    eps : float
        ε, at least 0, added after the root is taken. With 0, a coordinate whose gradient was always 0 stays.
    initial_sum : float
        :math:`v_0`, at least 0 and the same in each coordinate: 0 in the paper and in PyTorch, 0.1 in Optax. In
        the full form :math:`A_0` is this multiple of the identity. An ε under the root is the same as one in this sum.
    matrix : {"diagonal", "full"}
        "diagonal"; or "full", for small dimensions d: a step takes :math:`O(d^3)` operations for eigenvalues, and the
        memory is a matrix.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    In the full form, directions in which the sum is below the rounding of its largest eigenvalue stay, as under the
    pseudo-inverse. A turn of the coordinates turns the full form's iterates; the diagonal form depends on the
    coordinates.

    References
    ----------
    Duchi, Hazan, Singer: Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12
    (2011), Figure 1 with the composite term 0; its δ is ε.
    Adolphs, Kohler, Lucchi, arXiv:1905.09201, equation (2): the full form, with
    :math:`A_0=\varepsilon I` and ε = 0 here.

    Examples
    --------
    The first step is α in each coordinate, whatever the scale of the gradient:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(Adagrad(step_size=0.25, eps=0.0), quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, 1.0]).x
    array([0.75, 0.75])

    With the full matrix it is α along the gradient:

    >>> method = Adagrad(step_size=1.25, eps=0.0, matrix="full")
    >>> simulate(method, quadratic(eigenvalues=[1.0, 1.0]), steps=1, x0=[3.0, 4.0]).x.round(12)
    array([2.25, 3.  ])
    """

    step_size: StepSize
    eps: float = 1e-10
    initial_sum: float = 0.0
    matrix: Matrix = "diagonal"

    def check(self) -> None:
        """Refuse negative numbers."""
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")
        require_at_least("initial_sum", self.initial_sum, 0, "it stands for squares")


class SumOfSquares(NamedTuple):
    """The sum of all squared gradients."""

    v: np.ndarray  # shape (d,)


@generic()
def descend(memory, method, x, g, step):
    """Take the gradient g into the memory, and move x by a step scaled with it."""


@implements(descend, SumOfSquares)
def _(memory, method, x, g, step):
    v = memory.v
    for j in range(len(x)):
        v[j] += g[j] * g[j]
        x[j] -= step * normalized(g[j], v[j], method.eps)


@implements(descend, OuterProducts)
def _(memory, method, x, g, step):
    take_in(memory.matrix, g, 1.0, 1.0)
    times_inverse_root(memory.matrix, g, 0.0, method.eps, memory.direction)
    for j in range(len(x)):
        x[j] -= step * memory.direction[j]


@implements(update, Adagrad)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    descend(memory, method, point.x, point.gradient, step)


@implements(preconditioner, Adagrad)
def _(method, memory, k):
    if method.matrix == FULL:
        raise Refusal("the probe of the preconditioned Hessian needs Adagrad's matrix = 'diagonal'.")
    return np.sqrt(memory.v) + method.eps


@implements(runs_in_lanes, Adagrad)
def _(thing):
    return thing.matrix != FULL


@implements(new_memory, Adagrad)
def _(method, dimension):
    if method.matrix == FULL:
        return new_outer_products(dimension, method.initial_sum)
    return SumOfSquares(np.full(dimension, method.initial_sum))
