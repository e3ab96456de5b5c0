"""L-BFGS: Newton's step with an inverse Hessian made of the last few changes of the gradient."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics import value_and_gradient
from dynamics.checks import require_positive, require_whole
from dynamics.protocol import always, full_batch_only, implements, kernel, new_memory, requires, update, uses_loss
from modern_methods.line_search import Trial, check_search, inner, search_line

__all__ = ["LBFGS"]

Search = Literal["wolfe", "none"]
WOLFE, NONE = 0, 1


class Pairs(NamedTuple):
    """The last pairs of a step and its change of the gradient, in a ring, and scratch."""

    steps: np.ndarray  # shape (pairs, d)
    changes: np.ndarray  # shape (pairs, d)
    weights: np.ndarray  # of the two loops, shape (pairs,)
    count: np.ndarray  # of all pairs so far, shape (1,)
    last_x: np.ndarray  # shape (d,)
    last_gradient: np.ndarray  # shape (d,)
    direction: np.ndarray  # shape (d,)
    trial: Trial


class LBFGS(NamedTuple):
    r"""L-BFGS.

    With :math:`s=x_{t+1}-x_t` and :math:`y=g_{t+1}-g_t` of the last m steps, H is made from
    :math:`\gamma I,\ \gamma=s^\top y/y^\top y` of the newest pair, by an update for each pair, from the oldest on,

    .. math::
        H\leftarrow\Big(I-\frac{sy^\top}{y^\top s}\Big)H\Big(I-\frac{ys^\top}{y^\top s}\Big)+\frac{ss^\top}{y^\top s},
        \qquad x_{t+1}=x_t-\alpha_tHg_t.

    Parameters
    ----------
    pairs : int
        m ≥ 1, how many pairs are kept.
    search : {"wolfe", "none"}
        α by strong Wolfe conditions, tried at 1 first, or `step_size` itself.
    step_size : float
        α without a search.
    first_step : float
        The length of the first step's trial, along the gradient.
    decrease, curvature : float
        c₁ and c₂ of the conditions, 0 < c₁ < c₂ < 1 and c₁ < 1/2.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    A pair without positive yᵀs, which the search excludes but for rounding, is left out. Each trial of the search is a
    value and a gradient, both charged.

    References
    ----------
    Nocedal: Updating quasi-Newton matrices with limited storage, Math. Comp. 35 (1980). Liu, Nocedal: On the limited
    memory BFGS method for large scale optimization, Math. Program. 45 (1989). Nocedal, Wright: Numerical optimization
    (2006), Algorithms 7.4 and 7.5.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import rosenbrock
    >>> run = simulate(LBFGS(), rosenbrock(2), steps=60, x0=[-1.2, 1.0])
    >>> bool(run.loss[-1] < 1e-20)
    True
    """

    pairs: int = 10
    search: Search = "wolfe"
    step_size: float = 1.0
    first_step: float = 1.0
    decrease: float = 1e-4
    curvature: float = 0.9

    def check(self) -> None:
        """Refuse no pairs, and constants with which a search may find nothing."""
        require_whole("pairs", self.pairs, 1, "without one this is gradient descent")
        require_positive("step_size", self.step_size, "a step of another sign would go uphill")
        check_search(self)


@kernel
def remember(x, g, memory):
    """Put the newest pair in the place of the oldest one, if the curvature along it is positive."""
    product = 0.0
    for j in range(len(x)):
        product += (x[j] - memory.last_x[j]) * (g[j] - memory.last_gradient[j])
    if product > 0.0:
        place = memory.count[0] % len(memory.steps)
        for j in range(len(x)):
            memory.steps[place, j] = x[j] - memory.last_x[j]
            memory.changes[place, j] = g[j] - memory.last_gradient[j]
        memory.count[0] += 1


@kernel
def newton_direction(g, memory):
    """Write -Hg into the direction, by two loops over the pairs: newest to oldest, and back."""
    steps, changes, weights, r = memory.steps, memory.changes, memory.weights, memory.direction
    count, room = memory.count[0], len(memory.steps)
    for j in range(len(g)):
        r[j] = -g[j]
    for age in range(min(count, room)):
        i = (count - 1 - age) % room
        weights[i] = inner(steps[i], r) / inner(steps[i], changes[i])
        for j in range(len(g)):
            r[j] -= weights[i] * changes[i, j]
    newest = (count - 1) % room
    scale = inner(steps[newest], changes[newest]) / inner(changes[newest], changes[newest])
    for j in range(len(g)):
        r[j] *= scale
    for age in range(min(count, room) - 1, -1, -1):
        i = (count - 1 - age) % room
        mismatch = weights[i] - inner(changes[i], r) / inner(steps[i], changes[i])
        for j in range(len(g)):
            r[j] += mismatch * steps[i, j]


@implements(update, LBFGS)
def _(method, oracle, point, memory, k):
    x, g, direction = point.x, point.gradient, memory.direction
    length = np.sqrt(inner(g, g))
    if length == 0.0:
        point.step_size[0] = 0.0
        return
    if k > 0:
        remember(x, g, memory)
    for j in range(len(x)):
        memory.last_x[j] = x[j]
        memory.last_gradient[j] = g[j]
        direction[j] = -g[j]
    first = memory.count[0] == 0
    if not first:
        newton_direction(g, memory)
    if method.search == NONE:
        step = method.first_step / length if first else method.step_size
        for j in range(len(x)):
            x[j] += step * direction[j]
    else:
        step = search_line(method, oracle, point, direction, memory.trial, method.first_step / length if first else 1.0)
    point.step_size[0] = step


@implements(new_memory, LBFGS)
def _(method, dimension):
    trial = Trial(np.zeros(dimension), np.zeros(dimension))
    kept = np.zeros((method.pairs, dimension)), np.zeros((method.pairs, dimension)), np.zeros(method.pairs)
    return Pairs(*kept, np.zeros(1, dtype=np.int64), *(np.zeros(dimension) for _ in range(3)), trial)


always(uses_loss, LBFGS)
always(full_batch_only, LBFGS)
always(requires, LBFGS, answer=(value_and_gradient,))
