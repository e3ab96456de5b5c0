"""Averages of another method's iterates, which are reported in their place: Polyak and Ruppert's, and exponential."""

from typing import Any, Literal, NamedTuple

import numpy as np

from dynamics import Status, gradient, value_and_gradient
from dynamics.checks import Refusal, require_at_least, require_fraction
from dynamics.protocol import (
    Point,
    always,
    before_draw,
    full_batch_only,
    implements,
    kernel,
    memory_for,
    memory_of_blocks,
    requires,
    update,
    uses_gradient,
    uses_loss,
    uses_rng,
    wraps,
)

__all__ = ["Averaged"]

Weights = Literal["uniform", "exponential"]
UNIFORM, EXPONENTIAL = 0, 1
STALE, RUNNING = 0, int(Status.RUNNING)


class Inside(NamedTuple):
    """The method inside: where it stands, and what it remembers."""

    x: np.ndarray  # shape (d,)
    gradient: np.ndarray  # shape (d,)
    loss: np.ndarray  # shape (1,)
    fresh: np.ndarray  # whether the method evaluated its own next iterate, shape (1,)
    memory: Any


class Averaged(NamedTuple):
    r"""Another method, whose iterates :math:`w_t` go their way while their average is reported.

    .. math::
        \bar w_t=\frac1{t-b}\sum_{i=b+1}^tw_i\quad\text{("uniform")},\qquad
        \bar w_t=\beta\bar w_{t-1}+(1-\beta)w_t,\ \bar w_0=w_0\quad\text{("exponential")}

    Parameters
    ----------
    inner : NamedTuple
        The method, such as ``SGD(0.1)``.
    weights : {"uniform", "exponential"}
        Polyak and Ruppert's average, or an exponential one.
    begin : int
        b ≥ 0, how many steps the uniform average leaves out; until then the iterate is reported.
    beta : float
        β in [0, 1) of the exponential average.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    Gradients are taken and paid at w. The loss of the average is evaluated for the record alone.

    References
    ----------
    Polyak, Juditsky: Acceleration of stochastic approximation by averaging, SIAM J. Control Optim. 30 (1992). Ruppert:
    Efficient estimations from a slowly convergent Robbins-Monro process, 1988.

    Examples
    --------
    16 → 8 → 4, whose mean is 6:

    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import quadratic
    >>> simulate(Averaged(GradientDescent(0.5)), quadratic(eigenvalues=[1.0]), steps=2, x0=[16.0]).x
    array([6.])
    """

    inner: Any
    weights: Weights = "uniform"
    begin: int = 0
    beta: float = 0.99

    def check(self) -> None:
        """Refuse something that is no method, and numbers outside their ranges."""
        if not update.has(type(self.inner)):
            raise Refusal(f"inner = {self.inner!r} is no method with an update; give one such as SGD(0.1).")
        require_at_least("begin", self.begin, 0, "it counts steps")
        require_fraction("beta", self.beta, "with 1 the average would never move")


@kernel
def evaluate(inner, oracle, stand):
    """Evaluate at the inner iterate what the method reads there, unless its last step has done so."""
    if stand.fresh[0] == STALE:
        if uses_loss(inner):
            stand.loss[0] = value_and_gradient(oracle, stand.x, stand.gradient)
        elif uses_gradient(inner):
            gradient(oracle, stand.x, stand.gradient)
    stand.fresh[0] = STALE


@implements(update, Averaged)
def _(method, oracle, point, memory, k):
    x, w = point.x, memory.x
    if k == 0:
        for j in range(len(x)):
            w[j] = x[j]
    stand = Point(w, memory.gradient, memory.loss, point.step_size, memory.fresh, point.status)
    evaluate(method.inner, oracle, stand)
    update(method.inner, oracle, stand, memory.memory, k)
    share = 1.0 - method.beta if method.weights == EXPONENTIAL else 1.0 / max(k + 1.0 - method.begin, 1.0)
    for j in range(len(x)):
        x[j] += share * (w[j] - x[j])


@implements(memory_of_blocks, Averaged)
def _(method, blocks):
    dimension = sum(block.rows * block.columns for block in blocks)
    stale = np.zeros(1, dtype=np.int64)
    return Inside(np.zeros(dimension), np.zeros(dimension), np.zeros(1), stale, memory_for(method.inner, blocks))


@implements(requires, Averaged)
def _(method):
    return (*requires(method.inner), value_and_gradient, gradient)


always(uses_gradient, Averaged, answer=False)
wraps(Averaged, inside="inner", hands_on=(before_draw, uses_rng, full_batch_only))
