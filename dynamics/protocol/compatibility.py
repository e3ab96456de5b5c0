"""Whether a method and a problem go together: said in one sentence, before anything is compiled."""

from typing import Any

from dynamics.kernels.generic import MissingImplementation
from dynamics.protocol.method import names, requires, update, uses_loss
from dynamics.protocol.oracle import (
    draw,
    gauss_newton_product,
    hessian_product,
    mean_curved_gradient,
    resize,
    sampled_gradient,
    sampled_hessian_product,
    sampled_value_and_gradient,
    summands,
    value_and_gradient,
)

# Kernels that a problem which wraps another one hands on to it.
WRAPPED = (
    value_and_gradient,
    hessian_product,
    gauss_newton_product,
    sampled_hessian_product,
    mean_curved_gradient,
    resize,
)


def check_pair(method: Any, problem: Any, sampled: bool) -> None:
    """Refuse a pair that lacks a kernel.

    Raises
    ------
    MissingImplementation
        With the kernel that is missing, and how it is written.
    """
    kind = type(problem)
    if not update.has(type(method)):
        raise MissingImplementation(
            f"{type(method).__name__} has no update: write it with @implements(update, {type(method).__name__}) and "
            f"the arguments ({', '.join(update.arguments)})."
        )
    needed = {value_and_gradient, *requires(method)}
    if not sampled:
        needed -= {mean_curved_gradient}  # the whole is then the one summand that a method sees
    if sampled:
        needed |= {draw, sampled_value_and_gradient if uses_loss(method) else sampled_gradient}
        if sampled_gradient in needed and not sampled_gradient.has(kind):
            needed |= {sampled_value_and_gradient}
    where = {function: _lacks(function, problem) for function in sorted(needed, key=lambda f: f.name)}
    missing = {function: lacking.__name__ for function, lacking in where.items() if lacking is not None}
    if missing:
        first, name = next(iter(missing.items()))
        raise MissingImplementation(
            f"{type(method).__name__} needs {names(tuple(missing))} of {name}, which is not there: write "
            f"@implements({first.name}, {name}) with the arguments ({', '.join(first.arguments)})."
        )


def _lacks(function: Any, problem: Any) -> type | None:
    """The class that lacks the kernel: the problem's, or that of the problem inside it to which it hands it on."""
    inner = getattr(problem, "problem", None)
    if function is mean_curved_gradient and summands(problem) == 1 and function.has(type(problem)):
        function = hessian_product  # with the gradient, which is that of the one summand
    if not function.has(type(problem)) and function.fallback is None:
        return type(problem)
    return _lacks(function, inner) if function in WRAPPED and inner is not None else None
