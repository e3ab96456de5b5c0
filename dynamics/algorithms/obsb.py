"""The observation boost: ARSG that doubles its observation factor, and shortens its step, where the loss flattens."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.algorithms.arsg import ARSG
from dynamics.algorithms.parts.projection import Ball, Box, Everywhere
from dynamics.checks import Refusal, require_at_least, require_positive
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import new_memory, update, uses_loss
from dynamics.protocol.schedules import StepSize, held, scheduled


class OBSB(NamedTuple):
    r"""When the observation factor is doubled: at the end of a window of steps over which the loss hardly fell.

    With the means :math:`\bar f_1,\bar f_2,\dots` of the losses at the iterates of successive windows, the loss has
    flattened at the end of window w where

    .. math:: \bar f_{w-1}-\bar f_w\le\text{tolerance}\cdot|\bar f_{w-1}|.

    After a boost two whole windows pass before the next one.

    Parameters
    ----------
    window : int
        Steps in a window, at least 1; on mini-batches at least those of an epoch, so that the means are steady.
    tolerance : float
        The relative fall from one window to the next that still counts as flat; at least 0.
    max_mu : float
        μ is doubled only where it stays at most this; below 1.

    References
    ----------
    Chen et al., arXiv:1905.01422, section 3, policy OBSB. The paper leaves open what flat means: the rule is ours.

    Examples
    --------
    >>> OBSB(window=200).tolerance
    0.01
    """

    window: int = 1000
    tolerance: float = 0.01
    max_mu: float = 0.4

    def check(self) -> None:
        """Refuse an empty window, a negative tolerance, and a μ that leaves no average."""
        require_at_least("window", self.window, 1, "it counts steps")
        require_at_least("tolerance", self.tolerance, 0, "a loss that rises is flat")
        if not 0 < self.max_mu < 1:
            raise Refusal(f"max_mu = {self.max_mu} must lie in (0, 1) (mu = 1 leaves the average out); try 0.4.")


class ARSGB(NamedTuple):
    r"""ARSG with the observation boost: where the loss flattens, μ doubles and the step size follows.

    The step size is multiplied by

    .. math:: \frac{\tau^*(2\mu)}{\tau^*(\mu)}=\left(\frac{1-\sqrt{\beta_1(1-\mu)}}{1-\sqrt{\beta_1(1-2\mu)}}\right)^2,

    so that the curvature with the best gain factor, :math:`\tau^*/\alpha`, stays where it was.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α before any boost: a positive number, an array or a schedule. The paper takes it from a short grid search, for
        which there is `search_step_size`.
    beta1, beta2, eps, constraint
        As for `ARSG`.
    mu : float
        μ before any boost, in (0, 1).
    policy : OBSB
        When to boost.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range, or the set's shape is not the iterate's.

    Notes
    -----
    The losses are the method's own: on mini-batches those of the samples, each counted as a function value.

    References
    ----------
    Chen et al., arXiv:1905.01422, Algorithm 1 and section 3, policy OBSB.

    Examples
    --------
    On a loss that stands still every second window ends in a boost, and μ goes from 0.05 to 0.4:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = ARSGB(0.1, policy=OBSB(window=5))
    >>> run = simulate(method, quadratic(eigenvalues=[1.0]), steps=50, x0=[0.0])
    >>> float(run.state.memory.mu[0]), run.step_size[[8, 9, 19]].round(5)
    (0.4, array([0.1    , 0.02483, 0.00593]))
    """

    step_size: StepSize
    beta1: float = 0.999
    beta2: float = 0.99
    mu: float = 0.05
    eps: float = 1e-8
    constraint: Everywhere | Box | Ball = Everywhere()
    policy: OBSB = OBSB()

    def check(self) -> None:
        """Refuse what ARSG refuses, a μ that doubling leaves at 0, and something that is no policy."""
        _arsg(self).check()
        require_positive("mu", self.mu, "twice 0 is 0, and without observation no curvature is the best one")
        if not isinstance(self.policy, OBSB):
            raise Refusal(f"policy = {self.policy!r} must say when to boost; try OBSB(window=1000).")


def _arsg(method: ARSGB) -> ARSG:
    """The method before any boost."""
    return ARSG(method.step_size, method.beta1, method.beta2, method.mu, method.eps, method.constraint)


class Boosts(NamedTuple):
    """What ARSG remembers, what the boosts have made of μ and α, and the losses since."""

    arsg: Any
    mu: np.ndarray  # shape (1,)
    factor: np.ndarray  # of the step size, shape (1,)
    total: np.ndarray  # of the losses in this window, shape (1,)
    before: np.ndarray  # the mean over the window before; infinite where there is none since the last boost, shape (1,)


@kernel
def boost(beta, mu):
    """The factor by which the step size follows when μ is doubled."""
    ratio = (1.0 - np.sqrt(beta * (1.0 - mu))) / (1.0 - np.sqrt(beta * (1.0 - 2.0 * mu)))
    return ratio * ratio


@kernel
def flattened(policy, memory, loss, k):
    """Take a loss into its window; whether a window ends with it over which the loss hardly fell."""
    memory.total[0] += loss
    if (k + 1) % policy.window != 0:
        return False
    mean, before = memory.total[0] / policy.window, memory.before[0]
    memory.total[0] = 0.0
    memory.before[0] = mean
    return before < np.inf and before - mean <= policy.tolerance * abs(before)


@implements(update, ARSGB)
def _(method, oracle, point, memory, k):
    flat = flattened(method.policy, memory, point.loss[0], k)
    if flat and 2.0 * memory.mu[0] <= method.policy.max_mu:
        memory.factor[0] *= boost(method.beta1, memory.mu[0])
        memory.mu[0] *= 2.0
        memory.before[0] = np.inf
    fixed = held(method.step_size, scheduled(method.step_size, k) * memory.factor[0])
    arsg = ARSG(fixed, method.beta1, method.beta2, memory.mu[0], method.eps, method.constraint)
    update(arsg, oracle, point, memory.arsg, k)


@implements(new_memory, ARSGB)
def _(method, dimension):
    arsg = new_memory(_arsg(method), dimension)
    return Boosts(arsg, np.array([method.mu]), np.ones(1), np.zeros(1), np.full(1, np.inf))


always(uses_loss, ARSGB)
