"""Which changes of a problem each method follows: one row a method, which the tests hold in both directions.

A method follows a change of coordinates if its run on the changed problem is the changed run. On a·f a method follows
if it takes the steps that it takes on f, and on f(x/c), from c·x₀, if it takes c times those steps; where that needs
other numbers, the row makes the method that has them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from dynamics import SGD
from modern_methods.adamw import AdamW
from modern_methods.averaging import Averaged
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

__all__ = ["LAWS", "Law", "changed", "table"]


class Law(NamedTuple):
    """What a method follows.

    Attributes
    ----------
    make : callable
        The method as ``make(a, c)``, for the loss a·f(x/c).
    rotation : bool
        Any orthogonal change of coordinates.
    sides : bool
        Orthogonal changes of each matrix from both sides.
    order : bool
        Another order of all coordinates.
    """

    make: Callable[..., Any]
    rotation: bool
    sides: bool
    order: bool


LAWS = {
    "sign descent": Law(lambda a=1.0, c=1.0: SignDescent(0.05 * c, 0.5), False, False, True),
    "Lion": Law(lambda a=1.0, c=1.0: Lion(0.05 * c, decay=0.1 / c), False, False, True),
    "AdamW": Law(lambda a=1.0, c=1.0: AdamW(0.05 * c, eps=0.01 * a / c, decay=0.1 / c), False, False, True),
    "Muon": Law(lambda a=1.0, c=1.0: Muon(0.05 * c, decay=0.1 / c), False, True, False),
    "Muon, exact": Law(lambda a=1.0, c=1.0: Muon(0.05 * c, factor="exact", decay=0.1 / c), False, True, False),
    "Shampoo": Law(lambda a=1.0, c=1.0: Shampoo(0.1 * c, eps=0.01 * (a / c) ** 2), False, True, False),
    "SOAP": Law(lambda a=1.0, c=1.0: SOAP(0.05 * c, eps=0.01 * a / c, period=3), False, True, False),
    "schedule-free SGD": Law(lambda a=1.0, c=1.0: ScheduleFreeSGD(0.1 * c * c / a), True, True, True),
    "schedule-free AdamW": Law(lambda a=1.0, c=1.0: ScheduleFreeAdamW(0.1 * c, eps=0.01 * a / c), False, False, True),
    "D-Adaptation of SGD": Law(lambda a=1.0, c=1.0: DAdaptSGD(d0=0.1 * c), True, True, True),
    "D-Adaptation of Adam": Law(lambda a=1.0, c=1.0: DAdaptAdam(d0=0.01 * c, eps=0.01 * a / c), False, False, True),
    "Prodigy": Law(lambda a=1.0, c=1.0: Prodigy(d0=0.02 * c, eps=0.01 * a / c), False, False, True),
    "DoG": Law(lambda a=1.0, c=1.0: DoG(initial=0.1 * c, relative=False, eps=0.01 * (a / c) ** 2), True, True, True),
    "MoMo": Law(lambda a=1.0, c=1.0: MoMo(0.1 * c * c / a, lower_bound=2.0 * a), True, True, True),
    "normalised gradient": Law(lambda a=1.0, c=1.0: NormalizedGradient(0.1 * c, 0.5), True, True, True),
    "clipped gradient": Law(
        lambda a=1.0, c=1.0: ClippedGradient(0.1 * c * c / a, threshold=3.0 * a / c), True, True, True
    ),
    "clipped entries": Law(
        lambda a=1.0, c=1.0: ClippedGradient(0.1 * c * c / a, threshold=0.6 * a / c, by="entry"), False, False, True
    ),
    "Polyak-Ruppert average of SGD": Law(lambda a=1.0, c=1.0: Averaged(SGD(0.1 * c * c / a)), True, True, True),
    "L-BFGS": Law(lambda a=1.0, c=1.0: LBFGS(first_step=0.5 * c), True, True, True),
    "conjugate gradients": Law(lambda a=1.0, c=1.0: ConjugateGradients(first_step=0.5 * c), True, True, True),
}


def changed(law: Law, **factor: float) -> tuple[str, ...]:
    """The numbers that a row changes for a louder loss (`a`) or a longer unit of length (`c`).

    Examples
    --------
    >>> changed(LAWS["AdamW"], a=2.0), changed(LAWS["Lion"], a=2.0)
    (('eps',), ())
    """

    def numbers(method):
        inside = method.inner if hasattr(method, "inner") else method
        return inside._asdict()

    one, other = numbers(law.make()), numbers(law.make(**factor))
    return tuple(name for name in one if one[name] != other[name])


def table() -> str:
    """The rows as README shows them."""
    lines = ["| method | rotation | both sides | order | loss | length |", "|---|---|---|---|---|---|"]
    for name, law in LAWS.items():
        words = ["yes" if follows else "no" for follows in (law.rotation, law.sides, law.order)]
        for factor in ("a", "c"):
            names = changed(law, **{factor: 2.0})
            words.append("with " + ", ".join(f"`{number}`" for number in names) if names else "yes")
        lines.append(f"| {name} | {' | '.join(words)} |")
    return "\n".join(lines) + "\n"
