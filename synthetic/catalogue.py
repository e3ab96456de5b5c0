"""The problems by the names of the command line, as the papers announce them."""

from collections.abc import Callable
from inspect import isfunction
from typing import Any

from dynamics import gradient, value, value_and_gradient
from dynamics.papers import things
from dynamics.protocol.trees import is_named
from dynamics.references import load

__all__ = ["is_problem", "makes_problem", "problems"]


def problems() -> dict[str, Callable[..., Any]]:
    """The factories by name, optdyn's own and those of installed papers.

    Those of optdyn that draw data take `rng`, and all else has a default.

    Examples
    --------
    >>> "rosenbrock" in problems()
    True
    >>> problems()["quadratic"](rng=0).eigenvalues
    array([0.1, 1. ])
    """
    return things("problems", lambda place: load(place, "problem", makes_problem)[1])


def makes_problem(thing: Any) -> bool:
    """Whether something is a class of problems, a function that may return one, or a ready problem.

    Examples
    --------
    >>> makes_problem(problems()["rosenbrock"]), makes_problem(problems()["rosenbrock"]()), makes_problem(3)
    (True, True, False)
    """
    return isfunction(thing) or is_problem(thing) or (isinstance(thing, type) and _answers(thing))


def is_problem(thing: Any) -> bool:
    """Whether something is a ready problem.

    Examples
    --------
    >>> is_problem(problems()["rosenbrock"]()), is_problem(problems()["rosenbrock"])
    (True, False)
    """
    return is_named(thing) and _answers(type(thing))


def _answers(kind: type) -> bool:
    return any(function.has(kind) for function in (value, gradient, value_and_gradient))
