"""Who takes part in the figures: each method by its name there, and how it is made from a step size."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dynamics import Adam, GradientDescent, HeavyBall
from modern_methods.adamw import AdamW
from modern_methods.clipped import ClippedGradient, NormalizedGradient
from modern_methods.conjugate_gradients import ConjugateGradients
from modern_methods.d_adaptation import DAdaptAdam, DAdaptSGD
from modern_methods.dog import DoG
from modern_methods.lbfgs import LBFGS
from modern_methods.momo import MoMo
from modern_methods.muon import Muon
from modern_methods.prodigy import Prodigy
from modern_methods.schedule_free import ScheduleFreeAdamW, ScheduleFreeSGD
from modern_methods.shampoo import Shampoo
from modern_methods.signs import Lion, SignDescent
from modern_methods.soap import SOAP

__all__ = ["ROSTER", "Entrant", "chosen"]


class Entrant(NamedTuple):
    """A method of the figures.

    Attributes
    ----------
    make : callable
        From a step size to the method; what is free of one ignores it.
    free : bool
        Whether it has no step size to tune.
    """

    make: Callable[[float], Any]
    free: bool = False


# Without an eps where the method allows it, so that what is invariant is so to rounding.
ROSTER: dict[str, Entrant] = {
    "gradient descent": Entrant(GradientDescent),
    "heavy ball": Entrant(lambda step: HeavyBall(step, beta=0.9)),
    "clipped gradient": Entrant(lambda step: ClippedGradient(step, threshold=1.0)),
    "normalised gradient": Entrant(NormalizedGradient),
    "schedule-free SGD": Entrant(ScheduleFreeSGD),
    "sign descent": Entrant(SignDescent),
    "Lion": Entrant(Lion),
    "Adam": Entrant(lambda step: Adam(step, eps=0.0)),
    "AdamW": Entrant(lambda step: AdamW(step, eps=0.0)),
    "schedule-free AdamW": Entrant(lambda step: ScheduleFreeAdamW(step, eps=0.0)),
    "Muon": Entrant(lambda step: Muon(step, factor="exact")),
    "Shampoo": Entrant(Shampoo),
    # In SOAP's first bases most entries of the gradient are rounding errors, which an eps of 0 would blow up.
    "SOAP": Entrant(SOAP),
    "MoMo": Entrant(lambda _: MoMo(1e9), free=True),
    "DoG": Entrant(lambda _: DoG(eps=0.0), free=True),
    "D-Adaptation, SGD": Entrant(lambda _: DAdaptSGD(), free=True),
    "D-Adaptation, Adam": Entrant(lambda _: DAdaptAdam(eps=0.0), free=True),
    "Prodigy": Entrant(lambda _: Prodigy(eps=0.0), free=True),
    "conjugate gradients": Entrant(lambda _: ConjugateGradients(), free=True),
    "L-BFGS": Entrant(lambda _: LBFGS(), free=True),
}


def chosen(methods: Any) -> tuple[str, ...]:
    """The names of a figure's methods, in the order of the roster.

    Raises
    ------
    ValueError
        If one is unknown, or fewer than two are given.

    Examples
    --------
    >>> chosen(["Lion", "Adam"])
    ('Lion', 'Adam')
    """
    from dynamics.checks import Refusal, require_word

    for name in methods:
        require_word("method", name, tuple(ROSTER))
    if len(set(methods)) < 2:
        raise Refusal(f"methods = {methods!r}: a comparison takes two or more.")
    return tuple(name for name in ROSTER if name in set(methods))
