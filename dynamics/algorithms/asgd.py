"""Accelerated SGD: a short step and a long step, and an average that holds the iterates of both together."""

from typing import NamedTuple

import numpy as np

from dynamics.checks import Refusal, require_at_least, require_positive
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled

# The constant that Kidambi et al. fix.
SMALL = 0.7


class ASGD(NamedTuple):
    r"""Accelerated SGD of Jain, Kidambi and co-authors.

    With :math:`\beta=1-0.7^2\,\xi/\kappa` and :math:`\bar x_1=x_1`,

    .. math::
        \bar x_{t+1}=\beta\bar x_t+(1-\beta)\Big(x_t-\frac{\kappa\alpha}{0.7}g_t\Big),\quad
        x_{t+1}=\frac{0.7}{1.7-\beta}(x_t-\alpha g_t)+\frac{1-\beta}{1.7-\beta}\bar x_{t+1}

    Parameters
    ----------
    short_step : float, array_like or Schedule
        α: a positive number, an array or a schedule; recorded as the step size.
    long_step : float
        κ, at least 1: the long step is κ/0.7 short ones.
    advantage : float
        ξ in (0, κ]: the statistical advantage.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    With a constant short step this is the `RSG` whose parameters `theory.arsg.from_asgd` gives. The released code has
    the defaults here.

    References
    ----------
    Kidambi et al.: On the insufficiency of existing momentum schemes for stochastic optimization, ICLR 2018,
    Algorithm 3.
    Chen et al., arXiv:1905.01422, supplement A.4.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(ASGD(0.5, long_step=2.0, advantage=2.0), quadratic(eigenvalues=[1.0]), steps=1, x0=[17.0])
    >>> run.x.round(12)
    array([7.1])
    """

    short_step: StepSize
    long_step: float = 1000.0
    advantage: float = 10.0

    def check(self) -> None:
        """Refuse a long step below the short one, and an advantage outside (0, κ]."""
        require_at_least("long_step", self.long_step, 1, "the long step is no shorter than the short one")
        require_positive("advantage", self.advantage, "without it the average would stay where it began")
        if self.advantage > self.long_step:
            raise Refusal(
                f"advantage = {self.advantage} must be at most long_step = {self.long_step} (with more, the momentum "
                f"1 - 0.49 advantage / long_step falls below 0.51); try {self.long_step}."
            )


class Running(NamedTuple):
    """The running average of long steps."""

    mean: np.ndarray  # shape (d,)


@implements(update, ASGD)
def _(method, oracle, point, memory, k):
    step = scheduled(method.short_step, k)
    point.step_size[0] = step
    x, g, mean = point.x, point.gradient, memory.mean
    share = SMALL * SMALL * method.advantage / method.long_step  # 1 - β
    long = method.long_step * step / SMALL
    if k == 0:
        for j in range(len(x)):
            mean[j] = x[j]
    for j in range(len(x)):
        mean[j] = (1.0 - share) * mean[j] + share * (x[j] - long * g[j])
        x[j] = (SMALL * (x[j] - step * g[j]) + share * mean[j]) / (SMALL + share)


@implements(new_memory, ASGD)
def _(method, dimension):
    return Running(np.zeros(dimension))


always(runs_in_lanes, ASGD)
