"""DoG: SGD whose step is the largest distance from the start over the root of all squared gradients."""

from typing import NamedTuple

import numpy as np

from dynamics.checks import require_at_least, require_positive
from dynamics.protocol import (
    StepSize,
    always,
    implements,
    new_memory,
    runs_in_lanes,
    scheduled,
    update,
    where_positive,
)

__all__ = ["DoG"]


class Distance(NamedTuple):
    """What DoG remembers."""

    start: np.ndarray  # x_0, shape (d,)
    farthest: np.ndarray  # the largest distance from it so far, at least the first movement, shape (1,)
    squares: np.ndarray  # the sum of squared gradient norms, shape (1,)


class DoG(NamedTuple):
    r"""Distance over gradients.

    .. math::
        \bar r_t=\max\Big(r_\epsilon,\max_{i\le t}\|x_i-x_0\|\Big),\quad G_t=\sum_{i\le t}\|g_i\|^2,\quad
        x_{t+1}=x_t-\gamma_t\frac{\bar r_t}{\sqrt{G_t+\epsilon}}\,g_t

    Parameters
    ----------
    step_size : float, array_like or Schedule
        γ, a factor: 1, or a schedule.
    initial : float
        The first movement r_ε, which should lie below the distance to the solution.
    relative : bool
        Whether r_ε is `initial`·(1 + ‖x₀‖), as the authors advise, or `initial` itself.
    eps : float
        ε ≥ 0, of the unit of squared gradients.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    The authors' theorem is about an average of the iterates: ``Averaged(DoG())``.

    References
    ----------
    Ivgi, Hinder, Carmon: DoG is SGD's best friend, arXiv:2302.12022, Algorithm 1.

    Examples
    --------
    The first step has the length r_ε:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = DoG(initial=0.5, relative=False, eps=0.0)
    >>> simulate(method, quadratic(eigenvalues=[3.0, 4.0]), steps=1, x0=[1.0, 1.0]).x.round(12)
    array([0.7, 0.6])
    """

    step_size: StepSize = 1.0
    initial: float = 1e-6
    relative: bool = True
    eps: float = 1e-8

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_positive("initial", self.initial, "from 0 nothing would ever move")
        require_at_least("eps", self.eps, 0, "it is added to squares")


@implements(update, DoG)
def _(method, oracle, point, memory, k):
    x, g, start = point.x, point.gradient, memory.start
    square, moved, length = 0.0 * g[0], 0.0 * g[0], 0.0 * g[0]
    for j in range(len(x)):
        if k == 0:
            start[j] = x[j]
        square += g[j] * g[j]
        moved += (x[j] - start[j]) * (x[j] - start[j])
        length += start[j] * start[j]
    if k == 0:
        first = method.initial * (1.0 + np.sqrt(length)) if method.relative else method.initial + 0.0 * length
        memory.farthest[0] = first
    moved = np.sqrt(moved)
    memory.farthest[0] = where_positive(moved - memory.farthest[0], moved, memory.farthest[0])
    memory.squares[0] += square
    root = np.sqrt(memory.squares[0] + method.eps)
    step = scheduled(method.step_size, k) * memory.farthest[0] / where_positive(root, root, 1.0)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * g[j]


@implements(new_memory, DoG)
def _(method, dimension):
    return Distance(np.zeros(dimension), np.zeros(1), np.zeros(1))


always(runs_in_lanes, DoG)
