"""Ranger: RAdam with lookahead."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.slow_weights import FastAndSlow, check_slow, keep_start, meet
from dynamics.algorithms.radam import RAdam
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, update
from dynamics.protocol.schedules import StepSize


class Ranger(NamedTuple):
    r"""RAdam whose iterates are the fast weights of `Lookahead`: the same run as ``Lookahead(RAdam(...))``.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α of RAdam: a positive number, an array or a schedule.
    beta1, beta2, eps, threshold : float
        As for `RAdam`. The released code has 0.95, 0.999, 1e-5 and 5, with ε as here.
    sync_period : int
        Steps between two meetings of fast and slow weights, at least 1.
    slow_step_size : float
        How far the slow weights then go towards the fast ones, in (0, 1]; 1 is RAdam.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    As for `Lookahead`. Gradients are not centralised, as they are in later releases.

    References
    ----------
    Wright: Ranger, github.com/lessw2020/Ranger-Deep-Learning-Optimizer (2019).
    Liu et al.: On the variance of the adaptive learning rate and beyond, ICLR 2020, Algorithm 2.
    Zhang, Lucas, Ba, Hinton: Lookahead optimizer: k steps forward, 1 step back, NeurIPS 2019, Algorithm 1.

    Examples
    --------
    The first step of RAdam is that of gradient descent, here from 16 to 12, and the slow weights go half of that way:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> simulate(Ranger(0.25, sync_period=1), quadratic(eigenvalues=[1.0]), steps=1, x0=[16.0]).x
    array([14.])
    """

    step_size: StepSize
    beta1: float = 0.95
    beta2: float = 0.999
    eps: float = 1e-5
    threshold: float = 5.0
    sync_period: int = 6
    slow_step_size: float = 0.5

    def check(self) -> None:
        """Refuse what RAdam or lookahead refuses."""
        _fast(self).check()
        check_slow(self)


def _fast(method):
    """The method whose iterates are the fast weights."""
    return RAdam(method.step_size, method.beta1, method.beta2, method.eps, method.threshold)


@implements(update, Ranger)
def _(method, oracle, point, memory, k):
    keep_start(memory.slow, point.x, k)
    fast = RAdam(method.step_size, method.beta1, method.beta2, method.eps, method.threshold)
    update(fast, oracle, point, memory.fast, k)
    meet(method, point, memory.slow, k)


@implements(new_memory, Ranger)
def _(method, dimension):
    return FastAndSlow(new_memory(_fast(method), dimension), np.zeros(dimension))
