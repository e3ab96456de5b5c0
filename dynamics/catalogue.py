"""The methods by the names of the command line, as the papers announce them."""

from inspect import isfunction
from typing import Any

from dynamics.papers import things
from dynamics.protocol.method import update
from dynamics.protocol.trees import is_named
from dynamics.references import load

__all__ = ["is_method", "makes_method", "methods"]


def methods() -> dict[str, Any]:
    """The class of each method, by name: optdyn's own, and those of installed papers.

    Examples
    --------
    >>> methods()["rsg"].__name__
    'RSG'
    """
    return things("methods", lambda place: load(place, "method", makes_method)[1])


def makes_method(thing: Any) -> bool:
    """Whether something is a class of methods, a function that may return one, or a ready method.

    Examples
    --------
    >>> makes_method(methods()["rsg"]), makes_method(methods()["rsg"](0.1)), makes_method(print)
    (True, True, False)
    """
    return isfunction(thing) or is_method(thing) or (isinstance(thing, type) and update.has(thing))


def is_method(thing: Any) -> bool:
    """Whether something is a ready method.

    Examples
    --------
    >>> is_method(methods()["rsg"](0.1)), is_method(methods()["rsg"])
    (True, False)
    """
    return is_named(thing) and update.has(type(thing))
