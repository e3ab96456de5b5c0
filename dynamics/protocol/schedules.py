"""Step sizes over time: a number, an array or a formula, in the one form that kernels read."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import (
    Refusal,
    is_number,
    real_array,
    real_or_nan,
    require_at_least,
    require_fraction,
    require_positive,
)
from dynamics.kernels.policy import kernel
from dynamics.presentation import SHORT

CONSTANT, POWER, COSINE, POLYNOMIAL, EXPONENTIAL, TABLE, COSINE_POWER = range(7)


class Schedule(NamedTuple):
    """A step size for each step; made by the functions of this module.

    Examples
    --------
    >>> from dynamics import cosine
    >>> isinstance(cosine(0.1, horizon=100), Schedule)
    True
    """

    kind: int
    initial: float
    final: float
    rate: float  # exponent, factor per period, or base of COSINE_POWER
    period: float  # steps to which the formula's unit of time belongs
    horizon: float  # periods until the schedule stops falling
    table: np.ndarray  # values, one a period, for TABLE

    def __repr__(self) -> str:
        return _as_call(self)

    def check(self) -> None:
        """Refuse a schedule whose first step is negative, or 0 where no other follows."""
        why = "a step of another sign would go uphill"
        # Warm-up may begin at 0; of a table, `table` has asked that some step be positive.
        if self.kind == TABLE or self.final > 0.0:
            require_at_least("step_size", self.initial, 0, why)
        else:
            require_positive("step_size", self.initial, why)


# What users may give for a step size; every method's canonical form holds a Schedule.
StepSize = Schedule | float | Sequence[float] | np.ndarray


@kernel
def scheduled(schedule, k):
    """The step size at step k, counted from 0."""
    if schedule.kind == CONSTANT:
        return schedule.initial
    t = float(np.floor(k / schedule.period))
    if schedule.kind == POWER:
        return schedule.initial * (t + 1.0) ** -schedule.rate
    if schedule.kind == TABLE:
        last = len(schedule.table) - 1
        # Adding 0 makes a vector of it where several runs go together; they share the table.
        return 0.0 * schedule.initial + schedule.table[np.int64(t) if t < last else last]
    left = 1.0 - t / schedule.horizon if t < schedule.horizon else 0.0
    if schedule.kind == EXPONENTIAL:
        fraction = schedule.rate**t
    elif schedule.kind == POLYNOMIAL:
        fraction = left**schedule.rate
    else:
        fraction = 0.5 * (1.0 - np.cos(np.pi * left))
        if schedule.kind == COSINE_POWER:
            fraction = (schedule.rate**fraction - 1.0) / (schedule.rate - 1.0)
    return schedule.final + (schedule.initial - schedule.final) * fraction


@kernel
def held(schedule, step):
    """A schedule of the same type that stays at one step size: what a method hands to a method inside it."""
    return Schedule(CONSTANT, step, 0.0, 1.0, 1.0, 1.0, schedule.table)


def _schedule(kind, initial, *, final=0.0, rate=1.0, period=1.0, horizon=1.0, table=(0.0,)):
    require_at_least("final", final, 0, "a step of another sign would go uphill")
    require_positive("period", period, "it counts steps")
    require_positive("horizon", horizon, "it counts periods")
    values = np.ascontiguousarray(table, dtype=np.float64)
    begin, rate = real_or_nan("initial", initial), real_or_nan("rate", rate)
    return Schedule(kind, begin, float(final), rate, float(period), float(horizon), values)


def constant(value: float) -> Schedule:
    r"""The same step size at every step: :math:`\alpha_k = \alpha`.

    Examples
    --------
    >>> scheduled(constant(0.1), 1000)
    0.1
    """
    return Schedule(CONSTANT, real_or_nan("initial", value), 0.0, 1.0, 1.0, 1.0, np.zeros(1))


def inverse_power(initial: float, *, power: float, period: float = 1) -> Schedule:
    r"""Decay by a power: :math:`\alpha_k = \alpha / (\lfloor k/p\rfloor + 1)^q`.

    Parameters
    ----------
    initial : float
        The first step size.
    power : float
        The exponent q; Step-Tuned SGD uses 1/2 + δ.
    period : float
        Steps p between changes: 1, or the steps of an epoch.

    Examples
    --------
    >>> scheduled(inverse_power(1.0, power=0.5), 3)
    0.5
    """
    require_at_least("power", power, 0, "a negative power would let the step grow without bound")
    return _schedule(POWER, initial, rate=power, period=period)


def cosine(initial: float, *, horizon: float, final: float = 0.0, period: float = 1) -> Schedule:
    r"""Half a cosine: :math:`\alpha_k = \alpha_T + (\alpha_0-\alpha_T)(1+\cos(\pi t/T))/2` with t = ⌊k/period⌋.

    Parameters
    ----------
    initial, final : float
        The first step size, and the one from the horizon on. An initial 0 with a positive `final` is a warm-up.
    horizon : float
        T, periods until `final` is reached. Past it the step stays at `final`, as in Optax's `cosine_decay_schedule`;
        PyTorch's `CosineAnnealingLR` goes on along the cosine past `T_max`, up to the first step again at 2T.
    period : float
        Steps between changes: 1, or the steps of an epoch.

    Examples
    --------
    >>> round(scheduled(cosine(0.1, horizon=200), 100), 12)
    0.05
    """
    return _schedule(COSINE, initial, final=final, horizon=horizon, period=period)


def cosine_power(
    initial: float, *, horizon: float, base: float = 10.0, final: float = 0.0, period: float = 1
) -> Schedule:
    r"""A power of a cosine: :math:`\alpha_k=\alpha_T+(\alpha_0-\alpha_T)(p^{c}-1)/(p-1)`, c the fraction of `cosine`.

    Parameters
    ----------
    initial, final : float
        The first step size, and the one from the horizon on.
    horizon : float
        Periods until `final` is reached.
    base : float
        p > 0: above 1 the step falls sooner than under the cosine, below 1 later; 1 is the cosine.
    period : float
        Steps between changes: 1, or the steps of an epoch.

    Examples
    --------
    >>> round(scheduled(cosine_power(0.1, horizon=200, base=4.0), 100), 12)
    0.033333333333
    """
    require_positive("base", base, "its powers make the fraction")
    if abs(base - 1.0) < 1e-8:  # the limit; the quotient itself would be rounding over rounding
        return cosine(initial, horizon=horizon, final=final, period=period)
    return _schedule(COSINE_POWER, initial, final=final, rate=base, horizon=horizon, period=period)


def polynomial(
    initial: float, *, horizon: float, power: float = 1.0, final: float = 0.0, period: float = 1
) -> Schedule:
    r"""Polynomial decay: :math:`\alpha_k = \alpha_T + (\alpha_0-\alpha_T)(1-t/T)^p` with t = ⌊k/period⌋.

    Examples
    --------
    >>> scheduled(polynomial(0.1, horizon=200), 150)
    0.025
    """
    require_positive("power", power, "the step falls towards `final`")
    return _schedule(POLYNOMIAL, initial, final=final, rate=power, horizon=horizon, period=period)


def exponential(initial: float, *, factor: float, final: float = 0.0, period: float = 1) -> Schedule:
    r"""Decay by a factor each period: :math:`\alpha_k=\alpha_\infty+(\alpha_0-\alpha_\infty)\,q^{\lfloor k/p\rfloor}`.

    Examples
    --------
    >>> scheduled(exponential(0.1, factor=0.5), 2)
    0.025
    """
    require_positive("factor", factor, "a step of another sign would go uphill")
    return _schedule(EXPONENTIAL, initial, final=final, rate=factor, period=period)


def step_decay(initial: float, *, factor: float = 0.5, every: float, final: float = 0.0) -> Schedule:
    r"""A staircase: `exponential` whose period is `every` steps; the factor lies in (0, 1).

    Examples
    --------
    >>> [scheduled(step_decay(0.1, every=40), k) for k in (0, 39, 40, 80)]
    [0.1, 0.1, 0.05, 0.025]
    """
    require_positive("factor", factor, "a step of another sign would go uphill")
    require_fraction("factor", factor, "the staircase leads down")
    return exponential(initial, factor=factor, final=final, period=every)


def step_tuned_decay(initial: float, *, delta: float = 0.001, period: float = 1) -> Schedule:
    r"""The decay of Step-Tuned SGD: :math:`\alpha_k=\alpha\,(\lfloor k/p\rfloor+1)^{-(1/2+\delta)}`.

    Parameters
    ----------
    initial : float
        α, the first step size.
    delta : float
        δ ≥ -1/2; the convergence theorem wants it in (0, 1/2), and -1/2 is no decay.
    period : float
        p: 1 for a decay per iteration, or the steps of an epoch for one per epoch.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, Algorithm 2.

    Examples
    --------
    >>> scheduled(step_tuned_decay(1.0, delta=0.0, period=10), 35)
    0.5
    """
    require_at_least("delta", delta, -0.5, "the step falls like (k+1)^-(1/2+δ) and must not grow")
    return inverse_power(initial, power=0.5 + delta, period=period)


def table(values: Sequence[float] | np.ndarray, *, period: float = 1) -> Schedule:
    """Given values, one a period; the last one stays. They may begin or end in 0, which leaves the iterate alone.

    Examples
    --------
    >>> [scheduled(table([0.3, 0.1]), k) for k in range(3)]
    [0.3, 0.1, 0.1]
    """
    array = real_array("step_size", values, 1)
    if not (array >= 0).all() or not (array > 0).any():
        raise Refusal(
            f"step_size is a table from {array.min()} to {array.max()}: its numbers must be at least 0 (a step of "
            f"another sign would go uphill), and one of them positive."
        )
    return _schedule(TABLE, array[0], table=array, period=period)


def as_schedule(step_size: StepSize) -> Schedule:
    """Read a number, an array or a schedule as a schedule.

    Examples
    --------
    >>> as_schedule(0.1).initial, as_schedule([0.3, 0.1]).initial
    (0.1, 0.3)
    """
    if isinstance(step_size, Schedule):
        return step_size
    given: Any = step_size
    return constant(real_or_nan("step_size", given)) if is_number(given) else table(given)


def _as_call(schedule):
    """The call that makes a schedule; what differs from its defaults alone."""
    if schedule.kind == TABLE:
        values = schedule.table.tolist()
        given = repr(values) if len(values) <= SHORT else f"<{len(values)} values from {values[0]} to {values[-1]}>"
    else:
        given = repr(schedule.initial)
    rate = {POWER: "power", POLYNOMIAL: "power", EXPONENTIAL: "factor", COSINE_POWER: "base"}.get(schedule.kind)
    parts = [given, *([f"{rate}={schedule.rate}"] if rate else [])]
    usual = {"horizon": 1.0, "final": 0.0, "period": 1.0}
    parts += [f"{name}={getattr(schedule, name)}" for name, value in usual.items() if getattr(schedule, name) != value]
    return f"{_NAMES[schedule.kind]}({', '.join(parts)})"


_NAMES = {
    CONSTANT: "constant",
    POWER: "inverse_power",
    COSINE: "cosine",
    POLYNOMIAL: "polynomial",
    EXPONENTIAL: "exponential",
    TABLE: "table",
    COSINE_POWER: "cosine_power",
}
