"""What classes say of themselves without a kernel: a constant, or what something inside them answers."""

from operator import attrgetter
from typing import Any, NamedTuple

from dynamics.kernels.generic import Generic, Implementation, implements, returning


class Wrapping(NamedTuple):
    """Where an object holds the one that it is wrapped around, and what its kernels ask of that one."""

    inside: str  # the field that holds it, or fields on the way, with dots
    asks: dict[Generic, tuple[Generic, ...]]  # where that is not the function itself


_wrappings: dict[type, Wrapping] = {}


def always(function: Generic, *kinds: type, answer: Any = True) -> None:
    """Let `function` return the same for all objects of these classes.

    Parameters
    ----------
    function : Generic
        A generic function, such as `dynamics.protocol.uses_loss`.
    *kinds : type
        NamedTuple classes.
    answer : object, optional
        What it returns.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> from dynamics.protocol import uses_loss
    >>> class Greedy(NamedTuple):
    ...     step_size: float
    >>> always(uses_loss, Greedy)
    >>> uses_loss(Greedy(0.1))
    True
    """
    for kind in kinds:
        implements(function, kind)(returning(answer, function, kind.__module__))


def wraps(
    kind: type,
    *,
    hands_on: tuple[Generic, ...],
    inside: str = "problem",
    asks: dict[Generic, tuple[Generic, ...]] | None = None,
) -> None:
    """Declare a class around a problem or a method: what it hands on to it, and what its own kernels ask of it.

    Parameters
    ----------
    kind : type
        A NamedTuple class.
    hands_on : tuple of Generic
        Functions that answer for the whole what they answer for the object inside.
    inside : str
        The field that holds this object, or fields on the way to it, with dots between them.
    asks : dict of Generic to tuple of Generic, optional
        For functions that the class implements itself, what they call of the object inside: the function itself, where
        nothing is said. A pair of a method and a problem is refused where something of this is missing.

    Examples
    --------
    >>> from typing import Any, NamedTuple
    >>> import numpy as np
    >>> from dynamics.protocol import hessian_product, initial_point
    >>> from synthetic import quadratic
    >>> class Renamed(NamedTuple):
    ...     problem: Any
    >>> wraps(Renamed, hands_on=(hessian_product, initial_point))
    >>> product, x = np.empty(2), np.zeros(2)
    >>> hessian_product(Renamed(quadratic(eigenvalues=[1.0, 3.0])), x, np.ones(2), product)
    >>> product
    array([1., 3.])
    """
    for function in hands_on:
        implements(function, kind)(_to(inside, function, kind.__module__))
    _wrappings[kind] = Wrapping(inside, asks or {})


def asked_inside(function: Generic, thing: Any) -> tuple[Any, tuple[Generic, ...]]:
    """The object inside `thing`, and the functions that its implementation of `function` calls of it."""
    kind = type(thing)
    if kind not in _wrappings or not function.has(kind):
        return None, ()
    inside, asks = _wrappings[kind]
    return attrgetter(inside)(thing), asks.get(function, (function,))


def _to(inside: str, function: Generic, module: str) -> Implementation:
    """The kernel that hands on, written out: numba asks for the arguments by their names."""
    first, *rest = function.arguments
    call = ", ".join([f"{first}.{inside}", *rest])
    space = {"__name__": module, function.name: function}
    body: Implementation = eval(f"lambda {', '.join(function.arguments)}: {function.name}({call})", space)
    return body
