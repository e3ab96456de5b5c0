"""Lookahead: slow weights that follow any other method's iterates from a distance."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.algorithms.parts.slow_weights import FastAndSlow, check_slow, keep_start, meet
from dynamics.checks import Refusal
from dynamics.kernels.declarations import wraps
from dynamics.kernels.generic import implements
from dynamics.protocol.method import (
    before_draw,
    full_batch_only,
    memory_for,
    memory_of_blocks,
    names,
    requires,
    update,
    uses_gradient,
    uses_loss,
    uses_rng,
)
from dynamics.protocol.oracle import gradient, value, value_and_gradient


class Lookahead(NamedTuple):
    r"""Lookahead around another method, whose iterates are the fast weights.

    The slow weights start at :math:`\phi_0=x_0`. After every s-th step of the method,

    .. math:: \phi\leftarrow\phi+\alpha(x-\phi),\qquad x\leftarrow\phi,

    and the method goes on from there with what it remembers.

    Parameters
    ----------
    fast : NamedTuple
        The method inside, such as ``RAdam(0.1)``.
    sync_period : int
        s ≥ 1, the steps between two meetings of fast and slow weights: k in the paper.
    slow_step_size : float
        α in (0, 1]; 1 is the method alone.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    The iterates recorded are the fast weights; at multiples of s they are the slow ones too. The recorded step size is
    that of the method inside. The memory of the method is left as it is at a meeting, which is the first of the
    paper's three ways.

    References
    ----------
    Zhang, Lucas, Ba, Hinton: Lookahead optimizer: k steps forward, 1 step back, NeurIPS 2019, Algorithm 1.

    Examples
    --------
    Two halvings lead from 16 to 4, and the slow weights go half of that way:

    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import quadratic
    >>> method = Lookahead(GradientDescent(0.5), sync_period=2)
    >>> simulate(method, quadratic(eigenvalues=[1.0]), steps=2, x0=[16.0]).x
    array([10.])
    """

    fast: Any
    sync_period: int = 5
    slow_step_size: float = 0.5

    def check(self) -> None:
        """Refuse something that is no method, and a period or a step with which the slow weights never move."""
        if not update.has(type(self.fast)):
            raise Refusal(f"fast = {self.fast!r} is no method with an update; give one such as RAdam(0.1).")
        beyond = set(requires(self.fast)) - {value_and_gradient, value, gradient}
        if beyond:
            raise Refusal(
                f"fast = {type(self.fast).__name__} reads {names(tuple(beyond))}, which it may keep for an iterate "
                f"that a meeting replaces; give a method of gradients such as RAdam(0.1)."
            )
        check_slow(self)


@implements(update, Lookahead)
def _(method, oracle, point, memory, k):
    keep_start(memory.slow, point.x, k)
    update(method.fast, oracle, point, memory.fast, k)
    meet(method, point, memory.slow, k)


@implements(memory_of_blocks, Lookahead)
def _(method, blocks):
    dimension = sum(block.rows * block.columns for block in blocks)
    return FastAndSlow(memory_for(method.fast, blocks), np.zeros(dimension))


wraps(Lookahead, inside="fast", hands_on=(before_draw, uses_loss, uses_gradient, uses_rng, requires, full_batch_only))
