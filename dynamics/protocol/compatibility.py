"""Whether a method and a problem go together: said in one sentence, before anything is compiled."""

from typing import Any

from dynamics.checks import Refusal
from dynamics.kernels.declarations import asked_inside
from dynamics.kernels.generic import Generic, MissingImplementation
from dynamics.protocol.method import names, requires, update, uses_gradient, uses_loss
from dynamics.protocol.oracle import (
    INSTEAD,
    draw,
    mean_curved_gradient,
    sampled_gradient,
    sampled_value_and_gradient,
    value_and_gradient,
)


def check_pair(method: Any, problem: Any, sampled: bool) -> None:
    """Refuse a pair that lacks a kernel.

    Raises
    ------
    MissingImplementation
        With the kernel that is missing, and how it is written.
    """
    if not update.has(type(method)):
        raise MissingImplementation(
            f"{type(method).__name__} has no update: write it with @implements(update, {type(method).__name__}) and "
            f"the arguments ({', '.join(update.arguments)})."
        )
    if uses_loss(method) and not uses_gradient(method):
        name = type(method).__name__
        raise Refusal(
            f"{name} says that update reads point.loss and not point.gradient: the two are evaluated together, or "
            f"neither; ask for the loss where it is wanted, value(oracle, ...)."
        )
    needed = {value_and_gradient, *requires(method)}
    if not sampled:
        needed -= {mean_curved_gradient}  # the whole is then the one summand that a method sees
    if sampled:
        needed |= {draw, sampled_value_and_gradient if uses_loss(method) else sampled_gradient}
    if any(lacks(function, problem) for function in needed):
        ordered = sorted(needed, key=lambda function: function.name)
        lacking = dict.fromkeys(pair for function in ordered for pair in lacks(function, problem))
        first, kind = next(iter(lacking))
        missing = tuple(function for function, other in lacking if other is kind)
        raise MissingImplementation(
            f"{type(method).__name__} needs {names(missing)} of {kind.__name__}, which is not there: write "
            f"@implements({first.name}, {kind.__name__}) with the arguments ({', '.join(first.arguments)})."
        )


def lacks(function: Generic, problem: Any) -> list[tuple[Generic, type]]:
    """The kernels that are missing, each with the class that lacks it, the problem's or that of one inside it."""
    if not function.has(type(problem)):
        if function in INSTEAD:
            return lacks(INSTEAD[function], problem)
        return [(function, type(problem))] if function.fallback is None else []
    inner, asked = asked_inside(function, problem)
    return [pair for other in asked for pair in lacks(other, inner)]
