"""The schedules of training runs: warm-up from 0, a plateau, a fall to 0, restarts."""

import numpy as np

from dynamics.checks import Refusal, require_at_least, require_memory, require_positive, require_whole
from dynamics.protocol.schedules import Schedule, polynomial, table


def warm_up(peak: float, *, steps: float, initial: float = 0.0, period: float = 1) -> Schedule:
    r"""A linear rise that stays at its end: :math:`\alpha_k=\alpha_0+(\alpha-\alpha_0)\min(1,\,t/T)`, t = ⌊k/period⌋.

    Parameters
    ----------
    peak : float
        α > 0, from period T on.
    steps : float
        T, periods of the rise.
    initial : float
        α₀ ≥ 0; a first step of 0 leaves the iterate alone.
    period : float
        Steps between changes: 1, or the steps of an epoch.

    Examples
    --------
    >>> from dynamics.protocol import scheduled
    >>> [scheduled(warm_up(0.5, steps=4), k) for k in (0, 1, 4, 9)]
    [0.0, 0.125, 0.5, 0.5]
    """
    require_positive("peak", peak, "a step of another sign would go uphill")
    require_positive("steps", steps, "it counts periods")
    return polynomial(initial, horizon=steps, final=peak, period=period)


def linear_to_zero(initial: float, *, steps: float, period: float = 1) -> Schedule:
    r"""A linear fall to 0: :math:`\alpha_k=\alpha\max(0,\,1-t/T)` with t = ⌊k/period⌋, so that T steps are positive.

    Examples
    --------
    >>> from dynamics.protocol import scheduled
    >>> [scheduled(linear_to_zero(0.5, steps=4), k) for k in (0, 1, 3, 4, 9)]
    [0.5, 0.375, 0.125, 0.0, 0.0]
    """
    require_positive("steps", steps, "it counts periods")
    return polynomial(initial, horizon=steps, period=period)


def warm_up_stable_decay(
    peak: float, *, steps: int, warm_up: int, decay: int, final: float = 0.0, power: float = 1.0, period: float = 1
) -> Schedule:
    r"""A rise from 0, a plateau and a fall: with W periods of warm-up, D of decay and T in all,

    .. math:: \alpha_k=\begin{cases}\alpha\,t/W&t<W\\ \alpha&W\le t\le T-D\\
              \alpha_T+(\alpha-\alpha_T)\big(1-(1-(T-t)/D)^p\big)&T-D<t\le T\end{cases}

    with t = ⌊k/period⌋.

    Parameters
    ----------
    peak : float
        α > 0, on the plateau.
    steps : int
        T: from there on the step stays at `final`.
    warm_up, decay : int
        W and D, together at most T; 0 for none.
    final : float
        α_T in [0, α].
    power : float
        p of the fall: 1 is linear, 1/2 falls fast at first ("1 - sqrt").
    period : float
        Steps between changes: 1, or the steps of an epoch.

    Raises
    ------
    ValueError
        For numbers outside these ranges.

    References
    ----------
    Hägele et al., "Scaling laws and compute-optimal training beyond fixed training durations", arXiv:2405.18392.

    Examples
    --------
    >>> from dynamics.protocol import scheduled
    >>> made = warm_up_stable_decay(1.0, steps=8, warm_up=2, decay=4)
    >>> [float(scheduled(made, k)) for k in range(10)]
    [0.0, 0.5, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    require_positive("peak", peak, "a step of another sign would go uphill")
    steps = require_whole("steps", steps, 1)
    warm_up, decay = (
        require_whole(*given, 0, "it counts periods") for given in (("warm_up", warm_up), ("decay", decay))
    )
    if warm_up + decay > steps:
        raise Refusal(
            f"warm_up + decay = {warm_up + decay} must be at most steps = {steps}; "
            f"try decay = {max(0, steps - warm_up)}."
        )
    require_at_least("final", final, 0, "a step of another sign would go uphill")
    require_at_least("peak", peak, final, "the plateau is no lower than the end")
    require_positive("power", power, "the step falls towards `final`")
    require_memory(f"a table of steps = {steps}", float(steps), "try a longer period")
    t = np.arange(steps + 1.0)
    rise = t / warm_up if warm_up else np.ones(steps + 1)
    fallen = np.clip((t - (steps - decay)) / decay, 0.0, 1.0) if decay else t == steps
    fall = final + (peak - final) * (1.0 - fallen**power)
    return table(np.where(t < warm_up, peak * np.minimum(rise, 1.0), fall), period=period)


def warm_restarts(
    initial: float, *, horizon: int, cycles: int, growth: int = 1, final: float = 0.0, period: float = 1
) -> Schedule:
    r"""`cosine` again and again: cycle i takes :math:`T_i=T_0m^i` periods, and each begins at the first step size.

    Parameters
    ----------
    initial, final : float
        The first step size of each cycle, and the one that its cosine leads to; from the end of the last cycle on
        it stays at `final`.
    horizon : int
        T₀, periods of the first cycle.
    cycles : int
        How many.
    growth : int
        m ≥ 1.
    period : float
        Steps between changes: 1, or the steps of an epoch.

    Raises
    ------
    ValueError
        For numbers outside these ranges.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983, equation (5).

    Examples
    --------
    >>> from dynamics.protocol import scheduled
    >>> made = warm_restarts(1.0, horizon=2, cycles=2, growth=2)
    >>> [round(float(scheduled(made, k)), 3) for k in range(8)]
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    require_positive("initial", initial, "each cycle begins there")
    require_at_least("final", final, 0, "a step of another sign would go uphill")
    horizon = require_whole("horizon", horizon, 1, "it counts periods")
    cycles = require_whole("cycles", cycles, 1)
    growth = require_whole("growth", growth, 1, "no cycle is shorter than the one before")
    total = float(horizon) * cycles * float(growth) ** (cycles - 1)
    require_memory(f"a table of {cycles} cycles", total, "try fewer, or a longer period")
    within = np.concatenate([np.arange(length) / length for length in (horizon * growth**i for i in range(cycles))])
    return table([*(final + (initial - final) * (1.0 + np.cos(np.pi * within)) / 2.0), final], period=period)
