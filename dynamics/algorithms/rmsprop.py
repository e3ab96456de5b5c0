"""RMSprop: the plain gradient, each coordinate scaled by its recent root mean square."""

from typing import Literal, NamedTuple

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
from dynamics.checks import Refusal, require_at_least, require_fraction
from dynamics.kernels.generic import generic, implements
from dynamics.protocol.method import new_memory, preconditioner, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.words import places

EpsPlacement = Literal["outside", "inside"]
OUTSIDE, INSIDE = places(EpsPlacement)


class RMSprop(NamedTuple):
    r"""RMSprop, without momentum and without correction for the average's start at zero.

    .. math:: v_t=\beta v_{t-1}+(1-\beta)g_t^2,\quad x_{t+1}=x_t-\alpha\,\frac{g_t}{\sqrt{v_t}+\epsilon}

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    beta : float
        β in [0, 1), the weight of the old average of squared gradients: 0.99 as in PyTorch; the lecture has 0.9.
    eps : float
        ε, at least 0. With 0, a coordinate whose gradient was always 0 stays.
    eps_placement : {"outside", "inside"}
        "outside" the root, as written above and in PyTorch, or "inside" it, :math:`\sqrt{v_t+\epsilon}`, as in Optax.
    matrix : {"diagonal", "full"}
        "diagonal", as above, or "full": the average is that of the matrices :math:`g_tg_t^\top`, and the step is taken
        along the inverse of its root. It takes :math:`O(d^3)` operations; a direction without gradients is left out.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    References
    ----------
    Tieleman, Hinton: Lecture 6.5, Neural networks for machine learning, Coursera (2012).

    Examples
    --------
    The average begins at zero, so the first step is :math:`\alpha/\sqrt{1-\beta}` in each coordinate:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = RMSprop(step_size=0.25, beta=0.75, eps=0.0)
    >>> simulate(method, quadratic(eigenvalues=[1.0, 1e6]), steps=1, x0=[1.0, 1.0]).x
    array([0.5, 0.5])
    """

    step_size: StepSize
    beta: float = 0.99
    eps: float = 1e-8
    eps_placement: EpsPlacement = "outside"
    matrix: Matrix = "diagonal"

    def check(self) -> None:
        """Refuse a weight outside [0, 1) and a negative eps."""
        require_fraction("beta", self.beta, "it weighs the old average, and with 1 no gradient would ever enter")
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")


class MeanSquare(NamedTuple):
    """The moving average of squared gradients."""

    v: np.ndarray  # shape (d,)


@generic()
def descend(memory, method, x, g, step, inside, outside):
    """Take the gradient g into the memory, and move x by a step scaled with it."""


@implements(descend, MeanSquare)
def _(memory, method, x, g, step, inside, outside):
    v, beta = memory.v, method.beta
    for j in range(len(x)):
        v[j] = beta * v[j] + (1.0 - beta) * g[j] * g[j]
        x[j] -= step * normalized(g[j], v[j] + inside, outside)


@implements(descend, OuterProducts)
def _(memory, method, x, g, step, inside, outside):
    take_in(memory.matrix, g, method.beta, 1.0 - method.beta)
    times_inverse_root(memory.matrix, g, inside, outside, memory.direction)
    for j in range(len(x)):
        x[j] -= step * memory.direction[j]


@implements(update, RMSprop)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    inside = method.eps if method.eps_placement == INSIDE else 0.0
    descend(memory, method, point.x, point.gradient, step, inside, method.eps - inside)


@implements(preconditioner, RMSprop)
def _(method, memory, k):
    if method.matrix == FULL:
        raise Refusal("the probe of the preconditioned Hessian needs RMSprop's matrix = 'diagonal'.")
    inside = method.eps if method.eps_placement == INSIDE else 0.0
    return np.sqrt(memory.v + inside) + (method.eps - inside)


@implements(runs_in_lanes, RMSprop)
def _(thing):
    return thing.matrix != FULL


@implements(new_memory, RMSprop)
def _(method, dimension):
    return new_outer_products(dimension, 0.0) if method.matrix == FULL else MeanSquare(np.zeros(dimension))
